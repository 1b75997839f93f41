"""Scores of several fits, all asked about the same draws of animals."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from embody.comparison.draws import Draws
from embody.comparison.verdict import null_of, quantiles, score
from embody.comparison.yardstick import By, Yardstick

SCORED = ("T1", "T2", "T3", "T4")


class PairedScores:
    """Scores of fits, also of the draws in which an animal takes no part.

    Attributes
    ----------
    scale
        Of each measure that told controls: their median distance, and that among animals.
    animals
        How many animals.
    """

    def __init__(self, yardstick: Yardstick, drawn: Mapping[str, By]) -> None:
        self._drawn = drawn
        self.scale: dict[str, tuple[float, float]] = {}
        for measure in yardstick.test.measures():
            name = measure.identifier
            null = null_of(yardstick.controls[name])
            middle = quantiles(yardstick.floors[name])[1]
            if measure.tier in SCORED and null is not None and null > middle:
                self.scale[name] = (null, middle)
        any_draws: Draws = next(iter(next(iter(drawn.values())).values()))
        self._animals = any_draws.one
        self.animals = self._animals.shape[1]

    def of(self, fit: str, without: int | None = None) -> dict[str, float]:
        """Return the score of each measure, of the draws without one animal."""
        kept = slice(None) if without is None else ~self._animals[:, without]
        scores = {
            name: score(float(self._drawn[fit][name].value[kept].mean()), null, middle)
            for name, (null, middle) in self.scale.items()
        }
        return {name: found for name, found in scores.items() if found is not None}

    def mean(self, fits: Sequence[str], without: int | None = None) -> float:
        """Return the mean score of fits."""
        every = [value for fit in fits for value in self.of(fit, without).values()]
        return float(np.mean(every)) if every else math.nan

    def jackknifed(self, one: Sequence[str], other: Sequence[str]) -> float:
        """Return the variance of a difference of mean scores that comes from the animals."""
        left = [a for a in range(self.animals) if not self._animals[:, a].all()]
        values = [self.mean(one, a) - self.mean(other, a) for a in left]
        return (len(left) - 1) * float(np.var(values))
