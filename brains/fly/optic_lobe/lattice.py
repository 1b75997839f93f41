"""The hexagonal lattice of columns, and what its directions mean to the fly.

Columns have axial coordinates u and v; a lattice of radius r holds those of which u, v and u + v
lie between -r and r: 721 for r = 15, one for each ommatidium, sorted by u, then v. On the plane of
the eye x points to the front of the animal and y up, in units of the distance between
neighbouring columns:

    x = sqrt(3)/2 v,    y = -(u + v/2)

so that v counts columns from back to front and, within a column, u counts downwards. Both eyes
use the same numbers, each the mirror image of the other. A motion is named by its angle in this
plane: 0 degrees is back to front, 90 up, 180 front to back, 270 down.
"""

import numpy as np

BACK_TO_FRONT, UP, FRONT_TO_BACK, DOWN = 0.0, 90.0, 180.0, 270.0

_TO_PLANE = np.array([[0.0, -1.0], [np.sqrt(3.0) / 2.0, -0.5]])


def hexagon(radius: int) -> np.ndarray:
    """Return the columns (u, v) of a lattice of this radius, sorted by u, then v, (columns, 2)."""
    around = range(-radius, radius + 1)
    return np.array([(u, v) for u in around for v in around if abs(u + v) <= radius])


def distance(offsets: np.ndarray) -> np.ndarray:
    """Return how many steps from column to column an offset (..., 2) is, shape (...)."""
    u, v = offsets[..., 0], offsets[..., 1]
    return np.maximum(np.maximum(np.abs(u), np.abs(v)), np.abs(u + v))


def ring(radius: int) -> np.ndarray:
    """Return the offsets at exactly this distance, (6 radius, 2); (0, 0) alone for radius 0."""
    offsets = hexagon(radius)
    return offsets[distance(offsets) == radius]


def plane_positions(columns: np.ndarray) -> np.ndarray:
    """Return (x, y) of columns (..., 2) on the plane of the eye: front and up, (..., 2)."""
    return columns @ _TO_PLANE
