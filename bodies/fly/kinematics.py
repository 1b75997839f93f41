"""Forward kinematics of the legs: where segments and claws are for given joint angles."""

import numpy as np

from embody.bodies.fly.geometry import LEG_DOFS, LEG_SEGMENTS, LEGS, SEGMENT_DOFS, leg_origins

_ORIGINS = np.stack([leg_origins(leg) for leg in LEGS])
_AXES = {"yaw": 0, "pitch": 1, "roll": 2}


def rotation_about(axis: str, angle: np.ndarray) -> np.ndarray:
    """Return rotations about "yaw" (x), "pitch" (y) or "roll" (z), shape (..., 3, 3).

    Parameters
    ----------
    axis
        Which of the three.
    angle
        By how much, right-handed, shape (...) [rad].
    """
    angle = np.asarray(angle, dtype=float)
    along = _AXES[axis]
    first, second = (along + 1) % 3, (along + 2) % 3
    turn = np.zeros((*angle.shape, 3, 3))
    turn[..., along, along] = 1.0
    turn[..., first, first] = turn[..., second, second] = np.cos(angle)
    turn[..., first, second] = -np.sin(angle)
    turn[..., second, first] = np.sin(angle)
    return turn


def leg_chain(leg_angle: np.ndarray, tarsus_angle: np.ndarray | None = None) -> np.ndarray:
    """Return the origins of all leg segments and the claws in the thorax frame.

    Parameters
    ----------
    leg_angle
        Angles of the 42 leg joints, shape (..., 42) [rad].
    tarsus_angle
        Angles of the 24 passive tarsus joints, shape (..., 24) [rad]; straight by default.

    Returns
    -------
    Coxa, femur, tibia, tarsus1 to tarsus5, claw of every leg, shape (..., 6, 9, 3) [mm].
    """
    before = np.shape(leg_angle)[:-1]
    angle = np.asarray(leg_angle, dtype=float).reshape(*before, len(LEGS), len(LEG_DOFS))
    passive = np.zeros((*before, len(LEGS), 4))
    if tarsus_angle is not None:
        passive += np.asarray(tarsus_angle, dtype=float).reshape(*before, len(LEGS), 4)
    turn = np.broadcast_to(np.eye(3), (*before, len(LEGS), 3, 3))
    place = np.zeros((*before, len(LEGS), 3))
    chain = []
    for number, segment in enumerate(LEG_SEGMENTS):
        place = place + _turned(turn, _ORIGINS[:, number])
        chain.append(place)
        for dof in SEGMENT_DOFS.get(segment, ()):
            axis = dof.partition("_")[2]
            turn = turn @ rotation_about(axis, angle[..., LEG_DOFS.index(dof)])
        if number > LEG_SEGMENTS.index("tarsus1"):
            turn = turn @ rotation_about("pitch", passive[..., number - 4])
    chain.append(place + _turned(turn, _ORIGINS[:, -1]))
    return np.stack(chain, axis=-2)


def claw_position(leg_angle: np.ndarray, tarsus_angle: np.ndarray | None = None) -> np.ndarray:
    """Return the claws in the thorax frame, shape (..., 6, 3) [mm]; arguments as `leg_chain`."""
    return leg_chain(leg_angle, tarsus_angle)[..., -1, :]


def _turned(turn: np.ndarray, vector: np.ndarray) -> np.ndarray:
    return np.einsum("...ij,...j->...i", turn, vector)
