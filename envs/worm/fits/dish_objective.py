"""How badly a nervous system finds an odour: the mean way left to the peak, on the reduced body."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from embody.brains.worm.parameters import load_parameters
from embody.envs.worm.compiled_dish import CompiledDish, draw_starts
from embody.envs.worm.fits.dish_task import FIRST_START, STEP_S
from embody.envs.worm.wired import wired
from embody.fitting import AbstractObjective, FreeParameters

WEAK, MIDDLE, PRIOR = STARTS = ("weak", "middle", "prior")
"""Where a fit begins: the middle of all bounds, which favours no wiring; the same with gains of
synapses and sensors at a quarter, from which the worm finds no odour; or the prior."""

WEAK_GAIN = 0.25
GAINS = ("log10_gain_", "sensor_gain")

STEERING = (
    "log10_gain_sensory_to_aiy",
    "log10_gain_sensory_to_aib",
    "log10_gain_sensory_to_aiz",
    "log10_gain_aiy_to_aiz",
    "log10_gain_aiz_to_smb",
    "log10_gain_aib_to_rim",
    "muscle_gain_smb",
    "offset_smb",
    "proprioception_smb",
    "sensor_quick_time",
    "sensor_adaptation_time",
    "log10_sensor_scale",
    "sensor_gain",
)
"""Parameters on the way from the odour to the neck."""


class DishObjective(AbstractObjective):
    """One less the chemotaxis index of `Worm-Chemotaxis-v0`, mean over a few starts.

    Parameters
    ----------
    prior
        Name or path of the parameter set whose values the others keep.
    free
        Which parameters may move: patterns with commas between.
    rewiring
        Seed of the null; None for the measured wiring.
    seconds
        Length of an episode [s].
    starts
        Number of starts, the same for all candidates.
    """

    together = 9  # so that two workers share the mean and 16 draws

    def __init__(
        self, prior: str, free: str, rewiring: int | None, seconds: float, starts: int
    ) -> None:
        self.free = FreeParameters.choose(load_parameters(prior), free.split(","))
        self._rewiring = rewiring
        self._seconds = seconds
        self._dish = CompiledDish(wired(rewiring), dt=STEP_S)
        self._starts = draw_starts(range(FIRST_START, FIRST_START + starts))

    def identity(self) -> dict[str, Any]:
        """Name the cost, its size and the wiring."""
        return {
            "cost": "dish",
            "seconds": self._seconds,
            "starts": len(self._starts.distance),
            "rewiring": self._rewiring,
        }

    def costs(self, positions: np.ndarray) -> np.ndarray:
        """Return costs, (n, k) to (n,)."""
        values = [self.free.values(position) for position in positions]
        return 1.0 - self.indices(values).mean(axis=1)

    def indices(self, values: Sequence[dict[str, float]]) -> np.ndarray:
        """Return the chemotaxis index of every parameter set at every start, (n, starts)."""
        every = round(self._seconds / STEP_S)
        return self._dish.run_all(values, self._starts, self._seconds, every).chemotaxis_index


def begin_at(start: str, free: FreeParameters) -> np.ndarray:
    """Return the position of a start by its name, (k,)."""
    if start == PRIOR:
        return free.start
    middle = np.full(len(free.names), 0.5)
    gains = np.array([name.startswith(GAINS) for name in free.names])
    return np.where(gains, WEAK_GAIN, middle) if start == WEAK else middle
