"""How one quantity depends on another, over several episodes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Samples = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Relation:
    """A binned curve and a straight line through the same samples.

    Attributes
    ----------
    bin_centres, bin_means, bin_errors, bin_counts
        The curve: mean of x, mean of y, standard error of y, and number of samples in bins that
        hold equally many samples; shape (bins,).
    slope
        Slope of the least-squares line through all samples; NaN for fewer than three.
    slope_interval
        95 % bootstrap confidence interval of the slope, whole episodes drawn with replacement;
        NaN for a single episode.
    episodes
        Number of episodes that gave samples.
    """

    bin_centres: np.ndarray
    bin_means: np.ndarray
    bin_errors: np.ndarray
    bin_counts: np.ndarray
    slope: float
    slope_interval: tuple[float, float]
    episodes: int


def relate(
    episodes: Sequence[Samples], *, bins: int = 9, resamples: int = 1000, seed: int = 0
) -> Relation:
    """Bin y by x and fit a line, with episodes as the unit of the bootstrap.

    Parameters
    ----------
    episodes
        For each episode, x and y, each of shape (samples,).
    bins
        Largest number of bins of the curve.
    resamples
        Number of bootstrap draws.
    seed
        Seed of the draws.
    """
    used = [(x, y) for x, y in episodes if len(x)]
    x = np.concatenate([np.empty(0), *(x for x, _ in used)])
    y = np.concatenate([np.empty(0), *(y for _, y in used)])
    groups = [group for group in np.array_split(np.argsort(x), bins) if len(group)]
    sums = np.array([_sums(*samples) for samples in used]).reshape(-1, 5)
    interval = (float("nan"), float("nan"))
    if len(used) > 1:
        draws = np.random.default_rng(seed).integers(len(used), size=(resamples, len(used)))
        slopes = _slope(sums[draws].sum(axis=1))
        if np.isfinite(slopes).any():
            low, high = np.nanpercentile(slopes, [2.5, 97.5])
            interval = (float(low), float(high))
    return Relation(
        bin_centres=np.array([x[group].mean() for group in groups]),
        bin_means=np.array([y[group].mean() for group in groups]),
        bin_errors=np.array([y[group].std() / np.sqrt(len(group)) for group in groups]),
        bin_counts=np.array([len(group) for group in groups]),
        slope=float(_slope(sums.sum(axis=0))),
        slope_interval=interval,
        episodes=len(used),
    )


def _sums(x: np.ndarray, y: np.ndarray) -> list[float]:
    return [len(x), x.sum(), y.sum(), (x * x).sum(), (x * y).sum()]


def _slope(sums: np.ndarray) -> np.ndarray:
    count, x, y, xx, xy = np.moveaxis(sums, -1, 0)
    spread = count * xx - x * x
    enough = (count >= 3) & (spread > 1e-12 * np.maximum(count * xx, 1e-300))
    return np.where(enough, (count * xy - x * y) / np.where(enough, spread, 1.0), np.nan)
