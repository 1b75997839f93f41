"""CMA-ES over the free parameters of any objective."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from embody.errors import EmbodyError
from embody.fitting.method import AbstractMethod, Report
from embody.fitting.objective import ObjectiveRecipe
from embody.fitting.workers import Evaluate, evaluating
from embody.parameters import FitRecord

RESULT_NAME = "parameters.json"
WORST_OVER_FINITE = 10.0


class EvolutionState(NamedTuple):
    """Where the search is; generations of n positions of k parameters.

    Attributes
    ----------
    cost
        Cost of every position so far, (generations, n): with the seed they fix the search.
    best_cost
        Lowest of them.
    best_position
        Where it was found, (k,).
    """

    cost: np.ndarray
    best_cost: float
    best_position: np.ndarray


class CovarianceAdaptation(AbstractMethod):
    """Minimise a cost over the unit cube with CMA-ES (Hansen 2016, arXiv:1604.00772).

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
        Name and one line for the parameter set that is found.

    Raises
    ------
    EmbodyError
        If the spread is not above 0 and at most 1, or the population is below 2.
    """

    name = "evolution"
    unit = "evaluations"

    def __init__(
        self,
        recipe: ObjectiveRecipe,
        start: np.ndarray,
        seed: int,
        spread: float = 0.1,
        population: int = 24,
        workers: int | str | None = 1,
        title: str = "fitted",
        description: str = "Fitted by CMA-ES",
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
        self._strategy: Any = None
        self._told: np.ndarray | None = None

    def identity(self) -> dict[str, Any]:
        """Return objective, free parameters, start and settings."""
        objective = self.recipe.make()
        return {
            "objective": objective.identity(),
            **objective.free.identity(),
            "start": self.start.tolist(),
            "seed": self.seed,
            "spread": self.spread,
            "population": self.population,
        }

    def init(self) -> EvolutionState:
        """Return a search that has evaluated nothing."""
        return EvolutionState(np.empty((0, self.population)), np.inf, self.start)

    @contextlib.contextmanager
    def opened(self) -> Iterator[None]:
        """Keep the workers while open."""
        with evaluating(self.recipe, self.workers) as self._evaluate:
            yield
        self._evaluate = None

    def step(self, state: EvolutionState) -> tuple[EvolutionState, Report]:
        """Evaluate one generation."""
        assert self._evaluate is not None, "step is called within opened()"
        if self._told is not state.cost:
            self._strategy = self._replayed(state.cost)
        positions = self._strategy.ask()
        cost = self._evaluate(np.array(positions))
        self._strategy.tell(positions, _ranked(cost))
        leader = int(np.argmin(cost))
        best_cost, best_position = state.best_cost, state.best_position
        if cost[leader] < best_cost:
            best_cost, best_position = float(cost[leader]), np.array(positions[leader])
        self._told = np.vstack([state.cost, cost])
        finite = cost[np.isfinite(cost)]
        median = float(np.median(finite)) if finite.size else np.inf
        figures = {"sigma": float(self._strategy.sigma)}
        report = Report(self._told.size, median, best_cost, figures)
        return EvolutionState(self._told, best_cost, best_position), report

    def terms(self, state: EvolutionState) -> dict[str, float]:
        """Return the terms of the cost of the best."""
        return self.recipe.make().terms(state.best_position)

    def save(self, state: EvolutionState, folder: Path, record: FitRecord) -> tuple[Path, ...]:
        """Write the best as a parameter set."""
        free = self.recipe.make().free
        path = folder / RESULT_NAME
        free.fitted(state.best_position, record, self.title, self.description).save(path)
        return (path,)

    def _replayed(self, costs: np.ndarray) -> Any:
        import cma

        options = {"seed": self.seed + 1, "popsize": self.population, "verbose": -9}
        strategy: Any = cma.CMAEvolutionStrategy(self.start, self.spread, options)
        for cost in costs:
            strategy.tell(strategy.ask(), _ranked(cost))
        return strategy


def _ranked(cost: np.ndarray) -> list[float]:
    """Return costs that are all finite: CMA-ES asks for their order only."""
    finite = cost[np.isfinite(cost)]
    worst = float(finite.max(initial=0.0)) + WORST_OVER_FINITE
    return [float(one) if np.isfinite(one) else worst for one in cost]
