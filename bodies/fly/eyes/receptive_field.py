"""What one ommatidium sees of the world: its acceptance function, and rays that stand for it.

The sensitivity of an ommatidium falls off with the angle from its axis as a Gaussian, whose width
at half height is the acceptance angle [1]_. Receptive fields of neighbours overlap, so neighbours
share rays: these leave the eye on a finer hexagonal lattice of its own, each standing for the same
solid angle.

References
----------
.. [1] Götz, K. G. (1965). Die optischen Übertragungseigenschaften der Komplexaugen von
       Drosophila. Kybernetik 2, 215-221.
"""

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from embody.bodies.fly.eyes import lattice
from embody.errors import EmbodyError

if TYPE_CHECKING:
    from scipy.sparse import csr_array

ACCEPTANCE_ANGLE_RAD = np.deg2rad(5.0)
"""Full width at half maximum of the acceptance function [rad]; about 5 degrees (Buchner 1976,
Biological Cybernetics 24, 85; Gonzalez-Bellido, Wardill & Juusola 2011, PNAS 108, 4224)."""
REACH_RAD = 1.25 * ACCEPTANCE_ANGLE_RAD
"""Angle from the axis beyond which an ommatidium sees nothing [rad]."""

_FWHM_PER_DEVIATION = 2.0 * np.sqrt(2.0 * np.log(2.0))


def acceptance(angle_rad: np.ndarray) -> np.ndarray:
    """Return the sensitivity to light from an angle off the axis, 1 on the axis.

    Parameters
    ----------
    angle_rad
        Angle from the axis [rad], any shape.
    """
    deviation = ACCEPTANCE_ANGLE_RAD / _FWHM_PER_DEVIATION
    return np.exp(-0.5 * (np.asarray(angle_rad) / deviation) ** 2)


def uptake(axes: np.ndarray, ray: np.ndarray, share: np.ndarray) -> "csr_array":
    """Return how much each of many rays counts in every ommatidium; rows sum to 1.

    Parameters
    ----------
    axes
        Axes of the ommatidia, unit vectors of shape (N, 3).
    ray
        Directions light is measured in, unit vectors of shape (M, 3).
    share
        Solid angle each stands for, in any unit, shape (M,).

    Returns
    -------
    csr_array
        Weights, shape (N, M).
    """
    from scipy.sparse import csr_array

    rows = []
    for axis in axes:
        cosine = ray @ axis
        near = np.flatnonzero((cosine > np.cos(REACH_RAD)) & (share > 0))
        weight = acceptance(np.arccos(np.minimum(cosine[near], 1.0))) * share[near]
        rows.append((weight / weight.sum(), near))
    weight, column = (np.concatenate(part) for part in zip(*rows, strict=True))
    start = np.cumsum([0, *(len(near) for _, near in rows)])
    return csr_array((weight, column, start), shape=(len(axes), len(ray)))


@cache
def shared_rays(side: str, fineness: int) -> tuple[np.ndarray, "csr_array"]:
    """Return the rays of an eye, and their weights in every ommatidium.

    Parameters
    ----------
    side
        "left" or "right".
    fineness
        Rays from one ommatidium to the next; their number grows with its square.

    Returns
    -------
    tuple of ndarray and csr_array
        Unit vectors in the frame of the head, shape (M, 3), and weights, shape (721, M).

    Raises
    ------
    EmbodyError
        If `fineness` is no whole number from 1 to 8.
    """
    if fineness not in range(1, 9):
        raise EmbodyError(f"fineness is a whole number from 1 to 8, not {fineness}")
    extent = int(
        np.ceil(fineness * (lattice.EXTENT + REACH_RAD / lattice.INTEROMMATIDIAL_ANGLE_RAD))
    )
    ray = lattice.project(lattice.plane(lattice.hexagon(extent) / fineness), side)
    weights = uptake(lattice.directions(side), ray, np.ones(len(ray)))
    used = np.flatnonzero(np.bincount(weights.indices, minlength=len(ray)))
    return ray[used], weights[:, used]
