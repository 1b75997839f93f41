"""Which way is up: fast turns felt by the halteres, slow ones seen."""

import math

import numpy as np

STROKE_PLANE_RAD = 0.83
"""Angle of the stroke plane to the body's horizontal plane [rad]."""

_COSINE, _SINE = math.cos(STROKE_PLANE_RAD), math.sin(STROKE_PLANE_RAD)


def to_stroke_plane(vector: np.ndarray) -> np.ndarray:
    """Return a vector of the thorax frame, (3,), in that of the stroke plane (z along its normal).

    Examples
    --------
    >>> to_stroke_plane(np.array([0.0, 1.0, 0.0])).tolist()
    [0.0, 1.0, 0.0]
    """
    x, y, z = vector
    return np.array([_COSINE * x - _SINE * z, y, _SINE * x + _COSINE * z])


def cross(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the cross product of two vectors, shape (3,): NumPy's takes ten times as long."""
    a, b, c = one
    x, y, z = other
    return np.array([b * z - c * y, c * x - a * z, a * y - b * x])


def follow_up(
    up: np.ndarray, rotation: np.ndarray, seen_up: np.ndarray, dt: float, vision_s: float
) -> np.ndarray:
    """Return where up is a time `dt` later, in a frame that turns with the fly.

    Halteres carry the estimate along with fast turns, vision draws it back slowly: the division of
    labour that Sherman & Dickinson (2003, J. Exp. Biol. 206:295) measured in the fruit fly.

    Parameters
    ----------
    up
        The estimate, unit vector, shape (3,).
    rotation
        Angular velocity that the halteres feel, shape (3,) [rad/s].
    seen_up
        Up as the eyes see it, unit vector, shape (3,).
    dt
        Time step [s].
    vision_s
        Time constant with which what is seen replaces what was felt [s].
    """
    carried = up - dt * cross(rotation, up)
    moved = carried + (1.0 - math.exp(-dt / vision_s)) * (seen_up - carried)
    length = math.sqrt(moved.dot(moved))
    return moved / length if length > 1e-6 else up
