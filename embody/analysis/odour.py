"""The odour of a recorded scene, from the numbers that the recording kept."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from embody.errors import UnknownNameError

Fields = Sequence[Mapping[str, Any]]


def concentration(fields: Fields, points: np.ndarray, time_s: float | np.ndarray = 0.0):
    """Return the relative concentration, shape (...).

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
    return sum((_part(field, points, time_s)[0] for field in fields), np.zeros(points.shape[:-1]))


def gradient(fields: Fields, points: np.ndarray, time_s: float | np.ndarray = 0.0) -> np.ndarray:
    """Return the gradient of the relative concentration, shape (..., 2) [1/mm].

    Parameters and errors are those of `concentration`.
    """
    points = np.asarray(points, dtype=float)
    return sum((_part(field, points, time_s)[1] for field in fields), np.zeros(points.shape))


def distance_to_peak(fields: Fields, points: np.ndarray) -> np.ndarray:
    """Return the distance to the nearest place of highest concentration, shape (...) [mm].

    For a ramp that is the line where it ends, and 0 beyond it.

    Raises
    ------
    UnknownNameError
        If a part is of an unknown kind.
    """
    points = np.asarray(points, dtype=float)
    distances = []
    for field in fields:
        offset = points - np.asarray(field["peak_mm"], dtype=float)
        if _kind(field) == "gaussian":
            distances.append(np.linalg.norm(offset, axis=-1))
        else:
            distances.append(np.maximum(0.0, -(offset @ _uphill(field))))
    return np.min(distances, axis=0)


def _part(field: Mapping[str, Any], points: np.ndarray, time_s: float | np.ndarray):
    offset = points - np.asarray(field["peak_mm"], dtype=float)
    weight = field.get("weight", 1.0)
    if _kind(field) == "gaussian":
        start = field["sigma_mm"] ** 2
        variance = np.asarray(start + 2.0 * field.get("diffusivity_mm2_s", 0.0) * time_s)
        value = weight * start / variance * np.exp(-0.5 * (offset**2).sum(-1) / variance)
        return value, -(value / variance)[..., None] * offset
    height = 1.0 + offset @ _uphill(field) / field["length_mm"]
    steep = np.where((height > 0) & (height < 1), weight / field["length_mm"], 0.0)
    return weight * np.clip(height, 0.0, 1.0), steep[..., None] * _uphill(field)


def _uphill(field: Mapping[str, Any]) -> np.ndarray:
    return np.array([np.cos(field["uphill_rad"]), np.sin(field["uphill_rad"])])


def _kind(field: Mapping[str, Any]) -> str:
    kind = field["kind"]
    if kind not in ("gaussian", "linear"):
        raise UnknownNameError("kind of field", kind, ("gaussian", "linear"))
    return kind
