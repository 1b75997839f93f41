"""What a flying fly perceives, and what a recording keeps of it."""

import math

from embody.bodies.fly.detailed import WING_JOINTS
from embody.bodies.fly.geometry import HEAD_JOINTS, LEG_JOINTS
from embody.envs.fly.base import GRAVITY
from embody.layout import Channel
from embody.recording import Signal

FASTEST_MM_S = 1000.0
FASTEST_TURN_RAD_S = 100.0
HIGHEST_MM = 1000.0
_XYZ = ("forward", "left", "up")
WING_ANGLE = Channel(
    "wing_angle",
    WING_JOINTS,
    "rad",
    -math.pi,
    math.pi,
    "angle of each wing joint: yaw is the stroke, positive backwards",
)
ROTATION = Channel(
    "rotation",
    ("roll", "pitch", "yaw"),
    "rad/s",
    -FASTEST_TURN_RAD_S,
    FASTEST_TURN_RAD_S,
    "angular velocity of the thorax in its own frame as the halteres feel it: mean of a wing beat",
)
WIND = Channel(
    "wind",
    _XYZ,
    "mm/s",
    -FASTEST_MM_S,
    FASTEST_MM_S,
    "velocity of the air relative to the thorax, in its frame: it blows that way; mean of a beat",
)
CLIMB = Channel("climb", ("climb",), "mm", -HIGHEST_MM, HIGHEST_MM, "how much higher to fly")
SPEED = Channel(
    "speed", ("speed",), "mm/s", -FASTEST_MM_S, FASTEST_MM_S, "speed through the air to fly with"
)
TURN = Channel("turn", ("turn",), "rad", -math.pi, math.pi, "how far to turn, positive to the left")
SENSES = (WING_ANGLE, ROTATION, GRAVITY, WIND, CLIMB, SPEED, TURN)

_AXES, _QUATERNION = ("x", "y", "z"), ("w", "x", "y", "z")
BEAT_NAMES = (
    "phase", "frequency", "amplitude_left", "amplitude_right", "mean_left", "mean_right",
    "rotation_left", "rotation_right",
)  # fmt: skip

SNAPSHOT = (
    Signal("position", ("time", "axis"), _AXES, "mm", "origin of the thorax"),
    Signal("orientation", ("time", "axis"), _QUATERNION, "1", "quaternion of the thorax"),
    Signal("joint_angle", ("time", "joint"), LEG_JOINTS, "rad", "angle of each leg joint"),
    Signal("head_angle", ("time", "joint"), HEAD_JOINTS, "rad", "angle of each head joint"),
    Signal(
        "wing_beat", ("time", "part"), BEAT_NAMES, "1",
        "phase of the beat since the reset [rad], and how the wings beat [Hz], [rad]; 0 if it "
        "drives the wings itself",
    ),
    Signal(
        "flight_error", ("time", "part"), ("climb_mm", "speed_mm_s", "turn_rad", "tilt_rad"),
        "1", "wanted less actual height, speed and direction; tilt of the stroke plane",
    ),
)  # fmt: skip
