"""What a judge's right answers say: exact intervals, sensitivity, bias."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import beta, binom, norm

from embody.errors import EmbodyError


def proportion_interval(right: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the exact interval of a proportion (Clopper & Pearson 1934, Biometrika 26:404).

    Raises
    ------
    EmbodyError
        If the counts or the confidence make no sense.

    Examples
    --------
    >>> low, high = proportion_interval(15, 20)
    >>> round(low, 3), round(high, 3)
    (0.509, 0.913)
    """
    if not 0 <= right <= trials or trials < 1 or not 0 < confidence < 1:
        raise EmbodyError(
            f"an interval needs 0 to n right answers of n >= 1 and a confidence between 0 and 1, "
            f"not {right} of {trials} at {confidence}"
        )
    tail = 0.5 * (1.0 - confidence)
    low = float(beta.ppf(tail, right, trials - right + 1)) if right else 0.0
    high = float(beta.isf(tail, right + 1, trials - right)) if right < trials else 1.0
    return low, high


def d_prime(proportion_correct: float) -> float:
    """Return the sensitivity of an unbiased judge in two-alternative forced choice.

    d' = sqrt(2) z(pc) (Macmillan & Creelman 2005, Detection Theory, chapter 7); infinite at 0 and
    at 1.

    Examples
    --------
    >>> round(d_prime(0.75), 2)
    0.95
    """
    return math.sqrt(2.0) * float(norm.ppf(proportion_correct))


def proportion_of_d_prime(sensitivity: float) -> float:
    """Return the proportion correct of an unbiased judge; the inverse of `d_prime`."""
    return float(norm.cdf(sensitivity / math.sqrt(2.0)))


@dataclass(frozen=True)
class Sensitivity:
    """How well one judge tells real from model, apart from a liking for one side.

    Attributes
    ----------
    d_prime
        (z(H) - z(F)) / sqrt(2), with H and F the shares of "left" where the left and where the
        right one was real.
    bias
        -(z(H) + z(F)) / sqrt(2), in the unit of d'; negative for a liking for the left.
    """

    d_prime: float
    bias: float


def sensitivity(real_left: Sequence[bool], chose_left: Sequence[bool]) -> Sensitivity | None:
    """Return sensitivity and bias of one judge; None if the real one never lay on one side.

    Half an answer is added to every cell, so that perfect judges stay finite (Hautus 1995,
    Behavior Research Methods 27:46).
    """
    left, chosen = np.asarray(real_left, bool), np.asarray(chose_left, bool)
    if left.all() or not left.any():
        return None
    shares = [(chosen[where].sum() + 0.5) / (where.sum() + 1.0) for where in (left, ~left)]
    hit, false = norm.ppf(shares)
    return Sensitivity(float(hit - false) / math.sqrt(2.0), -float(hit + false) / math.sqrt(2.0))


@dataclass(frozen=True)
class Equivalence:
    """Two one-sided exact tests of whether the proportion correct is near chance.

    Attributes
    ----------
    p_below, p_above
        Of "at most 0.5 - margin" and "at least 0.5 + margin", given the answers.
    equivalent
        Whether both are rejected.
    """

    p_below: float
    p_above: float
    equivalent: bool


def equivalence_test(
    right: int, trials: int, margin: float = 0.10, alpha: float = 0.05
) -> Equivalence:
    """Test whether a proportion lies within 0.5 +- margin (Schuirmann 1987).

    Examples
    --------
    >>> equivalence_test(138, 275).equivalent
    True
    >>> equivalence_test(15, 30).equivalent
    False
    """
    below = float(binom.sf(right - 1, trials, 0.5 - margin))
    above = float(binom.cdf(right, trials, 0.5 + margin))
    return Equivalence(below, above, max(below, above) <= alpha)


def above_chance_p(right: int, trials: int) -> float:
    """Return the exact one-sided p of that many right answers, or more, by guessing."""
    return float(binom.sf(right - 1, trials, 0.5))
