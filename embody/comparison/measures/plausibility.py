"""T0: what such an animal cannot do at all."""

import numpy as np

from embody.comparison.measures.features import moments
from embody.comparison.measures.measure import AbstractMeasure, Distance
from embody.comparison.sample import Sample

OUTERMOST = 0.005


class Plausibility(AbstractMeasure):
    """Share of frames beyond what all but one in a hundred frames of the animals show."""

    identifier = "plausibility"
    tier = "T0"
    title = "Are postures and their speeds within the range of the animals?"

    def distance(self, real: Sample, other: Sample, seed: int) -> Distance:
        """Return the largest share of any feature outside the animals' range, 0 to 1."""
        parts = {}
        for (name, of_real), of_other in zip(
            moments(real).items(), moments(other).values(), strict=True
        ):
            low, high = np.quantile(of_real, (OUTERMOST, 1.0 - OUTERMOST))
            parts[name] = float(((of_other < low) | (of_other > high)).mean())
        return Distance(max(parts.values()), parts)
