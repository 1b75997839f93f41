"""Postures of one fly body carried over to another, by what the claws do."""

import mujoco
import numpy as np

from embody.bodies.fly.fly_view import FlyView
from embody.bodies.fly.geometry import LEG_JOINTS, LEGS, neutral_leg_angle
from embody.bodies.fly.kinematics import claw_position

_LEG_ANGLES = len(LEG_JOINTS)
_SOFTNESS_MM = 0.1
_PULL_TO_NEUTRAL = 0.02


class Retarget:
    """Finds leg angles with which a fly's claws do what those of the procedural body do.

    A claw's path is its displacement from the standing posture, so two bodies with other
    proportions both stand in theirs. Damped least squares on MuJoCo's Jacobian (Wampler 1986, IEEE
    Trans. Syst. Man Cybern. 16:93), drawn to the standing posture in what the claws leave open.

    Parameters
    ----------
    fly
        The fly that shall move its claws so; it is not touched.
    steps
        Iterations for every posture.
    """

    def __init__(self, fly: FlyView, steps: int = 12) -> None:
        self._fly = FlyView(fly.model, mujoco.MjData(fly.model), fly.prefix)
        self._steps = steps
        self._neutral = fly.neutral_pose[:_LEG_ANGLES]
        self._limits = fly.joint_range[:_LEG_ANGLES].T
        self._claws = self._claws_at(self._neutral)

    def __call__(self, leg_angle: np.ndarray) -> np.ndarray:
        """Return the leg angles of this fly, shape (42,) [rad], for those of the procedural one.

        Parameters
        ----------
        leg_angle
            Posture of the procedural fly, shape (42,) [rad].
        """
        goal = self._claws + claw_position(leg_angle) - claw_position(neutral_leg_angle)
        angle = self._neutral.copy()
        for _ in range(self._steps):
            error = goal - self._claws_at(angle)
            jacobian = self._jacobian()
            square = jacobian @ jacobian.transpose(0, 2, 1) + _SOFTNESS_MM**2 * np.eye(3)
            inverse = jacobian.transpose(0, 2, 1) @ np.linalg.inv(square)
            step = inverse @ error[..., None]
            home = _PULL_TO_NEUTRAL * (self._neutral - angle).reshape(len(LEGS), -1, 1)
            step += home - inverse @ (jacobian @ home)
            angle = np.clip(angle + step.ravel(), *self._limits)
        return angle

    def miss_mm(self, leg_angle: np.ndarray) -> float:
        """Return how far the worst claw stays from where it should be for a posture [mm]."""
        goal = self._claws + claw_position(leg_angle) - claw_position(neutral_leg_angle)
        return float(np.linalg.norm(goal - self._claws_at(self(leg_angle)), axis=1).max())

    def _claws_at(self, angle: np.ndarray) -> np.ndarray:
        self._fly.place(np.zeros(3), np.array([1.0, 0.0, 0.0, 0.0]), angle)
        return self._fly.claw_position()

    def _jacobian(self) -> np.ndarray:
        model, data, index = self._fly.model, self._fly.data, self._fly.indexing
        mujoco.mj_comPos(model, data)
        velocities = index.joint_velocity[:_LEG_ANGLES].reshape(len(LEGS), -1)
        jacobian = np.empty((len(LEGS), 3, velocities.shape[1]))
        whole = np.empty((3, model.nv))
        for leg, site in enumerate(index.claw_site):
            mujoco.mj_jacSite(model, data, whole, None, site)
            jacobian[leg] = whole[:, velocities[leg]]
        return jacobian
