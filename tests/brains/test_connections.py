"""Sparse and dense connections are one linear map."""

import numpy as np
import pytest
from small_networks import random_weights

from embody.brains.connections import DenseConnections, SparseConnections

EXCITATION, INHIBITION, GAP = random_weights(30)
SPARSE = SparseConnections(EXCITATION, INHIBITION, GAP)
DENSE = DenseConnections(np.concatenate([EXCITATION, INHIBITION]), GAP)


@pytest.mark.parametrize("connections", [SPARSE, DENSE])
@pytest.mark.parametrize("batch", [(), (4,)])
def test_each_neuron_receives_the_weighted_sum_over_its_sources(connections, batch):
    random = np.random.default_rng(0)
    release, voltage = random.random((*batch, 30)), random.uniform(-60, 0, (*batch, 30))
    reached = connections(release, voltage)
    sources = (release, release, voltage)
    for found, weights, source in zip(reached, (EXCITATION, INHIBITION, GAP), sources, strict=True):
        assert found.shape == (*batch, 30)
        expected = (weights * source[..., None, :]).sum(axis=-1)
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("connections", [SPARSE, DENSE])
def test_one_source_reaches_its_targets_and_no_others(connections):
    release = np.zeros(30)
    release[3] = 1.0
    excitation, inhibition, gap = connections(release, np.zeros(30))
    np.testing.assert_allclose(excitation, EXCITATION[:, 3])
    np.testing.assert_allclose(inhibition, INHIBITION[:, 3])
    assert not gap.any()


@pytest.mark.parametrize("connections", [SPARSE, DENSE])
def test_gap_total_is_the_load_on_each_neuron(connections):
    np.testing.assert_allclose(connections.gap_total, GAP.sum(axis=1))


@pytest.mark.parametrize("connections", [SPARSE, DENSE])
def test_gap_junctions_carry_no_current_between_equal_voltages(connections):
    voltage = np.full(30, -40.0)
    _, _, gap = connections(np.zeros(30), voltage)
    np.testing.assert_allclose(gap, connections.gap_total * voltage)


def test_a_sparse_batch_has_the_bytes_of_its_members():
    random = np.random.default_rng(1)
    release, voltage = random.random((5, 30)), random.uniform(-60, 0, (5, 30))
    together = SPARSE(release, voltage)
    for k in range(5):
        for part, alone in zip(together, SPARSE(release[k], voltage[k]), strict=True):
            assert np.ascontiguousarray(part[k]).tobytes() == alone.tobytes()
