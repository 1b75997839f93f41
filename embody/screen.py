"""Luminous surfaces that rays meet by a formula of their own, such as the panels of an arena."""

from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    import mujoco


class Screen(Protocol):
    """A thing in a MuJoCo world that rays meet by a formula of its own.

    Attributes
    ----------
    geom
        The geom that cameras see in its place.
    """

    geom: int

    def distance(self, data: "mujoco.MjData", place: np.ndarray, ray: np.ndarray) -> np.ndarray:
        """Return how far along each ray (N, 3) from `place` the screen is, inf for never, (N,)."""
        ...

    def colour(self, data: "mujoco.MjData", point: np.ndarray) -> np.ndarray:
        """Return red, green and blue 0..1 at points (N, 3) of the screen, shape (N, 3)."""
        ...
