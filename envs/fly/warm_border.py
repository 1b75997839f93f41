"""A border that keeps flies in an arena: the floor gets hot there, and they turn back."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from embody.errors import EmbodyError
from embody.layout import Channel

HEAT = Channel(
    "heat",
    ("left_antenna", "right_antenna"),
    "1",
    0.0,
    1.0,
    "how hot it is at each antenna: 0 in the middle of the arena, 1 at its edge",
)

SHARPEST = 1.2
"""Inner share of the turn at the border: the legs of the inner side walk backwards."""


class WarmBorder:
    """The rim of a round arena, where the temperature rises linearly up to the edge.

    Flies feel heat with neurons at the base of the arista, on either side (Gallio et al. 2011,
    Cell 144, 614).

    Parameters
    ----------
    radius_mm
        Radius of the arena [mm].
    width_mm
        Width of the rim [mm].

    Raises
    ------
    EmbodyError
        If the rim is not narrower than the arena.

    Examples
    --------
    >>> WarmBorder(30.0, 5.0).heat(np.array([[27.5, 0.0], [0.0, 0.0]]))
    array([0.5, 0. ])
    """

    def __init__(self, radius_mm: float, width_mm: float = 5.0) -> None:
        if not 0 < width_mm < radius_mm:
            raise EmbodyError(
                f"width_mm is {width_mm}, it has to lie between 0 and the radius of the arena "
                f"({radius_mm:g})"
            )
        self.radius_mm, self.width_mm = radius_mm, width_mm

    def heat(self, places: np.ndarray) -> np.ndarray:
        """Return how hot it is, shape (places,), 0 to 1.

        Parameters
        ----------
        places
            Where, shape (places, 2) or (places, 3) [mm].
        """
        inside = np.hypot(places[:, 0], places[:, 1]) - (self.radius_mm - self.width_mm)
        return np.clip(inside / self.width_mm, 0.0, 1.0)

    def outside(self, x: float, y: float) -> bool:
        """Whether a place is beyond the edge."""
        return math.hypot(x, y) > self.radius_mm


class Wander(NamedTuple):
    """Where a walk without a goal stands.

    Attributes
    ----------
    seed
        Of the episode.
    runs
        Number of runs begun.
    run_s
        Time until the present run ends [s].
    turn_s
        Time until the present turn ends [s].
    side
        Side of the present or next turn: 1 left, -1 right.
    flees
        Whether the fly is turning back from the border.
    """

    seed: int
    runs: int
    run_s: float
    turn_s: float
    side: float
    flees: bool


RUN_S = 1.0
"""Mean duration of a run [s]; durations are exponentially distributed."""

TURN_S = (0.05, 0.4)
"""Shortest and longest turn between two runs [s]; at some 5 rad/s, 15 to 115 degrees."""

_WARM = 0.15
_COMFORTABLE = 0.05


def start_wandering(seed: int) -> Wander:
    """Return the state of a fly that begins to walk about."""
    return _next_run(Wander(seed, 0, 0.0, 0.0, 1.0, False))


def wander(
    state: Wander, senses: Mapping[str, np.ndarray], dt: float
) -> tuple[Wander, float | None]:
    """Return the next state and the turn, -1 to 1; None where the fly may walk as it likes.

    Straight runs of random duration end in turns of random size to a random side; from the hot
    border the fly turns back, away from the hotter antenna, until it has cooled down. That is how
    flies explore that have nothing to go by: searching at random.

    Parameters
    ----------
    senses
        "heat", (left, right).
    dt
        Time step [s].
    """
    left, right = senses["heat"].tolist()
    hottest = max(left, right)
    if hottest > _WARM or (state.flees and hottest > _COMFORTABLE):
        if not state.flees:
            side = state.side if left == right else math.copysign(1.0, right - left)
            state = state._replace(side=side, flees=True)
        return state, state.side
    if state.flees:
        return _next_run(state._replace(flees=False)), None
    if state.run_s > 0.0:
        return state._replace(run_s=state.run_s - dt), None
    if state.turn_s > 0.0:
        return state._replace(turn_s=state.turn_s - dt), state.side
    return _next_run(state), None


def _next_run(state: Wander) -> Wander:
    """Return the state at the start of the next run; the seed draws how long, and what follows."""
    runs = state.runs + 1
    key = np.random.Philox(key=state.seed, counter=runs << 64)
    rng = np.random.Generator(key)
    run, turn = float(rng.exponential(RUN_S)), float(rng.uniform(*TURN_S))
    return Wander(state.seed, runs, run, turn, 1.0 if rng.random() < 0.5 else -1.0, False)
