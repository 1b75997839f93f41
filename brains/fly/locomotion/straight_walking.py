"""Keeping a course: turns that the halteres feel and that nobody asked for are taken back."""

from typing import Any, NamedTuple

import numpy as np

Array = Any


class StraightWalkingParameters(NamedTuple):
    """How a turn is taken back.

    Attributes
    ----------
    gain
        Drive that is taken from one side and given to the other for each radian off the course
        [1/rad].
    largest
        Limit of that drive, as a share of the drive of the faster side: a fly that stands does not
        step to turn back.
    straight_rate
        Rate of turning below which a fly is meant to walk straight, and remembers its course
        however far it is thrown off it [rad/s].
    """

    gain: float = 1.0
    largest: float = 0.5
    straight_rate: float = 0.2


def step(
    parameters: StraightWalkingParameters,
    turned: Array,
    yaw_rate: Array,
    drive: Array,
    dt: float,
    xp: Any,
    asked_rate: Array = 0.0,
) -> tuple[Array, Array]:
    """Return the angle turned too far so far, and the drive that takes it back.

    The angle is the integral of the yaw rate less the rate that was asked for, and so drifts with
    the errors of that sense. In a turn it grows no further than to what calls for the largest
    correction: a fly that cannot turn as fast as asked does not make up for it later.

    Parameters
    ----------
    turned
        Angle turned to the left since the course was set, beyond what was asked, shape (...) [rad].
    yaw_rate
        Angular velocity to the left, shape (...) [rad/s].
    drive
        Drive of left and right side of a fly that need not correct, shape (..., 2).
    dt
        Time since the last step [s].
    asked_rate
        Angular velocity to the left that the drive asks for, shape (...) [rad/s].
    """
    drive = xp.asarray(drive)
    limit = parameters.largest * xp.abs(drive).max(axis=-1)
    straight = xp.abs(xp.asarray(asked_rate)) < parameters.straight_rate
    most = xp.where(straight, np.pi, parameters.largest / parameters.gain)
    turned = xp.minimum(xp.maximum(turned + dt * (yaw_rate - asked_rate), -most), most)
    bias = xp.minimum(xp.maximum(parameters.gain * turned, -limit), limit)
    return turned, drive + xp.stack([bias, -bias], axis=-1)
