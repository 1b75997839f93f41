"""Rows of a speed table, and how to time calls, alone or by turns."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

SHORTEST_BATCH_S = 0.02
FEWEST_BATCHES = 3


@dataclass(frozen=True)
class Point:
    """Where a row stands in a plot over size.

    Attributes
    ----------
    plot
        Which plot: "worms", "brains", "neurons" or "memory".
    line
        Which line of it.
    size
        Number of worms, of brains or of neurons.
    """

    plot: str
    line: str
    size: int


@dataclass(frozen=True)
class Row:
    """One measured figure, beside that of a peer.

    Attributes
    ----------
    name
        What was measured; begins with the name of its benchmark.
    value
        The figure, in `unit`: the median of the repetitions.
    unit
        "x" stands for simulated seconds per wall second.
    peer
        Who else measured the same thing, on what; empty if nobody did.
    ratio
        `value` over the peer's figure; None without a peer.
    low, high
        Quartiles of the repetitions, in `unit`; None where there is no more than one.
    repetitions
        How often it was measured.
    warm_up_s
        Time of the first call, compilation included, which counts for nothing else [s].
    device
        The accelerator it ran on; empty for the processor.
    point
        Where it stands in a plot; None if in none.
    """

    name: str
    value: float
    unit: str
    peer: str = ""
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    repetitions: int = 1
    warm_up_s: float = 0.0
    device: str = ""
    point: Point | None = None

    def beside(self, peer: str, value: float) -> "Row":
        """Return this row beside the figure of a peer, in the same unit."""
        return replace(self, peer=peer, ratio=self.value / value)


@dataclass(frozen=True)
class Remark:
    """Something that a table has to say besides its rows, such as which peer is not installed."""

    text: str


@dataclass(frozen=True)
class Timing:
    """How long a call takes.

    Attributes
    ----------
    median_s, low_s, high_s
        Median and quartiles of the repetitions [s].
    repetitions
        Number of batches of calls, each timed as a whole.
    warm_up_s
        Time of the first call [s].
    """

    median_s: float
    low_s: float
    high_s: float
    repetitions: int
    warm_up_s: float

    def rate(
        self, name: str, work: float, unit: str, point: Point | None = None, device: str = ""
    ) -> Row:
        """Return the row of how much `work` a call does, over its time."""
        return Row(
            name,
            work / self.median_s,
            unit,
            low=work / self.high_s,
            high=work / self.low_s,
            repetitions=self.repetitions,
            warm_up_s=self.warm_up_s,
            point=point,
            device=device,
        )

    def duration(self, name: str, unit: str, per_second: float, device: str = "") -> Row:
        """Return the row of the time itself, in a unit of which a second holds `per_second`."""
        return Row(
            name,
            per_second * self.median_s,
            unit,
            low=per_second * self.low_s,
            high=per_second * self.high_s,
            repetitions=self.repetitions,
            warm_up_s=self.warm_up_s,
            device=device,
        )


def side_by_side(calls: Mapping[str, Callable[[], object]], seconds: float) -> dict[str, Timing]:
    """Time calls by turns, so that whatever else the machine does strikes all of them.

    Each is called once to warm up, and once to see how many calls make a batch long enough for the
    clock.

    Parameters
    ----------
    calls
        What to time, by name; a call on an accelerator has to wait for its result.
    seconds
        Wall time to spend on all of them together, warm-up aside [s].
    """
    warm_up = {name: _time(call, 1) for name, call in calls.items()}
    once = {name: _time(call, 1) for name, call in calls.items()}
    count = {name: math.ceil(SHORTEST_BATCH_S / max(s, 1e-7)) for name, s in once.items()}
    batches: dict[str, list[float]] = {name: [] for name in calls}
    rounds = 0
    if all(calls_in_batch == 1 for calls_in_batch in count.values()):
        batches, rounds = {name: [s] for name, s in once.items()}, 1
    deadline = time.perf_counter() + seconds - sum(once.values()) * rounds
    while rounds < FEWEST_BATCHES or time.perf_counter() < deadline:
        for name, call in calls.items():
            batches[name].append(_time(call, count[name]) / count[name])
        rounds += 1
    return {name: _timing(found, rounds, warm_up[name]) for name, found in batches.items()}


def timed(call: Callable[[], object], seconds: float) -> Timing:
    """Time one call; see `side_by_side`."""
    return side_by_side({"": call}, seconds)[""]


def microseconds(call: Callable[[], object], seconds: float) -> float:
    """Return how long a call takes [us]: the median of batches over about `seconds`."""
    return 1e6 * timed(call, seconds).median_s


def _timing(found: list[float], rounds: int, warm_up_s: float) -> Timing:
    median, low, high = (float(np.quantile(found, share)) for share in (0.5, 0.25, 0.75))
    return Timing(median, low, high, rounds, warm_up_s)


def _time(call: Callable[[], object], count: int) -> float:
    started = time.perf_counter()
    for _ in range(count):
        call()
    return time.perf_counter() - started
