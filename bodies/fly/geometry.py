"""Shape, masses and joints of the adult fly: names, segment tables, neutral pose, joint ranges.

Lengths and masses are those of NeuroMechFly (Lobato-Rios et al. 2022, Nat. Methods 19:620, from an
X-ray microtomography of an adult female; Wang-Chen et al. 2024, Nat. Methods 21:2353), rounded to
a micrometre and to 10 ng; where its two sides differ in the last digits the table holds their
mean, so the body is exactly symmetric.

Conventions, all of NeuroMechFly so that recorded joint angles play back unchanged: x forward,
y left, z up; the origin of the thorax frame lies where the neck leaves the thorax; in the pose
with every angle zero all legs point straight down. A leg turns about the axes of its segment, yaw
about x, pitch about y, roll about z, by the right-hand rule **on both sides**: a posture that is
mirrored left to right has the same pitch and the opposite yaw and roll. (The recorded step cycle
shows it: the angles of its right legs are those of the left legs with yaw and roll negated.)
"""

import numpy as np

SIDES = ("left", "right")
LEGS = ("LF", "LM", "LH", "RF", "RM", "RH")
"""Left front, left middle, left hind, right front, right middle, right hind."""

LEG_DOFS = (
    "ThC_yaw",
    "ThC_pitch",
    "ThC_roll",
    "CTr_pitch",
    "CTr_roll",
    "FTi_pitch",
    "TiTa_pitch",
)
"""Actuated joints of a leg from thorax to tarsus: thorax-coxa, coxa-trochanter, femur-tibia,
tibia-tarsus."""

LEG_JOINTS: tuple[str, ...] = tuple(f"{leg}_{dof}" for leg in LEGS for dof in LEG_DOFS)
"""The 42 actuated leg joints, leg by leg."""

HEAD_JOINTS = (
    "neck_yaw",
    "neck_pitch",
    "neck_roll",
    "antenna_left",
    "antenna_right",
    "proboscis_rostrum",
    "proboscis_haustellum",
)
"""Joints of the head. Neck: yaw about z (positive to the left), pitch about y (positive nose down),
roll about x (positive left side up). Antennae: positive forward and up. Proboscis: positive
extends it, zero is folded."""

ACTUATED_JOINTS: tuple[str, ...] = LEG_JOINTS + HEAD_JOINTS
"""The 49 joints that take a target angle, in the order of every target vector."""

TARSUS_JOINTS: tuple[str, ...] = tuple(
    f"{leg}_tarsus{number}_pitch" for leg in LEGS for number in (2, 3, 4, 5)
)
"""The 24 passive joints of the tarsi."""

LEG_SEGMENTS = ("coxa", "femur", "tibia", "tarsus1", "tarsus2", "tarsus3", "tarsus4", "tarsus5")
"""Segments of a leg from thorax to claw; "femur" is trochanter and femur in one."""

SEGMENT_DOFS: dict[str, tuple[str, ...]] = {
    "coxa": ("ThC_yaw", "ThC_pitch", "ThC_roll"),
    "femur": ("CTr_pitch", "CTr_roll"),
    "tibia": ("FTi_pitch",),
    "tarsus1": ("TiTa_pitch",),
}
"""Actuated joints that move a segment against the one before it, in order of rotation."""

CLAW_MM = 0.08
"""Length of the last tarsal segment [mm] (Soler et al. 2004, Development 131:5687, fig. 1)."""

