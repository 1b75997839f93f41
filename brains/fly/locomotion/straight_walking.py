"""Keeping a heading: the turns that the halteres feel are taken back."""

from typing import Any, NamedTuple

Array = Any


class StraightWalkingParameters(NamedTuple):
    """How a turn is taken back.

    Attributes
    ----------
    gain
        Difference of drive for each radian off the heading [1/rad].
    largest
        Limit of the difference that is taken from one side and given to the other.
    """

    gain: float = 1.0
    largest: float = 0.5


def step(
    parameters: StraightWalkingParameters,
    turned: Array,
    yaw_rate: Array,
    drive: Array,
    dt: float,
    xp: Any,
) -> tuple[Array, Array]:
    """Return the angle turned so far and the drive that takes it back.

    The angle is the integral of the yaw rate, and so drifts with the errors of that sense.

    Parameters
    ----------
    turned
        Angle turned to the left since the heading was set, shape (...) [rad].
    yaw_rate
        Angular velocity to the left, shape (...) [rad/s].
    drive
        Drive of left and right side of a fly that need not correct, shape (..., 2).
    dt
        Time since the last step [s].
    """
    turned = turned + dt * yaw_rate
    bias = xp.clip(parameters.gain * turned, -parameters.largest, parameters.largest)
    return turned, xp.asarray(drive) + xp.stack([bias, -bias], axis=-1)
