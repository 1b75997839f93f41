"""The odour of a recorded scene, from the numbers that the recording kept."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from embody.fields import field_from_json

Fields = Sequence[Mapping[str, Any]]


def concentration(fields: Fields, points: np.ndarray, time_s: float | np.ndarray = 0.0):
    """Return the relative concentration, shape (...); 0 where there is no odour.

    Parameters
    ----------
    fields
        The parts of the field, as in `recording.meta["scene"]["fields"]`; they add up.
    points
        Places, shape (..., 2) [mm].
    time_s
        Time, broadcasts against the places [s].

    Raises
    ------
    UnknownNameError
        If a part is of an unknown kind.
    """
    points = np.asarray(points, dtype=float)
    if not fields:
        return np.zeros(points.shape[:-1])
    return field_from_json(fields).concentration(points, time_s)


def gradient(fields: Fields, points: np.ndarray, time_s: float | np.ndarray = 0.0) -> np.ndarray:
    """Return the gradient of the relative concentration, shape (..., 2) [1/mm].

    Parameters and errors are those of `concentration`.
    """
    points = np.asarray(points, dtype=float)
    if not fields:
        return np.zeros(points.shape)
    return field_from_json(fields).gradient(points, time_s)


def distance_to_peak(fields: Fields, points: np.ndarray) -> np.ndarray:
    """Return the distance to the nearest place of highest concentration, shape (...) [mm].

    For a ramp that is the line where it ends, and 0 beyond it.

    Raises
    ------
    UnknownNameError
        If a part is of an unknown kind.
    """
    return field_from_json(fields).distances_to_peak(np.asarray(points, dtype=float))
