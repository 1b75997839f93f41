"""How a six-legged walker walks: swing and stance, their timing, and how the legs go together.

Legs are in the order left front, left middle, left hind, right front, right middle, right hind.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from embody.errors import EmbodyError

LEGS = 6
TRIPODS = ((0, 4, 2), (3, 1, 5))
"""The two tripods: front, opposite middle and hind leg of a side; the middle leg is second."""


class Swing(NamedTuple):
    """One swing of a leg, whole in the record.

    Attributes
    ----------
    start_s, end_s
        Lift-off and touch-down [s].
    """

    start_s: float
    end_s: float

    @property
    def seconds(self) -> float:
        """How long it lasts [s]."""
        return self.end_s - self.start_s


@dataclass(frozen=True)
class FlyGait:
    """What the legs do over a whole record; NaN where the record cannot tell.

    Attributes
    ----------
    step_frequency_hz
        Steps per second of each leg, from the median time between lift-offs, shape (6,) [Hz].
    swing_s, stance_s
        Median duration of swing and of stance of each leg, shape (6,) [s].
    duty_factor
        Share of whole steps that each leg spends in stance, shape (6,).
    tripod_strength
        Mean tripod coordination strength, 0 to 1.
    phase
        Share of a step by which each leg lifts off after the left hind leg, on average round the
        circle, shape (6,), 0 to 1.
    legs_in_stance
        Mean number of legs on the ground.
    """

    step_frequency_hz: np.ndarray
    swing_s: np.ndarray
    stance_s: np.ndarray
    duty_factor: np.ndarray
    tripod_strength: float
    phase: np.ndarray
    legs_in_stance: float


@dataclass(frozen=True)
class FlyTrack:
    """Where the body goes.

    Attributes
    ----------
    forward_speed_mm_s
        Mean velocity along the heading [mm/s].
    sideways_speed_mm_s
        Mean velocity to the left of the heading [mm/s].
    turn_rate_deg_s
        Slope of the heading over time, positive to the left [deg/s].
    heading_change_deg
        From the first to the last sample [deg].
    path_mm
        Length of the path over the ground [mm].
    """

    forward_speed_mm_s: float
    sideways_speed_mm_s: float
    turn_rate_deg_s: float
    heading_change_deg: float
    path_mm: float


def swing_mask(
    leg_load: np.ndarray, period_s: float, least_load: float = 0.5, shortest_s: float = 0.008
) -> np.ndarray:
    """Return when each leg is off the ground, shape (frames, 6) of truth values.

    Contacts and flights shorter than `shortest_s` are chatter and are filled in, flights first.

    Parameters
    ----------
    leg_load
        Contact force on each leg, shape (frames, 6) [uN].
    period_s
        Time between frames [s].
    least_load
        Load above which a leg is on the ground [uN].
    shortest_s
        Duration below which a change does not count [s].
    """
    loads = _six_columns(leg_load, "leg_load")
    shortest = round(shortest_s / period_s)
    swing = ~(loads > least_load)
    for leg in range(LEGS):
        for state in (True, False):
            _fill_short(swing[:, leg], state, shortest)
    return swing


def find_swings(time_s: np.ndarray, swing: np.ndarray) -> list[list[Swing]]:
    """Return the whole swings of each leg: the data of a footfall diagram.

    Parameters
    ----------
    time_s
        Times of the frames, evenly spaced, shape (frames,) [s].
    swing
        Whether each leg is off the ground, shape (frames, 6).
    """
    swing = _six_columns(swing, "swing").astype(bool)
    time_s = np.asarray(time_s, dtype=float)
    if time_s.shape != (len(swing),):
        raise EmbodyError(f"swing has {len(swing)} frames, so time_s must have as many")
    found = []
    for leg in range(LEGS):
        change = np.diff(swing[:, leg].astype(int))
        starts, ends = np.flatnonzero(change > 0) + 1, np.flatnonzero(change < 0) + 1
        ends = ends[np.searchsorted(ends, starts[0]) :] if len(starts) else ends[:0]
        pairs = zip(starts, ends, strict=False)
        found.append([Swing(float(time_s[start]), float(time_s[end])) for start, end in pairs])
    return found


def tripod_strengths(swings: list[list[Swing]]) -> np.ndarray:
    """Return the tripod coordination strength of every tripod step, shape (steps,), 0 to 1.

    Each swing of a middle leg is taken with those swings of the front and hind leg of its tripod
    whose middles are nearest to its own. The strength is the time in which all three swing over
    the time from the first lift-off to the last touch-down: 1 for a perfect tripod, 0 where the
    three never swing at once (Wosnitza, Bockemuehl, Duebbert, Scholz & Bueschges 2013, J. Exp.
    Biol. 216:480).

    Parameters
    ----------
    swings
        From `find_swings`.
    """
    strengths = []
    for front, middle, hind in TRIPODS:
        others = [swings[front], swings[hind]]
        if not all(others):
            continue
        first = max(other[0].start_s for other in others)
        last = min(other[-1].end_s for other in others)
        for step in swings[middle]:
            if step.start_s < first - step.seconds or step.end_s > last + step.seconds:
                continue
            centre = 0.5 * (step.start_s + step.end_s)
            near = [min(other, key=lambda s: abs(0.5 * (s[0] + s[1]) - centre)) for other in others]
            three = [step, *near]
            together = min(s.end_s for s in three) - max(s.start_s for s in three)
            whole = max(s.end_s for s in three) - min(s.start_s for s in three)
            strengths.append(max(together, 0.0) / whole)
    return np.array(strengths)


def measure_fly_gait(time_s: np.ndarray, swing: np.ndarray) -> FlyGait:
    """Measure timing and coordination of the legs.

    Parameters
    ----------
    time_s
        Times of the frames, evenly spaced, shape (frames,) [s].
    swing
        Whether each leg is off the ground, shape (frames, 6); see `swing_mask`.

    Raises
    ------
    EmbodyError
        If the shapes do not fit.
    """
    swings = find_swings(time_s, swing)
    periods = [np.diff([step.start_s for step in leg]) for leg in swings]
    swing_s = np.array([_median([step.seconds for step in leg]) for leg in swings])
    stances = [[after.start_s - before.end_s for before, after in pairwise(leg)] for leg in swings]
    duty = [
        sum(stance) / float(period.sum()) if len(stance) else float("nan")
        for stance, period in zip(stances, periods, strict=True)
    ]
    strengths = tripod_strengths(swings)
    return FlyGait(
        step_frequency_hz=1.0 / np.array([_median(period) for period in periods]),
        swing_s=swing_s,
        stance_s=np.array([_median(stance) for stance in stances]),
        duty_factor=np.array(duty),
        tripod_strength=float(strengths.mean()) if len(strengths) else float("nan"),
        phase=_phases(swings),
        legs_in_stance=float((~np.asarray(swing, bool)).sum(axis=1).mean()),
    )


def measure_fly_track(
    time_s: np.ndarray, position_mm: np.ndarray, heading_rad: np.ndarray
) -> FlyTrack:
    """Measure speed and turning.

    Parameters
    ----------
    time_s
        Times of the frames, shape (frames,) [s].
    position_mm
        Place of the thorax, shape (frames, 2) or (frames, 3) [mm].
    heading_rad
        Heading, counterclockwise from x, wrapped or not, shape (frames,) [rad].
    """
    time_s, heading = np.asarray(time_s, float), np.unwrap(np.asarray(heading_rad, float))
    steps = np.diff(np.asarray(position_mm, float)[:, :2], axis=0)
    middle = 0.5 * (heading[1:] + heading[:-1])
    duration = float(time_s[-1] - time_s[0])
    forward = steps[:, 0] * np.cos(middle) + steps[:, 1] * np.sin(middle)
    leftward = steps[:, 1] * np.cos(middle) - steps[:, 0] * np.sin(middle)
    return FlyTrack(
        forward_speed_mm_s=float(forward.sum()) / duration,
        sideways_speed_mm_s=float(leftward.sum()) / duration,
        turn_rate_deg_s=float(np.degrees(np.polyfit(time_s - time_s[0], heading, 1)[0])),
        heading_change_deg=float(np.degrees(heading[-1] - heading[0])),
        path_mm=float(np.linalg.norm(steps, axis=1).sum()),
    )


def _phases(swings: list[list[Swing]]) -> np.ndarray:
    """Return the circular mean of each leg's lift-offs within steps of the left hind leg."""
    reference = np.array([step.start_s for step in swings[2]])
    phases = np.full(LEGS, np.nan)
    if len(reference) < 2:
        return phases
    for leg, steps in enumerate(swings):
        starts = np.array([step.start_s for step in steps])
        starts = starts[(starts >= reference[0]) & (starts < reference[-1])]
        if len(starts):
            step = np.searchsorted(reference, starts, side="right") - 1
            turn = (starts - reference[step]) / (reference[step + 1] - reference[step])
            phases[leg] = np.angle(np.exp(2j * np.pi * turn).mean()) / (2 * np.pi) % 1.0
    return phases


def _median(values: np.ndarray | list[float]) -> float:
    return float(np.median(values)) if len(values) else float("nan")


def _six_columns(values: np.ndarray, name: str) -> np.ndarray:
    values = np.asarray(values)
    if values.ndim != 2 or values.shape[1] != LEGS:
        raise EmbodyError(f"{name} must have shape (frames, 6), not {values.shape}")
    return values


def _fill_short(mask: np.ndarray, state: bool, shortest: int) -> None:
    """Turn runs of `state` shorter than that, and not at either end, into their opposite."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask == state, [False]]).astype(int)))
    for start, stop in edges.reshape(-1, 2):
        if stop - start < shortest and start > 0 and stop < len(mask):
            mask[start:stop] = not state
