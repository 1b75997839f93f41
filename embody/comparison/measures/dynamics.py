"""T2: how the animal moves through its postures, and in which direction of time."""

from collections.abc import Callable

import numpy as np

from embody.comparison.measures.features import asymmetries, correlations, spectra
from embody.comparison.measures.measure import AbstractMeasure, Distance
from embody.comparison.sample import Sample

Kind = Callable[[Sample], dict[str, np.ndarray]]


class Dynamics(AbstractMeasure):
    """Difference of mean features of movement, in standard deviations between clips of animals.

    Parameters
    ----------
    identifier, title
        See `AbstractMeasure`.
    kinds
        Which features.
    must_reject
        See `AbstractMeasure`.
    """

    tier = "T2"

    def __init__(
        self, identifier: str, title: str, kinds: tuple[Kind, ...], must_reject: tuple[str, ...]
    ) -> None:
        self.identifier = identifier
        self.title = title
        self.must_reject = must_reject
        self._kinds = kinds

    def distance(self, real: Sample, other: Sample, seed: int) -> Distance:
        """Return the root mean square over features."""
        parts = {}
        for kind in self._kinds:
            for (name, of_real), of_other in zip(
                kind(real).items(), kind(other).values(), strict=True
            ):
                spread = of_real.std() + 1e-9
                parts[name] = float(abs(of_real.mean() - of_other.mean()) / spread)
        return Distance(float(np.sqrt(np.mean(np.square(list(parts.values()))))), parts)


def rhythm() -> Dynamics:
    """Return the measure of spectra and autocorrelations."""
    return Dynamics(
        "rhythm",
        "Has each movement the animals' rhythm and persistence?",
        (spectra, correlations),
        ("shuffled",),
    )


def irreversibility() -> Dynamics:
    """Return the measure of the arrow of time."""
    return Dynamics(
        "irreversibility",
        "Does the film look right only when it runs forwards, as that of the animals does?",
        (asymmetries,),
        ("time-reversed",),
    )
