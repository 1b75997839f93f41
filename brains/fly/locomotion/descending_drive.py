"""From a two-dimensional descending drive to the rhythm and the length of steps on each side."""

from typing import Any, NamedTuple

import numpy as np

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
    foot_speed
        Speed of the feet over the ground at a drive of 1 [mm/s].
    turning_width
        Distance at which the two sides move with the speeds that their drives ask for [mm]; the
        larger, the slower the turn.
    slow_frequency, frequency_gain
        Step frequency is `slow_frequency + frequency_gain * level`, the level being the larger
        drive of the two, either sign [Hz].
    longest_stride
        Limit of what a foot moves in one stance, along and across the body [mm].
    threshold
        Drive below which the rhythm fades to nothing.
    slow_lag, fast_lag
        Share of a step by which a leg follows the one behind it, at the levels of `lag_range`: a
        tripod that is loose in slow walking and tightens with speed (Wosnitza et al. 2013, J. Exp.
        Biol. 216:480).
    lag_range
        The levels between which the lag changes.
    """

    foot_speed: float = 18.5
    turning_width: float = 3.2
    slow_frequency: float = 4.0
    frequency_gain: float = 8.5
    longest_stride: tuple[float, float] = (1.2, 0.6)
    threshold: float = 0.1
    slow_lag: float = 0.4
    fast_lag: float = 0.49
    lag_range: tuple[float, float] = (0.1, 1.5)


class Stepping(NamedTuple):
    """What the drive asks of the legs.

    Attributes
    ----------
    frequency
        Step frequency, shape (...) [Hz].
    foot_velocity
        Velocity with which each foot would move over the ground if it were not for friction: that
        of the body at the foot, forward and to the left, shape (..., 6, 2) [mm/s].
    lift
        Height of swing, relative to the recorded one, shape (...).
    lag
        Share of a step by which a leg follows the one behind it, shape (...).
    """

    frequency: Array
    foot_velocity: Array
    lift: Array
    lag: Array


def stepping(parameters: DriveParameters, drive: Array, foot_mm: np.ndarray, xp: Any) -> Stepping:
    """Return what a drive asks of the legs.

    The drive of a side sets its speed; the two together are a speed and a rate of turning, and
    each foot moves as the ground under it would: in a turn the outer feet make longer strides,
    and front and hind feet step aside, in opposite directions, as those of flies do (Strauss &
    Heisenberg 1990, J. Comp. Physiol. A 167:403). A negative drive moves its side backwards.

    Parameters
    ----------
    drive
        Drive of the left and of the right side, shape (..., 2).
    foot_mm
        Resting places of the feet in the thorax frame, shape (6, 3) [mm].
    """
    drive = xp.minimum(xp.maximum(xp.asarray(drive, dtype=float), LOWEST_DRIVE), HIGHEST_DRIVE)
    foot = xp.asarray(foot_mm, dtype=drive.dtype)
    level = xp.abs(drive).max(axis=-1)
    speed = parameters.foot_speed * drive.mean(axis=-1)[..., None]
    turning = turn_rate(parameters, drive)[..., None]
    middle = foot[:, 0].mean()
    velocity = xp.stack([speed - turning * foot[:, 1], turning * (foot[:, 0] - middle)], axis=-1)
    walking = xp.minimum(level / parameters.threshold, 1.0)
    low, high = parameters.lag_range
    share = xp.minimum(xp.maximum((level - low) / (high - low), 0.0), 1.0)
    return Stepping(
        walking * (parameters.slow_frequency + parameters.frequency_gain * level),
        velocity,
        walking,
        parameters.slow_lag + (parameters.fast_lag - parameters.slow_lag) * share,
    )


def turn_rate(parameters: DriveParameters, drive: Array) -> Array:
    """Return the turn that a drive asks for, to the left, shape (...) [rad/s].

    Parameters
    ----------
    drive
        Drive of the left and of the right side, shape (..., 2).
    """
    return parameters.foot_speed * (drive[..., 1] - drive[..., 0]) / parameters.turning_width


STRAIGHT = np.ones(2)
"""The drive that walks straight at normal speed."""
