"""Steps of one graded network by its number of neurons, wired as densely as the worm's."""

from collections.abc import Iterator

from embody.benchmark import Remark, Row
from embody.command_line.bench_networks import random_network
from embody.command_line.bench_ways import all_ways, measure_ways

SIZES = (302, 3_000, 30_000)


def measure(seconds: float) -> Iterator[Row | Remark]:
    """Yield steps per second of one network on NumPy and on JAX, each beside its peer.

    Parameters
    ----------
    seconds
        Wall time to spend, compilation aside [s].
    """
    ways, remarks = all_ways(dense=False)
    yield from remarks
    for size in SIZES:
        network = random_network(size)
        share = seconds / len(SIZES)
        yield from measure_ways(ways, network, None, share, "neurons", f"network-size-{size}")
