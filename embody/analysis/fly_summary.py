"""One recording of a fly in a few numbers."""

import numpy as np

from embody.analysis.fly_gait import measure_fly_gait, measure_fly_track, swing_mask
from embody.analysis.fly_signals import heading
from embody.analysis.source import RecordingLike
from embody.errors import EmbodyError

UPRIGHT_TILT_DEG = 75.0
"""Tilt of the thorax up to which a fly counts as upright [degrees]."""

COARSEST_S = 0.01
"""Time between samples up to which footfalls can be told [s]."""

_GAIT = (
    "step_frequency_hz",
    "tripod_coordination",
    "stance_duration_ms",
    "swing_duration_ms",
    "duty_factor",
    "legs_in_stance",
)
_EVERY_STEP = ("time_s", "forward_velocity_mm_s")
_NAN = float("nan")
_NEEDED = ("position", "orientation", "leg_load")


def summarise_fly(recording: RecordingLike) -> dict[str, float]:
    """Return the metrics of a recording of a fly, names with their units.

    What a record is too short, or sampled too coarsely, to tell is NaN. On a ball, speed and turn
    are those of the fly over the ball.

    Parameters
    ----------
    recording
        One episode.

    Returns
    -------
    dict
        speed_mm_s (signed, along the heading), heading_drift_deg_s (slope of the heading over
        time, left positive), step_frequency_hz, tripod_coordination (0 to 1),
        stance_duration_ms, swing_duration_ms, duty_factor (medians over legs),
        legs_in_stance, distance_mm (length of the way), displacement_mm, upright_fraction; and
        final_..., what a task says at the end of the episode.

    Raises
    ------
    EmbodyError
        If the recording is not one of a fly, or is empty.
    """
    arrays = recording.arrays
    missing = [name for name in _NEEDED if name not in arrays]
    if missing:
        raise EmbodyError(f"this recording lacks the fly's {', '.join(missing)}")
    if len(arrays["time"]) == 0:
        raise EmbodyError("this recording has no samples: run it for longer")
    place = np.asarray(arrays["position"], float)[:, :2]
    upright = tilt_deg(arrays["orientation"]) < UPRIGHT_TILT_DEG
    final = recording.meta.get("final_info") or {}
    return {
        **_track(recording, place),
        **_gait(recording),
        "displacement_mm": float(np.linalg.norm(place[-1] - place[0])),
        "upright_fraction": float(upright.mean()),
        **{f"final_{name}": float(final[name]) for name in final if name not in _EVERY_STEP},
    }


def _track(recording: RecordingLike, place: np.ndarray) -> dict[str, float]:
    time = np.asarray(recording.arrays["time"], float)
    if "ball_motion" in recording.arrays:
        forward, left, turn = np.asarray(recording.arrays["ball_motion"], float).T
        return {
            "speed_mm_s": float(forward.mean()),
            "heading_drift_deg_s": float(np.degrees(turn.mean())),
            "distance_mm": float(np.hypot(forward, left).mean() * (time[-1] - time[0])),
        }
    if len(time) < 2:
        return dict.fromkeys(("speed_mm_s", "heading_drift_deg_s"), _NAN) | {"distance_mm": 0.0}
    track = measure_fly_track(time, place, heading(recording.arrays["orientation"]))
    return {
        "speed_mm_s": track.forward_speed_mm_s,
        "heading_drift_deg_s": track.turn_rate_deg_s,
        "distance_mm": track.path_mm,
    }


def _gait(recording: RecordingLike) -> dict[str, float]:
    time = np.asarray(recording.arrays["time"], float)
    period_s = (time[-1] - time[0]) / (len(time) - 1) if len(time) > 1 else np.inf
    if period_s > COARSEST_S:
        return dict.fromkeys(_GAIT, _NAN)
    gait = measure_fly_gait(time, swing_mask(recording.arrays["leg_load"], period_s))
    values = (
        _median(gait.step_frequency_hz),
        gait.tripod_strength,
        1000 * _median(gait.stance_s),
        1000 * _median(gait.swing_s),
        _median(gait.duty_factor),
        gait.legs_in_stance,
    )
    return dict(zip(_GAIT, values, strict=True))


def _median(values: np.ndarray) -> float:
    told = values[np.isfinite(values)]
    return float(np.median(told)) if len(told) else _NAN


def tilt_deg(orientation: np.ndarray) -> np.ndarray:
    """Return how far the thorax leans from upright over time, shape (samples,) [degrees]."""
    _, x, y, _ = np.asarray(orientation, float).T
    return np.degrees(np.arccos(np.clip(1 - 2 * (x * x + y * y), -1, 1)))
