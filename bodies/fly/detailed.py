"""The detailed fly: the body that ships with dm_control, loaded by MuJoCo alone.

The model is that of Vaxenburg et al. 2025, Nature 643:1312 (85 meshes from confocal microscopy,
wings with fluid forces), Apache-2.0. Nothing of it is copied: its files are read from the installed
package `dm_control`, of which no code runs.
"""

import importlib.util
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import mujoco
import numpy as np

from embody.bodies.fly.geometry import ACTUATED_JOINTS, LEGS
from embody.bodies.fly.physics import GROUND_BIT, FlyPhysics, set_options
from embody.errors import EmbodyError

AIR_DENSITY = 1.28e-6
"""Density of air [g/mm^3]."""

AIR_VISCOSITY = 1.85e-5
"""Viscosity of air [g/(mm s)]."""

WING_FLUID_COEFFICIENTS = (1.0, 0.5, 1.5, 1.7, 1.05)
"""Blunt drag, slender drag, angular drag, Kutta lift, Magnus lift of a wing, as in flybody."""

WING_GAIN = 1800.0
"""Stiffness of the wing servos [uN mm/rad]; 18 dyn cm in flybody."""

WING_DAMPING = 0.777
"""Damping of the wing joints [uN mm s/rad]; 0.00777 dyn cm s in flybody."""

WING_JOINTS: tuple[str, ...] = tuple(
    f"wing_{kind}_{side}" for side in ("left", "right") for kind in ("yaw", "roll", "pitch")
)
"""Yaw is the stroke (positive backwards), roll the deviation, pitch the rotation of the wing."""

FOLDED_WING_RAD = (1.5, 0.7, -1.0)
"""Yaw, roll and pitch of a folded wing [rad]."""

_MM_PER_CM = 10.0
_LEG_PARTS = {
    "coxa_abduct": "ThC_yaw",
    "coxa": "ThC_pitch",
    "coxa_twist": "ThC_roll",
    "femur": "CTr_pitch",
    "femur_twist": "CTr_roll",
    "tibia": "FTi_pitch",
    "tarsus": "TiTa_pitch",
    **{f"tarsus{number}": f"tarsus{number}_pitch" for number in (2, 3, 4, 5)},
}
_SEGMENTS = {"tarsus": "tarsus1", "claw": "tarsus5"}
_HEAD_PARTS = {
    "head_abduct": "neck_yaw",
    "head": "neck_pitch",
    "head_twist": "neck_roll",
    "rostrum": "proboscis_rostrum",
    "haustellum": "proboscis_haustellum",
}


def fruitfly_file() -> Path:
    """Return the model file within the installed dm_control.

    Raises
    ------
    EmbodyError
        If dm_control is not installed, or ships no fly.
    """
    package = importlib.util.find_spec("dm_control")
    if package is None or not package.submodule_search_locations:
        raise EmbodyError(
            'the detailed fly (body="flybody", Fly-Flight-v0) needs the files of dm_control; '
            "install them with pip install 'embody-sim[dm]'"
        )
    root = Path(next(iter(package.submodule_search_locations)))
    file = root / "locomotion" / "walkers" / "assets" / "fruitfly_v2" / "fruitfly.xml"
    if not file.is_file():
        raise EmbodyError(
            "the installed dm_control ships no fruit fly; get one that does with "
            "pip install 'dm_control>=1.0.50'"
        )
    return file


def build_detailed_fly_spec(
    physics: FlyPhysics | None = None, *, group: int = 1, wings: bool = False
) -> mujoco.MjSpec:
    """Return the detailed fly in mm, g, s, with the names of the procedural one.

    Names of leg segments, leg joints, head joints, adhesion, sites and eyes are those of
    `procedural.build_fly_spec`, given by function: "LF_ThC_yaw" abducts the coxa, "LF_ThC_pitch"
    swings it forwards, "LF_ThC_roll" twists it. Angles are its own: zero is its standing posture
    and the axes are those of its segments, so targets of one body are not targets of the other.
    Contact is that of `physics`, with the ground only; joints, servos and adhesion are its own.

    Parameters
    ----------
    physics
        Mechanical constants, of which the contact is used.
    group
        Geom group of what is seen of it.
    wings
        Give the wings servos (joints and actuators `WING_JOINTS`) instead of leaving them folded.

    Raises
    ------
    EmbodyError
        If dm_control is not installed.
    """
    file = fruitfly_file()
    root = ElementTree.parse(file).getroot()
    _rename(root)
    spec = mujoco.MjSpec.from_string(ElementTree.tostring(root, encoding="unicode"))
    spec.modelname = "flybody"
    for mesh in spec.meshes:
        mesh.file = str(file.parent / mesh.file)
    _to_millimetres(spec)
    for joint in spec.joints:
        if joint.name == "free":
            spec.delete(joint)
            break
    physics = physics or FlyPhysics()
    set_options(spec, physics)
    set_air(spec)
    _set_contact(spec, physics, group)
    _set_wings(spec, wings)
    _add_sites(spec)
    spec.add_numeric(name="neutral_pose", data=[0.0] * len(ACTUATED_JOINTS))
    return spec


def set_air(world: mujoco.MjSpec) -> None:
    """Fill a world with air, in mm, g, s."""
    world.option.density = AIR_DENSITY
    world.option.viscosity = AIR_VISCOSITY


def _rename(root: ElementTree.Element) -> None:
    """Give the parts the names of the procedural fly; leave out contacts, for we have our own."""
    for element in [part for part in root if part.tag in ("contact", "keyframe", "size")]:
        root.remove(element)
    joints, bodies = _new_names()
    for element in root.iter():
        _replace(element, "joint", joints)
        _replace(element, "body", bodies)
        if element.tag == "joint":
            _replace(element, "name", joints)
        elif element.tag in ("body", "adhesion"):
            _replace(element, "name", bodies)
        elif element.tag == "general" and element.get("joint"):
            element.set("name", str(element.get("joint")))


