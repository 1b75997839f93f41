"""Eigenworms: the basis, its provenance, and projections that must come back."""

import hashlib
import json
from importlib import resources

import numpy as np
import pytest

from embody.analysis import (
    eigenworm_amplitudes,
    eigenworm_basis,
    tangent_angles,
    variance_explained,
)
from embody.analysis.eigenworms import resample
from embody.analysis.synthetic import crawling_worm
from embody.errors import EmbodyError


def from_angles(angles):
    """Return polylines whose pieces, head to tail, have these directions towards the head."""
    steps = -np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    zero = np.zeros((len(steps), 1, 2))
    return np.concatenate([zero, steps.cumsum(axis=1)], axis=1) / angles.shape[1]


def test_basis_is_orthonormal_and_without_rotation():
    basis = eigenworm_basis()
    assert basis.shape == (48, 7)
    np.testing.assert_allclose(basis.T @ basis, np.eye(7), atol=1e-12)
    np.testing.assert_allclose(basis.mean(axis=0), 0.0, atol=1e-12)


def test_basis_matches_its_sidecar():
    folder = resources.files("embody.assets.worm")
    facts = json.loads(folder.joinpath("eigenworms.json").read_text())
    table = folder.joinpath("eigenworms.csv").read_bytes()
    assert hashlib.sha256(table).hexdigest() == facts["sha256"]
    assert "MIT" in facts["licence"]


def test_amplitudes_of_postures_made_of_modes_come_back():
    wanted = np.random.default_rng(0).normal(0, 1.5, size=(50, 4))
    body = from_angles(wanted @ eigenworm_basis()[:, :4].T + 0.7)
    np.testing.assert_allclose(eigenworm_amplitudes(body), wanted, atol=1e-9)
    assert variance_explained(body, 4) == pytest.approx(1.0)
    assert variance_explained(body, 3) < 0.95


def test_variance_explained_grows_with_modes_up_to_one():
    body = crawling_worm(10.0).arrays["centreline"]
    shares = [variance_explained(body, modes) for modes in range(1, 8)]
    assert np.all(np.diff(shares) >= 0) and shares[-1] <= 1 + 1e-12
    assert shares[3] > 0.9  # a wave of a real worm's wavelength lies in the real modes


def test_a_wave_shorter_than_any_real_one_is_not_explained():
    assert variance_explained(crawling_worm(10.0, wavelength_body=0.2).arrays["centreline"]) < 0.5


def test_angles_do_not_depend_on_place_direction_or_size():
    body = crawling_worm(2.0).arrays["centreline"]
    turn = np.array([[np.cos(2.0), -np.sin(2.0)], [np.sin(2.0), np.cos(2.0)]])
    np.testing.assert_allclose(
        tangent_angles(3.0 * body @ turn.T + [5, 7]), tangent_angles(body), atol=1e-9
    )


def test_mirrored_posture_has_opposite_angles():
    body = crawling_worm(2.0).arrays["centreline"]
    np.testing.assert_allclose(tangent_angles(body * [1, -1]), -tangent_angles(body), atol=1e-9)


def test_resampling_keeps_ends_and_follows_uneven_nodes():
    line = np.array([[[0.0, 0.0], [1.0, 0.0], [1.5, 0.0], [4.0, 0.0]]])
    np.testing.assert_allclose(resample(line, 5)[0, :, 0], np.linspace(0, 4, 5), atol=1e-12)


def test_a_body_that_keeps_its_shape_has_no_variance():
    body = np.repeat(crawling_worm(1.0).arrays["centreline"][:1], 30, axis=0)
    assert np.isnan(variance_explained(body))


def test_asking_for_too_many_modes_says_how_many_there_are():
    with pytest.raises(EmbodyError, match="1 to 7 eigenworms, not 9"):
        variance_explained(crawling_worm(1.0).arrays["centreline"], 9)
