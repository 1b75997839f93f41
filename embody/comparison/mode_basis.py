"""Amplitudes of one basis of postures in terms of another: the shipped eigenworms.

Laboratories project tangent angles on eigenworms of their own (Stephens et al. 2008, PLoS
Computational Biology 4:e1000028), in another order, sign, number of angles. The same posture then
has other numbers, which any judge would notice.
"""

import os
from pathlib import Path

import numpy as np

from embody.analysis.eigenworms import eigenworm_basis
from embody.errors import EmbodyError

_MOST_BYTES = 64 << 20


def load_mode_basis(path: str | os.PathLike[str]) -> np.ndarray:
    """Return a basis from a .csv file with one row for each angle, shape (angles, modes).

    A first line of names is left out.

    Raises
    ------
    EmbodyError
        If the file holds no such table.
    """
    path = Path(path)
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise EmbodyError(f"{path} is too long for a basis of postures")
        with path.open(encoding="utf-8") as file:
            named = any(letter.isalpha() and letter not in "eE" for letter in file.readline())
        basis = np.loadtxt(path, delimiter=",", skiprows=int(named), ndmin=2)
    except EmbodyError:
        raise
    except (OSError, ValueError) as error:
        raise EmbodyError(f"{path} is no basis of postures: {error}") from None
    return basis


def as_eigenworms(amplitudes: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """Return amplitudes of another basis as amplitudes of the shipped eigenworms.

    The angles that the amplitudes stand for are laid on 48 places along the body and projected.
    As many modes come back as went in, seven at most: what lay beyond them is not known.

    Parameters
    ----------
    amplitudes
        Shape (..., modes), NaN where missing.
    basis
        Tangent angles from head to tail of at least as many modes, shape (angles, modes); its
        columns have unit norm.

    Raises
    ------
    EmbodyError
        If the basis has too few modes or is not orthonormal.
    """
    modes = amplitudes.shape[-1]
    if basis.ndim != 2 or basis.shape[1] < modes or not np.isfinite(basis).all():
        raise EmbodyError(
            f"a basis for {modes} amplitudes needs at least as many columns, not {basis.shape}"
        )
    used = basis[:, :modes]
    if np.abs(used.T @ used - np.eye(modes)).max() > 0.01:
        raise EmbodyError("the columns of a basis of postures must be orthogonal, of unit norm")
    shipped = eigenworm_basis()
    place = (np.arange(len(shipped)) + 0.5) / len(shipped)
    given = (np.arange(len(used)) + 0.5) / len(used)
    angles = np.stack([np.interp(place, given, column) for column in used.T], axis=1)
    angles -= angles.mean(axis=0)
    return amplitudes @ (angles.T @ shipped[:, :modes])
