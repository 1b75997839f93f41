"""How well the animal approached the source."""

import numpy as np


def chemotaxis_index(distance_mm: np.ndarray) -> float:
    """Return the time average of 1 - d(t) / d(0), over the samples after the start.

    1 is a jump onto the source, 0 staying away as far as at the start, negative leaving
    (Izquierdo & Lockery 2010, J. Neurosci. 30:12908). NaN if the animal starts on
    the source, or if there is only the start.

    Parameters
    ----------
    distance_mm
        Distance to the nearest peak at evenly spaced times, shape (frames,) [mm].
    """
    if len(distance_mm) < 2 or not distance_mm[0] > 0:
        return float("nan")
    return float(np.mean(1.0 - distance_mm[1:] / distance_mm[0]))


def time_to_reach(time_s: np.ndarray, distance_mm: np.ndarray, radius_mm: float = 1.0) -> float:
    """Return the time until the animal first is within a radius of the peak [s], NaN if never."""
    inside = np.flatnonzero(distance_mm <= radius_mm)
    return float(time_s[inside[0]] - time_s[0]) if len(inside) else float("nan")
