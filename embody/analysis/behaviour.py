"""Runs, reversals, omega-like turns and pirouettes."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from embody.analysis.movement import signed_speed
from embody.analysis.posture import rod_angles, sampling_period, smooth

_SPEED_WINDOW_S = 1.0
_REVERSAL_MM_S = -0.03
_SHORTEST_REVERSAL_S = 0.5
_OMEGA_RAD = 2.4
_SHORTEST_OMEGA_S = 0.3
_PIROUETTE_GAP_S = 6.1


class Bout(NamedTuple):
    """A stretch of time, from `start_s` to `end_s` [s]."""

    start_s: float
    end_s: float

    @property
    def seconds(self) -> float:
        """How long it lasts [s]."""
        return self.end_s - self.start_s


@dataclass(frozen=True)
class Behaviour:
    """A record cut into bouts.

    Attributes
    ----------
    duration_s
        Length of the record [s].
    reversals
        Backward movement: speed averaged over 1 s below -0.03 mm/s, for at least 0.5 s, until the
        animal no longer moves back.
    omega_turns
        Head bent round towards the tail: front and rear third point more than 2.4 rad (140
        degrees) apart for at least 0.3 s.
    pirouettes
        Bouts of turning: reversals and omega turns less than 6.1 s apart (Pierce-Shimomura,
        Morse & Lockery 1999, J. Neurosci. 19:9557).
    runs
        What lies between pirouettes.
    """

    duration_s: float
    reversals: tuple[Bout, ...]
    omega_turns: tuple[Bout, ...]
    pirouettes: tuple[Bout, ...]
    runs: tuple[Bout, ...]

    def per_minute(self, bouts: tuple[Bout, ...]) -> float:
        """Return how many of these bouts happen in a minute [1/min], NaN without duration."""
        return 60.0 * len(bouts) / self.duration_s if self.duration_s > 0 else float("nan")


def segment_behaviour(time_s: np.ndarray, centreline: np.ndarray) -> Behaviour:
    """Cut a record into runs, reversals, omega-like turns and pirouettes.

    Parameters
    ----------
    time_s
        Times, evenly spaced, shape (frames,) [s].
    centreline
        Nodes from head to tail, shape (frames, nodes, 2) [mm].
    """
    if len(time_s) < 2:
        return Behaviour(0.0, (), (), (), ())
    window = round(_SPEED_WINDOW_S / sampling_period(time_s))
    speed = smooth(signed_speed(time_s, centreline), window)
    reversals = [
        bout
        for bout in _stretches(time_s, speed < 0)
        if bout.seconds >= _SHORTEST_REVERSAL_S
        and speed[(time_s >= bout.start_s) & (time_s <= bout.end_s)].min() < _REVERSAL_MM_S
    ]
    omegas = [
        bout
        for bout in _stretches(time_s, np.abs(end_to_end_bend(centreline)) > _OMEGA_RAD)
        if bout.seconds >= _SHORTEST_OMEGA_S
    ]
    pirouettes = _join(sorted([*reversals, *omegas]), _PIROUETTE_GAP_S)
    return Behaviour(
        float(time_s[-1] - time_s[0]),
        tuple(reversals),
        tuple(omegas),
        tuple(pirouettes),
        tuple(_between(pirouettes, float(time_s[0]), float(time_s[-1]))),
    )


def end_to_end_bend(centreline: np.ndarray) -> np.ndarray:
    """Return the angle from the rear third's direction to the front third's, (frames,) [rad].

    Positive towards dorsal; continuous along the body, so that a coil exceeds pi.
    """
    angles = rod_angles(centreline)
    third = angles.shape[1] // 3
    return angles[:, :third].mean(axis=1) - angles[:, -third:].mean(axis=1)


def _stretches(time_s: np.ndarray, holds: np.ndarray) -> list[Bout]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], holds, [False]]).astype(int)))
    last = len(time_s) - 1
    return [
        Bout(float(time_s[start]), float(time_s[min(stop, last)]))
        for start, stop in edges.reshape(-1, 2)
    ]


def _join(bouts: list[Bout], gap_s: float) -> list[Bout]:
    joined: list[Bout] = []
    for bout in bouts:
        if joined and bout.start_s - joined[-1].end_s < gap_s:
            joined[-1] = Bout(joined[-1].start_s, max(joined[-1].end_s, bout.end_s))
        else:
            joined.append(bout)
    return joined


def _between(bouts: list[Bout], start_s: float, end_s: float) -> list[Bout]:
    starts = [start_s, *(bout.end_s for bout in bouts)]
    ends = [*(bout.start_s for bout in bouts), end_s]
    return [Bout(start, end) for start, end in zip(starts, ends, strict=True) if end > start]
