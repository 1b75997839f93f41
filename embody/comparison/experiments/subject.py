"""Who experiments are made on: individuals that can be treated in several ways, each anew."""

import abc
from collections.abc import Callable, Iterable, Mapping

from embody.comparison.experiments.experiment import Protocol
from embody.comparison.experiments.quantities import Trace
from embody.errors import UnknownNameError

Orders = Mapping[Protocol, float]
"""For how long each protocol is to be followed [s]."""

Traces = dict[Protocol, tuple[Trace, ...]]
"""What every individual did under each protocol; the same individuals in the same order."""

OnDone = Callable[[float], object]
"""Told of simulated time that is over [s]."""


class AbstractSubject(abc.ABC):
    """Some individuals, each of which can be put back to where it began.

    Attributes
    ----------
    individuals
        How many.
    categories
        What each neuron is ("sensory", "inter", "motor", ...), by its name; empty for those
        without neurons that could be reached.
    """

    individuals: int
    categories: Mapping[str, str]

    @abc.abstractmethod
    def resolve(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the neurons that names of neurons or classes stand for.

        Raises
        ------
        UnknownNameError
            If it has no such neuron.
        """

    @abc.abstractmethod
    def run(self, orders: Orders, on_done: OnDone) -> Traces:
        """Treat all individuals by each protocol, from the same beginnings."""

    def can(self, protocol: Protocol) -> bool:
        """Whether it has the neurons that a protocol names."""
        if not self.categories:
            return not protocol.perturbations
        try:
            for perturbation in protocol.perturbations:
                self.resolve(perturbation.targets)
        except UnknownNameError:
            return False
        return True
