"""Flight control: from what a fly feels to how its wings beat.

The constants of the body are those that `embody.bodies.fly.beat_wrench` measures on the detailed
fly: `python tools/fly_body_lift.py --torques`.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from embody.brains.fly.flight.attitude import cross, follow_up, to_stroke_plane

GRAVITY_MM_S2 = 9810.0

HOVER_AMPLITUDE_RAD = 1.05

INERTIA = np.array([[4.17, 0.0, -1.87], [0.0, 5.24, 0.0], [-1.87, 0.0, 2.74]]) * 1e-4
"""Inertia of the fly in the frame of the stroke plane, mean of a beat [g mm^2]."""

ROLL_PER_AMPLITUDE = 31.3
"""Torque per difference of the amplitudes, half of left less right [uN mm/rad]."""

PITCH_PER_MEAN = -13.9
"""Torque per mean stroke angle of both wings [uN mm/rad]: forwards lifts the nose."""

YAW_PER_MEAN, YAW_PER_ROTATION = -1.81, 0.78
"""Torque per difference of mean stroke angle and of rotation, half of left less right [uN mm/rad].
"""

YAW_DAMPING = 0.059
"""Torque of beating wings against yaw, per rate of yaw [uN mm s/rad]: the flapping counter-torque
of Hedrick, Cheng & Deng (2009, Science 324:252)."""

PITCH_PER_SPEED = -1.8e-3
"""Torque of the air flow on beating wings, per forward speed [uN s]: what moves forwards is pitched
up, which makes hovering unstable (Sun & Xiong 2005, J. Exp. Biol. 208:447)."""

LARGEST_SUM = np.array([60.0, 60.0, 5.0])
"""Bounds of the summed errors: of speed [mm], forwards and sideways, and of height [mm s]."""

LARGEST_MEAN_RAD, LARGEST_ROTATION_RAD, LARGEST_ROLL_RAD = 0.25, 0.35, 0.2


class FlightState(NamedTuple):
    """What a flying fly remembers.

    Attributes
    ----------
    up
        Where it takes up to be, in the frame of the stroke plane, shape (3,).
    slow
        Sums of the errors of forward speed [mm], of sideways speed [mm] and of height [mm s],
        shape (3,).
    felt
        Rotations on their way from the halteres to the wings, oldest first, shape (delay, 3).
    """

    up: np.ndarray
    slow: np.ndarray
    felt: np.ndarray


class FlightSenses(NamedTuple):
    """What a flying fly perceives.

    Attributes
    ----------
    rotation
        Angular velocity in the thorax frame, from the halteres, shape (3,) [rad/s].
    gravity
        Direction of gravity in the thorax frame, as the eyes see it, shape (3,).
    wind
        How the air moves past the antennae in the thorax frame, shape (3,) [mm/s].
    climb
        How much higher it wants to be [mm].
    speed
        How fast it wants to fly forwards [mm/s].
    turn
        How far it wants to turn to the left [rad].
    """

    rotation: np.ndarray
    gravity: np.ndarray
    wind: np.ndarray
    climb: float
    speed: float
    turn: float


@dataclass(frozen=True)
class FlightControl:
    """Keeps a fly upright by its halteres, and flies it by leaning.

    Attitude: torque about every axis is proportional to the rotation that the halteres feel and to
    its integral, the tilt, as flies correct pitch (Ristroph et al. 2013, J. R. Soc. Interface
    10:20130237; Whitehead et al. 2015, J. Exp. Biol. 218:3508), roll (Beatus, Guckenheimer & Cohen
    2015, J. R. Soc. Interface 12:20150075) and yaw (Ristroph et al. 2010, Proc. Natl. Acad. Sci.
    USA 107:4820). Roll is driven by unlike amplitudes, pitch by the mean angle of the strokes (in
    the animal by its front end), yaw by unlike means and unlike rotations of the wings. Speed: the
    fly leans to where it wants to go (David 1978, Physiol. Entomol. 3:191) and feels by its
    antennae how fast it goes (Fuller et al. 2014, Proc. Natl. Acad. Sci. USA 111:E1182). Height:
    amplitude of both wings.

    Attributes
    ----------
    tilt_gain, rotation_gain
        Angular acceleration per tilt [1/s^2] and per rotation [1/s].
    yaw_gain
        Angular acceleration per rate of yaw [1/s].
    turn_gain, fastest_turn
        Rate of yaw per angle to be turned [1/s], and its limit [rad/s].
    lean_per_speed, lean_gain, lean_integral, largest_lean
        Lean per speed that is wanted [rad s/mm], per error of the speed [rad s/mm], per its sum
        [rad/mm], and its limit [rad].
    climb_gain, climb_damping, climb_integral
        Amplitude per error of the height [rad/mm], per speed of climb [rad s/mm], per sum of the
        error [rad/(mm s)].
    vision_s
        Time constant with which the eyes correct the attitude [s].
    delay_s
        How much later than felt a rotation acts on the wings [s].
    """

    tilt_gain: float = 2000.0
    rotation_gain: float = 60.0
    yaw_gain: float = 30.0
    turn_gain: float = 8.0
    fastest_turn: float = 6.0
    lean_per_speed: float = 1.15e-3
    lean_gain: float = 2e-3
    lean_integral: float = 6e-3
    largest_lean: float = 0.6
    climb_gain: float = 0.016
    climb_damping: float = 1.8e-3
    climb_integral: float = 0.08
    vision_s: float = 0.2
    delay_s: float = 0.005

    def init(self, dt: float) -> FlightState:
        """Return the state of a fly that takes itself to be level, for control periods `dt` [s]."""
        felt = np.zeros((round(self.delay_s / dt), 3))
        return FlightState(np.array([0.0, 0.0, 1.0]), np.zeros(3), felt)

    def step(
        self, state: FlightState, senses: FlightSenses, dt: float
    ) -> tuple[FlightState, np.ndarray]:
        """Return the next state and how the wings beat, shape (6,): see `command`."""
        rotation = to_stroke_plane(senses.rotation)
        felt = np.concatenate([state.felt, rotation[None]])
        rotation, felt = felt[0], felt[1:]
        up = follow_up(state.up, rotation, -to_stroke_plane(senses.gravity), dt, self.vision_s)
        air = -to_stroke_plane(senses.wind)
        ahead, aside, rise = air[0], air[1], air @ up
        slip = np.array([senses.speed - ahead, -aside])
        slow = state.slow + dt * np.array([*slip, senses.climb])
        slow = np.clip(slow, -LARGEST_SUM, LARGEST_SUM)
        lean = self.lean_gain * slip + self.lean_integral * slow[:2]
        lean += (self.lean_per_speed * senses.speed, 0.0)
        lean += rotation @ up / GRAVITY_MM_S2 * np.array([-aside, ahead])
        size = float(np.hypot(*lean))
        lean *= min(1.0, self.largest_lean / size) if size else 1.0
        aim = np.array([-lean[0], -lean[1], 1.0])
        aim /= np.sqrt(aim.dot(aim))
        turn = np.clip(self.turn_gain * senses.turn, -self.fastest_turn, self.fastest_turn)
        wanted = self.tilt_gain * cross(aim, up)
        rate = rotation - turn * up
        gains = np.array([self.rotation_gain, self.rotation_gain, self.yaw_gain])
        torque = INERTIA @ (wanted - gains * rate) + YAW_DAMPING * turn * up
        torque[1] -= PITCH_PER_SPEED * ahead
        lift = (
            self.climb_gain * senses.climb
            - self.climb_damping * rise
            + self.climb_integral * slow[2]
        )
        return FlightState(up, slow, felt), command(torque, lift)


def command(torque: np.ndarray, lift_rad: float) -> np.ndarray:
    """Return how the wings beat to give a torque, and a lift beyond that of hovering.

    Parameters
    ----------
    torque
        About the axes of the stroke plane's frame, shape (3,) [uN mm].
    lift_rad
        Amplitude of both wings beyond that of hovering [rad].

    Returns
    -------
    ndarray
        Amplitude, mean and rotation of left and right, shape (6,) [rad].
    """
    roll = _bounded(torque[0] / ROLL_PER_AMPLITUDE, LARGEST_ROLL_RAD)
    pitch = _bounded(torque[1] / PITCH_PER_MEAN, LARGEST_MEAN_RAD)
    reach = abs(YAW_PER_MEAN) * LARGEST_MEAN_RAD + YAW_PER_ROTATION * LARGEST_ROTATION_RAD
    yaw = _bounded(torque[2] / reach, 1.0)
    mean, rotation = -yaw * LARGEST_MEAN_RAD, yaw * LARGEST_ROTATION_RAD
    amplitude = HOVER_AMPLITUDE_RAD + lift_rad
    return np.array(
        [amplitude + roll, amplitude - roll, pitch + mean, pitch - mean, rotation, -rotation]
    )


def _bounded(value: float, limit: float) -> float:
    return min(max(float(value), -limit), limit)
