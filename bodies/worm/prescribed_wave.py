"""The MuJoCo body made to bend in a wave, beside what theory says of the wave it made."""

from dataclasses import dataclass

import numpy as np

from embody.bodies.worm.geometry import RODS
from embody.bodies.worm.medium import Medium
from embody.bodies.worm.mujoco_body import WormBody
from embody.bodies.worm.resistive_force import BendingWave, Motion, motion_of_posture

CRAWL = BendingWave(curvature_per_mm=8.0, wavelength_mm=0.65, frequency_hz=0.45)
"""Forward crawling on agar (Fang-Yen et al. 2010, PNAS 107:20323)."""

SWIM = BendingWave(curvature_per_mm=3.5, wavelength_mm=1.5, frequency_hz=1.8)
"""Swimming in water (Fang-Yen et al. 2010, PNAS 107:20323)."""

SETTLING_PERIODS = 1


@dataclass(frozen=True)
class WaveSpeeds:
    """Forward speeds of one prescribed wave.

    Attributes
    ----------
    simulated_mm_s
        Of the MuJoCo body [mm/s].
    theory_mm_s
        Of resistive-force theory, for the joint angles that the MuJoCo body went through [mm/s].
    amplitude_per_mm
        Greatest curvature that it went through [1/mm].
    """

    simulated_mm_s: float
    theory_mm_s: float
    amplitude_per_mm: float

    @property
    def error(self) -> float:
        """How far the simulation is from theory, relative to theory."""
        return self.simulated_mm_s / self.theory_mm_s - 1.0


def wave_speeds(
    wave: BendingWave, medium: Medium, timestep_s: float, periods: int = 2
) -> WaveSpeeds:
    """Bend a MuJoCo body in a wave and compare its speed with resistive-force theory.

    Parameters
    ----------
    wave
        Wave of curvature that stiff servos impose.
    medium
        What the body moves in.
    timestep_s
        Physics step; shortened a little, such that a whole number fits in a period [s].
    periods
        Whole periods to average over, after one in which it settles.
    """
    steps = int(np.ceil(1.0 / wave.frequency_hz / timestep_s - 1e-9))
    interval = 1.0 / wave.frequency_hz / steps
    body = WormBody(medium, control_period_s=interval, physics_steps=1, servo=True)
    time = interval * np.arange((SETTLING_PERIODS + periods) * steps + 1)
    target = wave.joint_angle(time, RODS, body.geometry.length_mm)
    body.reset(joint_angle=target[0])
    angle = np.empty_like(target)
    position = np.empty((len(time), 2))
    heading = np.empty(len(time))
    for k in range(len(time)):
        if k:
            body.step(target[k])
        angle[k] = body.joint_angle()
        position[k] = body.rod_positions().mean(axis=0)
        heading[k] = body.heading()
    kept = slice(SETTLING_PERIODS * steps, None)
    simulated = Motion(time[kept], position[kept], heading[kept])
    theory = motion_of_posture(time[kept], angle[kept], body.medium, body.geometry.length_mm)
    return WaveSpeeds(
        simulated.forward_speed(),
        theory.forward_speed(),
        float(np.abs(angle[kept]).max() / body.geometry.rod_length_mm),
    )
