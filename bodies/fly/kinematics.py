"""Forward kinematics of the legs: where segments and claws are for given joint angles."""

import numpy as np

from embody.bodies.fly.geometry import LEG_DOFS, LEG_SEGMENTS, LEGS, SEGMENT_DOFS, leg_origins
from embody.errors import EmbodyError

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


def claw_jacobian(leg_angle: np.ndarray) -> np.ndarray:
    """Return how the claws move with the joints of their leg, shape (6, 3, 7) [mm/rad].

    Parameters
    ----------
    leg_angle
        Angles of the 42 leg joints, shape (42,) [rad].
    """
    angle = np.asarray(leg_angle, dtype=float)
    nudge = 1e-6 * np.tile(np.eye(len(LEG_DOFS)), len(LEGS))
    moved = claw_position(angle + nudge) - claw_position(angle - nudge)
    return moved.transpose(1, 2, 0) / 2e-6


def reach(leg_angle: np.ndarray, claw_mm: np.ndarray, *, softness_mm: float = 0.01) -> np.ndarray:
    """Return the posture close to a given one whose claws are where they are wanted.

    Damped least squares (Wampler 1986, IEEE Trans. Syst. Man Cybern. 16:93), ten steps.

    Parameters
    ----------
    leg_angle
        Posture to start from, shape (42,) [rad].
    claw_mm
        Where the claws shall be in the thorax frame, shape (6, 3) [mm].
    softness_mm
        Damping: directions in which a joint moves the claw by less per radian are left alone.

    Raises
    ------
    EmbodyError
        If a claw cannot come within 0.05 mm of its place.
    """
    angle = np.array(leg_angle, dtype=float)
    for _ in range(10):
        error = claw_mm - claw_position(angle)
        jacobian = claw_jacobian(angle)
        square = jacobian @ jacobian.transpose(0, 2, 1) + softness_mm**2 * np.eye(3)
        step = jacobian.transpose(0, 2, 1) @ np.linalg.solve(square, error[..., None])
        angle += step.ravel()
    miss = np.abs(claw_mm - claw_position(angle)).max(axis=1)
    if not miss.max() < 0.05:
        raise EmbodyError(
            f"leg {LEGS[int(np.argmax(miss))]} cannot reach that place; it lies too far or too near"
        )
    return angle


def _turned(turn: np.ndarray, vector: np.ndarray) -> np.ndarray:
    return np.einsum("...ij,...j->...i", turn, vector)
