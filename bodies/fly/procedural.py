"""The fly as a MuJoCo model made of primitives: NeuroMechFly's proportions, no mesh."""

from collections.abc import Sequence
from typing import Any

import mujoco
import numpy as np

from embody.bodies.fly import geometry as g
from embody.bodies.fly.appearance import COLOURS
from embody.bodies.fly.physics import GROUND_BIT, FlyPhysics, set_options
from embody.errors import EmbodyError

EYE_AXIS_AZIMUTH_RAD = float(np.pi / 2 - 0.47)
"""Direction of an eye's optical axis from straight ahead, to its own side [rad]: 63 degrees, as in
NeuroMechFly 2."""

EYE_FIELD_DEG = 157.0
"""Field of view of an eye camera, NeuroMechFly 2 [degrees]."""

_AXES = {"yaw": (1.0, 0.0, 0.0), "pitch": (0.0, 1.0, 0.0), "roll": (0.0, 0.0, 1.0)}
_NECK_AXES = {"neck_yaw": (0, 0, 1), "neck_pitch": (0, 1, 0), "neck_roll": (1, 0, 0)}
_ELLIPSOID = mujoco.mjtGeom.mjGEOM_ELLIPSOID
_CAPSULE = mujoco.mjtGeom.mjGEOM_CAPSULE
_SPHERE = mujoco.mjtGeom.mjGEOM_SPHERE


def build_fly_spec(
    physics: FlyPhysics | None = None, *, group: int = 1, grooming_contacts: bool = False
) -> mujoco.MjSpec:
    """Return an editable model of a fly, in mm, g and s, to attach to a world under a prefix.

    Bodies are "thorax", "head", "abdomen", "antenna_left", "rostrum", "haustellum", "wing_left",
    "haltere_left", "LF_coxa", "LF_femur", ... "RH_tarsus5". The thorax has no joint: whoever
    attaches the fly frees or holds it. Joints and position actuators have the names of
    `geometry.ACTUATED_JOINTS`, in that order; then come the adhesion actuators "LF_adhesion" ...
    "RH_adhesion". Cameras "eye_left" and "eye_right" look along their optical axis, 63 degrees
    from straight ahead to their own side in the head's horizontal plane, with the camera's y axis
    along the head's z. Sites: "antenna_left", "antenna_right", "palp_left", "palp_right" (odour),
    "LF_claw" ... (taste of the legs), "proboscis_tip" (taste), "thorax" (sensors "gyroscope",
    "accelerometer", "orientation").

    The fly collides with whatever carries `GROUND_BIT` in its contype, never with itself or
    another fly.

    Parameters
    ----------
    physics
        Mechanical constants.
    group
        Geom group of all its geoms, so that its own eyes can leave it out.
    grooming_contacts
        Let tibiae and tarsi of the front legs touch the head, the eyes, and each other.
    """
    physics = physics or FlyPhysics()
    spec = mujoco.MjSpec()
    spec.modelname = "fly"
    set_options(spec, physics)
    _set_defaults(spec, physics, group)
    thorax = spec.worldbody.add_body(name="thorax")
    _add_thorax(thorax)
    _add_abdomen(thorax)
    _add_head(thorax)
    for side in g.SIDES:
        _add_wing_and_haltere(thorax, side)
    for leg in g.LEGS:
        _add_leg(thorax, leg, physics)
    _add_actuators(spec, physics)
    _add_sensors(spec)
    spec.add_numeric(name="neutral_pose", data=g.neutral_pose.tolist())
    if grooming_contacts:
        _add_grooming_contacts(spec, physics)
    return spec


