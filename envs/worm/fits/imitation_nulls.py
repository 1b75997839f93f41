"""What a controller has to be better than: a posture that stays, and a wave that goes on."""

from typing import NamedTuple

import numpy as np

from embody.bodies.worm.geometry import JOINTS

FREQUENCIES_HZ = np.linspace(-1.5, 1.5, 121)
WAVES_PER_BODY = np.linspace(0.3, 2.5, 45)


class FittedWave(NamedTuple):
    """A travelling wave of joint angles, amplitude cos(phase + 2 pi (frequency t - waves s)).

    Attributes
    ----------
    frequency_hz
        Frequency; negative where it runs from tail to head [Hz].
    waves_per_body
        Waves on the body.
    amplitude_rad
        Amplitude of the joint angles [rad].
    phase_rad
        Phase at the head at time 0 [rad].
    """

    frequency_hz: float
    waves_per_body: float
    amplitude_rad: float
    phase_rad: float

    def joint_angle(self, time_s: np.ndarray) -> np.ndarray:
        """Return the joint angles at times, (T, 24) [rad]."""
        turn = _phase(time_s, self.frequency_hz, self.waves_per_body)
        return self.amplitude_rad * np.cos(self.phase_rad + turn)


def fit_wave(joint_angle: np.ndarray, frame_rate_hz: float) -> FittedWave:
    """Return the wave that is closest to postures by least squares, (T, 24) [rad].

    Frequency and wavelength are sought on a grid; amplitude and phase are solved for.
    """
    time = np.arange(len(joint_angle)) / frame_rate_hz
    place = np.arange(1, JOINTS + 1) / (JOINTS + 1)
    in_time = np.exp(-2j * np.pi * np.outer(FREQUENCIES_HZ, time))
    along = np.exp(2j * np.pi * np.outer(place, WAVES_PER_BODY))
    found = in_time @ joint_angle @ along
    # With c = sum of cos^2, s of sin^2, x of cos sin, the normal equations of the real wave.
    double_time = (in_time**2).sum(axis=1)[:, None]
    cross = double_time * (along**2).sum(axis=0)[None, :]
    size = joint_angle.size
    cosines, sines, mixed = (
        0.5 * (size + cross.real),
        0.5 * (size - cross.real),
        -0.5 * cross.imag,
    )
    on_cosine, on_sine = found.real, -found.imag
    determinant = np.maximum(cosines * sines - mixed**2, 1e-9)
    a = (sines * on_cosine - mixed * on_sine) / determinant
    b = (cosines * on_sine - mixed * on_cosine) / determinant
    explained = a * on_cosine + b * on_sine
    i, j = np.unravel_index(int(np.argmax(explained)), explained.shape)
    return FittedWave(
        float(FREQUENCIES_HZ[i]),
        float(WAVES_PER_BODY[j]),
        float(np.hypot(a[i, j], b[i, j])),
        float(np.arctan2(-b[i, j], a[i, j])),
    )


def _phase(time_s: np.ndarray, frequency_hz: float, waves_per_body: float) -> np.ndarray:
    place = np.arange(1, JOINTS + 1) / (JOINTS + 1)
    return 2.0 * np.pi * (frequency_hz * np.asarray(time_s)[:, None] - waves_per_body * place)
