"""One recording of a flying fly in a few numbers."""

import numpy as np

from embody.analysis.source import RecordingLike
from embody.errors import EmbodyError

_NEEDED = ("position", "orientation", "flight_error", "wing_beat")
_EVERY_STEP = ("time_s", "forward_velocity_mm_s")


def stroke_deg(recording: RecordingLike, time_s: np.ndarray) -> np.ndarray:
    """Return how far forwards both wings are at some moments, shape (moments, 2) [degrees].

    Where a pattern generator drives the wings, the phase of the beat tells it between the samples
    of a recording too.

    Parameters
    ----------
    recording
        One episode of a flying fly.
    time_s
        Moments, shape (moments,) [s].
    """
    arrays = recording.arrays
    time = np.asarray(arrays["time"], float)

    def at(values: np.ndarray) -> np.ndarray:
        return np.stack([np.interp(time_s, time, column) for column in values.T], axis=1)

    beat = np.asarray(arrays["wing_beat"], float)
    if not beat[:, 1].any():
        return -np.degrees(at(np.asarray(arrays["wing_angle"], float)[:, [0, 3]]))
    now = at(beat)
    return np.degrees(now[:, 4:6] - now[:, 2:4] * np.cos(now[:, :1]))


def summarise_flight(recording: RecordingLike) -> dict[str, float]:
    """Return the metrics of a recording of a flying fly, names with their units.

    Errors are those of the second half of the recording, when the start is over.

    Parameters
    ----------
    recording
        One episode.

    Returns
    -------
    dict
        time_in_air_s, distance_mm (length of the way), speed_mm_s (over ground), height_mm (mean),
        height_error_mm, speed_error_mm_s and heading_error_deg (root mean squares), tilt_deg
        (mean of the stroke plane), wing_frequency_hz, stroke_deg (mean, from end to end); and
        final_..., what the task says at the end of the episode.

    Raises
    ------
    EmbodyError
        If the recording is not one of a flying fly, or is empty.
    """
    arrays = recording.arrays
    missing = [name for name in _NEEDED if name not in arrays]
    if missing:
        raise EmbodyError(f"this recording lacks the flying fly's {', '.join(missing)}")
    time = np.asarray(arrays["time"], float)
    if len(time) == 0:
        raise EmbodyError("this recording has no samples: run it for longer")
    place = np.asarray(arrays["position"], float)
    late = np.asarray(arrays["flight_error"], float)[len(time) // 2 :]
    height, speed, turn = np.sqrt((late[:, :3] ** 2).mean(axis=0))
    beat = np.asarray(arrays["wing_beat"], float)
    seconds = float(time[-1] - time[0])
    distance = float(np.linalg.norm(np.diff(place, axis=0), axis=1).sum())
    final = recording.meta.get("final_info") or {}
    return {
        "time_in_air_s": seconds,
        "distance_mm": distance,
        "speed_mm_s": distance / seconds if seconds else float("nan"),
        "height_mm": float(place[:, 2].mean()),
        "height_error_mm": float(height),
        "speed_error_mm_s": float(speed),
        "heading_error_deg": float(np.degrees(turn)),
        "tilt_deg": float(np.degrees(late[:, 3].mean())),
        "wing_frequency_hz": float(beat[:, 1].mean()),
        "stroke_deg": float(np.degrees(2.0 * beat[:, 2:4].mean())),
        **{f"final_{name}": float(final[name]) for name in final if name not in _EVERY_STEP},
    }
