"""Gait of the reduced body in a few numbers, fast enough for thousands of candidates."""

from typing import NamedTuple

import numpy as np

from embody.bodies.worm.geometry import WormGeometry

LOWEST_FREQUENCY_HZ = 0.08
MIDDLE_JOINTS = slice(3, 21)


class GaitMeasures(NamedTuple):
    """What an undulation is like.

    Attributes
    ----------
    speed
        Velocity along the body axis, forward positive [mm/s].
    frequency
        Bending frequency [Hz].
    waves
        Waves per body length; positive from head to tail.
    amplitude, weakest_third, strongest_third
        Curvature amplitude, mean over the joints, over the third of them that bends least and
        over the third that bends most [1/mm].
    travelling
        Share of bending power that travels, head to tail positive, -1 to 1.
    bias
        Mean absolute time-averaged curvature [1/mm].
    turning
        Drift of the heading, from a straight line through it [rad/s].
    """

    speed: float
    frequency: float
    waves: float
    amplitude: float
    weakest_third: float
    strongest_third: float
    travelling: float
    bias: float
    turning: float


def measure(head: np.ndarray, direction: np.ndarray, period_s: float) -> GaitMeasures:
    """Measure a gait.

    Parameters
    ----------
    head
        Tip of the head, (T, 2) [mm].
    direction
        Direction of every rod towards the head, (T, rods) [rad].
    period_s
        Time between two rows [s].
    """
    rod_length = WormGeometry().rod_length_mm
    direction = np.unwrap(direction.astype(np.float64), axis=0)
    curvature = (direction[:, :-1] - direction[:, 1:]) / rod_length
    frames, joints = curvature.shape
    tangent = np.stack([np.cos(direction), np.sin(direction)], axis=-1)
    middle_of_rods = head[:, None] - rod_length * (np.cumsum(tangent, axis=1) - 0.5 * tangent)
    centre = middle_of_rods.mean(axis=1)
    axis = tangent.mean(axis=1)
    axis /= np.linalg.norm(axis, axis=1, keepdims=True) + 1e-9
    velocity = np.diff(centre, axis=0) / period_s
    heading = np.unwrap(np.arctan2(axis[:, 1], axis[:, 0]))

    average = curvature.mean(axis=0)
    bending = curvature - average
    amplitude = np.sqrt(2.0) * bending.std(axis=0)
    windowed = bending * np.hanning(frames)[:, None]
    spectrum = np.fft.rfft(windowed, n=4 * frames, axis=0)
    frequency = np.fft.rfftfreq(4 * frames, period_s)
    power = (np.abs(spectrum) ** 2).sum(axis=1)
    power[frequency < LOWEST_FREQUENCY_HZ] = 0.0
    peak = int(np.argmax(power))
    phase = spectrum[peak, MIDDLE_JOINTS]
    lag = np.angle((phase[1:] * np.conj(phase[:-1])).sum())

    both = np.abs(np.fft.fft2(windowed)) ** 2
    product = np.fft.fftfreq(frames)[:, None] * np.fft.fftfreq(joints)[None, :]
    forward, backward = both[product < 0].sum(), both[product > 0].sum()
    ranked, third = np.sort(amplitude), joints // 3
    return GaitMeasures(
        speed=float((velocity * axis[:-1]).sum(axis=1).mean()),
        frequency=float(frequency[peak]),
        waves=float(-lag / (2.0 * np.pi) * (joints + 1)),
        amplitude=float(amplitude.mean()),
        weakest_third=float(ranked[:third].mean()),
        strongest_third=float(ranked[-third:].mean()),
        travelling=float((forward - backward) / (both.sum() + 1e-12)),
        bias=float(np.abs(average).mean()),
        turning=float(np.polyfit(np.arange(frames) * period_s, heading, 1)[0]),
    )
