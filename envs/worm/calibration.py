"""The calibration as an objective: class-level parameters of the worm on the reduced body."""

from typing import Any

import numpy as np

from embody.brains.worm.parameters import load_parameters
from embody.envs.worm.calibration_cost import CalibrationCost
from embody.envs.worm.trials import Trials
from embody.envs.worm.wired import wiring_of
from embody.fitting import AbstractObjective, FreeParameters

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

    environments = ("Worm-Crawl-v0", "Worm-Chemotaxis-v0")

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
