"""A process with a batch of worms that says how much memory it took: KIND SIZE."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from embody.command_line.bench_worm_mujoco import make_worms


def main(kind: str, size: int) -> dict[str, Any]:
    """Make a batch, run two steps of it, and return "peak" and "kept" [B] and "device".

    The peak is that of the GPU's memory where JAX computes on one, which is then the device.
    """
    kept = _run_compiled(size) if kind == "compiled" else _run_vector(kind, size)
    device = _gpu() if kind in ("jax", "compiled") else None
    if device is None:
        return {"peak": _peak_bytes(), "kept": kept, "device": ""}
    peak = device.memory_stats()["peak_bytes_in_use"]
    return {"peak": peak, "kept": kept, "device": device.device_kind}


def _run_vector(kind: str, size: int) -> int:
    envs, brain = make_worms(kind, size)
    state, (seen, _) = brain.init_many(range(size)), envs.reset(seed=0)  # pyright: ignore
    for _ in range(2):
        state, actions = brain.step(state, seen)
        seen, *_ = envs.step(actions)
    if kind == "sync":
        return _size(state.nervous)
    bodies: Any = envs.unwrapped.bodies
    body = bodies.get_state() if kind == "mujoco" else (bodies._state, bodies.activation())
    return _size(state.nervous) + _size(body)


def _run_compiled(size: int) -> int:
    from embody.brains.worm.senses import OdourState
    from embody.command_line.bench_worm_jax import prepare

    dish, values, starts = prepare(size)
    dish.run(values, starts, 2 * dish.dt, every=2)
    neurons = len(dish.wiring.neurons)
    brain = np.zeros((size, 2 * neurons), np.float32)
    odour = OdourState(*np.zeros((2, size), np.float32))
    return _size((_floats(starts.body), brain, odour))


def _floats(tree: Any) -> Any:
    return [np.asarray(leaf, np.float32) for leaf in tree]


def _size(tree: Any) -> int:
    """Return the bytes of all arrays of a tree."""
    if isinstance(tree, dict):
        tree = tree.values()
    if isinstance(tree, Iterable) and not hasattr(tree, "nbytes"):
        return sum(map(_size, tree))
    return getattr(tree, "nbytes", 0)


def _gpu() -> Any:
    import jax

    return jax.devices()[0] if jax.default_backend() == "gpu" else None


def _peak_bytes() -> int:
    status = Path("/proc/self/status")
    if status.exists():  # on Linux `getrusage` also tells the peak of whoever started this process
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return 1024 * int(lines["VmHWM"].split()[0])
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # in bytes on macOS


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]))))
