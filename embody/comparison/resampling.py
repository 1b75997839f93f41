"""Another frame rate, without aliasing and without filling gaps."""

from collections.abc import Iterator

import numpy as np
from scipy.interpolate import make_interp_spline
from scipy.signal import butter, sosfiltfilt

PASSED = 0.8
"""The share of the band below half the frame rate that is kept."""

_ORDER = 8
_PADDING = 60
_SAME_RATE = 1e-6


def runs(valid: np.ndarray) -> Iterator[tuple[int, int]]:
    """Yield start and stop of each stretch of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], valid, [False]]).astype(np.int8)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def complete_frames(values: np.ndarray) -> np.ndarray:
    """Return which frames have nothing missing, shape (frames,)."""
    return np.asarray(np.isfinite(values).reshape(len(values), -1).all(axis=1))


def low_pass(values: np.ndarray, valid: np.ndarray, cutoff: float) -> np.ndarray:
    """Return the values without what is faster than `cutoff`, stretch by stretch.

    A Butterworth filter of order 8 runs forwards and backwards, so that nothing is delayed.

    Parameters
    ----------
    values
        Frames first.
    valid
        Which frames are there; all others become NaN.
    cutoff
        As a share of half the frame rate, below 1.
    """
    smooth = np.full_like(values, np.nan)
    filter_ = butter(_ORDER, cutoff, output="sos")
    for start, stop in runs(valid):
        part = values[start:stop]
        padding = min(_PADDING, len(part) - 1)
        smooth[start:stop] = sosfiltfilt(filter_, part, axis=0, padlen=padding)
    return smooth


def resample(values: np.ndarray, valid: np.ndarray, rate_hz: float, wanted_hz: float) -> np.ndarray:
    """Return the values at another frame rate, their first frame kept.

    What the new rate cannot carry is filtered out first; between frames a cubic spline is laid.
    New frames that do not lie inside a stretch of old ones are NaN.

    Parameters
    ----------
    values
        Frames first, NaN where missing.
    valid
        Which frames are there.
    rate_hz, wanted_hz
        Frame rates [Hz].
    """
    if abs(wanted_hz / rate_hz - 1) < _SAME_RATE:
        return values
    if wanted_hz < rate_hz:
        values = low_pass(values, valid, PASSED * wanted_hz / rate_hz)
    ratio = rate_hz / wanted_hz
    count = int((len(values) - 1) / ratio + 1e-9) + 1
    place = np.arange(count) * ratio
    found = np.full((count, *values.shape[1:]), np.nan, values.dtype)
    for start, stop in runs(valid):
        first, last = np.searchsorted(place, [start - 1e-9, stop - 1 + 1e-9])
        if first == last:
            continue
        if stop - start == 1:
            found[first:last] = values[start]
            continue
        spline = make_interp_spline(
            np.arange(start, stop), values[start:stop], k=min(3, stop - start - 1)
        )
        found[first:last] = spline(np.clip(place[first:last], start, stop - 1))
    return found
