"""T4 without training: maximum mean discrepancy."""

import numpy as np

from embody.comparison.measures.features import summary
from embody.comparison.measures.measure import AbstractMeasure, Distance
from embody.comparison.sample import Sample, require_strangers


class Discrepancy(AbstractMeasure):
    """Squared maximum mean discrepancy with a Gaussian kernel (Gretton et al. 2012, JMLR 13:723).

    The kernel is as wide as the median distance between clips of real animals. Pairs of clips of
    one individual are left out: they are closer than pairs of strangers.

    Parameters
    ----------
    window_s
        Length of the clips that are compared [s].
    """

    identifier = "discrepancy"
    tier = "T4"
    title = "Do clips of 2 s lie among the animals' clips, without any training?"
    must_reject = ("autoregression", "phase-randomised")

    def __init__(self, window_s: float = 2.0) -> None:
        self.window_s = window_s

    def distance(self, real: Sample, other: Sample, seed: int) -> Distance:
        """Return the unbiased estimate; it can be below 0.

        Raises
        ------
        EmbodyError
            If the samples share an individual.
        """
        require_strangers(real, other)
        real, other = real.cut(self.window_s), other.cut(self.window_s)
        rows = summary(real)
        mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
        one, two = (rows - mean) / spread, (summary(other) - mean) / spread
        within = _squared_distances(one, one)
        strangers = real.owner[:, None] != real.owner
        width = np.median(within[strangers]) if strangers.any() else np.median(within)
        of_real = _mean_kernel(within, width, strangers)
        apart = other.owner[:, None] != other.owner
        of_other = _mean_kernel(_squared_distances(two, two), width, apart)
        between = np.exp(-_squared_distances(one, two) / width).mean()
        return Distance(float(of_real + of_other - 2.0 * between))


def _mean_kernel(squared: np.ndarray, width: float, strangers: np.ndarray) -> float:
    kept = strangers if strangers.any() else ~np.eye(len(squared), dtype=bool)
    return float(np.exp(-squared[kept] / width).mean())


def _squared_distances(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    product = (one**2).sum(1)[:, None] + (other**2).sum(1) - 2.0 * one @ other.T
    return np.maximum(product, 0.0)
