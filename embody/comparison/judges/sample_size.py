"""How many answers a study needs, from exact binomial probabilities."""

from collections.abc import Callable

import numpy as np
from scipy.stats import binom

from embody.errors import EmbodyError

_MOST = 20_000


def trials_to_detect(proportion_correct: float, alpha: float = 0.05, power: float = 0.8) -> int:
    """Return the fewest answers with which a judge of that ability beats chance, one-sided.

    Raises
    ------
    EmbodyError
        If no number up to 20,000 does.

    Examples
    --------
    >>> trials_to_detect(0.65)
    69
    """

    def reached(trials: np.ndarray) -> np.ndarray:
        critical = binom.isf(alpha, trials, 0.5)
        return binom.sf(critical, trials, proportion_correct)

    if not 0.5 < proportion_correct <= 1.0:
        raise EmbodyError(f"only more than 0.5 right is a detection, not {proportion_correct}")
    return _first(reached, power, f"detect {proportion_correct:g} right")


def trials_for_equivalence(margin: float = 0.10, alpha: float = 0.05, power: float = 0.9) -> int:
    """Return the fewest answers with which pure guessing passes the test of equivalence.

    From that number on the power never falls below what was asked for.

    Raises
    ------
    EmbodyError
        If no number up to 20,000 does, or the margin makes no sense.
    """
    if not 0 < margin < 0.5:
        raise EmbodyError(f"a margin lies between 0 and 0.5, not {margin}")

    def reached(trials: np.ndarray) -> np.ndarray:
        fewest = binom.isf(alpha, trials, 0.5 - margin) + 1
        most = binom.ppf(alpha, trials, 0.5 + margin) - 1
        within = binom.cdf(most, trials, 0.5) - binom.cdf(fewest - 1, trials, 0.5)
        return np.maximum(within, 0.0)

    return _first(reached, power, f"show equivalence within {margin:g}", lasting=True)


def _first(
    reached: Callable[[np.ndarray], np.ndarray], power: float, what: str, *, lasting: bool = False
) -> int:
    upto = 128
    while upto <= _MOST:
        trials = np.arange(1, 2 * upto + 1)
        enough = reached(trials) >= power
        first = int(np.flatnonzero(~enough)[-1]) + 1 if lasting else int(np.argmax(enough))
        if enough.any() and first < upto:
            return int(trials[first])
        upto *= 2
    raise EmbodyError(f"no study of up to {_MOST} answers would {what} with power {power:g}")
