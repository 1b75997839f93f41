"""Motion seen by an array of correlators between neighbouring ommatidia."""

import math
from functools import cache
from typing import NamedTuple

import numpy as np

from embody.bodies.fly.eyes import lattice
from embody.errors import EmbodyError


class CorrelatorState(NamedTuple):
    """State of the correlators of both eyes, each of shape (2, 721).

    Attributes
    ----------
    mean
        Slow mean of the brightness, which is taken off.
    delayed
        Low-passed deviation from it: the delayed arm.
    begun
        0 before the first image, 1 after it.
    """

    mean: np.ndarray
    delayed: np.ndarray
    begun: float


class Correlators:
    """Hassenstein-Reichardt correlators along the horizontal, summed over either eye.

    Each multiplies the delayed signal of an ommatidium by the present one of its neighbour in
    front, up or down, and takes off the mirror-symmetric product. The sum is divided by the
    mean square of the signals, so that contrast matters little where there is enough of it. For
    a grating of temporal frequency f the response goes as w / (1 + w^2) with w = 2 pi f delay_s:
    it is largest where f = 1 / (2 pi delay_s), whatever the spatial period.

    Parameters
    ----------
    delay_s
        Time constant of the delaying filter [s]; 35 ms puts the largest response at 4.5 Hz.
    adaptation_s
        Time constant of the mean that is taken off [s].
    weakest
        Root mean square of the signal at which the response is half of that to strong contrast.

    Raises
    ------
    EmbodyError
        If a number is not positive.

    References
    ----------
    Hassenstein & Reichardt (1956), Z. Naturforsch. B 11, 513. Borst, Haag & Reiff (2010), Annu.
    Rev. Neurosci. 33, 49: the correlator in flies, its optimum and its filters.
    """

    def __init__(
        self, delay_s: float = 0.035, adaptation_s: float = 0.5, weakest: float = 0.03
    ) -> None:
        for name, value in (
            ("delay_s", delay_s),
            ("adaptation_s", adaptation_s),
            ("weakest", weakest),
        ):
            if not value > 0:
                raise EmbodyError(f"{name} is {value}, it has to be positive")
        self.delay_s, self.adaptation_s, self.weakest = delay_s, adaptation_s, weakest

    def init(self) -> CorrelatorState:
        """Return the state before the first image."""
        nothing = np.zeros((len(lattice.SIDES), lattice.OMMATIDIA))
        return CorrelatorState(nothing, nothing, 0.0)

    def step(
        self, state: CorrelatorState, seen: np.ndarray, dt: float
    ) -> tuple[CorrelatorState, np.ndarray]:
        """Return the next state and the motion to the front seen by either eye, shape (2,).

        Parameters
        ----------
        seen
            Brightness, left eye first, shape (2, 721).
        dt
            Time since the last image [s].
        """
        kept = math.exp(-dt / self.adaptation_s) if state.begun else 0.0
        mean = kept * state.mean + (1.0 - kept) * seen
        signal = seen - mean
        kept = math.exp(-dt / self.delay_s)
        delayed = kept * state.delayed + (1.0 - kept) * signal
        behind, ahead = _pairs()
        motion = delayed[:, behind] * signal[:, ahead] - signal[:, behind] * delayed[:, ahead]
        power = (signal * signal).mean(axis=1) + self.weakest**2
        return CorrelatorState(mean, delayed, 1.0), motion.mean(axis=1) / power


@cache
def _pairs() -> tuple[np.ndarray, np.ndarray]:
    """Return every ommatidium that has both neighbours in front, twice, and those neighbours."""
    around = lattice.neighbours()
    up, down = around[:, 0], around[:, 5]
    inner = np.flatnonzero((up >= 0) & (down >= 0))
    return np.concatenate([inner, inner]), np.concatenate([up[inner], down[inner]])
