"""The share of experiments that agree, with exact bounds, and the verdict that it allows."""

from collections.abc import Sequence
from typing import NamedTuple

from scipy import stats

from embody.comparison.verdict import FAIL, INCONCLUSIVE, MOST_SUGGESTED, PASS

LEVEL = 0.05
WANTED = 0.75


class Share(NamedTuple):
    """How many of several experiments agree.

    Attributes
    ----------
    agree, left_open, total
        How many agree, how many stay open, of how many.
    """

    agree: int
    left_open: int
    total: int

    @classmethod
    def of(cls, outcomes: Sequence[bool | None]) -> "Share":
        """Return the share from the outcome of each experiment; None is open."""
        return cls(
            sum(o is True for o in outcomes), sum(o is None for o in outcomes), len(outcomes)
        )

    @property
    def value(self) -> float:
        """The share; what stays open does not agree. NaN without experiments."""
        return self.agree / self.total if self.total else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """One-sided 95 % bounds: what stays open counts against it below, for it above."""
        return lower_bound(self.agree, self.total), upper_bound(
            self.agree + self.left_open, self.total
        )

    @property
    def verdict(self) -> str:
        """PASS if the lower bound reaches 0.75, FAIL if the upper one stays below it."""
        low, high = self.interval
        return PASS if low >= WANTED else FAIL if high < WANTED else INCONCLUSIVE

    @property
    def needed(self) -> int | None:
        """How many experiments would decide, if the share among them were the same.

        None where it is decided, or nothing has been.
        """
        decided = self.total - self.left_open
        if self.verdict != INCONCLUSIVE or not decided:
            return None
        share = self.agree / decided
        more = range(self.total if self.left_open else self.total + 1, MOST_SUGGESTED)
        counts = (Share(round(share * total), 0, total) for total in more)
        return next((c.total for c in counts if c.verdict != INCONCLUSIVE), MOST_SUGGESTED)


def lower_bound(agree: int, total: int) -> float:
    """Return the exact one-sided 95 % lower bound of a share (Clopper & Pearson 1934).

    Examples
    --------
    >>> round(lower_bound(10, 10), 3)
    0.741
    """
    return float(stats.beta.ppf(LEVEL, agree, total - agree + 1)) if agree else 0.0


def upper_bound(agree: int, total: int) -> float:
    """Return the exact one-sided 95 % upper bound."""
    return float(stats.beta.ppf(1 - LEVEL, agree + 1, total - agree)) if agree < total else 1.0
