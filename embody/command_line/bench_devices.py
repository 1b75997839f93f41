"""The devices that JAX computes on: the processor, and a GPU where it sees one."""

from typing import Any, NamedTuple


class Device(NamedTuple):
    """A device of JAX.

    Attributes
    ----------
    jax_device
        As JAX knows it.
    tag
        What the names of its rows hold: "" for the processor, "-gpu" for a GPU.
    name
        Its model; empty for the processor, which the machine's description names.
    """

    jax_device: Any
    tag: str
    name: str

    @property
    def is_gpu(self) -> bool:
        """Whether it is a GPU."""
        return bool(self.tag)


def jax_devices() -> list[Device]:
    """Return the processor, and the first GPU if JAX sees one."""
    import jax

    found = [Device(jax.devices("cpu")[0], "", "")]
    if jax.default_backend() == "gpu":
        gpu = jax.devices()[0]
        found.append(Device(gpu, "-gpu", gpu.device_kind))
    return found
