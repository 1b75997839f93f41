"""One recording of a fly in a few numbers."""

import numpy as np

from embody.analysis.source import RecordingLike
from embody.errors import EmbodyError

UPRIGHT_TILT_DEG = 75.0
"""Tilt of the thorax up to which a fly counts as upright [degrees]."""

_NEEDED = ("position", "orientation", "leg_load")


def summarise_fly(recording: RecordingLike) -> dict[str, float]:
    """Return the metrics of a recording of a fly, names with their units.

    What a record is too short to tell is NaN.

    Parameters
    ----------
    recording
        One episode.

    Returns
    -------
    dict
        speed_mm_s (signed, along the heading), distance_mm (length of the way), displacement_mm,
        heading_drift_deg_s (mean turn, left positive), upright_fraction.

    Raises
    ------
    EmbodyError
        If the recording is not one of a fly, or is empty.
    """
    arrays = recording.arrays
    missing = [name for name in _NEEDED if name not in arrays]
    if missing:
        raise EmbodyError(f"this recording lacks the fly's {', '.join(missing)}")
    time = np.asarray(arrays["time"], float)
    if len(time) == 0:
        raise EmbodyError("this recording has no samples: run it for longer")
    place = np.asarray(arrays["position"], float)[:, :2]
    turned = heading(arrays["orientation"])
    seconds = float(time[-1] - time[0])
    steps = np.diff(place, axis=0)
    ahead = np.stack([np.cos(turned), np.sin(turned)], axis=1)[:-1]
    return {
        "speed_mm_s": _rate(float((steps * ahead).sum()), seconds),
        "distance_mm": float(np.linalg.norm(steps, axis=1).sum()),
        "displacement_mm": float(np.linalg.norm(place[-1] - place[0])),
        "heading_drift_deg_s": _rate(float(np.degrees(turned[-1] - turned[0])), seconds),
        "upright_fraction": float((tilt_deg(arrays["orientation"]) < UPRIGHT_TILT_DEG).mean()),
    }


def heading(orientation: np.ndarray) -> np.ndarray:
    """Return the direction of the thorax in the plane over time, unwrapped, shape (samples,) [rad].

    Parameters
    ----------
    orientation
        Quaternions (w, x, y, z), shape (samples, 4).
    """
    w, x, y, z = np.asarray(orientation, float).T
    return np.unwrap(np.arctan2(2 * (x * y + w * z), 1 - 2 * (y * y + z * z)))


def tilt_deg(orientation: np.ndarray) -> np.ndarray:
    """Return how far the thorax leans from upright over time, shape (samples,) [degrees]."""
    _, x, y, _ = np.asarray(orientation, float).T
    return np.degrees(np.arccos(np.clip(1 - 2 * (x * x + y * y), -1, 1)))


def _rate(change: float, seconds: float) -> float:
    return change / seconds if seconds > 0 else float("nan")