def attach_fly(
    world: mujoco.MjSpec,
    fly: mujoco.MjSpec,
    prefix: str = "fly/",
    *,
    held: bool = False,
) -> None:
    """Put a fly into a world.

    Parameters
    ----------
    world
        Receives the fly; its options are left as they are (see `physics.set_options`).
    fly
        From `build_fly_spec`; used up.
    prefix
        Goes before every name of the fly; not empty.
    held
        Hold the thorax where the mocap pose of the body "thorax" says, instead of leaving it free
        (joint "root").

    Raises
    ------
    EmbodyError
        If the world already has a fly of this prefix, or the prefix is empty.
    """
    if not prefix:
        raise EmbodyError('the prefix of a fly must not be empty; take one such as "fly/"')
    if world.body(f"{prefix}thorax") is not None:
        raise EmbodyError(f"the world already has a fly with prefix {prefix!r}; take another")
    thorax = fly.body("thorax")
    if held:
        thorax.mocap = True
    else:
        root = thorax.add_freejoint()
        root.name = "root"
    world.attach(fly, prefix=prefix, frame=world.worldbody.add_frame())


def make_ground(world: mujoco.MjSpec, names: Sequence[str] | None = None) -> None:
    """Let flies collide with geoms of a world: those named, or all with a contype.

    The contact itself is that of the fly: its friction and stiffness count.

    Raises
    ------
    EmbodyError
        If there is no geom of such a name.
    """
    present = {geom.name for geom in world.geoms}
    unknown = [name for name in names or () if name not in present]
    if unknown:
        raise EmbodyError(f"the world has no geom {unknown[0]!r} to walk on")
    for geom in world.geoms:
        if geom.contype or (names and geom.name in names):  # geoms of flies have contype 0
            solid = names is None or geom.name in names
            geom.contype = GROUND_BIT if solid else 0
            geom.conaffinity = 0


def _set_defaults(spec: mujoco.MjSpec, physics: FlyPhysics, group: int) -> None:
    geom = spec.default.geom
    geom.group = group
    geom.contype = 0
    geom.conaffinity = 0
    geom.condim = 3
    geom.priority = 1
    geom.friction = np.array([physics.friction, 0.005, 0.0001])
    geom.solref = np.array([physics.contact_time_s, physics.contact_damping])
    geom.solimp = np.array([*physics.contact_impedance, 0.5, 2.0])
    joint = spec.default.joint
    joint.type = mujoco.mjtJoint.mjJNT_HINGE
    joint.stiffness = np.array([physics.stiffness, 0.0, 0.0])
    joint.damping = np.array([physics.damping, 0.0, 0.0])
    joint.armature = physics.armature


def _geom(body: mujoco.MjsBody, colour: str, *, touches: bool = False, **kwargs: Any) -> None:
    kwargs.setdefault("mass", 0.0)
    body.add_geom(rgba=COLOURS[colour], conaffinity=GROUND_BIT if touches else 0, **kwargs)


def _add_thorax(thorax: mujoco.MjsBody) -> None:
    _geom(
        thorax, "thorax", name="thorax", type=_ELLIPSOID, size=(0.47, 0.42, 0.43),
        pos=(-0.42, 0, -0.08), mass=g.THORAX_MASS_UG * 1e-6, touches=True,
    )  # fmt: skip
    _geom(thorax, "scutellum", type=_ELLIPSOID, size=(0.2, 0.22, 0.12), pos=(-0.82, 0, 0.18))
    for y in (-0.16, -0.055, 0.055, 0.16):
        place = (-0.44, y, -0.035)
        _geom(thorax, "stripe", type=_ELLIPSOID, size=(0.36, 0.022, 0.40), pos=place)
    thorax.add_site(name="thorax", pos=(0, 0, 0), size=(0.01, 0, 0))


def _add_abdomen(thorax: mujoco.MjsBody) -> None:
    abdomen = thorax.add_body(name="abdomen", pos=g.ABDOMEN_ORIGINS_MM[0])
    half_lengths = (0.30, 0.28, 0.25, 0.23, 0.20)
    radii = (0.38, 0.46, 0.45, 0.38, 0.24)
    place, pitch = np.zeros(3), 0.0
    for number, mass in enumerate(g.ABDOMEN_MASSES_UG):
        if number:
            place = place + _pitched(np.array(g.ABDOMEN_ORIGINS_MM[number]), pitch)
        pitch += g.ABDOMEN_PITCH_RAD[number]
        turn = (np.cos(pitch / 2), 0, np.sin(pitch / 2), 0)
        middle = place + _pitched(np.array([-0.16, 0.0, -0.04]), pitch)
        radius = radii[number]
        _geom(
            abdomen, "abdomen", name=f"abdomen{number + 1}", type=_ELLIPSOID, pos=middle, quat=turn,
            size=(half_lengths[number], radius, 0.95 * radius), mass=mass * 1e-6, touches=True,
        )  # fmt: skip
        band = place + _pitched(np.array([-0.27, 0.0, -0.035]), pitch)
        _geom(
            abdomen, "band", type=_ELLIPSOID, pos=band, quat=turn,
            size=(0.09, 0.985 * radius, 0.945 * radius),
        )  # fmt: skip