def _new_names() -> tuple[dict[str, str], dict[str, str]]:
    """Return the new names of joints, and of bodies and adhesion actuators."""
    joints, bodies = dict(_HEAD_PARTS), {}
    for leg in LEGS:
        place = _place(leg)
        for old, new in _LEG_PARTS.items():
            joints[old + place] = f"{leg}_{new}"
        for old in ("coxa", "femur", "tibia", "tarsus", "tarsus2", "tarsus3", "tarsus4", "claw"):
            bodies[old + place] = f"{leg}_{_SEGMENTS.get(old, old)}"
        bodies[f"adhere_claw{place}"] = f"{leg}_adhesion"
    return joints, bodies


def _place(leg: str) -> str:
    """Return how dm_control's names say which leg it is."""
    return f"_T{'FMH'.index(leg[1]) + 1}_{'left' if leg[0] == 'L' else 'right'}"


def _replace(element: ElementTree.Element, attribute: str, names: dict[str, str]) -> None:
    value = element.get(attribute)
    if value in names:
        element.set(attribute, names[value])


def _to_millimetres(spec: mujoco.MjSpec) -> None:
    """Turn cm, g, s into mm, g, s: forces grow tenfold, torques a hundredfold."""
    torque = _MM_PER_CM**2
    for item in (*spec.bodies, *spec.geoms, *spec.sites, *spec.cameras, *spec.lights, *spec.joints):
        item.pos = item.pos * _MM_PER_CM
    for item in (*spec.geoms, *spec.sites):
        item.size = item.size * _MM_PER_CM
        item.fromto = item.fromto * _MM_PER_CM
    for geom in spec.geoms:
        geom.density /= _MM_PER_CM**3
        geom.margin = geom.gap = 0.0
    for mesh in spec.meshes:
        mesh.scale = mesh.scale * _MM_PER_CM
    for joint in (*spec.joints, *spec.tendons):
        joint.stiffness = joint.stiffness * torque
        joint.damping = joint.damping * torque
        joint.armature *= torque
    for actuator in spec.actuators:
        pulls = actuator.trntype == mujoco.mjtTrn.mjTRN_BODY
        factor = _MM_PER_CM if pulls else torque
        actuator.gainprm = actuator.gainprm * factor
        actuator.biasprm = actuator.biasprm * factor
        actuator.forcerange = actuator.forcerange * factor


def _set_contact(spec: mujoco.MjSpec, physics: FlyPhysics, group: int) -> None:
    for geom in spec.geoms:
        wing = geom.parent.name.startswith("wing")
        touches = bool(geom.contype) and not wing
        geom.contype = 0
        geom.conaffinity = GROUND_BIT if touches else 0
        if touches:
            geom.condim = 3
            geom.priority = 1
            geom.friction = np.array([physics.friction, 0.005, 0.0001])
            geom.solref = np.array([physics.contact_time_s, physics.contact_damping])
            geom.solimp = np.array([*physics.contact_impedance, 0.5, 2.0])
        if geom.group == 1:
            geom.group = group
    for joint in spec.joints:
        if joint.name.startswith(LEGS):
            joint.armature = max(joint.armature, physics.armature)


def _set_wings(spec: mujoco.MjSpec, wings: bool) -> None:
    for side in ("left", "right"):
        blade = spec.geom(f"wing_{side}_fluid")
        blade.fluid_ellipsoid = 1.0
        blade.fluid_coefs = np.array(WING_FLUID_COEFFICIENTS)
        if not wings:
            _fold(spec, side)
    for name in WING_JOINTS if wings else ():
        servo = spec.actuator(name)
        servo.set_to_position(kp=WING_GAIN)
        joint = spec.joint(name)
        joint.damping = np.array([WING_DAMPING, 0.0, 0.0])
        servo.ctrlrange = joint.range
        servo.ctrllimited = mujoco.mjtLimited.mjLIMITED_TRUE


def _fold(spec: mujoco.MjSpec, side: str) -> None:
    wing = spec.body(f"wing_{side}")
    quaternion = np.array(wing.quat)
    names = [name for name in WING_JOINTS if name.endswith(side)]
    for name, angle in zip(names, FOLDED_WING_RAD, strict=True):
        joint = spec.joint(name)
        turn, both = np.zeros(4), np.zeros(4)
        mujoco.mju_axisAngle2Quat(turn, joint.axis, angle)
        mujoco.mju_mulQuat(both, quaternion, turn)
        quaternion = both
        spec.delete(spec.actuator(name))
        spec.delete(joint)
    wing.quat = quaternion


def _add_sites(spec: mujoco.MjSpec) -> None:
    def add(body: str, name: str, place: np.ndarray | tuple[float, ...]) -> None:
        spec.body(body).add_site(name=name, pos=list(place), size=(0.01, 0, 0), group=3)

    for leg in LEGS:
        pad = spec.site(f"claw{_place(leg)}")
        add(f"{leg}_tarsus5", f"{leg}_claw", pad.fromto[3:])
    for side, mirror in (("left", -1.0), ("right", 1.0)):
        add(f"antenna_{side}", f"antenna_{side}", (0.0, 0.0, 0.0))
        add("rostrum", f"palp_{side}", (mirror * 0.05, 0.15, 0.0))
        add("head", f"eye_{side}", spec.camera(f"eye_{side}").pos)
    add("haustellum", "proboscis_tip", (0.0, 0.2, 0.0))
