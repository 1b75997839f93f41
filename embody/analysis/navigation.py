"""Which strategies the animal steers by: klinotaxis and klinokinesis.

Klinotaxis (weathervane): the path curves towards higher concentration during runs (Iino & Yoshida
2009, J. Neurosci. 29:5370). Klinokinesis (biased random walk): turns become rarer while
concentration rises (Pierce-Shimomura, Morse & Lockery 1999, J. Neurosci. 19:9557).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from embody.analysis.behaviour import Bout, segment_behaviour
from embody.analysis.movement import signed_speed, track
from embody.analysis.odour import concentration, gradient
from embody.analysis.posture import centroid, sampling_period
from embody.analysis.relation import Relation, Samples, relate
from embody.analysis.source import RecordingLike, odour_fields, scene, time_and_centreline
from embody.errors import EmbodyError

STEP_S = 1.0
"""Time between two points of the path [s]."""

_PATH_WINDOW_S = 3.0
_SHORTEST_STEP_MM = 0.02
_LOOK_BACK_STEPS = 2
_WALL_MARGIN_MM = 1.0


@dataclass(frozen=True)
class Walk:
    """The path of one episode at points one second apart.

    Attributes
    ----------
    points_mm
        Path without undulation, shape (points, 2).
    speed_mm_s
        Mean signed speed until the next point, shape (points,); NaN at the last.
    heading_rad
        Direction of the path into each point and out of it, mean, shape (points,); NaN at the ends.
    curving_deg_per_mm
        Change of heading at each point per length, left positive, shape (points,); NaN at the
        ends and where the animal hardly moves.
    concentration_rate_per_s
        dC/dt over the two seconds that led to each point, shape (points,); NaN at the first two.
    in_run, clear_of_turns
        Whether a point lies in a run away from the wall of the dish (1 mm), and whether it is so
        far inside one that smoothing does not see a turn; shape (points,).
    pirouette_starts
        Whether a pirouette begins before the next point, shape (points,).
    """

    points_mm: np.ndarray
    speed_mm_s: np.ndarray
    heading_rad: np.ndarray
    curving_deg_per_mm: np.ndarray
    concentration_rate_per_s: np.ndarray
    in_run: np.ndarray
    clear_of_turns: np.ndarray
    pirouette_starts: np.ndarray


def walk(recording: RecordingLike) -> Walk | None:
    """Return the path of a recording, or None if it is shorter than five seconds.

    Raises
    ------
    EmbodyError
        If the recording is not one of a worm.
    """
    time, centreline = time_and_centreline(recording)
    stride = round(STEP_S / sampling_period(time)) if len(time) > 1 else 0
    if stride < 1 or len(time) <= 5 * stride:
        return None
    at = np.arange(0, len(time), stride)
    points = track(time, centreline, _PATH_WINDOW_S)[at]
    steps = np.diff(points, axis=0)
    lengths = np.linalg.norm(steps, axis=1)
    angles = np.arctan2(steps[:, 1], steps[:, 0])
    turn = (np.diff(angles) + np.pi) % (2 * np.pi) - np.pi
    moves = np.minimum(lengths[1:], lengths[:-1]) > _SHORTEST_STEP_MM
    mean_length = np.where(moves, 0.5 * (lengths[1:] + lengths[:-1]), np.nan)
    sensed = concentration(odour_fields(recording), centroid(centreline)[at], time[at])
    rate = (sensed[_LOOK_BACK_STEPS:] - sensed[:-_LOOK_BACK_STEPS]) / (_LOOK_BACK_STEPS * STEP_S)
    speed = signed_speed(time, centreline)
    means = [speed[start : start + stride].mean() for start in at[:-1]]
    behaviour = segment_behaviour(time, centreline)
    starts = np.array([bout.start_s for bout in behaviour.pirouettes])
    margin = 0.5 * _PATH_WINDOW_S + STEP_S
    seconds = time[at]
    wall_mm = scene(recording).get("dish_radius_mm") or np.inf
    free = np.linalg.norm(points, axis=1) < wall_mm - _WALL_MARGIN_MM
    return Walk(
        points_mm=points,
        speed_mm_s=np.append(means, np.nan),
        heading_rad=_inner(angles[:-1] + 0.5 * turn),
        curving_deg_per_mm=_inner(np.degrees(turn) / mean_length),
        concentration_rate_per_s=np.concatenate([np.full(_LOOK_BACK_STEPS, np.nan), rate]),
        in_run=free & _inside(seconds, behaviour.runs, 0.0),
        clear_of_turns=free & _inside(seconds, behaviour.runs, margin),
        pirouette_starts=np.append(
            [((starts >= a) & (starts < b)).any() for a, b in pairwise(seconds)],
            False,
        ),
    )


def klinotaxis(recordings: RecordingLike | Iterable[RecordingLike], **options: Any) -> Relation:
    """Relate the curving rate during runs to the gradient across the path.

    x is the component of the gradient to the left of the heading [1/mm], y the curving rate to the
    left [degrees per mm]; a positive slope steers up the gradient.

    Parameters
    ----------
    recordings
        One recording or several, one for each episode.
    **options
        For `embody.analysis.relation.relate`: bins, resamples, seed.

    Raises
    ------
    EmbodyError
        If a recording has no odour field, or is not one of a worm.
    """
    episodes = []
    for recording, path in _walks(recordings):
        normal = np.stack([-np.sin(path.heading_rad), np.cos(path.heading_rad)], axis=1)
        slopes = gradient(odour_fields(recording), path.points_mm)
        across = (slopes * normal).sum(axis=1)
        episodes.append(_finite(across, path.curving_deg_per_mm, path.clear_of_turns))
    return relate(episodes, **options)


def klinokinesis(recordings: RecordingLike | Iterable[RecordingLike], **options: Any) -> Relation:
    """Relate the rate of pirouettes to the change of concentration during runs.

    x is dC/dt over the last two seconds [1/s], y pirouettes begun per minute of run in the next
    second [1/min]; a negative slope turns more while concentration falls. Parameters and errors
    are those of `klinotaxis`.
    """
    episodes = [
        _finite(path.concentration_rate_per_s, path.pirouette_starts * 60.0 / STEP_S, path.in_run)
        for _, path in _walks(recordings)
    ]
    return relate(episodes, **options)


def orthokinesis(recordings: RecordingLike | Iterable[RecordingLike], **options: Any) -> Relation:
    """Relate the speed during runs [mm/s] to dC/dt over the last two seconds [1/s].

    Parameters and errors are those of `klinotaxis`.
    """
    episodes = [
        _finite(path.concentration_rate_per_s, path.speed_mm_s, path.in_run)
        for _, path in _walks(recordings)
    ]
    return relate(episodes, **options)


def _walks(
    recordings: RecordingLike | Iterable[RecordingLike],
) -> list[tuple[RecordingLike, Walk]]:
    several = list(recordings) if isinstance(recordings, Iterable) else [recordings]
    walks = []
    for recording in several:
        if not odour_fields(recording):
            raise EmbodyError(
                "this recording has no odour field: klinotaxis and klinokinesis need an env "
                "with one, such as Worm-Chemotaxis-v0"
            )
        path = walk(recording)
        if path is not None:
            walks.append((recording, path))
    return walks


def _finite(x: np.ndarray, y: np.ndarray, chosen: np.ndarray) -> Samples:
    kept = chosen & np.isfinite(x) & np.isfinite(y)
    return x[kept], y[kept]


def _inner(values: np.ndarray) -> np.ndarray:
    return np.concatenate([[np.nan], values, [np.nan]])


def _inside(seconds: np.ndarray, bouts: Iterable[Bout], margin_s: float) -> np.ndarray:
    inside = np.zeros(len(seconds), dtype=bool)
    for bout in bouts:
        inside |= (seconds >= bout.start_s + margin_s) & (seconds <= bout.end_s - margin_s)
    return inside
