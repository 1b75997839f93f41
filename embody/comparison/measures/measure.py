"""The contract of a measure."""

import abc
from collections.abc import Mapping
from typing import NamedTuple

from embody.comparison.sample import Sample


class Distance(NamedTuple):
    """How far two samples are apart.

    Attributes
    ----------
    value
        0 or more; larger is further.
    parts
        What it is made of, by feature: the larger, the more that feature gives away.
    """

    value: float
    parts: Mapping[str, float] = {}


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
    """

    identifier: str
    tier: str
    version = 1
    title: str
    must_reject: tuple[str, ...] = ()

    @abc.abstractmethod
    def distance(self, real: Sample, other: Sample, seed: int) -> Distance:
        """Return how far a sample is from one of real animals.

        Whatever is trained is trained within this call; `real` and `other` share no individual.
        """
