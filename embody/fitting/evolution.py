"""CMA-ES over the free parameters of any objective."""

from typing import Any, NamedTuple

import numpy as np

from embody.fitting.method import Report
from embody.fitting.objective import ObjectiveRecipe
from embody.fitting.search import AbstractSearch, better, typical

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


class CovarianceAdaptation(AbstractSearch):
    """Minimise a cost over the unit cube with CMA-ES (Hansen 2016, arXiv:1604.00772).

    For up to some hundred parameters; parameters and errors are those of `AbstractSearch`.
    """

    algorithm = "cma"

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
        super().__init__(recipe, start, seed, spread, population, workers, title, description)
        self._strategy: Any = None
        self._told: np.ndarray | None = None

    def init(self) -> EvolutionState:
        """Return a search that has evaluated nothing."""
        return EvolutionState(np.empty((0, self.population)), np.inf, self.start)

    def step(self, state: EvolutionState) -> tuple[EvolutionState, Report]:
        """Evaluate one generation."""
        if self._told is not state.cost:
            self._strategy = self._replayed(state.cost)
        positions = self._strategy.ask()
        cost = self.evaluate(np.array(positions))
        self._strategy.tell(positions, _ranked(cost))
        best = better(cost, np.array(positions), state.best_cost, state.best_position)
        self._told = np.vstack([state.cost, cost])
        figures = {"sigma": float(self._strategy.sigma)}
        report = Report(self._told.size, typical(cost), best[0], figures)
        return EvolutionState(self._told, *best), report

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
