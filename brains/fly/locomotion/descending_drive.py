"""From a two-dimensional descending drive to the rhythm and the length of steps on each side."""

from typing import Any, NamedTuple

import numpy as np

from embody.brains.fly.locomotion.oscillators import SIDE

Array = Any

LOWEST_DRIVE, HIGHEST_DRIVE = -1.0, 1.5
"""Range of the drive of one side; what lies outside is clipped."""


class DriveParameters(NamedTuple):
    """How drive turns into stepping.

    Speed comes from more frequent steps and, less so, from longer ones (Mendes et al. 2013, eLife
    2:e00231; DeAngelis et al. 2019, eLife 8:e46409); legs of a side follow one another by a
    longer share of the step the faster they walk, without distinct gaits (DeAngelis et al. 2019).

    Attributes
    ----------
    slow_frequency, frequency_gain
        Step frequency is `slow_frequency + frequency_gain * level` [Hz].
    short_stride, stride_gain
        Length of stride, relative to the recorded one, is `short_stride + stride_gain * level`.
    longest_stride
        Limit of the stride.
    threshold
        Drive below which frequency and stride fade to nothing.
    slow_lag, fast_lag
        Share of a step by which a leg follows the one behind it, at the drives of `lag_range`.
    lag_range
        The drives between which the lag changes.
    """

    slow_frequency: float = 4.0
    frequency_gain: float = 8.5
    short_stride: float = 0.85
    stride_gain: float = 0.3
    longest_stride: float = 1.5
    threshold: float = 0.1
    slow_lag: float = 0.33
    fast_lag: float = 0.5
    lag_range: tuple[float, float] = (0.2, 1.2)


class Stepping(NamedTuple):
    """What the drive asks of the legs.

    Attributes
    ----------
    frequency
        Step frequency of each leg, negative where it walks backwards, shape (..., 6) [Hz].
    stride
        Length of stride of each leg, relative to the recorded one, shape (..., 6).
    lift
        Height of swing of each leg, relative to the recorded one, shape (..., 6).
    lag
        Share of a step by which a leg follows the one behind it, shape (...).
    together
        1 where both sides walk the same way and are coupled, 0 where not, shape (...).
    """

    frequency: Array
    stride: Array
    lift: Array
    lag: Array
    together: Array


def stepping(parameters: DriveParameters, drive: Array, xp: Any) -> Stepping:
    """Return what a drive asks of the legs.

    The drive of a side sets the speed of its feet. Both sides keep the rhythm of the mean drive,
    as flies do in shallow turns (Strauss & Heisenberg 1990, J. Comp. Physiol. A 167:403), so that
    a difference shows in the length of their strides; a negative drive turns the rhythm of its
    side round.

    Parameters
    ----------
    drive
        Drive of the left and of the right side, shape (..., 2).
    """
    drive = xp.clip(xp.asarray(drive), LOWEST_DRIVE, HIGHEST_DRIVE)
    size = xp.abs(drive)
    level = size.mean(axis=-1)
    rhythm = _frequency(parameters, level)
    speed = _frequency(parameters, size) * (parameters.short_stride + parameters.stride_gain * size)
    speed = speed * _fade(parameters, size, xp)
    stride = xp.minimum(speed / rhythm[..., None], parameters.longest_stride)
    walking = _fade(parameters, level, xp)
    frequency = (rhythm * walking)[..., None] * xp.where(drive < 0, -1.0, 1.0)
    low, high = parameters.lag_range
    share = xp.clip((level - low) / (high - low), 0.0, 1.0)
    return Stepping(
        frequency[..., SIDE],
        stride[..., SIDE],
        xp.broadcast_to(walking[..., None], (*level.shape, 6)),
        parameters.slow_lag + (parameters.fast_lag - parameters.slow_lag) * share,
        xp.where(drive[..., 0] * drive[..., 1] < 0, 0.0, 1.0),
    )


def _frequency(parameters: DriveParameters, level: Array) -> Array:
    return parameters.slow_frequency + parameters.frequency_gain * level


def _fade(parameters: DriveParameters, level: Array, xp: Any) -> Array:
    return xp.minimum(level / parameters.threshold, 1.0)


STRAIGHT = np.ones(2)
"""The drive that walks straight at normal speed."""
