"""The joints that locomotion commands, their order, and the pose in which they rest."""

from typing import Any

import numpy as np

Array = Any

LEGS = ("LF", "LM", "LH", "RF", "RM", "RH")
"""Legs: left then right, front, middle, hind."""

LEG_DOFS = (
    "ThC_yaw",
    "ThC_pitch",
    "ThC_roll",
    "CTr_pitch",
    "CTr_roll",
    "FTi_pitch",
    "TiTa_pitch",
)
"""Degrees of freedom of one leg, from the thorax outwards."""

LEG_JOINTS = tuple(f"{leg}_{dof}" for leg in LEGS for dof in LEG_DOFS)
"""The 42 joints of the legs."""

HEAD_JOINTS = (
    "neck_yaw",
    "neck_pitch",
    "neck_roll",
    "antenna_left",
    "antenna_right",
    "proboscis_rostrum",
    "proboscis_haustellum",
)
"""The joints commanded beside the legs, in the order of the action."""

NEUTRAL_HEAD = np.zeros(len(HEAD_JOINTS))
"""Head straight, antennae at rest, proboscis folded, shape (7,) [rad]."""

MIRROR = np.array([-1.0, 1.0, -1.0, 1.0, -1.0, 1.0, 1.0])
"""Sign of each degree of freedom on the other side: yaw and roll change theirs, shape (7,).

The angles of NeuroMechFly turn about the same axes of the thorax on both sides (Lobato-Rios et
al. 2022, Nature Methods 19:620).
"""


def with_head(leg_target: Array, head_target: Array, xp: Any) -> Array:
    """Return targets of all 49 joints from those of legs (..., 42) and of the head (7,) [rad]."""
    leg_target = xp.asarray(leg_target)
    shape = (*leg_target.shape[:-1], len(HEAD_JOINTS))
    return xp.concatenate([leg_target, xp.broadcast_to(head_target, shape)], axis=-1)
