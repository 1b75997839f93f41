"""T1: the distribution of each quantity."""

import numpy as np

from embody.comparison.measures.features import moments
from embody.comparison.measures.measure import AbstractMeasure, Distance
from embody.comparison.sample import Sample

QUANTILES = np.linspace(0.005, 0.995, 100)


class Marginals(AbstractMeasure):
    """Wasserstein distance of each quantity, in standard deviations of the animals' frames."""

    identifier = "marginals"
    tier = "T1"
    title = "Are postures and their speeds as often large and small as in the animals?"

    def distance(self, real: Sample, other: Sample, seed: int) -> Distance:
        """Return the largest distance of any feature: the worst one decides."""
        parts = {}
        for (name, of_real), of_other in zip(
            moments(real).items(), moments(other).values(), strict=True
        ):
            apart = np.abs(np.quantile(of_real, QUANTILES) - np.quantile(of_other, QUANTILES))
            parts[name] = float(apart.mean() / (of_real.std() + 1e-12))
        return Distance(max(parts.values()), parts)
