"""The effect of what was done, in the same individuals, and whether it is that of animals."""

from typing import NamedTuple

import numpy as np
from scipy import stats

from embody.comparison.experiments.experiment import Expected
from embody.comparison.verdict import FEWEST_INDIVIDUALS

CONFIDENCE = 0.95


class Effect(NamedTuple):
    """A change, as a share of something.

    Attributes
    ----------
    value
        The share.
    interval
        95 % interval of it.
    """

    value: float
    interval: tuple[float, float]


NO_INTERVAL = (-np.inf, np.inf)


def effect(changed: np.ndarray, before: np.ndarray, whole: np.ndarray | None = None) -> Effect:
    """Return the mean change as a share of the mean of `whole`.

    The interval is that of a ratio of two means of paired values (delta method; Cochran 1977,
    Sampling Techniques, chapter 6), with Student's t. It has no width for individuals that all
    do the same, and no end for fewer than six.

    Parameters
    ----------
    changed, before
        The quantity in each individual, with and without what was done.
    whole
        What the change is a share of; `before` if None. Its mean has to be above 0.
    """
    whole = before if whole is None else whole
    change = changed - before
    scale = float(whole.mean())
    value = float(change.mean()) / scale
    count = len(change)
    if count < FEWEST_INDIVIDUALS:
        return Effect(value, NO_INTERVAL)
    residual = (change - value * whole) / scale
    half = _half_width(residual)
    return Effect(value, (value - half, value + half))


def shows(values: np.ndarray, at_least: float) -> bool | None:
    """Return whether the mean of a quantity is at least so much; None if that stays open."""
    if not np.isfinite(values).all():
        return False
    half = _half_width(values) if len(values) >= FEWEST_INDIVIDUALS else np.inf
    if values.mean() - half >= at_least:
        return True
    return False if values.mean() + half < at_least else None


def responds(values: np.ndarray, undisturbed: np.ndarray, at_least: float) -> bool | None:
    """Return whether individuals show so much, and so much more than undisturbed.

    The second is asked within individuals: who moves backward now and then, touched or not, does
    not respond to touch.
    """
    both = {shows(values, at_least), shows(values - undisturbed, at_least)}
    return False if False in both else None if None in both else True


def agrees(found: Effect, expected: Expected, smallest: float) -> bool | None:
    """Return whether an effect is as expected; None if its interval leaves that open.

    "less" and "more": its interval has to lie beyond the smallest effect, on that side. "none":
    within the smallest effect on both sides (two one-sided tests; Schuirmann 1987).

    Examples
    --------
    >>> agrees(Effect(-0.6, (-0.7, -0.5)), "less", 0.25)
    True
    >>> agrees(Effect(-0.6, (-0.9, -0.2)), "less", 0.25) is None
    True
    """
    low, high = found.interval
    if expected == "more":
        low, high = -high, -low
    if expected == "none":
        if -smallest <= low and high <= smallest:
            return True
        return False if low > smallest or high < -smallest else None
    if high <= -smallest:
        return True
    return False if low > -smallest else None


def _half_width(values: np.ndarray) -> float:
    count = len(values)
    error = float(values.std(ddof=1)) / np.sqrt(count)
    return float(stats.t.ppf(0.5 + CONFIDENCE / 2, count - 1)) * error
