"""Rows of a speed table, and how to time a call."""

import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One measured figure, beside that of a peer.

    Attributes
    ----------
    name
        What was measured.
    value
        The figure, in `unit`.
    unit
        "x" stands for simulated seconds per wall second.
    peer
        Who else measured the same thing, on what; empty if nobody did.
    ratio
        `value` over the peer's figure; None without a peer.
    """

    name: str
    value: float
    unit: str
    peer: str = ""
    ratio: float | None = None


def microseconds(call: Callable[[], object], seconds: float) -> float:
    """Return how long a call takes [us]: the median of batches over about `seconds`."""
    call()
    once = _time(call, 1)
    count = max(1, math.ceil(0.02 / max(once, 1e-7)))
    batches = []
    deadline = time.perf_counter() + seconds
    while len(batches) < 3 or time.perf_counter() < deadline:
        batches.append(_time(call, count) / count)
    return 1e6 * statistics.median(batches)


def _time(call: Callable[[], object], count: int) -> float:
    started = time.perf_counter()
    for _ in range(count):
        call()
    return time.perf_counter() - started
