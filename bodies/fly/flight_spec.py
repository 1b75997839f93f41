"""The detailed fly as it flies: legs drawn in, wings that beat, and nothing else that moves."""

import functools
from dataclasses import dataclass
from typing import Any

import mujoco
import numpy as np

from embody.bodies.fly.detailed import WING_JOINTS, build_detailed_fly_spec, set_air
from embody.bodies.fly.geometry import ACTUATED_JOINTS
from embody.bodies.fly.physics import GROUND_BIT, FlyPhysics, set_options

FLIGHT_PHYSICS = FlyPhysics(timestep_s=5e-5)
"""Flight takes steps of 0.05 ms, 92 to a wing beat, as in flybody."""

_WINGS = ("wing_left", "wing_right")
_HULL = ((0.45, 0.0, -0.05, 0.5), (-0.35, 0.0, 0.0, 0.6), (-1.35, 0.0, -0.25, 0.5))
"""Spheres of head, thorax and abdomen that hit the ground: x, y, z, radius [mm]."""


@dataclass(frozen=True)
class FlightAnatomy:
    """What of the detailed fly counts in flight.

    Attributes
    ----------
    pose
        Angles of `ACTUATED_JOINTS` at which all but the wings is locked, shape (49,) [rad].
    mass, centre, inertia
        Of all but the wings [g], in the thorax frame, shape (3,) [mm], and about that centre,
        shape (3, 3) [g mm^2].
    wings
        Body, fluid geom, joints and servos of each wing, as what `MjSpec` makes them of.
    """

    pose: np.ndarray
    mass: float
    centre: np.ndarray
    inertia: np.ndarray
    wings: tuple["Wing", ...]


@dataclass(frozen=True)
class Wing:
    """A wing, as the arguments that `MjSpec` makes it of."""

    body: dict[str, Any]
    blade: dict[str, Any]
    joints: tuple[dict[str, Any], ...]
    gains: tuple[float, ...]


def build_flight_spec(
    world: mujoco.MjSpec, physics: FlyPhysics = FLIGHT_PHYSICS
) -> tuple[mujoco.MjSpec, np.ndarray]:
    """Return a world with a fly whose only joints are those of its wings.

    Every other joint is locked where its spring rests, which for the legs is drawn in under the
    body, and all that is then rigid is one body of the same mass, centre and inertia: 12 degrees
    of freedom instead of 108. Wings, their servos and their fluid geoms are those of
    `build_detailed_fly_spec`. The drag of the trunk is that of the box with its inertia. Meshes
    stay out, for whoever draws the fly has the whole of it.

    Parameters
    ----------
    world
        What is around the fly; used up.
    physics
        Mechanical constants, of which time step and contact count.

    Returns
    -------
    spec
        Bodies "thorax" (free), "wing_left", "wing_right"; joints and actuators `WING_JOINTS`.
    pose
        Angles of `ACTUATED_JOINTS` at which the rest is locked, shape (49,) [rad].

    Raises
    ------
    EmbodyError
        If dm_control is not installed.
    """
    fly = flight_anatomy()
    set_options(world, physics)
    set_air(world)
    thorax = world.worldbody.add_body(name="thorax")
    thorax.add_freejoint(name="root")
    thorax.explicitinertial = True
    thorax.mass, thorax.ipos = fly.mass, fly.centre
    thorax.fullinertia = fly.inertia[[0, 1, 2, 0, 0, 1], [0, 1, 2, 1, 2, 2]]
    for number, (*place, radius) in enumerate(_HULL):
        thorax.add_geom(
            name=f"hull{number}", type=mujoco.mjtGeom.mjGEOM_SPHERE, pos=place,
            size=(radius, 0, 0), mass=0.0, contype=0, conaffinity=GROUND_BIT, group=3,
        )  # fmt: skip
    for wing in fly.wings:
        body = thorax.add_body(explicitinertial=True, **wing.body)
        body.add_geom(mass=0.0, contype=0, conaffinity=0, group=3, fluid_ellipsoid=1, **wing.blade)
        for joint, gain in zip(wing.joints, wing.gains, strict=True):
            body.add_joint(**joint)
            servo = world.add_actuator(
                name=joint["name"], target=joint["name"], trntype=mujoco.mjtTrn.mjTRN_JOINT
            )
            servo.set_to_position(kp=gain)
            servo.ctrlrange, servo.ctrllimited = joint["range"], mujoco.mjtLimited.mjLIMITED_TRUE
    return world, fly.pose.copy()


