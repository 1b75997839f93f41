"""The contract of a measure."""

import abc
from collections.abc import Mapping
from typing import NamedTuple

from embody.comparison.described import Described
from embody.comparison.sample import Sample


class Distance(NamedTuple):
    """How far two samples are apart.

    Attributes
    ----------
    value
        Larger is further.
    parts
        What it is made of, by feature: the larger, the more that feature gives away.
    """

    value: float
    parts: Mapping[str, float] = {}


class Lessons(NamedTuple):
    """What a judge may learn from: other individuals than those that it is tested with.

    Attributes
    ----------
    real, other
        Clips of animals, and of those to be told from them.
    """

    real: Described
    other: Described


class AbstractMeasure(abc.ABC):
    """One respect in which a model can fail.

    Attributes
    ----------
    identifier
        Short name, unique in its battery.
    tier
        Rung of the ladder, "T0" (plausible at all) to "T8" (people cannot tell).
    version
        Raised when the same samples would get another distance.
    title
        What it is, in words a biologist reads.
    must_reject
        Names of the surrogates that it has to tell from the animals.
    learns
        Whether it is trained, on other individuals than those whose distance it tells.
    """

    identifier: str
    tier: str
    version = 1
    title: str
    must_reject: tuple[str, ...] = ()
    learns = False

    @abc.abstractmethod
    def describe(self, sample: Sample) -> Described:
        """Return what the measure looks at, clip by clip: no clip changes another's numbers."""

    def freeze(self, animals: Described) -> None:  # noqa: B027 - most measures need none
        """Take units, and whatever else is fixed once for all, from all animals.

        Called once, before any distance is asked for. Nothing here may depend on which animals
        are compared with which.
        """

    @abc.abstractmethod
    def distance(
        self, real: Described, other: Described, seed: int, lessons: Lessons | None = None
    ) -> Distance:
        """Return how far individuals are from real animals; no individual is in both.

        Parameters
        ----------
        real, other
            Of `describe`.
        seed
            Of what is random in the measure.
        lessons
            For a measure that learns: what it learns from.
        """
