"""A made-up tripod walk, straight from geometry: for tests and timings of the body.

Walking of real flies, from recorded steps, is in `embody.brains.fly.locomotion`.
"""

import numpy as np

from embody.bodies.fly.geometry import LEGS, neutral_leg_angle
from embody.bodies.fly.kinematics import claw_position, reach

STANCE = 0.6
"""Fraction of the period that a foot is on the ground."""

_EARLY_GRIP = 0.06
_HALF_BEHIND = np.array([0.0, 0.5, 0.0, 0.5, 0.0, 0.5])  # in the order of LEGS


def tripod_targets(
    samples: int, stride_mm: float = 0.9, lift_mm: float = 0.5, press_mm: float = 0.3
) -> tuple[np.ndarray, np.ndarray]:
    """Return one period of leg angles and adhesion of a straight tripod walk.

    Every claw sweeps backwards on a line through its standing place and returns in an arc. During
    stance it reaches further down than the ground: the servos yield, and feet that land on a wall
    or a ceiling, from which the body sags, still touch it.

    Parameters
    ----------
    samples
        Number of equally spaced moments of the period.
    stride_mm
        Length of the sweep [mm].
    lift_mm
        Height of the arc [mm].
    press_mm
        How far below the ground a foot reaches in stance [mm].

    Returns
    -------
    leg_angle, adhesion
        Shapes (samples, 42) [rad] and (samples, 6).
    """
    standing = claw_position(neutral_leg_angle)
    angles, adhesion = np.empty((samples, 42)), np.empty((samples, len(LEGS)))
    for sample in range(samples):
        phase = (sample / samples + _HALF_BEHIND) % 1.0
        swing = 1.0 - STANCE
        swings = phase < swing
        forward = np.where(
            swings, -0.5 * np.cos(np.pi * phase / swing), 0.5 - (phase - swing) / STANCE
        )
        height = np.where(swings, lift_mm * np.sin(np.pi * np.minimum(phase / swing, 1.0)), 0.0)
        pressing = np.interp(phase, [0.0, 0.1, swing - 0.1, swing, 0.9, 1.0], [0, 0, 0, 1, 1, 0])
        goal = standing.copy()
        goal[:, 0] += stride_mm * forward
        goal[:, 2] += height - press_mm * pressing
        angles[sample] = reach(neutral_leg_angle, goal)
        adhesion[sample] = phase >= swing - _EARLY_GRIP
    return angles, adhesion
