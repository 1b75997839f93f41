"""One scale for all that is drawn of a measure."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

MOST_TICKS = 5
LINEAR_UP_TO = 8.0
"""Where the largest value lies further out than this many widths of the floor, the scale bends."""

_MARGIN = 0.04
_APART = 0.14


@dataclass(frozen=True)
class Scale:
    """Where values lie between the left and the right end of a drawing.

    Attributes
    ----------
    low, high
        The ends, in the unit of the measure.
    middle, width
        Of the floor. A bent scale is straight within about one width of the middle, and
        logarithmic far out: the inverse hyperbolic sine.
    bent
        Whether it is.
    """

    low: float
    high: float
    middle: float
    width: float
    bent: bool

    def share(self, value: float) -> float:
        """Return the place of a value, 0 at the left end and 1 at the right; cut off beyond."""
        low, high = self._straight(self.low), self._straight(self.high)
        place = (self._straight(value) - low) / (high - low)
        return _MARGIN + (1.0 - 2.0 * _MARGIN) * min(max(place, 0.0), 1.0)

    def percent(self, value: float) -> float:
        """Return the place of a value in percent of the width."""
        return 100.0 * self.share(value)

    def ticks(self) -> list[float]:
        """Return round numbers that are not too close to each other."""
        chosen: list[float] = []
        for value in self._round_numbers():
            inside = self.low <= value <= self.high
            apart = all(abs(self.share(value) - self.share(other)) > _APART for other in chosen)
            if inside and apart:
                chosen.append(value)
        return sorted(chosen)

    def _straight(self, value: float) -> float:
        return math.asinh((value - self.middle) / self.width) if self.bent else value

    def _round_numbers(self) -> Iterable[float]:
        """Yield candidates for ticks, the most wanted first."""
        yield 0.0
        if not self.bent:
            step = _round_step((self.high - self.low) / MOST_TICKS)
            first = math.ceil(self.low / step)
            yield from (k * step for k in range(first, math.floor(self.high / step) + 1))
            return
        largest = math.floor(math.log10(max(abs(self.low), abs(self.high))))
        for digit in (1.0, 2.0, 5.0):
            for exponent in range(largest, largest - 7, -1):
                yield digit * 10.0**exponent
                yield -digit * 10.0**exponent


def scale_of(floor: tuple[float, float, float], edge: float, values: Iterable[float]) -> Scale:
    """Return a scale that shows the floor, its edge and all values.

    Parameters
    ----------
    floor
        5th, 50th and 95th percentile among the animals.
    edge
        Where the floor ends.
    values
        Everything else that is drawn; what is not finite is left out.
    """
    shown = [value for value in (*floor, edge, *values) if math.isfinite(value)] or [0.0]
    low, high = min(0.0, *shown), max(0.0, *shown)
    if high <= low:
        high = low + 1.0
    finite = all(map(math.isfinite, (*floor, edge)))
    middle = floor[1] if finite else 0.0
    width = max(edge - floor[0], 1e-9 * (high - low)) if finite else high - low
    bent = max(high - middle, middle - low) > LINEAR_UP_TO * width
    return Scale(low, high, middle, width, bent)


def _round_step(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next(digit * power for digit in (1.0, 2.0, 5.0, 10.0) if digit * power >= least)
