"""Frames with times of their own, laid on an even grid with the missing ones marked."""

from collections.abc import Mapping

import numpy as np

from embody.errors import EmbodyError

MOST_MISSING = 50
"""Gaps may make a record at most this many times as long as the frames it holds."""


def to_even_frames(
    time_s: np.ndarray, arrays: Mapping[str, np.ndarray], frame_rate_hz: float | None = None
) -> tuple[float, dict[str, np.ndarray]]:
    """Return the frame rate [Hz] and the arrays with rows of NaN for frames that are missing.

    Each frame goes to the nearest place of a grid whose period is the median time between frames;
    of two at one place the later stays. Times are not interpolated: jitter of less than half a
    frame is dropped.

    Parameters
    ----------
    time_s
        Increasing times, shape (frames,) [s].
    arrays
        Any number of arrays, frames first.
    frame_rate_hz
        By default that of the median time between frames.

    Raises
    ------
    EmbodyError
        If times are not finite or do not increase, or leave absurdly long gaps.
    """
    time_s = np.asarray(time_s, float)
    if len(time_s) == 0:
        raise EmbodyError("there are no frames")
    steps = np.diff(time_s)
    if not np.isfinite(time_s).all() or (steps <= 0).any():
        raise EmbodyError("the times of frames must be numbers that increase")
    if frame_rate_hz is None:
        if len(time_s) < 2:
            raise EmbodyError("one frame tells no frame rate: give frame_rate_hz")
        frame_rate_hz = round(float(1.0 / np.median(steps)), 6)
        if not frame_rate_hz > 0:
            raise EmbodyError(
                f"frames that lie {np.median(steps):.3g} s apart are none: the unit of time must "
                "be wrong"
            )
    last = (time_s[-1] - time_s[0]) * frame_rate_hz
    if last > MOST_MISSING * len(time_s) + 1000:
        raise EmbodyError(
            f"{len(time_s)} frames are spread over {last:.3g} frame periods: the unit of time or "
            "the times must be wrong"
        )
    place = np.rint((time_s - time_s[0]) * frame_rate_hz).astype(int)
    if len(place) == place[-1] + 1:
        return frame_rate_hz, dict(arrays)
    even = {}
    for name, array in arrays.items():
        even[name] = np.full((place[-1] + 1, *array.shape[1:]), np.nan, array.dtype)
        even[name][place] = array
    return frame_rate_hz, even
