"""Names of a fly's parts looked up once in MuJoCo's arrays."""

from dataclasses import dataclass

import mujoco
import numpy as np

from embody.bodies.fly.geometry import ACTUATED_JOINTS, LEG_SEGMENTS, LEGS, TARSUS_JOINTS

GROUND_SEGMENTS = LEG_SEGMENTS[1:]
"""Segments of a leg that touch the ground: femur, tibia, tarsus1 to tarsus5."""


@dataclass(frozen=True)
class FlyIndexing:
    """Where the named parts of a fly lie in MuJoCo's arrays.

    Attributes
    ----------
    thorax
        Number of the body "thorax".
    mocap
        Its mocap number if the fly is held, else -1.
    root_q, root_velocity
        First addresses of the free thorax in `qpos` and `qvel`; -1 if the fly is held.
    joint_q, joint_velocity
        Addresses of the 49 actuated joints, shape (49,).
    tarsus_q
        Addresses in `qpos` of the passive tarsus joints, shape (24,).
    servo, adhesion
        Addresses in `ctrl` of the joint targets, shape (49,), and of the adhesion, shape (6,).
    claw_site
        Numbers of the sites at the claws, shape (6,).
    odour_site
        Those of left antenna, right antenna, left palp, right palp, shape (4,).
    taste_site
        Those of the six claws and the tip of the proboscis, shape (7,).
    eye_site
        Those of the left and right eye, shape (2,).
    accelerometer
        First address of the accelerometer in `sensordata`.
    segment_of_geom
        For every geom of the model: leg * 7 + segment for `GROUND_SEGMENTS`, 42 for any other part
        of this fly, -1 for what is not of it.
    """

    thorax: int
    mocap: int
    root_q: int
    root_velocity: int
    joint_q: np.ndarray
    joint_velocity: np.ndarray
    tarsus_q: np.ndarray
    servo: np.ndarray
    adhesion: np.ndarray
    claw_site: np.ndarray
    odour_site: np.ndarray
    taste_site: np.ndarray
    eye_site: np.ndarray
    accelerometer: int
    segment_of_geom: np.ndarray

    @classmethod
    def of(cls, model: mujoco.MjModel, prefix: str) -> "FlyIndexing":
        """Look every name up once."""

        def sites(*names: str) -> np.ndarray:
            return np.array([model.site(f"{prefix}{name}").id for name in names])

        thorax = model.body(f"{prefix}thorax").id
        free = model.body_dofnum[thorax] > 0
        root = model.joint(f"{prefix}root") if free else None
        joints = [model.joint(f"{prefix}{name}") for name in ACTUATED_JOINTS]
        claws = sites(*(f"{leg}_claw" for leg in LEGS))
        return cls(
            thorax=thorax,
            mocap=int(model.body_mocapid[thorax]),
            root_q=int(root.qposadr[0]) if root else -1,
            root_velocity=int(root.dofadr[0]) if root else -1,
            joint_q=np.array([joint.qposadr[0] for joint in joints]),
            joint_velocity=np.array([joint.dofadr[0] for joint in joints]),
            tarsus_q=np.array(
                [model.joint(f"{prefix}{name}").qposadr[0] for name in TARSUS_JOINTS]
            ),
            servo=np.array([model.actuator(f"{prefix}{name}").id for name in ACTUATED_JOINTS]),
            adhesion=np.array([model.actuator(f"{prefix}{leg}_adhesion").id for leg in LEGS]),
            claw_site=claws,
            odour_site=sites("antenna_left", "antenna_right", "palp_left", "palp_right"),
            taste_site=np.append(claws, sites("proboscis_tip")),
            eye_site=sites("eye_left", "eye_right"),
            accelerometer=int(model.sensor(f"{prefix}accelerometer").adr[0]),
            segment_of_geom=_segment_of_geom(model, prefix, thorax),
        )


def _segment_of_geom(model: mujoco.MjModel, prefix: str, thorax: int) -> np.ndarray:
    segments = len(GROUND_SEGMENTS)
    number = np.full(model.ngeom, -1)
    number[model.body_rootid[model.geom_bodyid] == thorax] = len(LEGS) * segments
    for leg, leg_name in enumerate(LEGS):
        for place, segment in enumerate(GROUND_SEGMENTS):
            body = model.body(f"{prefix}{leg_name}_{segment}").id
            number[model.geom_bodyid == body] = leg * segments + place
    return number
