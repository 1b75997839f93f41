"""A large-population evolution strategy, for policies with thousands of weights."""

from typing import NamedTuple

import numpy as np

from embody.fitting.method import Report
from embody.fitting.objective import ObjectiveRecipe
from embody.fitting.search import AbstractSearch, better, typical


class StrategyState(NamedTuple):
    """Where the search is, over k parameters.

    Attributes
    ----------
    mean
        Middle of the next generation, (k,).
    deviation
        Standard deviation of each parameter in it, (k,).
    generation
        Generations so far; with the seed it fixes the next draw.
    best_cost
        Lowest cost so far.
    best_position
        Where it was found, (k,).
    """

    mean: np.ndarray
    deviation: np.ndarray
    generation: int
    best_cost: float
    best_position: np.ndarray


class SeparableEvolution(AbstractSearch):
    """Minimise a cost with separable natural evolution (Schaul, Glasmachers & Schmidhuber 2011).

    A normal distribution with a standard deviation for each parameter climbs the natural gradient
    of expected rank utility, with mirrored draws (Salimans et al. 2017, arXiv:1703.03864). Time and
    memory of a generation are linear in the number of parameters. Ranks, learning rates: Wierstra
    et al. 2014, J. Mach. Learn. Res. 15:949, tables 1 and 2. Parameters and errors are those of
    `AbstractSearch`; an odd population leaves out the last mirror image.
    """

    algorithm = "snes"

    def __init__(
        self,
        recipe: ObjectiveRecipe,
        start: np.ndarray,
        seed: int,
        spread: float = 0.1,
        population: int = 256,
        workers: int | str | None = 1,
        title: str = "fitted",
        description: str = "Fitted by separable natural evolution",
    ) -> None:
        super().__init__(recipe, start, seed, spread, population, workers, title, description)

    def init(self) -> StrategyState:
        """Return a search that has evaluated nothing."""
        deviation = np.full(self.start.size, self.spread)
        return StrategyState(self.start, deviation, 0, np.inf, self.start)

    def step(self, state: StrategyState) -> tuple[StrategyState, Report]:
        """Evaluate one generation and move the distribution."""
        draws = mirrored_draws(self.seed, state.generation, self.population, state.mean.size)
        positions = state.mean + state.deviation * draws
        cost = self.evaluate(positions)
        utility = rank_utility(cost)
        rate = deviation_rate(state.mean.size)
        after = StrategyState(
            state.mean + state.deviation * (utility @ draws),
            state.deviation * np.exp(0.5 * rate * (utility @ (draws**2 - 1.0))),
            state.generation + 1,
            *better(cost, positions, state.best_cost, state.best_position),
        )
        spent = after.generation * self.population
        figures = {"sigma": float(np.exp(np.log(after.deviation).mean()))}
        return after, Report(spent, typical(cost), after.best_cost, figures)


def mirrored_draws(seed: int, generation: int, population: int, size: int) -> np.ndarray:
    """Return standard normal draws and their mirror images, (population, size)."""
    half = np.random.default_rng((seed, generation)).standard_normal(((population + 1) // 2, size))
    return np.concatenate([half, -half])[:population]


def rank_utility(cost: np.ndarray) -> np.ndarray:
    """Return the utility of every rank, (n,): they add up to 0, the lower half gets the same.

    Equal costs share the utility of their ranks, so that a level landscape moves nothing.
    """
    size = cost.size
    rank = np.arange(1, size + 1)
    raw = np.maximum(0.0, np.log(size / 2.0 + 1.0) - np.log(rank))
    by_rank = raw / raw.sum() - 1.0 / size
    _, group, counts = np.unique(cost, return_inverse=True, return_counts=True)
    order = np.argsort(group, kind="stable")
    shared = np.bincount(group[order], by_rank) / counts
    return shared[group]


def deviation_rate(size: int) -> float:
    """Return the learning rate of the standard deviations of so many parameters."""
    return float((3.0 + np.log(size)) / (5.0 * np.sqrt(size)))
