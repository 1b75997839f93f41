"""A wing-beat pattern generator: how both wings beat, told by seven numbers, beat by beat."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embody.bodies.fly.wing_beat import WingBeat

FREQUENCY_HZ = 218.0
"""Beats per second of a hovering fly (Fry, Sayaman & Dickinson 2005, J. Exp. Biol. 208:2303)."""

STROKE_NAMES = (
    "frequency",
    "amplitude_left",
    "amplitude_right",
    "mean_left",
    "mean_right",
    "rotation_left",
    "rotation_right",
)
"""What the seven numbers of a command are. Frequency of both wings [Hz]; of each wing the amplitude
of its stroke, half the angle from end to end [rad]; the mean angle of the stroke, positive
forwards [rad]; and the mean rotation about its length, positive leaning back [rad]."""

STROKE_LOW = np.array([0.95 * FREQUENCY_HZ, 0.8, 0.8, -0.25, -0.25, -0.35, -0.35])
STROKE_HIGH = np.array([1.05 * FREQUENCY_HZ, 1.3, 1.3, 0.25, 0.25, 0.35, 0.35])
"""Bounds of a command. Frequency varies by 5 % as in flybody (Vaxenburg et al. 2025, Nature
643:1312)."""

RESPONSE_TIME_S = 0.002
"""Time constant with which a wing takes up a new command [s]: about half a beat."""


@dataclass(frozen=True)
class WingPattern:
    """Makes targets for the six wing servos, and knows how these servos lag.

    Amplitude, mean and rotation follow their command with a lag of first order, the phase runs on
    when the frequency changes. A state is 8 numbers: phase [rad], then the seven numbers that the
    wings have taken up. Servos are told the angle, plus what their inertia, damping and spring
    call for at that moment of the beat, so that wings of a fly at rest go where they are told but
    for the force of the air.

    Attributes
    ----------
    rotation_rad
        Amplitude of the rotation about a wing's length [rad].
    upright_rad
        Angle of the pitch joints at which a wing is upright in the stroke plane [rad].
    inertia_s2, damping_s, spring
        Inertia, damping and stiffness of yaw, roll and pitch joints over the stiffness of their
        servos, shape (3,) each [s^2], [s], [1].
    rest_rad
        Where the springs of these joints rest, shape (3,) [rad].
    """

    rotation_rad: float = WingBeat.rotation_rad
    upright_rad: float = WingBeat.upright_rad
    inertia_s2: tuple[float, float, float] = (0.0, 0.0, 0.0)
    damping_s: tuple[float, float, float] = (0.0, 0.0, 0.0)
    spring: tuple[float, float, float] = (0.0, 0.0, 0.0)
    rest_rad: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def start(self, command: Sequence[float] | np.ndarray, phase_rad: float = 0.0) -> list[float]:
        """Return the state of wings that have taken up a command; they are rearmost at phase 0."""
        return [phase_rad, *map(float, command)]

    def advance(self, state: list[float], command: Sequence[float], dt: float) -> list[float]:
        """Return the state a time `dt` [s] later."""
        keep = math.exp(-dt / RESPONSE_TIME_S)
        taken = [to + keep * (now - to) for now, to in zip(state[1:], command, strict=True)]
        return [(state[0] + 2.0 * math.pi * taken[0] * dt) % (2.0 * math.pi), *taken]

    def angle(self, state: Sequence[float]) -> np.ndarray:
        """Return yaw, roll and pitch of the left wing, then of the right, shape (6,) [rad]."""
        phase, _, left, right, mean_left, mean_right, lean_left, lean_right = state
        cosine, turn = math.cos(phase), self.rotation_rad * math.sin(phase)
        return np.array(
            [
                left * cosine - mean_left, 0.0, self.upright_rad - turn + lean_left,
                right * cosine - mean_right, 0.0, self.upright_rad - turn + lean_right,
            ]
        )  # fmt: skip

    def velocity(self, state: Sequence[float]) -> np.ndarray:
        """Return how fast these angles change in a steady beat, shape (6,) [rad/s]."""
        pace = 2.0 * math.pi * state[1]
        sine, turn = math.sin(state[0]), -self.rotation_rad * math.cos(state[0])
        return pace * np.array([-state[2] * sine, 0.0, turn, -state[3] * sine, 0.0, turn])

    def target(self, state: Sequence[float]) -> list[float]:
        """Return what the servos are told, as `angle`, a list of 6 [rad]."""
        phase, frequency, left, right, mean_left, mean_right, lean_left, lean_right = state
        pace = 2.0 * math.pi * frequency
        cosine, sine = math.cos(phase), math.sin(phase)
        (mass_yaw, _, mass_pitch), (drag_yaw, _, drag_pitch) = self.inertia_s2, self.damping_s
        (give_yaw, give_roll, give_pitch), rest = self.spring, self.rest_rad
        sweep = (1.0 - mass_yaw * pace * pace) * cosine - drag_yaw * pace * sine
        swing = (1.0 - mass_pitch * pace * pace) * sine + drag_pitch * pace * cosine
        yaw = [
            size * sweep - mean + give_yaw * (size * cosine - mean - rest[0])
            for size, mean in ((left, mean_left), (right, mean_right))
        ]
        roll = -give_roll * rest[1]
        pitch = [
            upright - self.rotation_rad * (swing + give_pitch * sine)
            + give_pitch * (upright - rest[2])
            for upright in (self.upright_rad + lean_left, self.upright_rad + lean_right)
        ]  # fmt: skip
        return [yaw[0], roll, pitch[0], yaw[1], roll, pitch[1]]
