"""A fly put back into the posture of a moment of a recording, ready to be drawn."""

from collections.abc import Mapping
from typing import Any

import mujoco
import numpy as np

from embody.envs.fly.base import ball_q, ball_stand, make_body
from embody.envs.fly.worlds import LAMP
from embody.registry import load_entry_point

SHOWN: dict[str, str] = {
    "grating": "embody.envs.fly.optomotor:show_grating",
    "predator": "embody.envs.fly.looming:show_predator",
    "other_fly": "embody.envs.fly.follow:show_other_fly",
    "food_left": "embody.envs.fly.food_world:show_food",
}
"""What a task records of its world and how it is shown: name in the snapshot -> "module:function",
called with the body and the value."""


class Stage:
    """The body and the world of a scene.

    Parameters
    ----------
    scene
        As `FlyEnv.scene` returns it.

    Attributes
    ----------
    body
        The body; its model is what a view draws, its data hold the present posture.
    """

    def __init__(self, scene: Mapping[str, Any]) -> None:
        self.body = make_body(scene["body"], scene["tether"], scene["world"])
        self.body.reset()
        model = self.body.model
        model.light_active[:] = [model.light(n).name == LAMP for n in range(model.nlight)]
        self._ball_q = ball_q(self.body) if scene["tether"] == "ball" else None

    def show(self, snapshot: Mapping[str, np.ndarray]) -> None:
        """Take the posture of a snapshot, as `FlyEnv.snapshot` returns it."""
        body, data = self.body, self.body.data
        pose = np.concatenate([snapshot["joint_angle"], snapshot["head_angle"]])
        orientation = np.asarray(snapshot["orientation"], float)
        body.place(snapshot["position"], orientation / np.linalg.norm(orientation), pose)
        data.qpos[body.indexing.tarsus_q] = snapshot["tarsus_angle"]
        if self._ball_q is not None:
            data.mocap_pos[ball_stand(body)] = snapshot["ball_position"]
            data.qpos[self._ball_q] = snapshot["ball_orientation"]
        for name in SHOWN.keys() & snapshot.keys():
            load_entry_point(SHOWN[name])(body, snapshot[name])
        mujoco.mj_kinematics(body.model, data)
        mujoco.mj_camlight(body.model, data)
