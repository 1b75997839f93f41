"""The graded network against theory: exact relaxation, conserved charge, bounds, bistability."""

import numpy as np
import pytest
from small_networks import gap_pair, parameters, random_weights, unconnected

from embody.brains import graded
from embody.brains.connections import SparseConnections
from embody.testing import BrainContract


def run(constants, connections, state, current, dt, steps, **options):
    for _ in range(steps):
        state = graded.step(constants, connections, state, current, dt, np, **options)
    return state


class TestGradedNetwork(BrainContract):
    neurons = 40

    def setup_method(self):
        self.constants = parameters(self.neurons)
        self.connections = SparseConnections(*random_weights(self.neurons))

    def init(self, batch=()):
        return graded.init(self.constants, np.full((*batch, self.neurons), -35.0), np)

    def step(self, state, current_pA):
        return graded.step(self.constants, self.connections, state, current_pA, 0.005, np)


@pytest.mark.parametrize("dt", [1e-4, 0.005, 0.02, 1.0])
def test_a_passive_cell_relaxes_exactly_at_any_step(dt):
    constants = parameters()
    state = graded.init(constants, np.array([0.0]), np)
    current = np.array([0.3])
    steady = -35.0 + 0.3 / 0.01
    for k in range(1, 6):
        state = graded.step(constants, unconnected(), state, current, dt, np)
        expected = steady + (0.0 - steady) * np.exp(-k * dt / 0.1)
        np.testing.assert_allclose(state.voltage, expected, rtol=1e-13)


@pytest.mark.parametrize("dt", [0.005, 0.3])
def test_a_synapse_of_a_held_cell_relaxes_exactly_at_any_step(dt):
    voltage = -28.0
    constants = parameters(leak_potential=voltage)
    state = graded.init(constants, np.array([voltage]), np)._replace(release=np.array([0.0]))
    phi = 1.0 / (1.0 + np.exp(-0.3 * (voltage + 30.0)))
    rate = 10.0 * phi + 5.0
    state = run(constants, unconnected(), state, 0.0, dt, 4)
    expected = 10.0 * phi / rate * (1.0 - np.exp(-4 * dt * rate))
    np.testing.assert_allclose(state.release, expected, rtol=1e-12)
    assert graded.resting_release(constants, np.array([voltage]), np) == pytest.approx(
        10.0 * phi / rate
    )


def gap_modes(dt, seconds=0.1, conductance=4.0):
    """Return mean and difference of two coupled cells that start 20 mV apart, off rest by 5 mV."""
    constants = parameters(2)
    state = graded.init(constants, np.array([-20.0, -40.0]), np)
    state = run(constants, gap_pair(conductance), state, 0.0, dt, round(seconds / dt))
    return state.voltage.mean() + 35.0, state.voltage[0] - state.voltage[1]


def test_two_gap_coupled_cells_decay_at_the_analytic_rates():
    mean, difference = gap_modes(1e-6, 0.05)
    assert mean == pytest.approx(5.0 * np.exp(-0.5), rel=1e-4)
    assert difference == pytest.approx(20.0 * np.exp(-0.5 * (1 + 2 * 4.0)), rel=1e-4)


def test_both_modes_converge_with_order_one():
    exact = np.array([5.0 * np.exp(-1.0), 20.0 * np.exp(-9.0)])
    steps = np.array([4e-4, 2e-4, 1e-4, 5e-5])
    errors = np.array([np.abs(np.array(gap_modes(dt)) - exact) for dt in steps])
    slopes = np.polyfit(np.log(steps), np.log(errors), 1)[0]
    np.testing.assert_allclose(slopes, 1.0, atol=0.1)


