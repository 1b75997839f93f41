"""Where rays meet ellipsoids, capsules and boxes: arrays of rays from one point."""

from typing import NamedTuple

import numpy as np


class Hit(NamedTuple):
    """Where rays meet a solid.

    Attributes
    ----------
    reach
        Multiple of the ray's direction at which it enters, infinite where it misses, shape (...).
    normal
        Outward normal in the solid's frame, of any length, shape (3, ...).
    """

    reach: np.ndarray
    normal: np.ndarray


def hit_ellipsoid(origin: np.ndarray, direction: np.ndarray, semi_axes: np.ndarray) -> Hit:
    """Return where rays meet an ellipsoid about the origin of its frame.

    Parameters
    ----------
    origin
        Where all rays start, in the solid's frame, shape (3,).
    direction
        Where each ray goes, shape (3, ...).
    semi_axes
        Shape (3,).
    """
    stretch = 1.0 / np.asarray(semi_axes, direction.dtype)
    start, way = origin * stretch, direction * _column(stretch, direction)
    reach = _enter_ball(start, way, 1.0)
    return Hit(reach, _at(start, way, reach) * _column(stretch, direction))


def hit_capsule(origin: np.ndarray, direction: np.ndarray, radius: float, half: float) -> Hit:
    """Return where rays meet a capsule along z, its ends half spheres about z = -half and half."""
    across = direction[0] ** 2 + direction[1] ** 2
    along = origin[0] * direction[0] + origin[1] * direction[1]
    outside = origin[0] ** 2 + origin[1] ** 2 - radius**2
    inside = along**2 - across * outside
    # A ray that misses the endless tube misses the capsule.
    root = np.sqrt(np.maximum(inside, 0.0))
    reach = np.where(inside > 0, (-along - root) / np.maximum(across, 1e-20), np.inf)
    height = origin[2] + np.where(np.isfinite(reach), reach, 0.0) * direction[2]
    end = np.clip(height, -half, half)
    beyond = np.abs(height) > half
    for side in (-half, half):
        cap = beyond & (end == side)
        if cap.any():
            start = origin - np.array([0.0, 0.0, side], direction.dtype)
            ball = _enter_ball(start, direction[:, cap], radius)
            reach[cap] = np.where(np.isfinite(reach[cap]), ball, np.inf)
    normal = _at(origin, direction, reach)
    normal[2] -= np.clip(normal[2], -half, half)
    return Hit(reach, normal)


def hit_box(origin: np.ndarray, direction: np.ndarray, half_sizes: np.ndarray) -> Hit:
    """Return where rays meet a box about the origin of its frame; `half_sizes` has shape (3,)."""
    safe = np.where(np.abs(direction) < 1e-12, direction.dtype.type(1e-12), direction)
    one = (-_column(half_sizes, direction) - _column(origin, direction)) / safe
    other = (_column(half_sizes, direction) - _column(origin, direction)) / safe
    enter, leave = np.minimum(one, other), np.maximum(one, other)
    reach = enter.max(axis=0)
    axis = enter.argmax(axis=0)
    hit = (reach < leave.min(axis=0)) & (reach > 0)
    normal = np.where(np.arange(3).reshape(-1, *[1] * axis.ndim) == axis, -np.sign(safe), 0.0)
    return Hit(np.where(hit, reach, np.inf), normal)


def _enter_ball(start: np.ndarray, way: np.ndarray, radius: float) -> np.ndarray:
    square = (way**2).sum(axis=0)
    along = np.tensordot(start, way, 1)
    inside = along**2 - square * (start @ start - radius**2)
    root = np.sqrt(np.maximum(inside, 0.0))
    return np.where(inside > 0, (-along - root) / square, np.inf)


def _at(start: np.ndarray, way: np.ndarray, reach: np.ndarray) -> np.ndarray:
    return _column(start, way) + np.where(np.isfinite(reach), reach, 0.0) * way


def _column(vector: np.ndarray, like: np.ndarray) -> np.ndarray:
    return np.asarray(vector, like.dtype).reshape(3, *[1] * (like.ndim - 1))
