"""Speed of a prescribed wave of bending from resistive-force theory, without any simulation.

A body without inertia moves such that drag exerts neither a net force nor a net torque on it
(Gray & Hancock 1955, J. Exp. Biol. 32:802). Nothing here uses MuJoCo.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import j0

from embody.bodies.worm.medium import Medium


@dataclass(frozen=True)
class BendingWave:
    """A sine wave of curvature that travels along the body.

    Attributes
    ----------
    curvature_per_mm
        Amplitude [1/mm].
    wavelength_mm
        Wavelength along the body [mm].
    frequency_hz
        Frequency [Hz].
    towards_tail
        Whether it travels from head to tail, which drives the worm forwards.
    """

    curvature_per_mm: float
    wavelength_mm: float
    frequency_hz: float
    towards_tail: bool = True

    @property
    def wavenumber(self) -> float:
        """Phase per length of body [rad/mm]."""
        return 2.0 * np.pi / self.wavelength_mm

    def joint_angle(self, time_s: np.ndarray, rods: int, length_mm: float = 1.0) -> np.ndarray:
        """Return the joint angles of a chain of rods in this wave, (..., rods - 1) [rad].

        Parameters
        ----------
        time_s
            Times, shape (...) [s].
        rods
            Number of rods of equal length.
        length_mm
            Length of the chain [mm].
        """
        rod_length = length_mm / rods
        place = rod_length * np.arange(1, rods)
        turn = 2.0 * np.pi * self.frequency_hz * np.asarray(time_s)[..., None]
        phase = self.wavenumber * place - (turn if self.towards_tail else -turn)
        return rod_length * self.curvature_per_mm * np.cos(phase)


@dataclass(frozen=True)
class Motion:
    """Where a chain of rods went.

    Attributes
    ----------
    time_s
        Times, shape (T,) [s].
    position_mm
        Mean position of the rods, shape (T, 2) [mm].
    heading_rad
        Direction from tail to nose, shape (T,) [rad].
    """

    time_s: np.ndarray
    position_mm: np.ndarray
    heading_rad: np.ndarray

    def forward_speed(self) -> float:
        """Return the mean velocity along the mean heading [mm/s]; positive is forwards.

        The motion should span whole periods of the wave.
        """
        axis = np.array(
            [np.cos(self.heading_rad[:-1]).mean(), np.sin(self.heading_rad[:-1]).mean()]
        )
        moved = self.position_mm[-1] - self.position_mm[0]
        return float(moved @ axis / np.hypot(*axis) / (self.time_s[-1] - self.time_s[0]))


def motion_of_posture(
    time_s: np.ndarray, joint_angle: np.ndarray, medium: Medium, length_mm: float = 1.0
) -> Motion:
    """Return how a chain of rods moves that bends as told, when drag alone acts on it.

    Accurate to second order in the sampling interval.

    Parameters
    ----------
    time_s
        Evenly spaced times, shape (T,) [s].
    joint_angle
        Joint angles at these times, shape (T, rods - 1) [rad].
    medium
        What the chain moves in.
    length_mm
        Length of the chain [mm].
    """
    interval = time_s[1] - time_s[0]
    rate = np.gradient(joint_angle, interval, axis=0, edge_order=2)
    rods = joint_angle.shape[1] + 1
    rod_length = length_mm / rods
    start = np.zeros((len(time_s), 1))
    direction = -np.concatenate([start, np.cumsum(joint_angle, axis=1)], axis=1)
    spin = -np.concatenate([start, np.cumsum(rate, axis=1)], axis=1)
    tangent = np.stack([np.cos(direction), np.sin(direction)], axis=-1)
    normal = np.stack([-tangent[..., 1], tangent[..., 0]], axis=-1)
    middle = -rod_length * (np.cumsum(tangent, axis=1) - 0.5 * tangent)
    swing = spin[..., None] * normal
    velocity = -rod_length * (np.cumsum(swing, axis=1) - 0.5 * swing)

    rigid = _drag_free_motion(middle, velocity, spin, tangent, normal, rod_length, medium)
    turn = _integrate(rigid[:, 2], interval)
    drift = _integrate(_rotate(rigid[:, :2], turn), interval)
    position = drift + _rotate(middle.mean(axis=1), turn)
    along = tangent.mean(axis=1)
    return Motion(time_s, position, turn + np.arctan2(along[:, 1], along[:, 0]))


def _drag_free_motion(
    middle: np.ndarray,
    velocity: np.ndarray,
    spin: np.ndarray,
    tangent: np.ndarray,
    normal: np.ndarray,
    rod_length: float,
    medium: Medium,
) -> np.ndarray:
    """Return velocity and turning rate of the head that null net drag and torque, shape (T, 3)."""

    def rows(axis: np.ndarray) -> np.ndarray:
        """How a velocity (x, y, turn) of the whole body moves each rod along an axis."""
        arm = middle[..., 0] * axis[..., 1] - middle[..., 1] * axis[..., 0]
        return np.concatenate([axis, arm[..., None]], axis=-1)

    resistance = np.zeros((len(middle), 3, 3))
    drag = np.zeros((len(middle), 3))
    for axis, coefficient in (
        (tangent, medium.tangential_drag * rod_length),
        (normal, medium.normal_drag * rod_length),
    ):
        row = rows(axis)
        speed = np.sum(axis * velocity, axis=-1)
        resistance += coefficient * np.einsum("tri,trj->tij", row, row)
        drag += coefficient * np.einsum("tri,tr->ti", row, speed)
    rolling = medium.normal_drag * rod_length**3 / 12.0
    resistance[:, 2, 2] += rolling * middle.shape[1]
    drag[:, 2] += rolling * spin.sum(axis=1)
    return np.linalg.solve(resistance, -drag[..., None])[..., 0]


def _rotate(vectors: np.ndarray, angle: np.ndarray) -> np.ndarray:
    cosine, sine = np.cos(angle), np.sin(angle)
    x, y = vectors.T
    return np.stack([cosine * x - sine * y, sine * x + cosine * y], axis=-1)


def _integrate(rate: np.ndarray, interval: float) -> np.ndarray:
    total = np.zeros_like(rate)
    total[1:] = np.cumsum(0.5 * interval * (rate[1:] + rate[:-1]), axis=0)
    return total


def forward_speed(
    wave: BendingWave, medium: Medium, rods: int = 25, length_mm: float = 1.0, samples: int = 400
) -> float:
    """Return the mean forward speed of a chain of rods in a wave [mm/s].

    Parameters
    ----------
    wave
        The wave of curvature.
    medium
        What the chain moves in.
    rods
        Number of rods; many rods make a smooth filament.
    length_mm
        Length of the chain [mm].
    samples
        Number of instants in one period.
    """
    time = np.linspace(0.0, 1.0 / wave.frequency_hz, samples + 1)
    angle = wave.joint_angle(time, rods, length_mm)
    return motion_of_posture(time, angle, medium, length_mm).forward_speed()


def infinite_filament_speed(wave: BendingWave, medium: Medium) -> float:
    """Return the forward speed of an endless smooth filament in a wave of any amplitude [mm/s].

    Lighthill 1976, SIAM Rev. 18:161, equation 37, with the body's direction a sine wave.
    """
    swing = wave.curvature_per_mm / wave.wavenumber
    across = 0.5 * (1.0 - j0(2.0 * swing))
    ratio = medium.tangential_drag / medium.normal_drag
    wave_speed = wave.frequency_hz * wave.wavelength_mm * j0(swing)
    speed = wave_speed * across * (1.0 - ratio) / (across + ratio * (1.0 - across))
    return float(speed if wave.towards_tail else -speed)


def gray_hancock_speed(wave: BendingWave, medium: Medium) -> float:
    """Return the forward speed of an endless filament in a wave of small amplitude [mm/s].

    The leading term of Gray & Hancock 1955, J. Exp. Biol. 32:802: half of frequency times
    wavenumber times amplitude squared, times the ratio of the drags less one.
    """
    amplitude = wave.curvature_per_mm / wave.wavenumber**2
    ratio = medium.normal_drag / medium.tangential_drag
    angular = 2.0 * np.pi * wave.frequency_hz
    speed = 0.5 * angular * wave.wavenumber * amplitude**2 * (ratio - 1.0)
    return float(speed if wave.towards_tail else -speed)
