"""Walking about without a goal: the search of a fly that has nothing to go by."""

import math
from typing import NamedTuple

import numpy as np

PIVOT_DRIVE = 0.7


def on_the_spot(turn: float) -> np.ndarray:
    """Return the drive (left, right) that turns without going anywhere, shape (2,).

    The legs of the inner side walk backwards as fast as the others walk forwards.

    Parameters
    ----------
    turn
        -1, as fast as it goes to the right, to 1; clipped to that.
    """
    turn = min(max(turn, -1.0), 1.0)
    return np.array([-PIVOT_DRIVE * turn, PIVOT_DRIVE * turn])


def turn_and_go(bearing_rad: float, drive: float) -> np.ndarray:
    """Return the drive (left, right) that turns towards a bearing and then walks there, (2,).

    Parameters
    ----------
    bearing_rad
        Where to, against the heading, left positive [rad].
    drive
        Drive of both sides once the fly looks there.
    """
    turn = on_the_spot(2.0 * bearing_rad)
    return turn + drive * max(0.0, math.cos(bearing_rad))


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

TURN_S = (0.1, 0.4)
"""Shortest and longest turn between two runs [s]."""

_WARM = 0.15
_COMFORTABLE = 0.05


def start_wandering(seed: int) -> Wander:
    """Return the state of a fly that begins to walk about."""
    return _next_run(Wander(seed, 0, 0.0, 0.0, 1.0, False))


def wander(state: Wander, dt: float, heat: np.ndarray | None = None) -> tuple[Wander, float | None]:
    """Return the next state and the turn, -1 to 1; None where the fly may walk as it likes.

    Straight runs of random duration end in turns of random size to a random side; from the hot
    border the fly turns back, away from the hotter antenna, until it has cooled down. That is how
    flies explore that have nothing to go by: searching at random.

    Parameters
    ----------
    dt
        Time step [s].
    heat
        What the antennae feel, (left, right); None where there is no border.
    """
    left, right = (0.0, 0.0) if heat is None else heat.tolist()
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