@functools.cache
def flight_anatomy() -> FlightAnatomy:
    """Return what of the detailed fly counts in flight; read once from its files.

    Raises
    ------
    EmbodyError
        If dm_control is not installed.
    """
    fly = build_detailed_fly_spec(wings=True)
    resting = {joint.name: float(np.ravel(joint.springref)[0]) for joint in fly.joints}
    _lock(fly)
    whole = fly.compile()
    mass, centre, inertia = _trunk(whole)
    pose = np.array([resting[name] for name in ACTUATED_JOINTS])
    wings = tuple(_wing(fly, whole, name) for name in _WINGS)
    return FlightAnatomy(pose, mass, centre, inertia, wings)


def _lock(fly: mujoco.MjSpec) -> None:
    """Turn every body by the angles at which its joints rest, and take the joints away."""
    for item in (*fly.sensors, *fly.actuators):
        if item.name not in WING_JOINTS:
            fly.delete(item)
    for tendon in list(fly.tendons):
        fly.delete(tendon)
    for joint in list(fly.joints):
        if joint.name in WING_JOINTS:
            continue
        body = joint.parent
        turn, both = np.zeros(4), np.zeros(4)
        mujoco.mju_axisAngle2Quat(turn, joint.axis, float(np.ravel(joint.springref)[0]))
        mujoco.mju_mulQuat(both, body.quat, turn)
        body.quat = both
        fly.delete(joint)


def _trunk(whole: mujoco.MjModel) -> tuple[float, np.ndarray, np.ndarray]:
    """Return mass, centre and inertia of all parts but the wings, in the thorax frame."""
    data = mujoco.MjData(whole)
    mujoco.mj_kinematics(whole, data)
    origin = whole.body("thorax").id
    wings = [whole.body(name).id for name in _WINGS]
    parts = [body for body in range(1, whole.nbody) if body not in wings]
    mass = whole.body_mass[parts]
    to_thorax = data.xmat[origin].reshape(3, 3)
    places = (data.xipos[parts] - data.xpos[origin]) @ to_thorax
    centre = mass @ places / mass.sum()
    inertia = np.zeros((3, 3))
    for part, m, place in zip(parts, mass, places - centre, strict=True):
        axes = to_thorax.T @ data.ximat[part].reshape(3, 3)
        inertia += axes @ np.diag(whole.body_inertia[part]) @ axes.T
        inertia += m * (place @ place * np.eye(3) - np.outer(place, place))
    return float(mass.sum()), centre, inertia


def _wing(fly: mujoco.MjSpec, whole: mujoco.MjModel, name: str) -> Wing:
    body, shape = whole.body(name), whole.geom(f"{name}_fluid")
    joints = [joint for joint in fly.joints if joint.parent.name == name]
    return Wing(
        body={
            "name": name, "pos": body.pos, "quat": body.quat, "mass": float(body.mass[0]),
            "ipos": body.ipos, "iquat": body.iquat, "inertia": body.inertia,
        },
        blade={
            "name": f"{name}_fluid", "type": int(np.ravel(shape.type)[0]), "size": shape.size,
            "pos": shape.pos, "quat": shape.quat,
            "fluid_coefs": np.array(fly.geom(f"{name}_fluid").fluid_coefs),
        },
        joints=tuple(
            {
                "name": joint.name, "type": int(joint.type), "pos": np.array(joint.pos),
                "axis": np.array(joint.axis), "range": np.array(joint.range),
                "limited": int(joint.limited), "stiffness": np.array(joint.stiffness),
                "damping": np.array(joint.damping), "armature": float(joint.armature),
                "springref": float(np.ravel(joint.springref)[0]),
            }
            for joint in joints
        ),
        gains=tuple(float(fly.actuator(joint.name).gainprm[0]) for joint in joints),
    )  # fmt: skip
