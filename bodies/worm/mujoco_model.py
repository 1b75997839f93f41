"""The worm as a MuJoCo model: rods, elastic joints, muscles, drag and the wall of a dish."""

from typing import Any

import mujoco
import numpy as np

from embody.bodies.worm.geometry import (
    JOINT_NAMES,
    JOINTS,
    MIDDLE_ROD,
    MUSCLES,
    ROD_NAMES,
    RODS,
    WormGeometry,
    muscle_rows,
    muscle_sides,
    muscle_strengths,
)
from embody.bodies.worm.medium import Medium
from embody.bodies.worm.parameters import body_parameters
from embody.errors import EmbodyError

ROOT_JOINT_NAMES = ("root_x", "root_y", "root_heading")

JOINT_ARMATURE = 1e-4
"""Rotor inertia of a joint [mg mm^2]. Against the internal damping it decays in 2 us, so it moves
nothing; it keeps the accelerations of the nearly massless end rods within MuJoCo's limit."""

SERVO_STIFFNESS = 1e5
"""Stiffness of the servos that replace muscles when a posture is prescribed [nN mm/rad]."""

WALL_STIFFNESS_FRACTION = 0.3
"""Stiffness of the wall over the stiffest that an explicit spring can have at this step."""

WALL_SITES = ("nose", *ROD_NAMES[1:-1], "tail")
"""Points of the body that the wall holds in, one on each rod."""

_UNUSED_STAGES = (
    mujoco.mjtDisableBit.mjDSBL_CONTACT,
    mujoco.mjtDisableBit.mjDSBL_CONSTRAINT,
    mujoco.mjtDisableBit.mjDSBL_GRAVITY,
    mujoco.mjtDisableBit.mjDSBL_SENSOR,
    mujoco.mjtDisableBit.mjDSBL_AUTORESET,
)


def build_worm_spec(
    geometry: WormGeometry,
    medium: Medium,
    dish_radius_mm: float | None = None,
    *,
    timestep_s: float,
    servo: bool = False,
) -> mujoco.MjSpec:
    """Return an editable model of the worm, in mm, mg and s.

    Coordinates are the position and direction of the middle rod and the 24 joint angles, positive
    to dorsal, which is the left of the direction of travel. Rods are bodies "rod01" to "rod25" with
    a site of the same name; joints are "joint01" to "joint24". The first 95 actuators are the
    muscles, whose control is a command from 0 to 1; the rest ("drag_tangent01", "drag_normal01",
    "drag_spin01" and so on) is drag: passive, so their control has no effect. Drag is an actuator
    because MuJoCo then treats it implicitly; an explicit drag force is unstable at a useful step.

    Parameters
    ----------
    geometry
        Shape of the body.
    medium
        What it moves in.
    dish_radius_mm
        Radius of the round, frictionless wall about the origin [mm]; None for no wall. The wall is
        an elastic spring from the origin to each rod that is slack within the dish. MuJoCo solves
        contacts against inertia, of which this body has practically none: it crawls straight
        through a contact of usual stiffness.
    timestep_s
        Physics step [s].
    servo
        Replace the muscles by 24 stiff servos "servo01" to "servo24", whose control is a joint
        angle [rad].

    Raises
    ------
    EmbodyError
        If the dish is smaller than the worm or the step is not positive.
    """
    _check(geometry, dish_radius_mm, timestep_s)
    spec = mujoco.MjSpec()
    spec.modelname = "worm"
    spec.compiler.degree = False
    spec.option.timestep = timestep_s
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    spec.option.disableflags = int(sum(flag.value for flag in _UNUSED_STAGES))
    _add_rods(spec, geometry)
    if servo:
        _add_servos(spec, timestep_s)
    else:
        _add_muscles(spec)
    _add_drag(spec, geometry, medium)
    if dish_radius_mm is not None:
        stiffness = wall_stiffness(geometry, medium, timestep_s)
        _add_wall(spec, geometry, dish_radius_mm, stiffness)
    return spec


