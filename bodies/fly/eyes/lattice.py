"""The hexagonal lattice of ommatidia and the directions they look in.

An ommatidium has axial coordinates (u, v) with |u|, |v|, |u + v| <= 15, which are 721. They are
ordered by u, then by v, as a lattice of extent 15 in flyvis [1]_, so that optic lobe columns and
ommatidia correspond one to one. In the plane of the lattice v counts columns from back to front
and, within a column, u counts downwards; both eyes use the same numbers, so ommatidium i of the
right eye is the mirror image of ommatidium i of the left.

The plane is laid on the sphere around the eye by Lambert's equal-area projection: every
ommatidium owns the same solid angle.

References
----------
.. [1] Lappalainen, J. K. et al. (2024). Connectome-constrained networks predict neural activity
       across the fly visual system. Nature 634, 1132-1140. doi:10.1038/s41586-024-07939-3
"""

import hashlib
from functools import cache

import numpy as np

from embody.errors import require_known

SIDES = ("left", "right")
"""The two eyes, in the order of every array that holds both."""
EXTENT = 15
"""Rings of ommatidia around the one in the middle."""
OMMATIDIA = 3 * EXTENT * (EXTENT + 1) + 1
"""Ommatidia of one eye: 721."""
INTEROMMATIDIAL_ANGLE_RAD = np.deg2rad(5.0)
"""Angle between vertical neighbours in the middle of the eye [rad]; about 5 degrees in the wild
type (Gonzalez-Bellido, Wardill & Juusola 2011, PNAS 108, 4224)."""
HORIZONTAL_FIELD_RAD = np.deg2rad(157.0)
"""Width of the field of one eye along the horizon [rad] (NeuroMechFly v2: Wang-Chen et al. 2024,
Nature Methods 21, 2353)."""
BINOCULAR_OVERLAP_RAD = np.deg2rad(15.0)
"""Width of what both eyes see in front [rad] (Heisenberg & Wolf 1984, Vision in Drosophila)."""
PALE = 216
"""Pale ommatidia of an eye; the others are yellow. Thirty to seventy, strewn at random
(Wernet et al. 2006, Nature 440, 174)."""

_COLUMN_SPACING = np.sqrt(3.0) / 2.0
_FIELD_COLUMNS = EXTENT * _COLUMN_SPACING
_HORIZONTAL_STEP_RAD = 2.0 * np.sin(HORIZONTAL_FIELD_RAD / 4.0) / _FIELD_COLUMNS
_AXIS_AZIMUTH_RAD = (HORIZONTAL_FIELD_RAD - BINOCULAR_OVERLAP_RAD) / 2.0


@cache
def axial_coordinates() -> np.ndarray:
    """Return the axial coordinates (u, v) of every ommatidium, integers of shape (721, 2)."""
    return _constant(hexagon(EXTENT))


def hexagon(extent: int) -> np.ndarray:
    """Return the axial coordinates of a lattice by u, then v, shape (3 extent (extent + 1) + 1, 2).

    Parameters
    ----------
    extent
        Rings around the middle.
    """
    steps = range(-extent, extent + 1)
    return np.array([(u, v) for u in steps for v in steps if abs(u + v) <= extent])


@cache
def plane_coordinates() -> np.ndarray:
    """Return where every ommatidium lies in the lattice plane, shape (721, 2).

    The first number points to the front, the second up; neighbours are 1 apart.
    """
    return _constant(plane(axial_coordinates()))


def plane(axial: np.ndarray) -> np.ndarray:
    """Return where axial coordinates (N, 2), whole or not, lie in the plane, shape (N, 2)."""
    u, v = axial.T
    return np.stack([_COLUMN_SPACING * v, -(u + 0.5 * v)], axis=1)


@cache
def neighbours() -> np.ndarray:
    """Return the six neighbours of every ommatidium, indices of shape (721, 6); -1 for none.

    They follow each other around the ommatidium, counter-clockwise with the front to the right:
    front-up, up, back-up, back-down, down, front-down.
    """
    index = {tuple(place): number for number, place in enumerate(axial_coordinates().tolist())}
    steps = ((-1, 1), (-1, 0), (0, -1), (1, -1), (1, 0), (0, 1))
    found = [[index.get((u + du, v + dv), -1) for du, dv in steps] for u, v in index]
    return _constant(np.array(found))


def hex_distance(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the number of steps from neighbour to neighbour between two places.

    Parameters
    ----------
    first, second
        Axial coordinates, shape (..., 2).
    """
    u, v = np.moveaxis(np.asarray(second) - np.asarray(first), -1, 0)
    return (np.abs(u) + np.abs(v) + np.abs(u + v)) // 2


@cache
def directions(side: str) -> np.ndarray:
    """Return the direction of view of every ommatidium, unit vectors of shape (721, 3).

    They are in the frame of the head: x forward, y left, z up.

    Parameters
    ----------
    side
        "left" or "right".

    Raises
    ------
    UnknownNameError
        If there is no such eye.
    """
    return _constant(project(plane_coordinates(), side))


def project(place: np.ndarray, side: str) -> np.ndarray:
    """Return the directions of places in the lattice plane, unit vectors of shape (N, 3).

    Parameters
    ----------
    place
        Places in the plane, to the front and up, in distances between neighbours, shape (N, 2).
    side
        "left" or "right".

    Raises
    ------
    UnknownNameError
        If there is no such eye.
    """
    require_known("eye", [side], SIDES)
    flat = place * [_HORIZONTAL_STEP_RAD, INTEROMMATIDIAL_ANGLE_RAD]
    radius = np.linalg.norm(flat, axis=1, keepdims=True)
    # Lambert: a circle of radius r in the plane is the circle at angle 2 asin(r / 2) on the sphere.
    along_axis = 1.0 - 0.5 * radius**2
    across = np.sqrt(1.0 - 0.25 * radius**2)
    axis = np.array([np.cos(_AXIS_AZIMUTH_RAD), np.sin(_AXIS_AZIMUTH_RAD), 0.0])
    to_front = np.array([np.sin(_AXIS_AZIMUTH_RAD), -np.cos(_AXIS_AZIMUTH_RAD), 0.0])
    to_top = np.array([0.0, 0.0, 1.0])
    left = along_axis * axis + across * (flat[:, :1] * to_front + flat[:, 1:] * to_top)
    left /= np.linalg.norm(left, axis=1, keepdims=True)
    return left if side == "left" else left * [1.0, -1.0, 1.0]


@cache
def is_pale() -> np.ndarray:
    """Return which ommatidia are pale, bool of shape (721,), exactly 216; the same in both eyes.

    The 216 whose coordinates, written "u,v", come first when ordered by their SHA-256 digest: as
    good as chance, and the same with every version of every library.
    """
    digests = [hashlib.sha256(f"{u},{v}".encode()).digest() for u, v in axial_coordinates()]
    order = sorted(range(OMMATIDIA), key=digests.__getitem__)
    pale = np.zeros(OMMATIDIA, bool)
    pale[order[:PALE]] = True
    return _constant(pale)


def solid_angle_sr() -> float:
    """Return the solid angle that one ommatidium owns [sr]."""
    return float(_HORIZONTAL_STEP_RAD * INTEROMMATIDIAL_ANGLE_RAD * _COLUMN_SPACING)


def _constant(array: np.ndarray) -> np.ndarray:
    array.setflags(write=False)
    return array