def test_gap_junctions_conserve_charge_as_the_step_shrinks():
    _, _, gap = random_weights(30, seed=3)
    zero = np.zeros_like(gap)
    constants = parameters(30)
    start = graded.init(constants, np.random.default_rng(0).uniform(-60, -10, 30), np)
    expected = -35.0 + (start.voltage.mean() + 35.0) * np.exp(-0.5)
    connections = SparseConnections(zero, zero, gap)
    steps = np.array([1e-3, 5e-4, 2.5e-4])
    lost = [
        abs(run(constants, connections, start, 0.0, dt, round(0.05 / dt)).voltage.mean() - expected)
        for dt in steps
    ]
    assert lost[-1] < 0.05
    assert np.polyfit(np.log(steps), np.log(lost), 1)[0] == pytest.approx(1.0, abs=0.15)


@pytest.mark.parametrize("dt", [0.005, 0.02, 10.0])
def test_without_current_no_voltage_leaves_the_range_of_its_potentials(dt):
    constants = parameters(40)
    random = np.random.default_rng(1)
    connections = SparseConnections(*(100.0 * w for w in random_weights(40)))
    state = graded.init(constants, random.uniform(-48.0, 0.0, 40), np)
    state = state._replace(release=random.random(40))
    for _ in range(200):
        state = graded.step(constants, connections, state, 0.0, dt, np)
        assert (state.voltage >= -48.0 - 1e-9).all() and (state.voltage <= 1e-9).all()


@pytest.mark.parametrize("current", [-1e3, 1e3])
def test_release_stays_between_0_and_1(current):
    constants = parameters(40, release_rise=1e3)
    connections = SparseConnections(*random_weights(40))
    for start in (0.0, 1.0):
        state = graded.init(constants, np.full(40, -35.0), np)
        state = state._replace(release=np.full(40, start))
        for _ in range(50):
            state = graded.step(constants, connections, state, current, 0.02, np)
            assert ((state.release >= 0) & (state.release <= 1)).all()


def test_a_plateau_current_makes_a_cell_bistable():
    constants = parameters(plateau_conductance=3.0, plateau_threshold=-20.0, plateau_slope=0.5)
    connections = unconnected()

    def settled(voltage, **options):
        state = graded.init(constants, np.array([voltage]), np)
        return run(constants, connections, state, 0.0, 0.005, 600, **options).voltage[0]

    low, high = settled(-35.0, has_plateau=True), settled(0.0, has_plateau=True)
    assert low == pytest.approx(-35.0, abs=0.5)
    assert high == pytest.approx(-35.0 / 4.0, abs=0.5)
    assert settled(-26.0, has_plateau=True) == pytest.approx(low, abs=1e-6)
    assert settled(-20.0, has_plateau=True) == pytest.approx(high, abs=1e-6)
    assert settled(0.0) == pytest.approx(-35.0)


def test_a_pulse_switches_a_bistable_cell_for_good():
    constants = parameters(plateau_conductance=3.0, plateau_threshold=-20.0, plateau_slope=0.5)
    state = graded.init(constants, np.array([-35.0]), np)
    for current, expected in ((0.6, -35.0 / 4.0), (-1.5, -35.0)):
        for injected, steps in ((current, 100), (0.0, 400)):
            state = run(constants, unconnected(), state, injected, 0.005, steps, has_plateau=True)
        assert state.voltage[0] == pytest.approx(expected, abs=0.5)


def test_a_batch_has_the_bytes_of_its_members():
    constants = parameters(40)
    connections = SparseConnections(*random_weights(40))
    random = np.random.default_rng(2)
    voltage, current = random.uniform(-50, -20, (7, 40)), random.uniform(-2, 2, (7, 40))
    batch = run(constants, connections, graded.init(constants, voltage, np), current, 0.005, 50)
    for k in range(7):
        start = graded.init(constants, voltage[k], np)
        alone = run(constants, connections, start, current[k], 0.005, 50)
        assert alone.voltage.tobytes() == np.ascontiguousarray(batch.voltage[k]).tobytes()
        assert alone.release.tobytes() == np.ascontiguousarray(batch.release[k]).tobytes()