def wall_stiffness(geometry: WormGeometry, medium: Medium, timestep_s: float) -> float:
    """Return the stiffness of the wall against one rod [nN/mm].

    A spring acts explicitly, so in one step it must push back by less than the drag and inertia
    that resist it: those of the body moved along itself by one rod that touches, and those of the
    body moved sideways by all the rods.
    """
    radius = geometry.rod_radius_mm
    mass = body_parameters()["density"] * np.pi * np.sum(radius**2) * geometry.rod_length_mm
    along = medium.tangential_drag * geometry.length_mm + mass / timestep_s
    sideways = medium.normal_drag * geometry.length_mm + mass / timestep_s
    return float(WALL_STIFFNESS_FRACTION * min(along, sideways / RODS) / timestep_s)


def _check(geometry: WormGeometry, dish_radius_mm: float | None, timestep_s: float) -> None:
    if not timestep_s > 0:
        raise EmbodyError(
            f"the physics step must be a positive number of seconds, not {timestep_s}"
        )
    if dish_radius_mm is not None and not dish_radius_mm >= geometry.length_mm:
        raise EmbodyError(
            f"a dish must have a radius of at least {geometry.length_mm:g} mm, the length of the "
            f"worm, not {dish_radius_mm}"
        )


def _add_rods(spec: mujoco.MjSpec, geometry: WormGeometry) -> None:
    middle = _add_rod(spec.worldbody, geometry, MIDDLE_ROD, 0.0)
    kinds = (mujoco.mjtJoint.mjJNT_SLIDE, mujoco.mjtJoint.mjJNT_SLIDE, mujoco.mjtJoint.mjJNT_HINGE)
    axes = ([1, 0, 0], [0, 1, 0], [0, 0, 1])
    for name, kind, axis in zip(ROOT_JOINT_NAMES, kinds, axes, strict=True):
        middle.add_joint(name=name, type=kind, axis=axis)
    parent = middle
    for rod in reversed(range(MIDDLE_ROD)):
        parent = _add_rod(parent, geometry, rod, geometry.rod_length_mm)
        _add_joint(parent, geometry, rod, side=1)
    parent = middle
    for rod in range(MIDDLE_ROD + 1, RODS):
        parent = _add_rod(parent, geometry, rod, -geometry.rod_length_mm)
        _add_joint(parent, geometry, rod - 1, side=-1)


def _add_rod(
    parent: mujoco.MjsBody, geometry: WormGeometry, rod: int, forward_mm: float
) -> mujoco.MjsBody:
    name, radius, half = ROD_NAMES[rod], geometry.rod_radius_mm[rod], geometry.rod_length_mm / 2
    body = parent.add_body(name=name, pos=[forward_mm, 0, 0])
    body.add_geom(
        name=name,
        type=mujoco.mjtGeom.mjGEOM_CAPSULE,
        fromto=[-half, 0, 0, half, 0, 0],
        size=[radius, 0, 0],
        mass=body_parameters()["density"] * np.pi * radius**2 * geometry.rod_length_mm,
        rgba=[0.85, 0.75, 0.6, 1],
        contype=0,
        conaffinity=0,
    )
    body.add_site(name=name, size=[radius / 4] * 3)
    if rod == 0:
        body.add_site(name="nose", pos=[half, 0, 0], size=[radius / 4] * 3)
    if rod == RODS - 1:
        body.add_site(name="tail", pos=[-half, 0, 0], size=[radius / 4] * 3)
    return body


def _add_joint(body: mujoco.MjsBody, geometry: WormGeometry, joint: int, side: int) -> None:
    """Join a rod to the one that carries it; `side` is 1 in front of the middle, -1 behind."""
    stiffness = body_parameters()["bending_stiffness"] / geometry.rod_length_mm
    hinge = body.add_joint(
        name=JOINT_NAMES[joint],
        type=mujoco.mjtJoint.mjJNT_HINGE,
        axis=[0, 0, side],
        pos=[-side * geometry.rod_length_mm / 2, 0, 0],
        armature=JOINT_ARMATURE,
    )
    hinge.stiffness[0] = stiffness
    hinge.damping[0] = body_parameters()["damping_time"] * stiffness


