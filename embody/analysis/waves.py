"""Spectra of the bending wave in time and along the body."""

from dataclasses import dataclass

import numpy as np

from embody.analysis.posture import sampling_period

_WINDOW_S = 20.0
_BAND_HZ = (0.1, 5.0)
_CYCLES_NEEDED = 2.0
_PADDING = 4
_SIDE_LOBE = 0.01  # those of the Hann window stay below 0.001 of their peak


@dataclass(frozen=True)
class WaveSpectrum:
    """Complex amplitudes of the bending at each joint, in overlapping windows of time.

    Attributes
    ----------
    frequency_hz
        Positive frequencies, shape (frequencies,) [Hz].
    amplitude
        Fourier amplitudes, shape (windows, frequencies, joints).
    in_band
        Which frequencies can be bending: fast enough for the window to hold two cycles.
    """

    frequency_hz: np.ndarray
    amplitude: np.ndarray
    in_band: np.ndarray

    @property
    def power(self) -> np.ndarray:
        """Power summed over windows and joints, shape (frequencies,)."""
        return (np.abs(self.amplitude) ** 2).sum(axis=(0, 2))


def wave_spectrum(time_s: np.ndarray, bending: np.ndarray) -> WaveSpectrum | None:
    """Return the spectrum of the bending about its mean, or None if the record is too short.

    Windows of 20 s overlap by half and are tapered by a Hann window (Welch 1967); a shorter
    record is one window.

    Parameters
    ----------
    time_s
        Times, evenly spaced, shape (frames,) [s].
    bending
        Joint angles or curvature, shape (frames, joints); any unit.
    """
    if len(time_s) < 16:
        return None
    period = sampling_period(time_s)
    length = min(len(time_s), round(_WINDOW_S / period))
    padded = _PADDING * length
    frequency = np.fft.rfftfreq(padded, period)
    lowest = max(_BAND_HZ[0], _CYCLES_NEEDED / (length * period))
    kept = (frequency > 0) & (frequency <= _BAND_HZ[1])
    in_band = frequency[kept] >= lowest
    if in_band.sum() < 3:
        return None
    taper = np.hanning(length)[:, None]
    starts = range(0, len(time_s) - length + 1, max(1, length // 2))
    windows = []
    for start in starts:
        piece = bending[start : start + length]
        windows.append(np.fft.rfft((piece - piece.mean(axis=0)) * taper, padded, axis=0)[kept])
    return WaveSpectrum(frequency[kept], np.stack(windows), in_band)


def peak_frequency(spectrum: WaveSpectrum) -> float:
    """Return the frequency of the highest local maximum in the band [Hz].

    NaN if there is none, or only side lobes of a slower motion that the band leaves out.
    """
    power = spectrum.power
    inner = np.arange(1, len(power) - 1)
    is_peak = (power[inner] > power[inner - 1]) & (power[inner] >= power[inner + 1])
    is_peak &= power[inner] > _SIDE_LOBE * power.max()
    peaks = inner[is_peak & spectrum.in_band[inner]]
    if len(peaks) == 0:
        return float("nan")
    top = peaks[np.argmax(power[peaks])]
    left, centre, right = np.log(power[top - 1 : top + 2] + 1e-300)
    shift = 0.5 * (left - right) / (left - 2 * centre + right)
    step = spectrum.frequency_hz[1] - spectrum.frequency_hz[0]
    return float(spectrum.frequency_hz[top] + shift * step)


def wave_number(spectrum: WaveSpectrum, frequency_hz: float, position: np.ndarray) -> float:
    """Return the waves per unit of `position` at one frequency, positive from head to tail.

    The maximum of the spatial spectrum of the complex amplitudes: the phase gradient that fits
    all joints and windows best, also where amplitude varies along the body.

    Parameters
    ----------
    spectrum
        Spectrum of the bending.
    frequency_hz
        Where to look [Hz].
    position
        Place of each joint along the body, shape (joints,), e.g. in body lengths.
    """
    nearest = np.argmin(np.abs(spectrum.frequency_hz - frequency_hz))
    amplitude = spectrum.amplitude[:, nearest]
    highest = 0.25 / abs(position[1] - position[0])
    numbers = np.linspace(-highest, highest, 4001)
    steering = np.exp(2j * np.pi * np.outer(position, numbers))
    return float(numbers[np.argmax((np.abs(amplitude @ steering) ** 2).sum(axis=0))])


def travelling_power(spectrum: WaveSpectrum) -> float:
    """Return the share of power that runs from head to tail minus the share that runs back.

    Shares are of the whole two-dimensional spectrum (the constant posture excluded): +1 at most
    for a wave towards the tail, 0 for a standing wave or rocking, -1 at least for a wave towards
    the head. A pure wave of 0.65 body lengths reaches about 0.85, because a body that holds a
    fraction of a wave spreads its power.
    """
    waves = np.fft.fft(spectrum.amplitude[:, spectrum.in_band], axis=2)
    power = (np.abs(waves) ** 2).sum(axis=(0, 1))
    number = np.fft.fftfreq(len(power))
    below_nyquist = np.abs(number) < 0.5
    to_tail = power[(number < 0) & below_nyquist].sum()
    to_head = power[(number > 0) & below_nyquist].sum()
    total = power.sum()
    return float((to_tail - to_head) / total) if total > 0 else float("nan")
