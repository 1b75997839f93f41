"""Intervals that allow for judges who differ and for clips that differ.

Answers of one judge, and answers to one pair of clips, are not independent. The interval of the
verdict takes the variance over judges, plus that over pairs, less that over single answers
(Cameron, Gelbach & Miller 2011, Journal of Business & Economic Statistics 29:238), and is never
narrower than the exact binomial one. The bootstrap redraws judges and pairs at the same time (Owen
2007, Annals of Applied Statistics 1:386); its variance never comes out too small, and up to three
times too large where neither judges nor pairs differ.
"""

import math
from collections.abc import Sequence

import numpy as np
from scipy.stats import t as student_t

from embody.comparison.judges.signal_detection import proportion_interval


def two_way_interval(
    right: Sequence[bool],
    judges: Sequence[str],
    pairs: Sequence[str],
    confidence: float = 0.95,
) -> tuple[float, float]:
    """Return the interval of the proportion correct over judges and pairs of clips.

    Student's t with the degrees of freedom of Satterthwaite. With one judge it is about that judge.

    Parameters
    ----------
    right
        Whether each answer was right.
    judges, pairs
        Who gave it, and to which pair.
    confidence
        Coverage.
    """
    x = np.asarray(right, float)
    low, high = proportion_interval(int(x.sum()), len(x), confidence)
    answers = float(x.var()) / max(len(x) - 1, 1), max(len(x) - 1, 1)
    clusters = [_cluster_variance(x, judges) or answers, _cluster_variance(x, pairs) or answers]
    variance = max(sum(part for part, _ in clusters) - answers[0], answers[0])
    if variance > 0.0:
        spread = sum(part**2 / freedom for part, freedom in (*clusters, answers))
        quantile = float(student_t.ppf(0.5 + 0.5 * confidence, variance**2 / spread))
        half = quantile * math.sqrt(variance)
        low, high = min(low, float(x.mean()) - half), max(high, float(x.mean()) + half)
    return max(low, 0.0), min(high, 1.0)


def bootstrap_interval(
    right: Sequence[bool],
    judges: Sequence[str],
    pairs: Sequence[str],
    *,
    seed: int,
    confidence: float = 0.95,
    draws: int = 4000,
) -> tuple[float, float]:
    """Return the percentile interval over judges and pairs redrawn together.

    Parameters
    ----------
    right
        Whether each answer was right.
    judges, pairs
        Who gave it, and to which pair.
    seed
        Draws the resamples.
    confidence
        Coverage.
    draws
        Number of resamples.
    """
    x = np.asarray(right, float)
    rng = np.random.default_rng(seed)
    judge, pair = (np.unique(labels, return_inverse=True)[1] for labels in (judges, pairs))
    shape = int(judge.max()) + 1, int(pair.max()) + 1
    total, count = np.zeros(shape), np.zeros(shape)
    np.add.at(total, (judge, pair), x)
    np.add.at(count, (judge, pair), 1.0)
    weights = [rng.multinomial(n, np.full(n, 1.0 / n), size=draws).astype(float) for n in shape]
    numerator = ((weights[0] @ total) * weights[1]).sum(axis=1)
    denominator = ((weights[0] @ count) * weights[1]).sum(axis=1)
    drawn = numerator[denominator > 0] / denominator[denominator > 0]
    tail = 50.0 * (1.0 - confidence)
    low, high = np.percentile(drawn, [tail, 100.0 - tail])
    return float(low), float(high)


def _cluster_variance(x: np.ndarray, labels: Sequence[str]) -> tuple[float, int] | None:
    """Return the variance of the mean by clusters and its degrees of freedom; None for one."""
    cluster = np.unique(labels, return_inverse=True)[1]
    count = int(cluster.max()) + 1
    if count < 2:
        return None
    sums = np.bincount(cluster, weights=x - x.mean())
    return float((sums**2).sum()) / len(x) ** 2 * count / (count - 1), count - 1
