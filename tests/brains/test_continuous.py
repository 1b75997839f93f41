"""The exact network: rates against the step, derivatives against differences, resting states."""

import numpy as np
import pytest
from small_networks import gap_pair, parameters, random_weights, unconnected

from embody.brains import graded
from embody.brains.connections import SparseConnections
from embody.brains.continuous import ContinuousNetwork
from embody.errors import EmbodyError

SIZE = 12
CONSTANTS = parameters(SIZE, plateau_conductance=1.0, plateau_threshold=-20.0, plateau_slope=0.3)
CONNECTIONS = SparseConnections(*random_weights(SIZE, seed=5))
NETWORK = ContinuousNetwork.of(CONSTANTS, CONNECTIONS)


def some_state(seed=0):
    random = np.random.default_rng(seed)
    return graded.GradedState(random.uniform(-60, 0, SIZE), random.random(SIZE))


def test_the_matrices_of_the_connections_are_found():
    matrices = (NETWORK.excitation, NETWORK.inhibition, NETWORK.gap)
    for found, weights in zip(matrices, random_weights(SIZE, seed=5), strict=True):
        np.testing.assert_array_equal(found, weights)


def test_a_short_step_moves_at_the_rates():
    state, current = some_state(), np.linspace(-0.5, 0.5, SIZE)
    following = graded.step(CONSTANTS, CONNECTIONS, state, current, 1e-8, np, has_plateau=True)
    for part, start, rate in zip(following, state, NETWORK.rates(state, current), strict=True):
        np.testing.assert_allclose((part - start) / 1e-8, rate, rtol=1e-4, atol=1e-3)


def test_the_jacobian_agrees_with_finite_differences():
    state, jacobian = some_state(1), NETWORK.jacobian(some_state(1))
    blocks = (
        (jacobian.voltage_voltage, np.diag(jacobian.release_voltage)),
        (jacobian.voltage_release, np.diag(jacobian.release_release)),
    )
    for part, size in ((0, 1e-4), (1, 1e-6)):
        for k in range(SIZE):
            shift = np.zeros((2, SIZE))
            shift[part, k] = size
            above = NETWORK.rates(graded.GradedState(*(np.array(state) + shift)))
            below = NETWORK.rates(graded.GradedState(*(np.array(state) - shift)))
            for block, high, low in zip(blocks[part], above, below, strict=True):
                expected = (high - low) / (2 * size)
                np.testing.assert_allclose(block[:, k], expected, rtol=1e-5, atol=1e-4)


def test_a_passive_cell_is_solved_exactly():
    network = ContinuousNetwork.of(parameters(), unconnected())
    start = graded.init(network.parameters, np.array([0.0]), np)
    times = np.linspace(0.0, 0.3, 7)
    voltage = network.solve(start, lambda _: 0.0, times)
    np.testing.assert_allclose(voltage[:, 0], -35.0 + 35.0 * np.exp(-times / 0.1), atol=1e-8)


def test_two_gap_coupled_cells_have_the_analytic_eigenvalues():
    network = ContinuousNetwork.of(parameters(2), gap_pair(4.0))
    state = graded.init(network.parameters, np.full(2, -35.0), np)
    rates = np.linalg.eigvalsh(network.jacobian(state).voltage_voltage)
    np.testing.assert_allclose(rates, [-(1 + 2 * 4.0) / 0.1, -1 / 0.1])


def test_gap_junctions_carry_no_net_current():
    _, _, gap = random_weights(30)
    zero = np.zeros_like(gap)
    network = ContinuousNetwork.of(parameters(30), SparseConnections(zero, zero, gap))
    state = graded.init(network.parameters, np.random.default_rng(0).uniform(-60, 0, 30), np)
    rate, _ = network.rates(state)
    assert rate.mean() == pytest.approx((-35.0 - state.voltage.mean()) / 0.1)


def test_the_settled_state_is_where_steps_lead():
    settled = NETWORK.settle(np.full(SIZE, -35.0))
    state = graded.init(CONSTANTS, np.full(SIZE, -35.0), np)
    for _ in range(4000):
        state = graded.step(CONSTANTS, CONNECTIONS, state, 0.0, 0.005, np, has_plateau=True)
    np.testing.assert_allclose(settled.voltage, state.voltage, atol=1e-6)
    np.testing.assert_allclose(settled.release, state.release, atol=1e-8)


def test_of_two_resting_states_the_nearer_is_found():
    constants = parameters(plateau_conductance=3.0, plateau_threshold=-20.0, plateau_slope=0.5)
    network = ContinuousNetwork.of(constants, unconnected())
    assert network.settle(np.array([-26.0])).voltage[0] == pytest.approx(-35.0, abs=0.5)
    assert network.settle(np.array([-20.0])).voltage[0] == pytest.approx(-8.75, abs=0.5)


def test_a_network_that_oscillates_is_refused():
    # One cell excites, one inhibits, both steeply and with slow synapses: a relaxation oscillator.
    excitation = np.array([[12.0, 0.0], [12.0, 0.0]])
    inhibition = np.array([[0.0, 30.0], [0.0, 0.0]])
    constants = parameters(
        2,
        time_constant=0.05,
        release_slope=0.5,
        release_rise=np.array([20.0, 2.0]),
        release_decay=np.array([20.0, 2.0]),
        release_threshold=np.array([-32.0, -20.0]),
    )
    connections = SparseConnections(excitation, inhibition, np.zeros((2, 2)))
    state = graded.init(constants, np.full(2, -35.0), np)
    visited = []
    for _ in range(4000):
        state = graded.step(constants, connections, state, 0.0, 0.005, np)
        visited.append(state.voltage[0])
    assert np.ptp(visited[-1000:]) > 5.0
    with pytest.raises(EmbodyError, match="does not come to rest"):
        ContinuousNetwork.of(constants, connections).settle(np.full(2, -35.0))
