"""Plain .npz files from outside, checked before they are read."""

from pathlib import Path

import numpy as np

from embody.comparison.archive import ZIP, open_archive, read_array
from embody.errors import EmbodyError


def members(path: Path, head: bytes) -> set[str]:
    """Return the names of the arrays in an .npz file; none for any other file.

    Raises
    ------
    EmbodyError
        If it is an archive, but damaged or hostile.
    """
    if not head.startswith(ZIP):
        return set()
    with open_archive(path, "an .npz file of arrays") as archive:
        return {name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")}


def read_plain_npz(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays of an .npz file.

    Raises
    ------
    EmbodyError
        If it is damaged, hostile, or holds objects.
    """
    with open_archive(path, "an .npz file of arrays") as archive:
        found = {
            name.removesuffix(".npy"): read_array(archive, name)
            for name in archive.namelist()
            if name.endswith(".npy")
        }
    if not found:
        raise EmbodyError(f"{path} is empty: it holds no arrays")
    return found


def require_numbers(path: Path, content: dict[str, np.ndarray], *names: str) -> None:
    """Raise `EmbodyError` if one of these arrays holds anything but real numbers."""
    for name in names:
        if content[name].dtype.kind not in "biuf":
            raise EmbodyError(f"{path}: {name} must be numbers, not {content[name].dtype}")


def scalar(path: Path, content: dict[str, np.ndarray], name: str) -> float | None:
    """Return one number of a file, None if it is not there.

    An array of equal numbers counts as one.

    Raises
    ------
    EmbodyError
        If it is not one positive number.
    """
    if name not in content:
        return None
    values = np.atleast_1d(content[name])
    if values.dtype.kind not in "iuf" or not len(values) or len(np.unique(values)) != 1:
        raise EmbodyError(f"{path}: {name} must be one number, not {values.tolist()[:4]}")
    value = float(values.flat[0])
    if not (np.isfinite(value) and value > 0):
        raise EmbodyError(f"{path}: {name} must be positive, not {value}")
    return value
