"""The equations of the optic lobe against theory: exact relaxation, resting states, order."""

import numpy as np
import pytest
import scipy.integrate

from embody.brains.fly.optic_lobe import dynamics
from embody.brains.fly.optic_lobe.dynamics import CellParameters, OpticLobeState
from embody.errors import EmbodyError

SIZE = 12


@pytest.fixture
def network():
    """Constants and weights of a small network with summed weights below 1, hence one rest."""
    rng = np.random.default_rng(4)
    weights = rng.normal(size=(SIZE, SIZE))
    weights *= 0.9 / np.abs(weights).sum(axis=1, keepdims=True)
    cells = CellParameters(rng.normal(0.3, 0.5, SIZE), rng.uniform(0.01, 0.1, SIZE))
    return cells, lambda rate: weights @ rate, weights


def run(cells, synapses, voltage, light, dt, steps):
    state = OpticLobeState(voltage)
    for k in range(steps):
        state = dynamics.step(cells, synapses, state, light((k + 0.5) * dt), dt, np)
    return state.voltage


@pytest.mark.parametrize("dt", [1e-3, 0.02, 1.0])
def test_a_cell_without_input_relaxes_exactly_at_any_step(dt):
    cells = CellParameters(np.array([0.3]), np.array([0.05]))
    voltage = run(cells, np.zeros_like, np.array([2.0]), lambda t: 0.5, dt, 3)
    expected = 0.8 + (2.0 - 0.8) * np.exp(-3 * dt / 0.05)
    np.testing.assert_allclose(voltage, expected, rtol=1e-13)


def test_steps_converge_with_order_one(network):
    cells, synapses, _ = network

    def light(time):
        return 0.5 * np.sin(20.0 * time + np.arange(SIZE))

    exact = scipy.integrate.solve_ivp(
        lambda t, v: dynamics.rate_of_change(cells, synapses, v, light(t), np),
        (0.0, 0.2),
        np.zeros(SIZE),
        rtol=1e-9,
        atol=1e-11,
    ).y[:, -1]
    steps = np.array([4e-3, 2e-3, 1e-3, 5e-4])
    errors = [
        np.abs(run(cells, synapses, np.zeros(SIZE), light, dt, round(0.2 / dt)) - exact).max()
        for dt in steps
    ]
    order = np.polyfit(np.log(steps), np.log(errors), 1)[0]
    assert order == pytest.approx(1.0, abs=0.15)


def test_the_network_settles_where_its_equations_say(network):
    cells, synapses, weights = network
    state = dynamics.settle(
        lambda s: dynamics.step(cells, synapses, s, 0.5, 0.005, np),
        dynamics.init(cells, np.empty(SIZE), np),
        tolerance=1e-13,
    )
    active = state.voltage > 0
    assert 0 < active.sum() < SIZE
    exact = np.linalg.solve(np.eye(SIZE) - weights * active, cells.rest + 0.5)
    np.testing.assert_allclose(state.voltage, exact, atol=1e-10)
    rate = dynamics.rate_of_change(cells, synapses, state.voltage, 0.5, np)
    np.testing.assert_allclose(rate, 0.0, atol=1e-8)


def test_with_summed_weights_below_one_all_states_come_together(network):
    cells, synapses, _ = network
    starts = np.random.default_rng(0).normal(0.0, 5.0, (2, SIZE))
    ends = [run(cells, synapses, v, lambda t: 0.2, 0.01, 300) for v in starts]
    np.testing.assert_allclose(ends[0], ends[1], atol=1e-4)


def test_a_network_that_grows_is_refused():
    cells = CellParameters(np.full(2, 0.1), np.full(2, 0.02))
    with pytest.raises(EmbodyError, match="does not come to rest"):
        dynamics.settle(
            lambda s: dynamics.step(cells, lambda rate: 2.0 * rate[::-1], s, 0.5, 0.01, np),
            dynamics.init(cells, np.empty(2), np),
        )


def test_a_network_that_swings_for_ever_is_refused():
    cells = CellParameters(np.full(3, 2.0), np.full(3, 0.02))
    ring = -4.0 * np.roll(np.eye(3), 1, axis=0)
    with pytest.raises(EmbodyError, match="does not come to rest"):
        dynamics.settle(
            lambda s: dynamics.step(cells, lambda rate: ring @ rate, s, 0.5, 0.005, np),
            OpticLobeState(np.array([1.0, 0.2, 0.1])),
            longest=1000,
        )
