"""Looming detectors: what outward, inward, even and one-sided motion do to them."""

import numpy as np
import pytest

from embody.brains.fly.optic_lobe.connectome import load_optic_lobe
from embody.brains.fly.optic_lobe.lattice import hexagon, plane_positions
from embody.brains.fly.optic_lobe.looming_detectors import PREFERRED, LoomingDetectors, arm
from embody.brains.fly.optic_lobe.network import OpticLobe
from embody.brains.fly.optic_lobe.parameters import load_parameters

RADIUS = 6


@pytest.fixture(scope="module")
def lobe():
    return OpticLobe.build(load_optic_lobe(), load_parameters(), RADIUS, np.float64)


@pytest.fixture(scope="module")
def detectors(lobe):
    return LoomingDetectors.build(lobe, np.full(len(lobe.columns), 0.75), 0.005)


def released(lobe, detectors, flow):
    """Voltages of a lobe whose T4 cells report a flow field (columns, 2) beyond a still world."""
    voltage = np.zeros(lobe.cells.rest.size)
    voltage[detectors.cells] = detectors.still
    for k, direction in enumerate(PREFERRED.values()):
        voltage[detectors.cells[0, k]] += np.maximum(flow @ np.array(direction), 0.0)
    return voltage


def test_outward_flow_is_seen_at_its_focus_and_inward_flow_nowhere_near(lobe, detectors):
    place = plane_positions(lobe.columns)
    focus = lobe.columns.tolist().index([1, -1])
    apart = place - place[focus]
    away = np.linalg.norm(apart, axis=1, keepdims=True)
    outward = np.where(away > 0, apart / np.maximum(away, 1e-9), 0.0)
    seen = detectors.detect(released(lobe, detectors, outward))
    assert np.linalg.norm(place[seen.argmax()] - place[focus]) < 1.5
    inward = detectors.detect(released(lobe, detectors, -outward))
    assert inward[focus] == 0.0
    assert seen[focus] > 0.3


def test_still_worlds_and_even_motion_are_not_seen(lobe, detectors):
    nothing = np.zeros((len(lobe.columns), 2))
    assert not detectors.detect(released(lobe, detectors, nothing)).any()
    everywhere = np.broadcast_to([0.6, -0.3], nothing.shape)
    np.testing.assert_allclose(
        detectors.detect(released(lobe, detectors, everywhere)), 0.0, atol=1e-12
    )


def test_arms_of_opposite_directions_are_opposite_and_sum_to_nothing():
    columns = hexagon(7)
    front, back = arm(columns, (1.0, 0.0)), arm(columns, (-1.0, 0.0))
    np.testing.assert_allclose(front, -back)
    np.testing.assert_allclose(front.sum(axis=1), 0.0, atol=1e-12)
    middle = columns.tolist().index([0, 0])
    place = plane_positions(columns)
    reached = np.linalg.norm(place, axis=1) <= 6.0
    assert np.all(front[middle, reached & (place[:, 0] > 0.5)] > 0)
    assert not front[middle, ~reached].any()


def test_lobes_are_read_alike_one_by_one_and_together(lobe, detectors):
    rng = np.random.default_rng(0)
    both = rng.normal(size=(2, lobe.cells.rest.size))
    np.testing.assert_allclose(detectors.detect(both)[1], detectors.detect(both[1]))
