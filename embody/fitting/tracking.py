"""What tracking of recorded postures is rewarded for, and when it has failed."""

from typing import Any, NamedTuple

Array = Any


class TrackingReward(NamedTuple):
    """Reward of a posture beside its reference, 0 to 1 (Peng et al. 2018, ACM TOG 37:143).

    Attributes
    ----------
    pose_sharpness
        How fast the reward falls with the mean squared error of joint angles [1/rad^2].
    velocity_sharpness
        The same for angular velocities [s^2/rad^2].
    velocity_share
        Weight of the velocity's part; that of the posture is the rest.
    bound_rad
        Root mean squared error of joint angles at which tracking has failed [rad].
    """

    pose_sharpness: float = 30.0
    velocity_sharpness: float = 1.0
    velocity_share: float = 0.2
    bound_rad: float = 0.4

    def reward(self, error: Array, velocity_error: Array, xp: Any) -> Array:
        """Return the reward for errors of angles [rad] and velocities [rad/s], (..., joints)."""
        pose = xp.exp(-self.pose_sharpness * (error**2).mean(-1))
        velocity = xp.exp(-self.velocity_sharpness * (velocity_error**2).mean(-1))
        return (1.0 - self.velocity_share) * pose + self.velocity_share * velocity

    def failed(self, error: Array) -> Array:
        """Return whether joint angles are too far off, (..., joints) [rad] to (...)."""
        return (error**2).mean(-1) > self.bound_rad**2
