"""The contract of every way of fitting: a state, and a step that improves it."""

import abc
import contextlib
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple

from embody.parameters import FitRecord


class Report(NamedTuple):
    """What one step of a fit found; one line of its log.

    Attributes
    ----------
    spent
        Budget used since the start, in the method's unit.
    cost
        Cost of this step: of its typical candidate, batch or episode; lower is better.
    best
        Lowest cost so far, of what `save` would write.
    figures
        Anything else worth a curve, by name.
    """

    spent: int
    cost: float
    best: float
    figures: Mapping[str, float] = {}


class AbstractMethod(abc.ABC):
    """A way of fitting, ready to run: what is free, the objective and the settings are inside.

    The state is a pytree of NumPy or JAX arrays and Python numbers that holds all that the course
    of the fit depends on, random state included (as raw `uint32` keys): a fit restored from its
    state goes on with the same bits. `step` does not change the state that it is given.

    Attributes
    ----------
    name
        Name under which `embody fit --method` finds it.
    unit
        What the budget counts, in the plural: "evaluations", "steps".
    """

    name: str
    unit: str

    @abc.abstractmethod
    def identity(self) -> dict[str, Any]:
        """Return what fixes the course of the fit but for its budget (JSON types).

        Free parameters with their bounds and start, objective, wiring, seed and settings. A
        checkpoint is taken up by a fit of the same identity only.
        """

    @abc.abstractmethod
    def init(self) -> Any:
        """Return the state at the start."""

    @abc.abstractmethod
    def step(self, state: Any) -> tuple[Any, Report]:
        """Return the next state, and what was found on the way."""

    @abc.abstractmethod
    def save(self, state: Any, folder: Path, record: FitRecord) -> tuple[Path, ...]:
        """Write the best found so far with its record, atomically; return the files."""

    def terms(self, state: Any) -> dict[str, float]:
        """Return the terms that add up to the cost of the best, for the record."""
        return {}

    def individuals(self) -> tuple[str, ...]:
        """Return the hashes of the individuals whose records it learns from, for the record.

        As `BehaviourRecord.individual_hash` gives them, so that a comparison with these very
        animals can be told from one with strangers.
        """
        return ()

    def environments(self) -> tuple[str, ...]:
        """Return the ids of the envs whose tasks it sets, for the record; empty if one alone."""
        return ()

    def opened(self) -> AbstractContextManager[Any]:
        """Return a context in which `step` may be called: worker processes live in it."""
        return contextlib.nullcontext()