def _add_head(thorax: mujoco.MjsBody) -> None:
    head = thorax.add_body(name="head", pos=g.HEAD_ORIGIN_MM)
    for name, axis in _NECK_AXES.items():
        _hinge(head, name, axis)
    _geom(
        head, "head", name="head", type=_ELLIPSOID, size=(0.21, 0.36, 0.33), pos=(0.22, 0, -0.03),
        mass=g.HEAD_MASS_UG * 1e-6, touches=True,
    )  # fmt: skip
    for side, mirror in zip(g.SIDES, (1, -1), strict=True):
        eye = (g.EYE_ORIGIN_MM[0] - 0.02, mirror * 0.27, g.EYE_ORIGIN_MM[2])
        _geom(
            head, "eye", name=f"eye_{side}", type=_ELLIPSOID, size=(0.18, 0.155, 0.265), pos=eye,
            quat=_yaw(mirror * 0.25), mass=g.EYE_MASS_UG * 1e-6,
        )  # fmt: skip
        head.add_site(name=f"eye_{side}", pos=eye, size=(0.01, 0, 0))
        head.add_camera(
            name=f"eye_{side}", pos=eye, fovy=EYE_FIELD_DEG, quat=_looking(mirror).tolist()
        )
        _add_antenna(head, side, mirror)
        palp = (0.36, mirror * 0.08, -0.33)
        _geom(
            head, "leg", type=_CAPSULE, size=(0.02, 0, 0),
            fromto=(0.33, mirror * 0.07, -0.27, *palp),
        )  # fmt: skip
        head.add_site(name=f"palp_{side}", pos=palp, size=(0.01, 0, 0))
    for x, y in ((0.12, 0.0), (0.08, 0.035), (0.08, -0.035)):
        _geom(head, "stripe", type=_SPHERE, size=(0.02, 0, 0), pos=(x + 0.06, y, 0.29))
    _add_proboscis(head)


def _add_antenna(head: mujoco.MjsBody, side: str, mirror: int) -> None:
    x, y, z = g.ANTENNA_ORIGIN_MM
    antenna = head.add_body(name=f"antenna_{side}", pos=(x, mirror * y, z))
    _hinge(antenna, f"antenna_{side}", (0, -1, 0))
    funiculus = (0.06, mirror * 0.01, -0.10)
    arista = (0.14, mirror * 0.19, -0.02)
    mass = g.ANTENNA_MASS_UG * 1e-6
    _geom(
        antenna, "head", type=_CAPSULE, size=(0.045, 0, 0), mass=mass,
        fromto=(0, 0, 0, *funiculus),
    )  # fmt: skip
    _geom(
        antenna, "stripe", type=_CAPSULE, size=(0.008, 0, 0),
        fromto=(0.05, mirror * 0.03, -0.06, *arista),
    )  # fmt: skip
    antenna.add_site(name=f"antenna_{side}", pos=funiculus, size=(0.01, 0, 0))


