"""Reaching for the ground on walls and ceilings, where the body sags away from what it walks on."""

from typing import Any, NamedTuple

import numpy as np

from embody.brains.fly.locomotion.joints import MIRROR

Array = Any

_REACHING = np.array(
    [
        [-0.175, 0.051, -0.184, 0.431, -0.124, -0.392, -0.021],
        [-0.325, -0.050, 0.085, 0.348, 0.015, -0.412, -0.013],
        [-0.230, -0.360, 0.176, 0.578, -0.074, -0.438, -0.162],
    ]
)
REACHING = np.concatenate([_REACHING, _REACHING * MIRROR])
"""Joint angles that move each claw away from the body by `REACH_MM`, shape (6, 7) [rad]: the least
that do and leave it where it is along and across the body, from the kinematics of the procedural
body at rest."""

REACH_MM = np.tile([0.4, 0.6, 1.0], 2)
"""How far each leg reaches on a ceiling, shape (6,) [mm]. As the stretch of the legs under the same
pull, whose servos are equally stiff, it is least in front and most behind."""


class ReachParameters(NamedTuple):
    """When a leg reaches for the ground.

    Attributes
    ----------
    strength
        Reach on a ceiling, relative to `REACH_MM`; 0 switches it off.
    begins
        Fraction of the swing at which a leg begins to reach; it reaches its farthest at the end.
    ends
        Fraction of the stance at which it begins to let go.
    search_rate
        Growth of the reach of a leg in stance that has found no ground, relative to `REACH_MM`
        [1/s].
    search_largest
        Limit of that growth.
    search_decay
        Its decay in swing [1/s].
    least_load
        Load from which a leg has found the ground [uN].
    """

    strength: float = 1.0
    begins: float = 0.7
    ends: float = 0.9
    search_rate: float = 9.0
    search_largest: float = 0.45
    search_decay: float = 50.0
    least_load: float = 1.0


def step(
    parameters: ReachParameters,
    searched: Array,
    gravity: Array,
    load: Array,
    turn: Array,
    swing_share: Array,
    amplitude: Array,
    dt: float,
    xp: Any,
) -> tuple[Array, Array]:
    """Return how far legs have searched, (..., 6), and what is added to angles, (..., 6, 7) [rad].

    A body that hangs sags away from the surface, and a foot that swings as on the floor ends its
    swing in the air, where it cannot stick. So legs go on reaching in late swing, and pull in
    stance, by as much as gravity draws the body off the surface: not at all upright, half the way
    on a wall, all the way on a ceiling. Insects, too, shift the drive of their leg muscles with the
    direction of gravity: locusts that climb or hang (Duch & Pflueger 1995, J. Exp. Biol. 198:1963);
    flies their steps (Mendes et al. 2014, PLoS ONE 9:e109204).

    A leg that finds no ground nevertheless searches further down, slowly, while it stands.

    Parameters
    ----------
    searched
        How far each leg has searched so far, relative to `REACH_MM`, shape (..., 6).
    gravity
        Direction of gravity in the thorax frame, shape (..., 3).
    load
        Contact force on each leg, shape (..., 6) [uN].
    turn
        Phase of each leg as a fraction of the step, 0 at lift-off, shape (..., 6).
    swing_share
        Share of the step spent in swing, shape (..., 6).
    amplitude
        Amplitude of the rhythm, 0 standing, shape (..., 6).
    dt
        Step [s].
    """
    gravity = xp.asarray(gravity, dtype=turn.dtype)
    hangs = (
        parameters.strength
        * xp.minimum(xp.maximum(0.5 + 0.5 * gravity[..., 2], 0.0), 1.0)[..., None]
    )
    swung = turn / xp.maximum(swing_share, 1e-9)
    stood = (turn - swing_share) / (1.0 - swing_share)
    lands = xp.minimum(
        xp.maximum((swung - parameters.begins) / (1.0 - parameters.begins), 0.0), 1.0
    )
    leaves = xp.minimum(xp.maximum((1.0 - stood) / (1.0 - parameters.ends), 0.0), 1.0)
    swings = turn < swing_share
    active = xp.where(swings, lands, leaves)
    touches = load > parameters.least_load
    stands = xp.where(touches, 1, 0).sum(axis=-1)[..., None] > 0
    growth = xp.where(stands & ~touches, parameters.search_rate, 0.0)
    growth = xp.where(swings, -parameters.search_decay, growth)
    searched = xp.minimum(xp.maximum(searched + dt * growth, 0.0), parameters.search_largest)
    size = hangs * (1.0 - xp.minimum(xp.maximum(amplitude, 0.0), 1.0) * (1.0 - active)) + searched
    return searched, size[..., None] * xp.asarray(REACHING, dtype=size.dtype)
