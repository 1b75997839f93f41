"""How much a tracker errs, told from the tracks alone."""

from math import comb

import numpy as np

from embody.comparison.record import BehaviourRecord
from embody.comparison.record_checks import LABELLED
from embody.comparison.resampling import runs

_ORDER = 3
_NORMAL_MEDIAN = 0.6744897501960817
_MOST_DIFFERENCES = 200_000


def estimate_tracking_noise(record: BehaviourRecord) -> dict[str, tuple[float, ...]]:
    """Return the standard deviation of what looks like error from frame to frame.

    Movement is smooth over four frames, error is not: third differences of white noise have a
    variance of 20 times its own. Their median size is used, so that jumps do not count (the
    difference-based estimator of Hall, Kay & Titterington 1990, Biometrika 77:521). Frames
    differenced never lie on both sides of a gap. Movement faster than about a fifth of the frame
    rate counts as error.

    Parameters
    ----------
    record
        At its own frame rate, not smoothed.

    Returns
    -------
    dict
        For each array one number for each name, for "position" and "heading" one, in the unit of
        the array; 0 where a record is too short to tell.
    """
    return {
        name: noise_levels(array, record.valid, name in LABELLED)
        for name, array in record.arrays.items()
    }


def noise_levels(array: np.ndarray, valid: np.ndarray, labelled: bool) -> tuple[float, ...]:
    """Return the standard deviation of the error of each column of an array.

    Parameters
    ----------
    array
        Frames first.
    valid
        Which frames are there.
    labelled
        Whether the second axis is one of names; the coordinates of one point share a number. If
        not, all columns share one.
    """
    differences, taken = [], 0
    for start, stop in runs(valid):
        if stop - start > _ORDER:
            differences.append(
                np.diff(array[start : min(stop, start + _MOST_DIFFERENCES)], _ORDER, 0)
            )
            taken += stop - start
        if taken > _MOST_DIFFERENCES:
            break
    columns = array.shape[1] if labelled else 1
    if not differences:
        return (0.0,) * columns
    together = np.abs(np.concatenate(differences)).astype(float)
    together = together.reshape(len(together), columns, -1)
    scale = _NORMAL_MEDIAN * comb(2 * _ORDER, _ORDER) ** 0.5
    return tuple(float(np.median(together[:, i])) / scale for i in range(columns))
