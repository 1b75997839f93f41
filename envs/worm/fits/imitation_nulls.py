"""What a forecast has to be better than: a wave that goes on, and a linear law of the past."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from embody.bodies.worm.geometry import JOINTS
from embody.fitting.imitation import ReferenceClip

FREQUENCIES_HZ = np.linspace(-1.5, 1.5, 121)
WAVES_PER_BODY = np.linspace(0.3, 2.5, 45)
STEP_S = 0.1
LAGS = 10
COMPONENTS = 5
RIDGE = 1e-3


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
    cosines, sines = 0.5 * (size + np.real(cross)), 0.5 * (size - np.real(cross))
    mixed = -0.5 * np.imag(cross)
    on_cosine, on_sine = np.real(found), -np.imag(found)
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


class LinearForecast(NamedTuple):
    """A vector autoregression of postures: the next tenth of a second from the last full one.

    Attributes
    ----------
    mean
        Mean posture of the animals that it was fitted to, (24,) [rad].
    basis
        Principal components of their postures, (24, c).
    law
        From the scores of the last second, latest first, to the next ones, (lags c, c).
    """

    mean: np.ndarray
    basis: np.ndarray
    law: np.ndarray

    @classmethod
    def fit(cls, clips: Iterable[ReferenceClip]) -> "LinearForecast":
        """Return the law of least squares, every animal with the same weight."""
        taken = []
        for clip in clips:
            time = np.arange(int(clip.seconds / STEP_S) + 1) * STEP_S
            taken.append(((clip.source, clip.individual), clip.at(time)))
        frames = {who: sum(len(a) for own, a in taken if own == who) for who, _ in taken}
        weights = [np.full(len(angle), 1.0 / frames[who]) for who, angle in taken]
        weight, angles = np.concatenate(weights), np.concatenate([angle for _, angle in taken])
        mean = np.average(angles, axis=0, weights=weight)
        basis = np.linalg.eigh(np.cov(angles.T, aweights=weight))[1][:, ::-1][:, :COMPONENTS]
        past, following, share = [], [], []
        for (_, angle), own in zip(taken, weights, strict=True):
            scores = (angle - mean) @ basis
            rows = len(scores) - LAGS
            past.append(np.hstack([scores[LAGS - 1 - k :][:rows] for k in range(LAGS)]))
            following.append(scores[LAGS:])
            share.append(own[LAGS:])
        x, y = np.vstack(past), np.vstack(following)
        heavy = x * np.concatenate(share)[:, None]
        square = heavy.T @ x
        square += RIDGE * np.trace(square) / len(square) * np.eye(len(square))
        return cls(mean, basis, np.linalg.solve(square, heavy.T @ y))

    def joint_angle(self, held: np.ndarray, rate_hz: float, time_s: np.ndarray) -> np.ndarray:
        """Return what follows postures held, (H, 24) [rad], at times after the last, (T, 24)."""
        back = len(held) - 1 - np.round(np.arange(LAGS) * STEP_S * rate_hz).astype(int)
        past = (held[back] - self.mean) @ self.basis
        ahead = [held[-1]]
        for _ in range(int(np.ceil(time_s[-1] / STEP_S))):
            past = np.vstack([past.ravel() @ self.law, past[:-1]])
            ahead.append(self.mean + self.basis @ past[0])
        place = np.arange(len(ahead)) * STEP_S
        return np.stack([np.interp(time_s, place, joint) for joint in np.transpose(ahead)], axis=1)


def _phase(time_s: np.ndarray, frequency_hz: float, waves_per_body: float) -> np.ndarray:
    place = np.arange(1, JOINTS + 1) / (JOINTS + 1)
    return 2.0 * np.pi * (frequency_hz * np.asarray(time_s)[:, None] - waves_per_body * place)
