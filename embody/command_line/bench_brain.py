"""Steps of the worm's nervous system, 302 neurons, by how many are stepped together."""

from collections.abc import Iterator

from embody.benchmark import Remark, Row, side_by_side
from embody.command_line.bench_networks import STEP_S, Network, worm_network
from embody.command_line.bench_stepping import numpy_steps
from embody.command_line.bench_stepping_scipy import scipy_solution
from embody.command_line.bench_ways import all_ways, measure_ways

SIZES = (1, 4, 16, 64, 256, 1024)
LSODA = "scipy.integrate LSODA, one brain, at the tolerance that errs as much as our steps of 5 ms"


def measure(seconds: float) -> Iterator[Row | Remark]:
    """Yield brain steps per second on NumPy and on JAX, each beside its peer.

    Parameters
    ----------
    seconds
        Wall time to spend, compilation aside [s].
    """
    network = worm_network()
    share = seconds / (len(SIZES) + 1)
    yield _beside_scipy(network, share)
    ways, remarks = all_ways(dense=True)
    yield from remarks
    for size in SIZES:
        yield from measure_ways(ways, network, size, share, "brains", f"worm-brain-{size}")


def _beside_scipy(network: Network, seconds: float) -> Row:
    calls = {"ours": numpy_steps(network), "theirs": scipy_solution(network, 1.0)}
    timings = side_by_side(calls, seconds)
    row = timings["ours"].rate("worm-brain-realtime", STEP_S, "x")
    return row.beside(LSODA, 1.0 / timings["theirs"].median_s)
