"""Postures in the coordinates of real worms: the eigenworms.

A posture is 48 tangent angles from head to tail about their mean, counter-clockwise positive with
the animal seen so that dorsal lies to the left of its heading. The basis is that of wild-type
worms on agar (Stephens et al. 2008, PLoS Computational Biology 4:e1000028; Schafer laboratory).
Modes have unit norm; their signs and their order are those of the table: 1 and 2 are the
travelling bend's quadrature pair up to a rotation with 3, and 4 bends the ends.
"""

from functools import cache
from importlib import resources

import numpy as np

from embody.analysis.posture import rod_angles
from embody.errors import EmbodyError

_RESAMPLED_FRAMES = 2000


@cache
def eigenworm_basis() -> np.ndarray:
    """Return the master eigenworms of wild-type worms, shape (48 angles, 7 modes), read-only."""
    with resources.files("embody.assets.worm").joinpath("eigenworms.csv").open() as file:
        basis = np.loadtxt(file, delimiter=",", skiprows=1)
    basis.setflags(write=False)
    return basis


def tangent_angles(centreline: np.ndarray, count: int = 48) -> np.ndarray:
    """Return the angles of `count` pieces of equal length, less their mean over the body.

    Parameters
    ----------
    centreline
        Nodes from head to tail, shape (frames, nodes, 2) [mm].
    count
        Number of pieces.

    Returns
    -------
    numpy.ndarray
        Shape (frames, count) [rad].
    """
    angles = rod_angles(resample(centreline, count + 1))
    return angles - angles.mean(axis=1, keepdims=True)


def resample(centreline: np.ndarray, nodes: int) -> np.ndarray:
    """Return the polylines with nodes at equal arc length, shape (frames, nodes, 2)."""
    lengths = np.linalg.norm(np.diff(centreline, axis=1), axis=2)
    place = np.concatenate([np.zeros((len(lengths), 1)), lengths.cumsum(axis=1)], axis=1)
    place = place / place[:, -1:] * (place.shape[1] - 1)
    wanted = np.linspace(0.0, place.shape[1] - 1, nodes)
    resampled = np.empty((len(centreline), nodes, 2))
    for start in range(0, len(centreline), _RESAMPLED_FRAMES):
        chunk = slice(start, start + _RESAMPLED_FRAMES)
        left = (place[chunk, None, 1:-1] <= wanted[:, None]).sum(axis=2)
        rows = np.arange(len(left))[:, None]
        before, after = place[chunk][rows, left], place[chunk][rows, left + 1]
        weight = ((wanted - before) / (after - before))[..., None]
        points = centreline[chunk]
        resampled[chunk] = points[rows, left] * (1 - weight) + points[rows, left + 1] * weight
    return resampled


def eigenworm_amplitudes(centreline: np.ndarray, modes: int = 4) -> np.ndarray:
    """Return the projections on the first modes, shape (frames, modes) [rad].

    Raises
    ------
    EmbodyError
        If there are not that many modes.
    """
    return tangent_angles(centreline) @ _first(modes)


def variance_explained(centreline: np.ndarray, modes: int = 4) -> float:
    """Return the share of the variance of posture over time that the first modes hold.

    NaN for a body that keeps its shape. Real worms: above 0.95 with 4 modes of their own.

    Raises
    ------
    EmbodyError
        If there are not that many modes.
    """
    angles = tangent_angles(centreline)
    angles = angles - angles.mean(axis=0)
    total = float((angles**2).sum())
    if total < 1e-12 * angles.size:
        return float("nan")
    return float(((angles @ _first(modes)) ** 2).sum()) / total


def _first(modes: int) -> np.ndarray:
    basis = eigenworm_basis()
    if not 1 <= modes <= basis.shape[1]:
        raise EmbodyError(f"there are 1 to {basis.shape[1]} eigenworms, not {modes}")
    return basis[:, :modes]
