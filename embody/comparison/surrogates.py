"""Real recordings with their structure destroyed: fakes that every battery has to reject."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from embody.comparison.sample import Sample
from embody.errors import UnknownNameError

AUTOREGRESSION_ORDER = 2
SETTLING_FRAMES = 200


def vector_autoregression(sample: Sample, seed: int, order: int = AUTOREGRESSION_ORDER) -> Sample:
    """Return clips of a vector autoregression fitted to each individual.

    Linear, Gaussian dynamics with the individual's means and covariances: what a model knows that
    knows nothing else (Luetkepohl 2005, New Introduction to Multiple Time Series Analysis). Each
    side that it is seen from has means of its own.
    """
    random = np.random.default_rng(seed)
    clips = np.empty_like(sample.clips)
    sides = np.unique(sample.is_image)
    for who, side in itertools.product(range(len(sample.individuals)), sides):
        own = (sample.owner == who) & (sample.is_image == side)
        mean, coefficients, innovation = _fitted(sample.clips[own], order)
        for number in np.flatnonzero(own):
            clips[number] = mean + _run(coefficients, innovation, clips.shape[1], random)
    return _renamed(sample, clips, "autoregression")


def phase_randomised(sample: Sample, seed: int) -> Sample:
    """Return clips with the same spectra and cross-spectra, and phases drawn anew.

    One draw for all channels of a clip keeps their linear relations (Prichard & Theiler 1994, PRL
    73:951).
    """
    random = np.random.default_rng(seed)
    frames = sample.clips.shape[1]
    mean = sample.clips.mean(axis=1, keepdims=True)
    spectrum = np.fft.rfft(sample.clips - mean, axis=1)
    phase = random.uniform(0.0, 2.0 * np.pi, spectrum.shape[:2])
    phase[:, 0] = 0.0
    if frames % 2 == 0:
        phase[:, -1] = 0.0
    turned = spectrum * np.exp(1j * phase)[..., None]
    return _renamed(sample, mean + np.fft.irfft(turned, frames, axis=1), "phase-randomised")


def time_reversed(sample: Sample, seed: int = 0) -> Sample:
    """Return clips that run backwards: all is as in the animal, but for the arrow of time."""
    return _renamed(sample, sample.clips[:, ::-1], "time-reversed")


def frame_shuffled(sample: Sample, seed: int) -> Sample:
    """Return clips whose frames are in random order: postures of the animal, no movement."""
    order = np.random.default_rng(seed).permuted(
        np.broadcast_to(np.arange(sample.clips.shape[1]), sample.clips.shape[:2]), axis=1
    )
    return _renamed(sample, np.take_along_axis(sample.clips, order[..., None], 1), "shuffled")


def guessing(sample: Sample, seed: int) -> Sample:
    """Return trials with the animals' stimuli and their choices, in random order to each other.

    For samples of trials, whose last channel is the choice.
    """
    clips = sample.clips.copy()
    order = np.random.default_rng(seed).permuted(
        np.broadcast_to(np.arange(clips.shape[1]), clips.shape[:2]), axis=1
    )
    clips[..., -1] = np.take_along_axis(clips[..., -1], order, 1)
    return _renamed(sample, clips, "guessing")


SURROGATES: dict[str, Callable[[Sample, int], Sample]] = {
    "autoregression": vector_autoregression,
    "phase-randomised": phase_randomised,
    "time-reversed": time_reversed,
    "shuffled": frame_shuffled,
    "guessing": guessing,
}


def surrogate(name: str, sample: Sample, seed: int) -> Sample:
    """Return the surrogate of that name.

    Raises
    ------
    UnknownNameError
        If there is none.
    """
    if name not in SURROGATES:
        raise UnknownNameError("surrogate", name, SURROGATES)
    return SURROGATES[name](sample, seed)


def mixed(real: Sample, fake: Sample, share: float, seed: int) -> Sample:
    """Return real clips of which a share is replaced by those of a surrogate made from them."""
    random = np.random.default_rng(seed)
    replaced = random.permutation(len(real))[: round(share * len(real))]
    clips = real.clips.copy()
    clips[replaced] = fake.clips[replaced]
    return _renamed(real, clips, f"mixed-{share:g}")


def _renamed(sample: Sample, clips: np.ndarray, kind: str) -> Sample:
    names: Sequence[str] = [f"{kind} of {name}" for name in sample.individuals]
    return replace(sample, clips=clips, individuals=tuple(names))


def _fitted(clips: np.ndarray, order: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return mean (c,), coefficients (c, order c) and a factor of the innovations' covariance."""
    mean = clips.mean(axis=(0, 1))
    centred = clips - mean
    frames = clips.shape[1]
    past = np.concatenate([centred[:, order - k : frames - k] for k in range(1, order + 1)], axis=2)
    past, now = past.reshape(-1, past.shape[-1]), centred[:, order:].reshape(-1, clips.shape[-1])
    coefficients = np.linalg.lstsq(past, now, rcond=None)[0].T
    residual = now - past @ coefficients.T
    covariance = residual.T @ residual / max(len(now) - past.shape[1], 1)
    return mean, _stable(coefficients, order), _root(covariance)


def _root(covariance: np.ndarray) -> np.ndarray:
    value, vector = np.linalg.eigh(covariance)
    return vector * np.sqrt(np.maximum(value, 0.0)) @ vector.T


def _stable(coefficients: np.ndarray, order: int) -> np.ndarray:
    """Return coefficients whose companion matrix shrinks: a fit to few frames may grow."""
    channels = len(coefficients)
    companion = np.eye(order * channels, k=-channels)
    companion[:channels] = coefficients
    radius = np.abs(np.linalg.eigvals(companion)).max()
    shrink = min(1.0, 0.99 / radius)
    return coefficients * np.repeat(shrink ** np.arange(1, order + 1), channels)


def _run(
    coefficients: np.ndarray, innovation: np.ndarray, frames: int, random: np.random.Generator
) -> np.ndarray:
    channels = len(coefficients)
    noise = random.standard_normal((SETTLING_FRAMES + frames, channels)) @ innovation
    past = np.zeros(coefficients.shape[1])
    run = np.empty_like(noise)
    for frame, kick in enumerate(noise):
        run[frame] = coefficients @ past + kick
        past = np.concatenate([run[frame], past[:-channels]])
    return run[SETTLING_FRAMES:]
