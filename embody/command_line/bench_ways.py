"""The ways to step a graded network, ours and those of peers, timed by turns."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from embody.benchmark import Point, Remark, Row, side_by_side
from embody.command_line.bench_devices import jax_devices
from embody.command_line.bench_networks import Network
from embody.command_line.bench_stepping import Advance, dense_steps, numpy_steps

LOOP = 50
"""Steps in a call of JAX, which costs too much to be called for each."""

PEERS = {
    "full matrices": "the same equations with full matrices, NumPy, float64",
    "PyTorch": "the same equations on PyTorch, float32, step by step",
}
DENSE_LIMIT = 5_000
"""Neurons up to which full matrices are tried: three of them take 24 bytes a pair."""


class _Make(Protocol):
    def __call__(self, network: Network, animals: int | None, /) -> Advance: ...


class Way(NamedTuple):
    """A way to step a network.

    Attributes
    ----------
    name
        What rows and lines of plots call it.
    make
        Returns the call that advances a batch.
    steps
        Steps in such a call.
    peer
        The way that it is held against; empty for that of a peer.
    device
        Model of the accelerator, if it runs on one.
    """

    name: str
    make: _Make
    steps: int = 1
    peer: str = ""
    device: str = ""


def all_ways(dense: bool) -> tuple[list[Way], list[Remark]]:
    """Return the ways that are installed, and what is not.

    Parameters
    ----------
    dense
        Whether JAX shall multiply with full matrices, best for many small networks on a GPU, or
        gather partners.
    """
    ways = [Way("numpy", numpy_steps, peer="full matrices"), Way("full matrices", dense_steps)]
    remarks = []
    try:
        from embody.command_line.bench_stepping_jax import jax_steps
    except ModuleNotFoundError:
        remarks.append(Remark("networks on JAX are not measured: pip install embody-sim[fit]"))
    else:
        for device in jax_devices():

            def on_jax(network: Network, animals: int | None, on: object = device) -> Advance:
                return jax_steps(network, animals, LOOP, dense, on.jax_device)  # pyright: ignore

            ways.append(Way(f"jax{device.tag}", on_jax, LOOP, "PyTorch", device.name))
    try:
        from embody.command_line.bench_stepping_torch import torch_steps
    except ModuleNotFoundError:
        remarks.append(Remark("the peer PyTorch is not installed: pip install torch"))
    else:
        ways.append(Way("PyTorch", torch_steps))
    return ways, remarks


def measure_ways(
    ways: list[Way], network: Network, animals: int | None, seconds: float, plot: str, prefix: str
) -> Iterator[Row]:
    """Yield steps per second of each of our ways, beside its peer.

    Parameters
    ----------
    animals
        How many are stepped together; None for one.
    plot, prefix
        Where the rows are drawn, and how their names begin.
    """
    calls, work = {}, {}
    for way in ways:
        if way.name != "full matrices" or network.size <= DENSE_LIMIT:
            calls[way.name] = way.make(network, animals)
            work[way.name] = way.steps * (animals or 1)
    timings = side_by_side(calls, seconds)
    for way in ways:
        if way.peer:
            point = Point(plot, f"{way.name} {way.device}".strip(), animals or network.size)
            name = f"{prefix}-{way.name}"
            unit = "network steps per second" if animals is None else "brain steps per second"
            row = timings[way.name].rate(name, work[way.name], unit, point, way.device)
            if way.peer in timings:
                row = row.beside(PEERS[way.peer], work[way.peer] / timings[way.peer].median_s)
            yield row