def _add_proboscis(head: mujoco.MjsBody) -> None:
    rostrum = head.add_body(name="rostrum", pos=g.ROSTRUM_ORIGIN_MM)
    _hinge(rostrum, "proboscis_rostrum", (0, -1, 0))
    joint = g.HAUSTELLUM_ORIGIN_MM
    _geom(
        rostrum, "head", type=_CAPSULE, size=(0.07, 0, 0), fromto=(-0.05, 0, 0, *joint),
        mass=g.ROSTRUM_MASS_UG * 1e-6,
    )  # fmt: skip
    haustellum = rostrum.add_body(name="haustellum", pos=joint)
    _hinge(haustellum, "proboscis_haustellum", (0, 1, 0))
    tip = (0.30, 0, -0.05)
    _geom(
        haustellum, "leg", type=_CAPSULE, size=(0.05, 0, 0), fromto=(0, 0, -0.03, *tip),
        mass=g.HAUSTELLUM_MASS_UG * 1e-6,
    )  # fmt: skip
    _geom(haustellum, "band", type=_ELLIPSOID, size=(0.05, 0.08, 0.06), pos=tip)
    haustellum.add_site(name="proboscis_tip", pos=(0.34, 0, -0.05), size=(0.01, 0, 0))


def _add_wing_and_haltere(thorax: mujoco.MjsBody, side: str) -> None:
    mirror = 1 if side == "left" else -1
    x, y, z = g.WING_ORIGIN_MM
    wing = thorax.add_body(name=f"wing_{side}", pos=(x, mirror * y, z))
    # Folded back over the abdomen, the tip inwards.
    _geom(
        wing, "wing", name=f"wing_{side}", type=_ELLIPSOID, size=(1.15, 0.38, 0.008),
        pos=(-1.05, -mirror * 0.10, 0.20), mass=g.WING_MASS_UG * 1e-6,
        quat=_turn((0, 1, 0), 0.10, (0, 0, 1), mirror * 0.16, (1, 0, 0), -mirror * 0.12),
    )  # fmt: skip
    _geom(
        wing, "vein", type=_CAPSULE, size=(0.018, 0, 0),
        fromto=(0, 0, 0, -1.7, mirror * 0.02, 0.255),
    )  # fmt: skip
    x, y, z = g.HALTERE_ORIGIN_MM
    haltere = thorax.add_body(name=f"haltere_{side}", pos=(x, mirror * y, z))
    knob = (-0.06, mirror * 0.22, 0.02)
    _geom(haltere, "haltere", type=_CAPSULE, size=(0.015, 0, 0), fromto=(0, 0, 0, *knob))
    _geom(
        haltere, "haltere", type=_SPHERE, size=(0.05, 0, 0), pos=knob, mass=g.HALTERE_MASS_UG * 1e-6
    )


def _add_leg(thorax: mujoco.MjsBody, leg: str, physics: FlyPhysics) -> None:
    origins = g.leg_origins(leg)
    masses = g.LEG_MASSES_UG[leg[1]]
    parent = thorax
    for number, segment in enumerate(g.LEG_SEGMENTS):
        body = parent.add_body(name=f"{leg}_{segment}", pos=origins[number])
        for dof in g.SEGMENT_DOFS.get(segment, ()):
            _hinge(body, f"{leg}_{dof}", _AXES[dof.partition("_")[2]])
        if segment in ("tarsus2", "tarsus3", "tarsus4", "tarsus5"):
            _hinge(
                body, f"{leg}_{segment}_pitch", _AXES["pitch"], limit=(-0.8, 0.8),
                stiffness=[physics.tarsus_stiffness, 0, 0], damping=[physics.tarsus_damping, 0, 0],
            )  # fmt: skip
        _geom(
            body, "tarsus" if "tarsus" in segment else "leg", name=f"{leg}_{segment}",
            type=_CAPSULE, size=(g.LEG_RADII_MM[number], 0, 0),
            fromto=(0, 0, 0, *origins[number + 1]), mass=masses[number] * 1e-6,
            touches=segment != "coxa",
        )  # fmt: skip
        parent = body
    parent.add_site(name=f"{leg}_claw", pos=origins[-1], size=(0.01, 0, 0))


def _hinge(
    body: mujoco.MjsBody,
    name: str,
    axis: Sequence[float],
    limit: tuple[float, float] | None = None,
    **kwargs: Any,
) -> None:
    low, high = limit or g.joint_range[g.ACTUATED_JOINTS.index(name)]
    body.add_joint(
        name=name, axis=axis, range=(low, high), limited=mujoco.mjtLimited.mjLIMITED_TRUE, **kwargs
    )


