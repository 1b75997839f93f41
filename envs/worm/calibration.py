"""Evolution of the worm's class-level parameters on the reduced body."""

from typing import Any

import numpy as np

from embody.brains.worm.parameters import load_parameters
from embody.envs.worm.calibration_cost import CalibrationCost
from embody.envs.worm.trials import Trials
from embody.envs.worm.wired import REWIRING, named, wiring_of
from embody.fitting import AbstractObjective, FreeParameters, ObjectiveRecipe, Option, Way
from embody.fitting.evolution import CovarianceAdaptation

START_SPREAD = 0.04
SEARCH_SPREAD = 0.06
START_MARGIN = 0.05


class Calibration(AbstractObjective):
    """The cost of a worm that has to crawl both ways, bear lesions and climb a gradient.

    Parameters
    ----------
    prior
        Name or path of the parameter set to start from.
    free
        Which of its parameters may move: patterns with commas between.
    rewiring
        Seed of the null; None for the measured wiring.
    """

    def __init__(self, prior: str, free: str, rewiring: int | None) -> None:
        self.free = FreeParameters.choose(load_parameters(prior), free.split(","))
        self._rewiring = rewiring
        self._cost = CalibrationCost(Trials(wiring_of(rewiring)), self.free)

    def identity(self) -> dict[str, Any]:
        """Name the cost and the wiring."""
        return {"cost": "calibration", "rewiring": self._rewiring}

    def costs(self, positions: np.ndarray) -> np.ndarray:
        """Return costs, (n, k) to (n,)."""
        return np.array([sum(self._cost.terms(position).values()) for position in positions])

    def terms(self, position: np.ndarray) -> dict[str, float]:
        """Return the terms of one, (k,)."""
        return self._cost.terms(position)


def make(
    env_id: str,
    seed: int,
    workers: int | str | None,
    prior: str,
    free: str,
    rewiring: int | None,
    spread: float,
    population: int,
) -> CovarianceAdaptation:
    """Return the fit; its start is the prior, moved by a normal draw from the seed.

    The measured wiring and every rewiring get the same prior, cost and budget.
    """
    options = {"prior": prior, "free": free, "rewiring": rewiring}
    recipe = ObjectiveRecipe("embody.envs.worm.calibration:Calibration", options)
    centre = recipe.make().free.start
    draw = np.random.default_rng(seed).standard_normal(centre.size)
    start = np.clip(centre + START_SPREAD * draw, START_MARGIN, 1.0 - START_MARGIN)
    name, what = named(rewiring)
    return CovarianceAdaptation(
        recipe,
        start,
        seed,
        spread,
        population,
        workers,
        name,
        f"Class-level parameters of the worm, fitted to {what}",
    )


WAY = Way(
    make,
    (
        Option("prior", "prior", "parameter set to start from, by name or path"),
        Option("free", "*", "parameters that may move: patterns with commas between"),
        REWIRING,
        Option("spread", SEARCH_SPREAD, "first step of the search in widths of the bounds"),
        Option("population", 24, "candidates per generation"),
    ),
    budget=1000,
    description="Fit the worm's class-level parameters on the reduced body with CMA-ES: crawling "
    "both ways, lesions, steering.",
    examples="  embody fit Worm-Crawl-v0 --seed 0 --out runs/fit-0\n"
    "  embody fit Worm-Crawl-v0 --rewiring 3 --out runs/rewired-3   the null, equal budget\n",
)
