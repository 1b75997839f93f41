"""T4 without training: maximum mean discrepancy."""

import numpy as np

from embody.comparison.described import Described, described
from embody.comparison.measures.features import summary
from embody.comparison.measures.measure import AbstractMeasure, Distance, Lessons
from embody.comparison.sample import Sample, require_strangers

SEED = 0
MOST_FOR_WIDTH = 1000


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
    must_reject = ("autoregression", "phase-randomised")

    def __init__(self, window_s: float = 2.0) -> None:
        self.window_s = window_s
        self.title = (
            f"Do clips of {window_s:g} s lie among the animals' clips, without any training?"
        )

    def describe(self, sample: Sample) -> Described:
        """Return the features of each window, (windows, features)."""
        windows = sample.cut(self.window_s)
        return described(windows, *summary(windows))

    def freeze(self, animals: Described) -> None:
        """Take units and the width of the kernel from all animals."""
        rows = animals.rows
        self._mean, self._spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
        chosen = np.random.default_rng(SEED).permutation(len(rows))[:MOST_FOR_WIDTH]
        scaled = (rows[chosen] - self._mean) / self._spread
        owner = animals.owner[chosen]
        self._width = float(np.median(_squared_distances(scaled, scaled)[owner[:, None] != owner]))

    def distance(
        self, real: Described, other: Described, seed: int, lessons: Lessons | None = None
    ) -> Distance:
        """Return the unbiased estimate; it can be below 0.

        Raises
        ------
        EmbodyError
            If the samples share an individual.
        """
        require_strangers(real.individuals, other.individuals)
        one, two = ((side.rows - self._mean) / self._spread for side in (real, other))
        within = [
            self._kernel(rows, rows, side.owner[:, None] != side.owner)
            for rows, side in ((one, real), (two, other))
        ]
        between = self._kernel(one, two)
        return Distance(within[0] + within[1] - 2.0 * between)

    def _kernel(
        self, one: np.ndarray, other: np.ndarray, strangers: np.ndarray | None = None
    ) -> float:
        squared = _squared_distances(one, other)
        if strangers is not None:
            pairs = strangers if strangers.any() else ~np.eye(len(one), dtype=bool)
            squared = squared[pairs] if pairs.any() else squared
        return float(np.exp(-squared / self._width).mean())


def _squared_distances(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    product = (one**2).sum(1)[:, None] + (other**2).sum(1) - 2.0 * one @ other.T
    return np.maximum(product, 0.0)
