"""Numbers that describe clips: what they are like at a moment, and how they move."""

import itertools

import numpy as np

from embody.comparison.sample import Sample

SPECTRUM_BANDS = 6
LAGS_S = (0.1, 0.2, 0.4, 0.8)
FLOOR = 1e-12


def moments(sample: Sample) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return what can be read from single frames and steps, (n, frames - 1, quantities), and names.

    Amplitude of each channel, its speed of change, and the speed of the phase in the plane of the
    first two channels: how fast the wave travels (Stephens et al. 2008).
    """
    speed = np.diff(sample.clips, axis=1) * sample.frame_rate_hz
    columns = [sample.clips[:, 1:], speed]
    names = [*sample.channels, *(f"speed of {name}" for name in sample.channels)]
    if len(sample.channels) > 1:
        phase = np.unwrap(np.arctan2(sample.clips[..., 1], sample.clips[..., 0]), axis=1)
        columns.append((np.diff(phase, axis=1) * sample.frame_rate_hz)[..., None])
        names.append("phase velocity")
    return np.concatenate(columns, axis=2), tuple(names)


def spectra(sample: Sample) -> dict[str, np.ndarray]:
    """Return the log power of each channel in bands of equal ratio, each (clips,)."""
    frames = sample.clips.shape[1]
    centred = sample.clips - sample.clips.mean(axis=1, keepdims=True)
    power = np.abs(np.fft.rfft(centred * np.hanning(frames)[:, None], axis=1)) ** 2
    frequency = np.fft.rfftfreq(frames, 1.0 / sample.frame_rate_hz)
    edges = np.geomspace(frequency[1], frequency[-1] * 1.0001, SPECTRUM_BANDS + 1)
    found = {}
    for low, high in itertools.pairwise(edges):
        inside = (frequency >= low) & (frequency < high)
        if not inside.any():
            continue
        for k, name in enumerate(sample.channels):
            label = f"power of {name}, {low:.2g}-{high:.2g} Hz"
            found[label] = np.log(power[:, inside, k].mean(axis=1) + FLOOR)
    return found


def correlations(sample: Sample) -> dict[str, np.ndarray]:
    """Return how each channel is like itself a while later, each (clips,)."""
    return {
        f"{name} and itself {lag:.2g} s later": _lagged(sample, k, k, frames)
        for lag, frames in _lags(sample)
        for k, name in enumerate(sample.channels)
    }


def asymmetries(sample: Sample) -> dict[str, np.ndarray]:
    """Return what changes its sign when time runs backwards, each (clips,).

    Of pairs of channels, the antisymmetric part of their lagged correlation; of one, the skewness
    of its increments (Zanin & Papo 2021, Entropy 23:1474, for tests of this kind).
    """
    found = {}
    for lag, frames in _lags(sample):
        for k, first in enumerate(sample.channels):
            step = sample.clips[:, frames:, k] - sample.clips[:, :-frames, k]
            scale = step.std(axis=1) + FLOOR
            found[f"skewness of steps of {first}, {lag:.2g} s"] = (
                ((step - step.mean(axis=1, keepdims=True)) / scale[:, None]) ** 3
            ).mean(axis=1)
            for j in range(k + 1, len(sample.channels)):
                turn = _lagged(sample, k, j, frames) - _lagged(sample, j, k, frames)
                found[f"{first} before {sample.channels[j]}, {lag:.2g} s"] = turn
    return found


def summary(sample: Sample) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return each clip as one row: level, spread, change, spectra and arrow of time, and names."""
    clips, rate = sample.clips, sample.frame_rate_hz
    speed = np.diff(clips, axis=1) * rate
    bending = np.diff(speed, axis=1) * rate
    channels = sample.channels
    columns = [clips.mean(1), clips.std(1), speed.mean(1), speed.std(1), bending.std(1)]
    columns += [np.abs(speed).max(1), _products(clips)]
    kinds = ("level", "spread", "drift", "speed", "change of speed", "top speed")
    names = [f"{kind} of {name}" for kind in kinds for name in channels]
    names += [f"{one} with {other}" for one, other in itertools.combinations(channels, 2)]
    for kind in (correlations, asymmetries):
        found = kind(sample)
        columns.append(np.stack(list(found.values()), 1) if found else np.empty((len(clips), 0)))
        names += list(found)
    return np.concatenate(columns, axis=1), tuple(names)


def _products(clips: np.ndarray) -> np.ndarray:
    upper = np.triu_indices(clips.shape[2], 1)
    centred = clips - clips.mean(axis=1, keepdims=True)
    return np.einsum("ntc,ntd->ncd", centred, centred)[:, *upper] / clips.shape[1]


def _lags(sample: Sample) -> list[tuple[float, int]]:
    frames = [(lag, round(lag * sample.frame_rate_hz)) for lag in LAGS_S]
    return [(lag, n) for lag, n in frames if 1 <= n < sample.clips.shape[1] // 2]


def _lagged(sample: Sample, first: int, later: int, frames: int) -> np.ndarray:
    centred = sample.clips - sample.clips.mean(axis=1, keepdims=True)
    scale = centred.std(axis=1) + FLOOR
    product = (centred[:, :-frames, first] * centred[:, frames:, later]).mean(axis=1)
    return product / (scale[:, first] * scale[:, later])
