"""What motion detectors prefer: known answers, the shipped network, its controls, published ones.

The published parameters are the user's to bring: name their folder in EMBODY_REFERENCE_DATA.
"""

import os
from pathlib import Path

import numpy as np
import pytest

from embody.brains.fly.optic_lobe.connectome import load_optic_lobe
from embody.brains.fly.optic_lobe.direction_selectivity import (
    MOTION_DETECTORS,
    Tuning,
    angle_between,
    measure,
    verdict,
)
from embody.brains.fly.optic_lobe.network import OpticLobe
from embody.brains.fly.optic_lobe.parameters import (
    load_parameters,
    load_published,
    shipped_parameters,
)
from embody.errors import EmbodyError

REFERENCE = os.environ.get("EMBODY_REFERENCE_DATA")
DIRECTIONS = tuple(range(0, 360, 30))
RADIUS = 8
"""Edges move from 6 columns before the middle to 6 behind it."""


def verdicts(connectome, tied):
    return {t.cell_type: verdict(t) for t in measure(OpticLobe.build(connectome, tied, RADIUS))}


def tuning(peak_at, depth, name="T4c"):
    peaks = 1.0 + depth * np.cos(np.deg2rad(np.array(DIRECTIONS) - peak_at))
    flat = np.ones(len(DIRECTIONS))
    return Tuning(name, DIRECTIONS, peaks, flat, 1.0, 0.5)


@pytest.mark.parametrize("peak_at", [0.0, 77.0, 200.0])
def test_cosine_tuning_has_half_its_depth_as_strength(peak_at):
    found = tuning(peak_at, 0.6)
    assert found.preferred_deg("ON") == pytest.approx(peak_at)
    assert found.strength("ON") == pytest.approx(0.3)
    assert found.strength("OFF") == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(
    ("peak_at", "depth", "passes"), [(85.0, 0.6, True), (125.0, 0.6, False), (85.0, 0.1, False)]
)
def test_a_verdict_needs_direction_and_strength(peak_at, depth, passes):
    assert verdict(tuning(peak_at, depth))["passes"] is passes


def test_a_detector_of_the_wrong_contrast_fails():
    assert not verdict(tuning(85.0, 0.6, name="T5c"))["contrast"]


def test_angles_between_directions():
    assert angle_between(350.0, 20.0) == pytest.approx(30.0)
    assert angle_between(90.0, 270.0) == pytest.approx(180.0)


def test_the_shipped_network_has_the_motion_detectors_of_the_animal():
    found = verdicts(load_optic_lobe(), load_parameters("trained"))
    assert {name for name, row in found.items() if row["passes"]} == set(MOTION_DETECTORS)


@pytest.mark.slow
def test_so_have_most_training_seeds():
    seeds = [name for name in shipped_parameters() if name.startswith("trained")]
    found = [verdicts(load_optic_lobe(), load_parameters(name)) for name in seeds]
    whole = [all(row["passes"] for row in verdict.values()) for verdict in found]
    assert len(seeds) >= 5
    assert sum(whole) > len(seeds) / 2


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_trained_with_shuffled_signs_it_has_not(seed):
    wiring = load_optic_lobe().shuffle_signs(seed)
    found = verdicts(wiring, load_parameters(f"sign-shuffled-{seed}", wiring))
    assert sum(row["passes"] for row in found.values()) <= 4


def test_with_shuffled_signs_it_has_not():
    try:
        found = verdicts(load_optic_lobe().shuffle_signs(0), load_parameters("trained"))
    except EmbodyError as error:
        assert "does not come to rest" in str(error)
    else:
        assert sum(row["passes"] for row in found.values()) <= 4


@pytest.mark.skipif(REFERENCE is None, reason="EMBODY_REFERENCE_DATA names no folder")
@pytest.mark.parametrize(
    ("member", "directions"),
    [
        ("0000", {"T4a": 175, "T4b": 348, "T4d": 276, "T5a": 188, "T5b": 346, "T5c": 101}),
        ("0001", {"T4a": 174, "T4b": 348, "T4c": 76, "T4d": 253}),
    ],
)
def test_published_networks_prefer_what_they_are_known_to_prefer(member, directions):
    tied = load_published(Path(str(REFERENCE)) / f"flyvis_pretrained_{member}.npz")
    found = verdicts(load_optic_lobe(), tied)
    for name, direction in directions.items():
        assert angle_between(found[name]["preferred_deg"], direction) < 15.0


@pytest.mark.skipif(REFERENCE is None, reason="EMBODY_REFERENCE_DATA names no folder")
def test_the_wiring_is_that_of_the_published_networks():
    lobe = load_optic_lobe()
    with np.load(Path(str(REFERENCE)) / "flyvis_pretrained_0000.npz") as archive:
        np.testing.assert_allclose(np.exp(archive["edges_syn_count"]), lobe.synapses, rtol=1e-5)
        np.testing.assert_array_equal(archive["edges_sign"], lobe.signs)
        np.testing.assert_array_equal(archive["filter_du_dv"], lobe.offsets)
