"""What a fit by evaluations minimises, and how worker processes come by it."""

import abc
import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from embody.fitting.free import FreeParameters
from embody.parameters import FitRecord
from embody.registry import load_entry_point

RESULT_NAME = "parameters.json"


class AbstractObjective(abc.ABC):
    """Cost of candidates, each a position in the unit cube of its free parameters.

    The cost of a position is a function of it alone: not of its company, nor of what was
    evaluated before. An objective whose candidates are no parameter set has no `free`, and writes
    `start`, `searched` and `save` of its own.

    Attributes
    ----------
    free
        What may move.
    together
        How many positions are best evaluated in one call; calls hold no more.
    environments
        Ids of the envs whose tasks it sets, if more than the one that a fit is named after.
    """

    free: FreeParameters
    together: int = 1
    environments: tuple[str, ...] = ()

    @abc.abstractmethod
    def identity(self) -> dict[str, Any]:
        """Return what fixes the costs, free parameters apart (JSON types)."""

    @abc.abstractmethod
    def costs(self, positions: np.ndarray) -> np.ndarray:
        """Return the cost of every position, (n, k) to (n,); not finite counts as worst."""

    def terms(self, position: np.ndarray) -> dict[str, float]:
        """Return the terms that add up to the cost of a position, (k,)."""
        return {}

    @property
    def start(self) -> np.ndarray:
        """Position of the prior, (k,)."""
        return self.free.start

    def searched(self) -> dict[str, Any]:
        """Return what fixes the meaning of a position (JSON types)."""
        return self.free.identity()

    def save(
        self, position: np.ndarray, folder: Path, record: FitRecord, title: str, description: str
    ) -> tuple[Path, ...]:
        """Write what a position means, with the record of its fit; return the files."""
        path = folder / RESULT_NAME
        self.free.fitted(position, record, title, description).save(path)
        return (path,)


class ObjectiveRecipe(NamedTuple):
    """How to make an objective anywhere: in this process, in a worker, on another machine.

    Attributes
    ----------
    entry_point
        Where its maker lives, "package.module:attribute".
    options
        What the maker takes (JSON types).
    """

    entry_point: str
    options: Mapping[str, Any]

    def make(self) -> AbstractObjective:
        """Return the objective; made once in each process."""
        return _made(self.entry_point, json.dumps(dict(self.options), sort_keys=True))


@functools.lru_cache(maxsize=4)
def _made(entry_point: str, options: str) -> AbstractObjective:
    return load_entry_point(entry_point)(**json.loads(options))
