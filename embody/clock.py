"""The master clock: an integer count of ticks, and periods that are multiples of it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from embody.errors import EmbodyError, UnknownNameError

RELATIVE_TOLERANCE = 1e-9
"""Two periods that differ by less are the same: the rounding error of decimal fractions."""


def multiple(period_s: float, part_s: float, period: str = "period", part: str = "tick") -> int:
    """Return how many times `part_s` [s] goes into `period_s` [s].

    Parameters
    ----------
    period_s, part_s
        Two durations [s].
    period, part
        What they are, for the error message.

    Raises
    ------
    EmbodyError
        If either is not positive and finite, or the ratio is not a whole number.

    Examples
    --------
    >>> multiple(0.05, 0.005)
    10
    """
    for name, value in ((period, period_s), (part, part_s)):
        if not (math.isfinite(value) and value > 0):
            raise EmbodyError(f"the {name} must be a positive number of seconds, not {value}")
    count = round(period_s / part_s)
    if count < 1 or abs(count * part_s - period_s) > RELATIVE_TOLERANCE * period_s:
        below, above = max(1, math.floor(period_s / part_s)), math.ceil(period_s / part_s)
        nearest = " or ".join(f"{n * part_s:g} s" for n in sorted({below, above}))
        raise EmbodyError(
            f"the {period} of {period_s:g} s is not a whole multiple of the {part} of "
            f"{part_s:g} s; {nearest} would be"
        )
    return count


def time_at(tick: int, tick_s: float) -> float:
    """Return the time at a tick [s], to the nanosecond: 140 ticks of 5 ms are 0.7 s exactly."""
    return round(tick * tick_s, 9)


@dataclass(frozen=True)
class Clock:
    """Counts ticks as integers, so that no rate drifts against another.

    Attributes
    ----------
    tick_s
        Length of a tick [s].
    ticks
        Length of each named period in ticks.

    Examples
    --------
    >>> clock = Clock.build(0.0005, physics=0.0005, brain=0.0025, control=0.005)
    >>> clock.ratio("control", "physics")
    10
    >>> clock.due("brain", 12)
    False
    """

    tick_s: float
    ticks: Mapping[str, int]

    @classmethod
    def build(cls, tick_s: float, **periods_s: float) -> "Clock":
        """Return a clock whose periods [s] are whole multiples of `tick_s` [s].

        Raises
        ------
        EmbodyError
            If a period is not a whole multiple of the tick; the message says which would be.
        """
        return cls(
            tick_s,
            {
                name: multiple(period, tick_s, f"{name} period")
                for name, period in periods_s.items()
            },
        )

    def period_s(self, name: str) -> float:
        """Length of a period [s]."""
        return self._ticks(name) * self.tick_s

    def due(self, name: str, tick: int) -> bool:
        """Whether a period starts at this tick."""
        return tick % self._ticks(name) == 0

    def time_s(self, tick: int) -> float:
        """Time at this tick [s]."""
        return time_at(tick, self.tick_s)

    def ratio(self, longer: str, shorter: str) -> int:
        """How many periods of `shorter` make one of `longer`.

        Raises
        ------
        EmbodyError
            If that is not a whole number.
        """
        count, rest = divmod(self._ticks(longer), self._ticks(shorter))
        if rest or not count:
            raise EmbodyError(
                f"the {longer} period ({self.period_s(longer):g} s) must be a whole multiple of "
                f"the {shorter} period ({self.period_s(shorter):g} s)"
            )
        return count

    def _ticks(self, name: str) -> int:
        try:
            return self.ticks[name]
        except KeyError:
            raise UnknownNameError("period", name, self.ticks) from None
