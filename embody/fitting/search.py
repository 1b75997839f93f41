"""What all searches by evaluations share: objective, workers, and the best found so far."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from embody.errors import EmbodyError
from embody.fitting.method import AbstractMethod
from embody.fitting.objective import ObjectiveRecipe
from embody.fitting.workers import Evaluate, evaluating
from embody.parameters import FitRecord


class AbstractSearch(AbstractMethod):
    """A search of generations of positions; its state has `best_cost` and `best_position`.

    Parameters
    ----------
    recipe
        Makes the objective.
    start
        First mean, (k,).
    seed
        Seed of the search, 0 or more.
    spread
        First standard deviation, in widths of the bounds.
    population
        Positions per generation.
    workers
        See `embody.fitting.workers.evaluating`.
    title, description
        Name and one line for what is found.

    Raises
    ------
    EmbodyError
        If the spread is not above 0 and at most 1, or the population is below 2.
    """

    name = "evolution"
    unit = "evaluations"
    algorithm: str

    def __init__(
        self,
        recipe: ObjectiveRecipe,
        start: np.ndarray,
        seed: int,
        spread: float,
        population: int,
        workers: int | str | None,
        title: str,
        description: str,
    ) -> None:
        if not 0.0 < spread <= 1.0:
            raise EmbodyError(f"the spread is {spread:g}, it has to be above 0 and at most 1")
        if population < 2:
            raise EmbodyError(f"the population is {population}, it has to be at least 2")
        self.recipe = recipe
        self.start = np.asarray(start, np.float64)
        self.seed = seed
        self.spread = spread
        self.population = population
        self.workers = workers
        self.title = title
        self.description = description
        self._evaluate: Evaluate | None = None

    def environments(self) -> tuple[str, ...]:
        """Return the envs whose tasks the objective sets."""
        return self.recipe.make().environments

    def identity(self) -> dict[str, Any]:
        """Return objective, what is searched, start and settings."""
        objective = self.recipe.make()
        return {
            "algorithm": self.algorithm,
            "objective": objective.identity(),
            **objective.searched(),
            "start": self.start.tolist(),
            "seed": self.seed,
            "spread": self.spread,
            "population": self.population,
        }

    @contextlib.contextmanager
    def opened(self) -> Iterator[None]:
        """Keep the workers while open."""
        with evaluating(self.recipe, self.workers) as self._evaluate:
            yield
        self._evaluate = None

    def evaluate(self, positions: np.ndarray) -> np.ndarray:
        """Return the costs of positions, (n, k) to (n,); infinite where not finite."""
        assert self._evaluate is not None, "step is called within opened()"
        return self._evaluate(positions)

    def terms(self, state: Any) -> dict[str, float]:
        """Return the terms of the cost of the best."""
        return self.recipe.make().terms(state.best_position)

    def save(self, state: Any, folder: Path, record: FitRecord) -> tuple[Path, ...]:
        """Write the best."""
        objective = self.recipe.make()
        return objective.save(state.best_position, folder, record, self.title, self.description)


def better(
    cost: np.ndarray, positions: np.ndarray, best_cost: float, best_position: np.ndarray
) -> tuple[float, np.ndarray]:
    """Return the lowest cost so far and where it was found, after a generation."""
    leader = int(np.argmin(cost))
    if cost[leader] < best_cost:
        return float(cost[leader]), np.array(positions[leader])
    return best_cost, best_position


def typical(cost: np.ndarray) -> float:
    """Return the median of the finite costs; infinite if there are none."""
    finite = cost[np.isfinite(cost)]
    return float(np.median(finite)) if finite.size else np.inf
