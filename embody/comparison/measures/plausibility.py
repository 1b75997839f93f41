"""T0: what such an animal cannot do at all."""

import numpy as np

from embody.comparison.described import Described, described
from embody.comparison.measures.features import moments
from embody.comparison.measures.measure import AbstractMeasure, Distance, Lessons
from embody.comparison.sample import Sample, require_strangers
from embody.errors import EmbodyError

OUTERMOST = 0.005


class Plausibility(AbstractMeasure):
    """Share of frames beyond what all but one in a hundred frames of other animals show."""

    identifier = "plausibility"
    tier = "T0"
    learns = True
    title = "Are postures and their speeds within the range of the animals?"

    def describe(self, sample: Sample) -> Described:
        """Return the quantities of all frames, (n, frames, quantities)."""
        return described(sample, *moments(sample))

    def distance(
        self, real: Described, other: Described, seed: int, lessons: Lessons | None = None
    ) -> Distance:
        """Return by how much more often the other side leaves the range of yet other animals.

        The largest difference of any quantity, 0 to 1; `lessons.real` sets the range.

        Raises
        ------
        EmbodyError
            If there are no lessons, or an individual is on two sides.
        """
        if lessons is None or not len(lessons.real):
            raise EmbodyError("the range of the animals must be learnt from some of them")
        require_strangers(real.individuals, other.individuals, lessons.real.individuals)
        frames = [d.rows.reshape(-1, len(d.names)) for d in (lessons.real, real, other)]
        low, high = np.quantile(frames[0], (OUTERMOST, 1.0 - OUTERMOST), axis=0)
        of_real, of_other = (((f < low) | (f > high)).mean(axis=0) for f in frames[1:])
        more = of_other - of_real
        return Distance(float(more.max()), dict(zip(real.names, map(float, more), strict=True)))
