"""Names of the worm's parts looked up once in MuJoCo's arrays."""

from dataclasses import dataclass

import mujoco
import numpy as np

from embody.bodies.worm.geometry import JOINT_NAMES, ROD_NAMES
from embody.bodies.worm.mujoco_model import ROOT_JOINT_NAMES


@dataclass(frozen=True)
class WormIndexing:
    """Where the named parts of the worm lie in MuJoCo's arrays.

    Attributes
    ----------
    root_q
        Addresses in `qpos` and `qvel` of the middle rod's x, y and direction, shape (3,).
    joint_q
        Addresses in `qpos` and `qvel` of joint01 to joint24, shape (24,).
    rod_body
        Numbers of the bodies rod01 to rod25, shape (25,).
    commands
        Number of actuators that take a command: 95 muscles or 24 servos.
    """

    root_q: np.ndarray
    joint_q: np.ndarray
    rod_body: np.ndarray
    commands: int

    @classmethod
    def of(cls, model: mujoco.MjModel) -> "WormIndexing":
        """Look every name up once."""
        return cls(
            root_q=np.array([model.joint(name).qposadr[0] for name in ROOT_JOINT_NAMES]),
            joint_q=np.array([model.joint(name).qposadr[0] for name in JOINT_NAMES]),
            rod_body=np.array([model.body(name).id for name in ROD_NAMES]),
            commands=model.actuator("drag_tangent01").id,
        )
