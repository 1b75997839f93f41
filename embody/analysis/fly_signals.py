"""What the task of a fly is about, over time: odour, distance, turning, what looms."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from embody.analysis.posture import sampling_period, smooth
from embody.analysis.source import RecordingLike, scene

TURN_WINDOW_S = 0.1
"""Over how long turn rates are averaged [s]: a step."""

_OUT_OF_SIGHT_MM = -100.0
_ANTENNAE = ("left_antenna", "right_antenna")


@dataclass(frozen=True)
class TaskSignal:
    """A few lines that share their axes.

    Attributes
    ----------
    title
        What they show.
    unit
        Unit of all; "1" for pure numbers.
    lines
        Name of each line -> its values, shape (samples,); NaN where there is none.
    numbers
        What a film writes: a short label with its unit -> values, shape (samples,).
    """

    title: str
    unit: str
    lines: Mapping[str, np.ndarray]
    numbers: Mapping[str, np.ndarray] = field(default_factory=dict)


def task_signals(recording: RecordingLike) -> list[TaskSignal]:
    """Return the signals of a fly's task, empty for one that is only about walking.

    They are told from what was recorded ("odour", "taste", "grating", "predator", "other_fly") and
    from the scene ("odours", "source_mm", "nest_mm").

    Parameters
    ----------
    recording
        One episode of a fly.
    """
    found = (
        _odour(recording),
        _taste(recording),
        _food(recording),
        _distance(recording),
        _grating(recording),
        _predator(recording),
        _other_fly(recording),
    )
    return [signal for signal in found if signal is not None]


def goal(recording: RecordingLike) -> tuple[str, np.ndarray] | None:
    """Return the name and the place (x, y) [mm] of what the fly is to reach; None without one."""
    facts = scene(recording)
    if facts.get("nest_mm"):
        return "nest", np.array(facts["nest_mm"], float)
    if facts.get("source_mm"):
        return "source", np.array(facts["source_mm"], float)
    odours, valence = facts.get("odours") or {}, facts.get("valence") or {}
    if odours:
        best = max(odours, key=lambda name: valence.get(name, 0.0))
        return best, np.array(odours[best][0]["peak_mm"], float)
    return None


def ball_angle_rad(recording: RecordingLike) -> np.ndarray:
    """Return the angle that the dark ball of a looming task takes up, shape (samples,) [rad].

    It is NaN while there is no ball to be seen.
    """
    ball = np.asarray(recording.arrays["predator"], float)
    radius = float(scene(recording)["world"]["radius_mm"])
    away = np.linalg.norm(ball[:, :2] - recording.arrays["position"][:, :2], axis=1)
    angle = 2 * np.arcsin(np.clip(radius / np.maximum(away, 1e-9), 0, 1))
    return np.where(ball[:, 2] > _OUT_OF_SIGHT_MM, angle, np.nan)


def turn_rate_rad_s(recording: RecordingLike) -> np.ndarray:
    """Return how fast the fly turns, left positive, averaged over 0.1 s, (samples,) [rad/s].

    On a ball it is that of the fly over the ball.
    """
    time = np.asarray(recording.arrays["time"], float)
    if "ball_motion" in recording.arrays:
        rate = np.asarray(recording.arrays["ball_motion"], float)[:, 2]
    else:
        rate = _slope(heading(recording.arrays["orientation"]), time)
    return _over_a_step(rate, time)


def turned_rad(recording: RecordingLike) -> np.ndarray:
    """Return the direction of the fly over time, left positive, unwrapped, (samples,) [rad].

    On a ball it is the angle turned over the ball.
    """
    if "ball_motion" not in recording.arrays:
        return heading(recording.arrays["orientation"])
    time = np.asarray(recording.arrays["time"], float)
    turn = np.asarray(recording.arrays["ball_motion"], float)[:, 2]
    return np.cumsum(turn * np.diff(time, prepend=time[0]))


def heading(orientation: np.ndarray) -> np.ndarray:
    """Return the direction of the thorax in the plane over time, unwrapped, shape (samples,) [rad].

    Parameters
    ----------
    orientation
        Quaternions (w, x, y, z), shape (samples, 4).
    """
    w, x, y, z = np.asarray(orientation, float).T
    return np.unwrap(np.arctan2(2 * (x * y + w * z), 1 - 2 * (y * y + z * z)))


def track(recording: RecordingLike) -> tuple[np.ndarray, np.ndarray]:
    """Return the way, (samples, 2) [mm], and the forward speed, (samples,) [mm/s].

    On a ball they are those of the fly over the ball.
    """
    arrays = recording.arrays
    time, place = np.asarray(arrays["time"], float), np.asarray(arrays["position"], float)[:, :2]
    if len(place) < 2:
        return place, np.zeros(len(place))
    if "ball_motion" in arrays:
        forward, left, _ = np.asarray(arrays["ball_motion"], float).T
        step, turned = np.diff(time, prepend=time[0]), turned_rad(recording)
        x = (forward * np.cos(turned) - left * np.sin(turned)) * step
        y = (forward * np.sin(turned) + left * np.cos(turned)) * step
        return np.stack([x, y], axis=1).cumsum(axis=0), forward
    turned = heading(arrays["orientation"])
    ahead = np.stack([np.cos(turned), np.sin(turned)], axis=1)
    return place, (np.gradient(place, time, axis=0) * ahead).sum(axis=1)


def _odour(recording: RecordingLike) -> TaskSignal | None:
    labels = _labels(recording, "odour")
    if not labels:
        return None
    odour = np.asarray(recording.arrays["odour"], float)
    lines = {}
    for odorant in dict.fromkeys(label.removesuffix("_left_antenna") for label in labels):
        columns = [
            labels.index(f"{odorant}_{organ}")
            for organ in _ANTENNAE
            if f"{odorant}_{organ}" in labels
        ]
        if columns:
            lines[odorant] = odour[:, columns].mean(axis=1)
    first = next(iter(lines), None)
    numbers = {} if first is None else {first: lines[first]}
    return TaskSignal("Odour at the antennae", "1", lines, numbers)


def _taste(recording: RecordingLike) -> TaskSignal | None:
    labels = _labels(recording, "taste")
    if not labels:
        return None
    taste = np.asarray(recording.arrays["taste"], float)
    lines: dict[str, np.ndarray] = {}
    for column, label in enumerate(labels):
        tastant, _, organ = label.rpartition("_")
        name = f"{tastant}, {'proboscis' if organ == 'proboscis' else 'feet'}"
        lines[name] = np.maximum(lines.get(name, 0.0), taste[:, column])
    return TaskSignal("Taste, strongest of all feet, and at the proboscis", "1", lines)


def _food(recording: RecordingLike) -> TaskSignal | None:
    drops = scene(recording).get("food")
    if not drops or "food_left" not in recording.arrays:
        return None
    left, lines = np.asarray(recording.arrays["food_left"], float), {}
    for taste in dict.fromkeys(drop["taste"] for drop in drops):
        columns = [column for column, drop in enumerate(drops) if drop["taste"] == taste]
        lines[taste] = left[:, columns].sum(axis=1)
    first = next(iter(lines))
    return TaskSignal("Drops left", "1", lines, {f"{first} left, drops": lines[first]})


def _distance(recording: RecordingLike) -> TaskSignal | None:
    found = goal(recording)
    if found is None:
        return None
    name, place = found
    away = np.linalg.norm(recording.arrays["position"][:, :2] - place, axis=1)
    return TaskSignal(f"Distance to the {name}", "mm", {name: away}, {f"to {name}, mm": away})


def _grating(recording: RecordingLike) -> TaskSignal | None:
    if "grating" not in recording.arrays:
        return None
    time = np.asarray(recording.arrays["time"], float)
    period, _, cycles = np.asarray(recording.arrays["grating"], float).T
    shown = np.degrees(_over_a_step(_slope(period * cycles, time), time))
    turned = np.degrees(turn_rate_rad_s(recording))
    return TaskSignal(
        "Turning, left positive",
        "degrees/s",
        {"grating": shown, "fly": turned},
        {"turn, deg/s": turned, "grating, deg/s": shown},
    )


def _predator(recording: RecordingLike) -> TaskSignal | None:
    if "predator" not in recording.arrays:
        return None
    angle = np.degrees(ball_angle_rad(recording))
    return TaskSignal(
        "Angle of the ball, seen from the thorax", "degrees", {"ball": angle},
        {"ball, degrees": angle},
    )  # fmt: skip


def _other_fly(recording: RecordingLike) -> TaskSignal | None:
    if "other_fly" not in recording.arrays:
        return None
    other = np.asarray(recording.arrays["other_fly"], float)[:, :2]
    away = np.linalg.norm(other - recording.arrays["position"][:, :2], axis=1)
    return TaskSignal(
        "Distance to the other fly", "mm", {"distance": away}, {"to other fly, mm": away}
    )


def _labels(recording: RecordingLike, name: str) -> list[str]:
    for signal in getattr(recording, "signals", ()):
        if signal.name == name:
            return list(signal.labels)
    return []


def _slope(values: np.ndarray, time: np.ndarray) -> np.ndarray:
    return np.gradient(values, time) if len(time) > 1 else np.zeros(len(time))


def _over_a_step(values: np.ndarray, time: np.ndarray) -> np.ndarray:
    period_s = sampling_period(time)
    return smooth(values, max(1, round(TURN_WINDOW_S / period_s))) if period_s > 0 else values
