"""T1: the distribution of each quantity."""

import numpy as np

from embody.comparison.described import Described, described
from embody.comparison.measures.features import moments
from embody.comparison.measures.measure import AbstractMeasure, Distance, Lessons
from embody.comparison.sample import Sample

QUANTILES = np.linspace(0.005, 0.995, 100)


class Marginals(AbstractMeasure):
    """Wasserstein distance of each quantity, in standard deviations of the animals' frames."""

    identifier = "marginals"
    tier = "T1"
    title = "Are postures and their speeds as often large and small as in the animals?"

    _spread: np.ndarray = np.ones(1)

    def describe(self, sample: Sample) -> Described:
        """Return the quantities of all frames, (n, frames, quantities)."""
        return described(sample, *moments(sample))

    def freeze(self, animals: Described) -> None:
        """Take each quantity's standard deviation between frames of animals for its unit."""
        self._spread = animals.rows.reshape(-1, animals.rows.shape[-1]).std(axis=0) + 1e-12

    def distance(
        self, real: Described, other: Described, seed: int, lessons: Lessons | None = None
    ) -> Distance:
        """Return the largest distance of any quantity: the worst one decides."""
        of_real, of_other = (d.rows.reshape(-1, len(d.names)) for d in (real, other))
        apart = np.abs(
            np.quantile(of_real, QUANTILES, axis=0) - np.quantile(of_other, QUANTILES, axis=0)
        )
        found = apart.mean(axis=0) / self._spread
        parts = dict(zip(real.names, map(float, found), strict=True))
        return Distance(float(found.max()), parts)