def _add_actuators(spec: mujoco.MjSpec, physics: FlyPhysics) -> None:
    gains = {"neck": physics.head_gain, "antenna": physics.antenna_gain}
    gains["proboscis"] = physics.proboscis_gain
    for name, limit in zip(g.ACTUATED_JOINTS, g.joint_range, strict=True):
        gain = gains.get(name.partition("_")[0], physics.leg_gain)
        servo = spec.add_actuator(name=name, target=name, ctrlrange=limit, ctrllimited=True)
        servo.trntype = mujoco.mjtTrn.mjTRN_JOINT
        servo.set_to_position(kp=gain)
        servo.forcerange = np.array([-physics.leg_torque, physics.leg_torque])
    for leg in g.LEGS:
        adhesion = spec.add_actuator(
            name=f"{leg}_adhesion", target=f"{leg}_tarsus5", ctrlrange=(0, 1), ctrllimited=True
        )
        adhesion.trntype = mujoco.mjtTrn.mjTRN_BODY
        adhesion.gainprm[0] = physics.adhesion


def _add_sensors(spec: mujoco.MjSpec) -> None:
    site = mujoco.mjtObj.mjOBJ_SITE
    for name, kind in (
        ("gyroscope", mujoco.mjtSensor.mjSENS_GYRO),
        ("accelerometer", mujoco.mjtSensor.mjSENS_ACCELEROMETER),
        ("orientation", mujoco.mjtSensor.mjSENS_FRAMEQUAT),
    ):
        spec.add_sensor(name=name, type=kind, objtype=site, objname="thorax")


def _add_grooming_contacts(spec: mujoco.MjSpec, physics: FlyPhysics) -> None:
    distal = ("tibia", "tarsus1", "tarsus2", "tarsus3", "tarsus4", "tarsus5")
    pairs = [
        (f"{leg}_{segment}", part)
        for leg in ("LF", "RF")
        for segment in distal
        for part in ("head", "eye_left", "eye_right")
    ]
    pairs += [(f"LF_{one}", f"RF_{other}") for one in distal for other in distal]
    for one, other in pairs:
        spec.add_pair(
            name=f"{one}-{other}", geomname1=one, geomname2=other, condim=3,
            friction=[physics.friction, physics.friction, 0.005, 0.0001, 0.0001],
            solref=[physics.contact_time_s, physics.contact_damping],
            solimp=[*physics.contact_impedance, 0.5, 2.0],
        )  # fmt: skip


def _pitched(vector: np.ndarray, angle: float) -> np.ndarray:
    cosine, sine = np.cos(angle), np.sin(angle)
    x, y, z = vector
    return np.array([cosine * x + sine * z, y, cosine * z - sine * x])


def _looking(mirror: int) -> np.ndarray:
    """Return the quaternion of an eye's camera, which looks along its -z with its y upwards."""
    azimuth = mirror * EYE_AXIS_AZIMUTH_RAD
    back = np.array([-np.cos(azimuth), -np.sin(azimuth), 0.0])
    up = np.array([0.0, 0.0, 1.0])
    quaternion = np.zeros(4)
    mujoco.mju_mat2Quat(quaternion, np.stack([np.cross(up, back), up, back], axis=1).ravel())
    return quaternion


def _yaw(angle: float) -> tuple[float, float, float, float]:
    return (float(np.cos(angle / 2)), 0.0, 0.0, float(np.sin(angle / 2)))


def _turn(*axes_and_angles: Any) -> np.ndarray:
    """Return the quaternion of successive rotations about own axes: axis, angle, axis, angle..."""
    quaternion = np.array([1.0, 0.0, 0.0, 0.0])
    steps = iter(axes_and_angles)
    for axis, angle in zip(steps, steps, strict=True):
        one, both = np.zeros(4), np.zeros(4)
        mujoco.mju_axisAngle2Quat(one, np.array(axis, dtype=float), angle)
        mujoco.mju_mulQuat(both, quaternion, one)
        quaternion = both
    return quaternion