_LEFT_ORIGINS = {
    # Origin of every segment in the frame of the one before it, then the claw [mm].
    "F": (
        (-0.161, 0.172, -0.230),
        (-0.002, -0.002, -0.365),
        (-0.005, -0.001, -0.705),
        (0.0, -0.001, -0.518),
        (0.002, -0.001, -0.225),
        (0.001, 0.0, -0.154),
        (0.002, 0.0, -0.099),
        (0.002, 0.0, -0.087),
        (0.0, 0.0, -CLAW_MM),
    ),
    "M": (
        (-0.557, 0.125, -0.482),
        (0.0, 0.0, -0.181),
        (-0.001, 0.0, -0.784),
        (0.0, 0.0, -0.667),
        (0.001, 0.0, -0.292),
        (0.0, 0.0, -0.160),
        (0.0, 0.0, -0.091),
        (0.001, 0.0, -0.064),
        (0.0, 0.0, -CLAW_MM),
    ),
    "H": (
        (-0.784, 0.087, -0.497),
        (0.0, 0.0, -0.199),
        (0.0, 0.0, -0.836),
        (0.0, 0.0, -0.684),
        (0.0, 0.001, -0.353),
        (0.0, 0.0, -0.175),
        (0.0, 0.0, -0.097),
        (0.0, 0.0, -0.073),
        (0.0, 0.0, -CLAW_MM),
    ),
}


def leg_origins(leg: str) -> np.ndarray:
    """Return where the 8 segments of a leg and its claw start, shape (9, 3) [mm].

    Each row is in the frame of the segment before it, the first in that of the thorax.
    """
    mirror = 1.0 if leg[0] == "L" else -1.0
    return np.array(_LEFT_ORIGINS[leg[1]]) * [1.0, mirror, 1.0]


LEG_MASSES_UG: dict[str, tuple[float, ...]] = {
    "F": (4.52, 6.29, 2.07, 0.47, 0.21, 0.12, 0.09, 0.12),
    "M": (2.60, 6.48, 2.86, 0.53, 0.24, 0.12, 0.07, 0.11),
    "H": (2.56, 8.75, 3.37, 1.04, 0.35, 0.14, 0.09, 0.13),
}
"""Mass of the segments of a front, middle and hind leg [ug]."""

LEG_RADII_MM = (0.09, 0.08, 0.05, 0.03, 0.025, 0.025, 0.025, 0.03)
"""Radius of the capsule of every leg segment [mm]."""

THORAX_MASS_UG = 307.0
HEAD_MASS_UG = 94.6
EYE_MASS_UG = 11.7
ANTENNA_MASS_UG = 2.07  # pedicel, funiculus and arista
ROSTRUM_MASS_UG = 18.2
HAUSTELLUM_MASS_UG = 8.09
WING_MASS_UG = 2.5
HALTERE_MASS_UG = 1.42
ABDOMEN_MASSES_UG = (85.7, 107.0, 97.5, 97.0, 62.7)

HEAD_ORIGIN_MM = (0.029, 0.0, 0.001)
EYE_ORIGIN_MM = (0.231, 0.0, 0.017)
ANTENNA_ORIGIN_MM = (0.429, 0.086, 0.083)
ROSTRUM_ORIGIN_MM = (0.430, 0.0, -0.274)
HAUSTELLUM_ORIGIN_MM = (-0.371, 0.0, -0.020)
WING_ORIGIN_MM = (-0.674, 0.395, 0.081)
HALTERE_ORIGIN_MM = (-0.806, 0.214, -0.149)
ABDOMEN_ORIGINS_MM = (
    (-0.862, 0.0, 0.0),
    (-0.326, 0.0, 0.040),
    (-0.208, 0.0, 0.025),
    (-0.174, 0.0, 0.009),
    (-0.228, 0.0, 0.009),
)
"""Origins of the five abdominal parts, each in the frame of the one before it [mm]."""

ABDOMEN_PITCH_RAD = (-0.263, -0.086, 0.086, 0.018, 0.018)
"""Pitch of every abdominal part against the one before it [rad]."""


def total_mass_ug() -> float:
    """Return the mass of the whole fly [ug]."""
    legs = 2.0 * sum(sum(masses) for masses in LEG_MASSES_UG.values())
    paired = 2.0 * (EYE_MASS_UG + ANTENNA_MASS_UG + WING_MASS_UG + HALTERE_MASS_UG)
    axial = THORAX_MASS_UG + HEAD_MASS_UG + ROSTRUM_MASS_UG + HAUSTELLUM_MASS_UG
    return legs + paired + axial + sum(ABDOMEN_MASSES_UG)


