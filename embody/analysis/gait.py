"""What the undulation is like: frequency, wavelength, amplitude, direction."""

from dataclasses import dataclass

import numpy as np

from embody.analysis.posture import body_length, curvature
from embody.analysis.waves import peak_frequency, travelling_power, wave_number, wave_spectrum

_STILL_PER_MM = 0.05
_CROSSING_BAND = 0.31  # in curvature times body length: smaller excursions are noise


@dataclass(frozen=True)
class Gait:
    """The undulation over a whole record; NaN where the record cannot tell.

    Attributes
    ----------
    frequency_hz
        Bending frequency, from the peak of the spectrum [Hz].
    frequency_zero_crossing_hz
        The same from sign changes of curvature in the middle third, as a cross-check [Hz].
    wavelength_body
        Wavelength [body lengths].
    wave_direction
        +1 where the wave runs from head to tail (forward crawling), -1 where it runs to the head.
    travelling_power
        Signed share of travelling power, see `embody.analysis.waves.travelling_power`.
    amplitude_per_mm
        Curvature amplitude (root mean square times sqrt 2, about the mean) at each joint [1/mm].
    """

    frequency_hz: float
    frequency_zero_crossing_hz: float
    wavelength_body: float
    wave_direction: float
    travelling_power: float
    amplitude_per_mm: np.ndarray

    @property
    def curvature_amplitude_per_mm(self) -> float:
        """Mean of the amplitude along the body [1/mm]."""
        return float(self.amplitude_per_mm.mean())

    @property
    def weakest_third_per_mm(self) -> float:
        """Mean amplitude of the third of the body (front, middle, rear) that bends least [1/mm]."""
        return float(min(part.mean() for part in np.array_split(self.amplitude_per_mm, 3)))


def measure_gait(time_s: np.ndarray, centreline: np.ndarray) -> Gait:
    """Measure the undulation.

    Frequency and wavelength need two full cycles; a body that hardly bends has neither.

    Parameters
    ----------
    time_s
        Times, evenly spaced, shape (frames,) [s].
    centreline
        Nodes from head to tail, shape (frames, nodes, 2) [mm].
    """
    bending = curvature(centreline)
    amplitude = np.sqrt(2.0) * bending.std(axis=0)
    spectrum = wave_spectrum(time_s, bending) if amplitude.max() > _STILL_PER_MM else None
    if spectrum is None:
        nan = float("nan")
        return Gait(nan, nan, nan, nan, nan, amplitude)
    frequency = peak_frequency(spectrum)
    waves_per_body = float("nan")
    if np.isfinite(frequency):
        joints = np.arange(1, bending.shape[1] + 1) / (bending.shape[1] + 1)
        waves_per_body = wave_number(spectrum, frequency, joints)
    travels = abs(waves_per_body) > 1e-6
    return Gait(
        frequency_hz=frequency,
        frequency_zero_crossing_hz=zero_crossing_frequency(
            time_s, bending * body_length(centreline)
        ),
        wavelength_body=1.0 / abs(waves_per_body) if travels else float("nan"),
        wave_direction=float(np.sign(waves_per_body)) if travels else float("nan"),
        travelling_power=travelling_power(spectrum),
        amplitude_per_mm=amplitude,
    )


def zero_crossing_frequency(time_s: np.ndarray, bending: np.ndarray) -> float:
    """Return the median frequency of upward sign changes over the middle third of the body [Hz].

    The median posture is taken off first, and a change of sign counts only if it leaves a dead
    band of 0.31 on either side.

    Parameters
    ----------
    time_s
        Times, shape (frames,) [s].
    bending
        Curvature times body length, shape (frames, joints).
    """
    joints = bending.shape[1]
    middle = bending[:, joints // 3 : joints - joints // 3]
    middle = middle - np.median(middle, axis=0)
    rates = []
    for values in middle.T:
        outside = np.flatnonzero(np.abs(values) > _CROSSING_BAND)
        signs = np.sign(values[outside])
        upward = time_s[outside[1:][(signs[1:] > 0) & (signs[:-1] < 0)]]
        if len(upward) > 1:
            rates.append((len(upward) - 1) / (upward[-1] - upward[0]))
    return float(np.median(rates)) if rates else float("nan")
