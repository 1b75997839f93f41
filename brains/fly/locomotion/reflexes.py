"""Corrections of the step on rough ground: a leg in a hole, a leg that hits something in swing."""

from typing import Any, NamedTuple

import numpy as np

from embody.brains.fly.locomotion.joints import MIRROR

Array = Any

_LIFTING = np.array(
    [
        [0.0, -0.030, 0.0, -0.030, 0.0, 0.030, 0.030],
        [0.025, -0.015, 0.001, -0.020, 0.0, -0.020, 0.0],
        [0.0, 0.0, 0.0, -0.020, 0.0, 0.010, -0.020],
    ]
)
LIFTING = np.concatenate([_LIFTING, _LIFTING * MIRROR])
"""Joint angles that lift each leg by one unit of correction, shape (6, 7) [rad].

From the hybrid controller of NeuroMechFly v2 (Wang-Chen et al. 2024, Nature Methods 21:2353).
"""


class ReflexParameters(NamedTuple):
    """Strength of the reflexes; rates are those of NeuroMechFly v2.

    Attributes
    ----------
    is_on
        Whether the reflexes act.
    least_load
        Load from which a leg counts as touching [uN].
    patience_s
        Time a leg stands in stance without load before it counts as stuck in a hole [s].
    least_supports
        Number of legs that must bear load for a leg without to be stuck: a fly in the air has no
        holes under it.
    retraction_rate, retraction_decay
        Growth and decay of the retraction of a leg in a hole [1/s].
    stumbling_rate, stumbling_decay
        Growth and decay of the lifting of a leg that hits something in swing [1/s].
    largest
        Limit of either correction.
    least_others
        Number of other legs that must bear load for a leg to lift off without delay.
    waiting_pace
        Pace of a leg that waits to lift off, relative to its own.
    """

    is_on: bool = True
    least_load: float = 1.0
    patience_s: float = 0.015
    least_supports: int = 2
    retraction_rate: float = 800.0
    retraction_decay: float = 700.0
    stumbling_rate: float = 2200.0
    stumbling_decay: float = 1800.0
    largest: float = 80.0
    least_others: int = 3
    waiting_pace: float = 0.05


class ReflexState(NamedTuple):
    """State of the reflexes, each of shape (..., 6).

    Attributes
    ----------
    unloaded_s
        Time since the leg in stance last bore load [s].
    retraction, stumbling
        The corrections, in units of `LIFTING`.
    """

    unloaded_s: Array
    retraction: Array
    stumbling: Array


def init(shape: tuple[int, ...], xp: Any) -> ReflexState:
    """Return reflexes at rest for legs of this shape, (..., 6)."""
    return ReflexState(xp.zeros(shape), xp.zeros(shape), xp.zeros(shape))


def step(
    parameters: ReflexParameters,
    state: ReflexState,
    load: Array,
    turn: Array,
    swing_share: Array,
    dt: float,
    xp: Any,
    walks: Array = True,
) -> tuple[ReflexState, Array]:
    """Advance the reflexes and return what they add to the joint angles, (..., 6, 7) [rad].

    Retraction: a leg that should stand but has borne no load for a while, while others do, has no
    ground under it; it steps higher next time, and back onto the surface. Stumbling: a leg that
    bears load in the middle of its swing has hit something; it lifts. Retraction comes first where
    both apply.

    Parameters
    ----------
    load
        Contact force on each leg, shape (..., 6) [uN].
    turn
        Phase of each leg as a fraction of the step, 0 at lift-off, shape (..., 6).
    swing_share
        Share of the step spent in swing, shape (..., 6).
    dt
        Step [s].
    walks
        Whether the fly walks with the ground below it, shape (...) or (..., 1) of truth values: one
        that stands or hangs does not step out of holes.
    """
    swings = turn < swing_share
    touches = load > parameters.least_load
    stands = xp.where(touches, 1, 0).sum(axis=-1)[..., None] >= parameters.least_supports
    unloaded_s = xp.where(swings | touches | ~stands, 0.0, state.unloaded_s + dt)
    stuck = (unloaded_s > parameters.patience_s) & walks
    hits = (turn > 0.25 * swing_share) & (turn < 0.75 * swing_share) & touches
    decay = xp.where(swings, -parameters.retraction_decay, 0.0)
    retraction = state.retraction + dt * xp.where(stuck, parameters.retraction_rate, decay)
    retraction = xp.minimum(xp.maximum(retraction, 0.0), parameters.largest)
    stumbling = state.stumbling + dt * xp.where(
        hits, parameters.stumbling_rate, -parameters.stumbling_decay
    )
    stumbling = xp.where(
        retraction > 0, 0.0, xp.minimum(xp.maximum(stumbling, 0.0), parameters.largest)
    )
    size = xp.where(retraction > 0, retraction, stumbling) * share_of_step(turn, swing_share, xp)
    return ReflexState(unloaded_s, retraction, stumbling), size[..., None] * xp.asarray(
        LIFTING, dtype=size.dtype
    )


def pace(parameters: ReflexParameters, load: Array, lifts_off: Array, xp: Any) -> Array:
    """Return how fast legs that hang go through their step, relative to their rhythm, (..., 6).

    A leg at the end of its stance waits until three others, among them the one across the body,
    bear load, or for some 40 ms: load holds a leg in stance until others have taken it over (Zill,
    Schmitz & Bueschges 2004, Arthropod Struct. Dev. 33:273; rule 1 of Cruse 1990, Trends Neurosci.
    13:15). A fly in the air, whose legs bear none, does not wait. Nor does one with the ground
    below it, which cannot fall off: there, legs that wait can lock the rhythm out of its tripod.

    Parameters
    ----------
    load
        Contact force on each leg, shape (..., 6) [uN].
    lifts_off
        Whether each leg is about to lift off, shape (..., 6) of truth values.
    """
    touches = xp.where(load > parameters.least_load, 1, 0)
    bearing = touches.sum(axis=-1)[..., None]
    across = xp.concatenate([touches[..., 3:], touches[..., :3]], axis=-1)
    few = (bearing - touches < parameters.least_others) | (across == 0)
    return xp.where(few & (bearing > 0) & lifts_off, parameters.waiting_pace, 1.0)


def share_of_step(turn: Array, swing_share: Array, xp: Any) -> Array:
    """Return how much of a correction acts at each moment of the step, shape (..., 6).

    It rises to 0.8 in the middle of swing, is gone an eighth of a step after touch-down, and
    presses the leg down by a tenth in stance, as in NeuroMechFly v2.
    """
    end = swing_share + 0.125
    middle, standing = xp.maximum(0.5 * swing_share, 1e-9), 0.5 * (end + 1.0)
    rise = 0.8 * turn / middle
    fall = 0.8 * (end - turn) / (end - middle)
    press = -0.1 * (turn - end) / (standing - end)
    release = -0.1 * (1.0 - turn) / (1.0 - standing)
    early = xp.where(turn < middle, rise, fall)
    return xp.where(turn < end, early, xp.where(turn < standing, press, release))
