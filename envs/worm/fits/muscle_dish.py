"""Muscles in the hands of a policy."""

import functools
from typing import Any

import numpy as np

from embody.bodies.worm.geometry import JOINTS, muscle_rows, muscle_sides
from embody.envs.worm.base import MUSCLE_ACTIVATION
from embody.envs.worm.fits.dish_task import DECISION_S, STARTS, AbstractDish
from embody.layout import Layout
from embody.policy_file import Actuation

BENDS = 8
AMPLITUDE = 0.4
"""Largest activation of a muscle: that with which the open-loop wave bends as worms do."""

Array = Any


class MuscleDish(AbstractDish):
    """The task of a policy that commands the muscles and has no nervous system behind it.

    Parameters
    ----------
    bends
        Number of actions; see `muscles_of_bends`.
    decision_s, odourless, starts
        See `AbstractDish`.
    """

    name = "muscles"

    def __init__(
        self,
        bends: int = BENDS,
        decision_s: float = DECISION_S,
        odourless: bool = False,
        starts: int = STARTS,
    ) -> None:
        layout = Layout((MUSCLE_ACTIVATION,))
        super().__init__(layout, muscles_of_bends(bends), decision_s, odourless, starts)

    def begin(self) -> tuple[()]:
        """Return nothing: commands go straight to the muscles."""
        return ()

    def drive(self, inner: tuple[()], angle: Array, command: Array) -> tuple[tuple[()], Array]:
        """Return the balance of the muscles as commanded."""
        return inner, self._balance @ command


@functools.cache
def muscles_of_bends(bends: int) -> Actuation:
    """Return how balances of dorsal and ventral muscles drive the 95 of them.

    The balances lie evenly spaced along the body, with straight lines between. One above 0 drives
    dorsal muscles, one below 0 ventral ones.
    """
    row = np.arange(JOINTS)
    knots = np.linspace(0, JOINTS - 1, bends)
    along = np.stack([np.interp(row, knots, one) for one in np.eye(bends)], axis=-1)
    matrix = AMPLITUDE * muscle_sides[:, None] * along[muscle_rows - 1]
    none = np.zeros(len(muscle_rows), np.float32)
    return Actuation(matrix.astype(np.float32), none, none, none + 1.0)
