"""Surrogates keep what they say that they keep, and nothing else."""

import dataclasses

import numpy as np
import pytest
from oscillators import sample

from embody.comparison.sample import Sample, require_strangers
from embody.comparison.surrogates import SURROGATES, mixed, surrogate
from embody.errors import EmbodyError, UnknownNameError


@pytest.fixture(scope="module")
def animals():
    return sample(4, 100)


def test_phase_randomisation_keeps_spectra_and_cross_spectra(animals):
    fake = surrogate("phase-randomised", animals, 1)
    real, made = (np.fft.rfft(s.clips, axis=1) for s in (animals, fake))
    np.testing.assert_allclose(np.abs(made), np.abs(real), atol=1e-8)
    cross = [s[..., 0] * s[..., 1].conj() for s in (real, made)]
    np.testing.assert_allclose(cross[1], cross[0], atol=1e-6)
    assert np.abs(fake.clips - animals.clips).max() > 0.5


def autoregressive(frames=600):
    """Clips of a known process, its coefficients and the size of its innovations."""
    random = np.random.default_rng(3)
    first = np.array([[1.2, -0.2], [0.1, 0.9]])
    second = np.array([[-0.5, 0.1], [0.0, -0.3]])
    clips = np.zeros((40, frames, 2))
    for frame in range(2, frames):
        kick = random.standard_normal((40, 2)) @ np.diag([0.3, 0.7])
        clips[:, frame] = clips[:, frame - 1] @ first.T + clips[:, frame - 2] @ second.T + kick
    return clips[:, 100:], np.hstack([first, second])


def test_autoregression_keeps_mean_and_covariance():
    clips, _ = autoregressive()
    clips = clips + np.array([3.0, -1.0])
    real = Sample(clips, np.zeros(len(clips), int), ("one",), ("a", "b"), 10.0)
    made = surrogate("autoregression", real, 2)
    flat, fake = (s.clips.reshape(-1, 2) for s in (real, made))
    np.testing.assert_allclose(fake.mean(0), flat.mean(0), atol=0.05)
    np.testing.assert_allclose(np.cov(fake.T), np.cov(flat.T), rtol=0.05, atol=0.03)


def test_each_side_that_an_animal_is_seen_from_has_its_own_mean():
    """Else the fake of a worm that bends to one side would be a worm that bends to none."""
    clips, _ = autoregressive()
    real = seen_from_both_sides(clips + 6.0)
    made = surrogate("autoregression", real, 2)
    for side, mean in ((False, 6.0), (True, -6.0)):
        assert made.clips[made.is_image == side].mean() == pytest.approx(mean, abs=0.2)


def seen_from_both_sides(clips, each=4):
    owner = np.arange(len(clips)) // each
    plain = Sample(clips, owner, tuple(f"w{who}" for who in np.unique(owner)), ("a", "b"), 10.0)
    return plain.beside_mirror_images(dataclasses.replace(plain, clips=-plain.clips))


def test_a_mirror_image_stays_with_its_clip():
    real = seen_from_both_sides(np.arange(32.0).reshape(8, 2, 2), each=4)
    assert (len(real), real.places) == (16, 8)
    for made in (real, real.in_parts(3), real.of((1,)), real.cut(0.1)):
        clips, images = made.clips[~made.is_image], made.clips[made.is_image]
        np.testing.assert_array_equal(images, -clips)
        np.testing.assert_array_equal(made.owner[made.is_image], made.owner[~made.is_image])
    assert len(real.in_parts(3).individuals) == 6
    assert np.abs(real.standardised(real).clips.mean(axis=(0, 1))).max() < 1e-12


def test_autoregression_recovers_known_coefficients():
    from embody.comparison.surrogates import _fitted

    clips, known = autoregressive()
    _, coefficients, innovation = _fitted(clips, 2)
    np.testing.assert_allclose(coefficients, known, atol=0.03)
    np.testing.assert_allclose(innovation, np.diag([0.3, 0.7]), atol=0.02)


def test_reversal_is_exact_and_its_own_inverse(animals):
    backwards = surrogate("time-reversed", animals, 0)
    np.testing.assert_array_equal(backwards.clips, animals.clips[:, ::-1])
    np.testing.assert_array_equal(surrogate("time-reversed", backwards, 0).clips, animals.clips)


def test_shuffling_keeps_each_posture(animals):
    fake = surrogate("shuffled", animals, 4)
    for clip, real in zip(fake.clips, animals.clips, strict=True):
        np.testing.assert_array_equal(clip[np.lexsort(clip.T)], real[np.lexsort(real.T)])


@pytest.mark.parametrize("name", SURROGATES)
def test_a_surrogate_is_a_stranger_and_depends_on_the_seed_alone(name, animals):
    fake = surrogate(name, animals, 5)
    require_strangers(animals.individuals, fake.individuals)
    np.testing.assert_array_equal(fake.clips, surrogate(name, animals, 5).clips)
    assert fake.clips.shape == animals.clips.shape


def test_guessing_keeps_stimuli_and_choices_but_not_their_relation():
    random = np.random.default_rng(6)
    contrast = random.choice([-1.0, 1.0], (20, 100))
    trials = Sample(
        np.stack([contrast, contrast], 2), np.zeros(20, int), ("m",), ("contrast", "choice"), 1.0
    )
    fake = surrogate("guessing", trials, 0)
    np.testing.assert_array_equal(fake.clips[..., 0], contrast)
    np.testing.assert_array_equal(np.sort(fake.clips[..., 1]), np.sort(contrast))
    assert abs((fake.clips[..., 0] * fake.clips[..., 1]).mean()) < 0.1


def test_mixing_replaces_the_share_that_it_says(animals):
    fake = surrogate("time-reversed", animals, 0)
    for share in (0.0, 0.25, 0.5, 1.0):
        made = mixed(animals, fake, share, 7)
        changed = (made.clips != animals.clips).any(axis=(1, 2))
        assert changed.sum() == round(share * len(animals))


def test_an_unknown_surrogate_is_refused(animals):
    with pytest.raises(UnknownNameError, match="time-reversed"):
        surrogate("backwards", animals, 0)


def test_an_individual_on_two_sides_is_refused(animals):
    with pytest.raises(EmbodyError, match="whole animals must be held out"):
        require_strangers(animals.individuals, animals.of([2]).individuals)