def _add_muscles(spec: mujoco.MjSpec) -> None:
    torque = body_parameters()["muscle_torque"] * muscle_sides * muscle_strengths
    for name, row, gear in zip(MUSCLES, muscle_rows, torque, strict=True):
        muscle = spec.add_actuator(
            name=name,
            trntype=mujoco.mjtTrn.mjTRN_JOINT,
            target=JOINT_NAMES[row - 1],
            dyntype=mujoco.mjtDyn.mjDYN_FILTEREXACT,
            ctrllimited=True,
            ctrlrange=[0, 1],
        )
        muscle.dynprm[0] = body_parameters()["muscle_time_constant"]
        muscle.gear[0] = gear


def _add_servos(spec: mujoco.MjSpec, timestep_s: float) -> None:
    for joint in range(JOINTS):
        servo = spec.add_actuator(
            name=f"servo{joint + 1:02d}",
            trntype=mujoco.mjtTrn.mjTRN_JOINT,
            target=JOINT_NAMES[joint],
            biastype=mujoco.mjtBias.mjBIAS_AFFINE,
        )
        servo.gainprm[0] = SERVO_STIFFNESS
        servo.biasprm[1] = -SERVO_STIFFNESS
        servo.biasprm[2] = -SERVO_STIFFNESS * timestep_s


def _add_drag(spec: mujoco.MjSpec, geometry: WormGeometry, medium: Medium) -> None:
    length = geometry.rod_length_mm
    kinds = (
        ("tangent", [1, 0, 0, 0, 0, 0], medium.tangential_drag * length),
        ("normal", [0, 1, 0, 0, 0, 0], medium.normal_drag * length),
        ("spin", [0, 0, 0, 0, 0, 1], medium.normal_drag * length**3 / 12),
    )
    for kind, gear, coefficient in kinds:
        for rod in ROD_NAMES:
            drag = spec.add_actuator(
                name=f"drag_{kind}{rod.removeprefix('rod')}",
                trntype=mujoco.mjtTrn.mjTRN_SITE,
                target=rod,
                biastype=mujoco.mjtBias.mjBIAS_AFFINE,
            )
            drag.gear[:] = gear
            drag.gainprm[0] = 0
            drag.biasprm[2] = -coefficient


def _add_wall(
    spec: mujoco.MjSpec, geometry: WormGeometry, dish_radius_mm: float, stiffness: float
) -> None:
    spec.worldbody.add_geom(
        name="dish",
        type=mujoco.mjtGeom.mjGEOM_CYLINDER,
        size=[dish_radius_mm, geometry.maximum_radius_mm / 2, 0],
        pos=[0, 0, -2 * geometry.maximum_radius_mm],
        rgba=[0.25, 0.25, 0.25, 1],
        contype=0,
        conaffinity=0,
    )
    spec.worldbody.add_site(name="dish_centre")
    for site, reach in zip(WALL_SITES, wall_reach(geometry, dish_radius_mm), strict=True):
        spring = spec.add_tendon(name=f"wall_{site}", springlength=[0, reach], rgba=[0, 0, 0, 0])
        spring.stiffness[0] = stiffness
        spring.wrap_site("dish_centre")
        spring.wrap_site(site)


def wall_reach(geometry: WormGeometry, dish_radius_mm: float) -> np.ndarray:
    """Return how far from the centre each of `WALL_SITES` may be, shape (25,) [mm]."""
    radius = geometry.rod_radius_mm.copy()
    radius[[0, -1]] = geometry.node_radius_mm[[0, -1]]
    return dish_radius_mm - radius


def held_points(nodes: Any, xp: Any = np) -> Any:
    """Return where `WALL_SITES` are for the nodes (..., 26, 2), shape (..., 25, 2) [mm]."""
    middles = 0.5 * (nodes[..., 1:-2, :] + nodes[..., 2:-1, :])
    return xp.concatenate([nodes[..., :1, :], middles, nodes[..., -1:, :]], axis=-2)
