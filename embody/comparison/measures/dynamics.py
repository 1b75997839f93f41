"""T2: how the animal moves through its postures, and in which direction of time."""

from collections.abc import Callable

import numpy as np

from embody.comparison.described import Described, described
from embody.comparison.measures.features import asymmetries, correlations, spectra
from embody.comparison.measures.measure import AbstractMeasure, Distance, Lessons
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
        self._spread = np.ones(1)

    def describe(self, sample: Sample) -> Described:
        """Return the features of each clip, (n, features)."""
        found = {name: rows for kind in self._kinds for name, rows in kind(sample).items()}
        return described(sample, np.stack(list(found.values()), axis=1), tuple(found))

    def freeze(self, animals: Described) -> None:
        """Take each feature's standard deviation between clips of animals for its unit."""
        self._spread = animals.rows.std(axis=0) + 1e-9

    def distance(
        self, real: Described, other: Described, seed: int, lessons: Lessons | None = None
    ) -> Distance:
        """Return the root mean square over features."""
        apart = np.abs(real.rows.mean(axis=0) - other.rows.mean(axis=0)) / self._spread
        parts = dict(zip(real.names, map(float, apart), strict=True))
        return Distance(float(np.sqrt((apart**2).mean())), parts)


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
