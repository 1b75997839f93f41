"""Strips of what legs do and why: feet on the ground, the drive of both sides, motion seen."""

import numpy as np

from embody.analysis.source import RecordingLike
from embody.video import palette
from embody.video.activity import Strip, even_steps

LEAST_LOAD_UN = 1.0
"""Load from which a foot counts as standing [uN]: a tenth of a fly's weight."""

LEFT_COLOUR: palette.Colour = (255, 176, 72)
RIGHT_COLOUR: palette.Colour = (84, 190, 232)
_SWING: palette.Colour = (30, 36, 43)


def stance(leg_load: np.ndarray) -> np.ndarray:
    """Return which feet stand, truth values of the shape of the loads [uN]."""
    return np.asarray(leg_load) > LEAST_LOAD_UN


def footfall_strip(recording: RecordingLike, legs: tuple[str, ...], step_s: float) -> Strip:
    """Return the footfalls, bright where a foot stands: a row for each leg.

    Parameters
    ----------
    recording
        One episode, with "leg_load" [uN].
    legs
        Name of each leg; the first letter is its side, L or R.
    step_s
        Time between two columns [s].
    """
    time, at = even_steps(recording, step_s)
    standing = stance(recording.arrays["leg_load"])[at].T
    side = np.array([LEFT_COLOUR if leg.startswith("L") else RIGHT_COLOUR for leg in legs])
    columns = np.where(standing[..., None], side[:, None, :], np.array(_SWING)).astype(np.uint8)
    groups = tuple(leg[0] for leg in legs)
    return Strip("Feet on the ground", legs, groups, False, columns, step_s, float(time[0]))


def drive_strip(recording: RecordingLike, step_s: float) -> Strip | None:
    """Return the descending drive of both sides; None if none was recorded."""
    if "drive" not in recording.arrays:
        return None
    time, at = even_steps(recording, step_s)
    drive = np.asarray(recording.arrays["drive"], float)[at].T
    return Strip(
        "Descending drive",
        ("left", "right"),
        ("L", "R"),
        False,
        palette.heat_ramp(np.clip((drive + 0.2) / 1.7, 0, 1)),
        step_s,
        float(time[0]),
    )


def motion_strip(recording: RecordingLike, step_s: float) -> Strip | None:
    """Return the motion that the eyes see, red to the back and blue to the front.

    None if no "motion" was recorded: a number for each eye, positive to the back, as
    controllers with optic lobes record it.
    """
    if "motion" not in recording.arrays:
        return None
    time, at = even_steps(recording, step_s)
    motion = np.asarray(recording.arrays["motion"], float)
    limit = max(float(np.percentile(np.abs(motion), 98)), 1e-12)
    return Strip(
        "Motion seen (red: to the back)",
        ("left", "right"),
        ("L", "R"),
        False,
        palette.bend_ramp(np.clip(motion[at].T / limit, -1, 1)),
        step_s,
        float(time[0]),
    )
