"""Extension of the proboscis to the floor: the rostrum swings out, the haustellum unfolds.

On the long legs of a standing fly the extended proboscis ends above the floor; to drink from it
the fly crouches and bows its head.
"""

from typing import Any, NamedTuple

import numpy as np

from embody.brains.fly.locomotion.joints import HEAD_JOINTS, MIRROR

Array = Any

_LEFT_CROUCH = np.radians(
    [
        [5.3, -2.1, 5.4, -12.5, 3.6, 10.3, 0.2],
        [6.1, 1.0, -1.6, -6.5, -0.2, 6.9, 0.0],
        [2.6, 4.0, -2.0, -6.4, 0.9, 4.3, 1.5],
    ]
)
CROUCH = np.concatenate([_LEFT_CROUCH, _LEFT_CROUCH * MIRROR]).ravel()
"""By how much the leg joints differ from standing in a crouch, shape (42,) [rad]: the thorax is
0.2 mm lower, the claws stay where they are; from the kinematics of the procedural body. With the
head bowed the labellum of the extended proboscis then lies on the floor, between the claws of the
front legs."""


class ProboscisParameters(NamedTuple):
    """The reach and the speed of the proboscis.

    Attributes
    ----------
    rostrum_rad, haustellum_rad
        Angles of full extension [rad].
    rise_s
        Time constant of each of the two joints [s]; full extension takes some 150 ms.
    neck_rad
        How far the head is bowed to reach the floor [rad].
    """

    rostrum_rad: float = 1.7
    haustellum_rad: float = 2.3
    rise_s: float = 0.04
    neck_rad: float = 0.2


class ProboscisState(NamedTuple):
    """How far each joint is extended, each of shape (...), 0 to 1."""

    rostrum: Array
    haustellum: Array


def init(shape: tuple[int, ...] = (), xp: Any = np) -> ProboscisState:
    """Return a folded proboscis, for a batch of this shape."""
    return ProboscisState(xp.zeros(shape), xp.zeros(shape))


def step(
    parameters: ProboscisParameters, state: ProboscisState, drive: Array, dt: float, xp: Any = np
) -> tuple[ProboscisState, Array]:
    """Advance and return the targets of rostrum and haustellum, shape (..., 2) [rad].

    The rostrum follows the drive and the haustellum follows the rostrum, each with first-order lag,
    so that the parts unfold, and fold, one after the other.

    Parameters
    ----------
    drive
        0 folded, 1 extended, shape (...); what lies outside is clipped.
    dt
        Step [s].
    """
    drive = xp.minimum(xp.maximum(xp.asarray(drive, dtype=float), 0.0), 1.0)
    keep = float(np.exp(-dt / parameters.rise_s))
    rostrum = drive + (state.rostrum - drive) * keep
    haustellum = rostrum + (state.haustellum - rostrum) * keep
    target = xp.stack(
        [parameters.rostrum_rad * rostrum, parameters.haustellum_rad * haustellum], axis=-1
    )
    return ProboscisState(rostrum, haustellum), target


def bow(
    parameters: ProboscisParameters, state: ProboscisState, xp: Any = np
) -> tuple[Array, Array]:
    """Return the posture in which the proboscis reaches the floor.

    Body and head go down as the rostrum comes out.

    Returns
    -------
    What is added to the targets of the standing legs, shape (..., 42), and the targets of neck,
    antennae and proboscis, shape (..., 7) [rad].
    """
    level = xp.asarray(state.rostrum)
    angles = {
        "neck_pitch": parameters.neck_rad * level,
        "proboscis_rostrum": parameters.rostrum_rad * level,
        "proboscis_haustellum": parameters.haustellum_rad * xp.asarray(state.haustellum),
    }
    head = xp.stack([angles.get(name, 0.0 * level) for name in HEAD_JOINTS], axis=-1)
    return level[..., None] * CROUCH, head