def weight_un(gravity_mm_s2: float = 9810.0) -> float:
    """Return the weight of the fly [uN]."""
    return total_mass_ug() * 1e-6 * gravity_mm_s2


_LEFT_RANGES_DEG = {
    "F": ((-60, 60), (-50, 90), (-30, 120), (-180, -10), (-60, 110), (0, 170), (-110, 40)),
    "M": ((-60, 90), (-60, 70), (30, 160), (-180, -10), (-90, 90), (0, 170), (-110, 40)),
    "H": ((-60, 90), (-40, 90), (50, 190), (-180, -10), (-90, 90), (0, 170), (-110, 60)),
}
# Mean angles at mid stance of a recorded step (NeuroMechFly v2), turned at coxa-trochanter and
# femur-tibia by a few degrees so that all six claws are equally high.
_LEFT_NEUTRAL_DEG = {
    "F": (5.0, 32.3, 61.6, -132.2, 46.6, 105.9, -29.0),
    "M": (45.8, 1.4, 102.7, -90.9, -15.0, 128.8, -35.2),
    "H": (25.2, 42.0, 144.6, -80.4, -16.1, 96.5, -11.4),
}
_HEAD_RANGES_RAD = (
    (-0.6, 0.6),
    (-0.6, 0.6),
    (-1.2, 1.2),
    (-0.4, 0.5),
    (-0.4, 0.5),
    (0.0, 2.0),
    (0.0, 2.8),
)
_TURNS_OVER = np.array([dof.endswith(("yaw", "roll")) for dof in LEG_DOFS])


def mirrored(leg_angle: np.ndarray) -> np.ndarray:
    """Return the posture seen in a mirror, left for right.

    Parameters
    ----------
    leg_angle
        Angles of the leg joints, shape (..., 42) [rad].
    """
    angles = np.asarray(leg_angle, dtype=float).reshape(*np.shape(leg_angle)[:-1], 2, 3, 7)
    swapped = np.where(_TURNS_OVER, -angles, angles)[..., ::-1, :, :]
    return swapped.reshape(np.shape(leg_angle))


def _both_sides(left: dict[str, tuple[float, ...]]) -> np.ndarray:
    side = np.array([left[place] for place in "FMH"], dtype=float)
    return np.radians(np.concatenate([side, np.where(_TURNS_OVER, -side, side)]).ravel())


def _joint_range() -> np.ndarray:
    low = _both_sides({place: tuple(low for low, _ in r) for place, r in _LEFT_RANGES_DEG.items()})
    high = _both_sides({place: tuple(h for _, h in r) for place, r in _LEFT_RANGES_DEG.items()})
    legs = np.stack([np.minimum(low, high), np.maximum(low, high)], axis=-1)
    return np.concatenate([legs, np.array(_HEAD_RANGES_RAD)])


neutral_leg_angle = _both_sides(_LEFT_NEUTRAL_DEG)
"""Standing posture of the legs, shape (42,) [rad]."""

neutral_pose = np.concatenate([neutral_leg_angle, np.zeros(len(HEAD_JOINTS))])
"""Standing posture of all actuated joints, head straight, proboscis folded, shape (49,) [rad]."""

joint_range = _joint_range()
"""Lowest and highest angle of every actuated joint, shape (49, 2) [rad]. Those of the legs are the
envelope of two recorded flies (step cycle and tethered walk of NeuroMechFly), widened by 30 to 60
degrees for grooming and rough ground. Those of the head are of the order of what blowflies show in
flight: yaw and pitch of some 20 degrees, roll of up to 90 (Hengstenberg, Sandeman & Hengstenberg
1986, Proc. R. Soc. Lond. B 227:455)."""

for _array in (neutral_leg_angle, neutral_pose, joint_range):
    _array.setflags(write=False)
