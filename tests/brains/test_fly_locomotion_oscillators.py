"""Coupled oscillators: locking rates, order of the integrator, symmetry."""

import numpy as np
import pytest

from embody.brains.fly.locomotion import oscillators
from embody.brains.fly.locomotion.oscillators import (
    NEIGHBOURS,
    OscillatorInput,
    OscillatorState,
    leg_phases,
    locking_rates,
    phase_bias,
    phase_velocity,
)

COUPLING = 10.0


def given(lag: float = 0.5, frequency: float = 10.0, amplitude: float = 1.0) -> OscillatorInput:
    return OscillatorInput(
        np.full(6, frequency),
        np.full(6, amplitude),
        phase_bias(leg_phases(lag, np)),
        COUPLING * NEIGHBOURS,
        20.0,
    )


def run(state: OscillatorState, drive: OscillatorInput, dt: float, seconds: float):
    for _ in range(round(seconds / dt)):
        state = oscillators.step(state, drive, dt, np)
    return state


def test_locked_phases_turn_together() -> None:
    drive = given(0.4)
    velocity = phase_velocity(leg_phases(0.4, np) + 1.3, np.ones(6), drive, np)
    np.testing.assert_allclose(velocity, 2 * np.pi * 10.0, rtol=1e-12)


def test_tripod_lag_is_the_tripod() -> None:
    phases = leg_phases(0.5, np)
    np.testing.assert_allclose(np.cos(phases[[0, 2, 4]] - phases[0]), 1.0)
    np.testing.assert_allclose(np.cos(phases[[1, 3, 5]] - phases[0]), -1.0)


@pytest.mark.parametrize("mode", range(1, 6))
@pytest.mark.parametrize("amplitude", [0.6, 1.0])
def test_small_errors_decay_at_the_linearised_rate(mode: int, amplitude: float) -> None:
    """Along an eigenvector of the Laplacian the error decays with the eigenvalue, exactly."""
    coupling = COUPLING * NEIGHBOURS
    laplacian = np.diag(coupling.sum(axis=1)) - coupling
    rates, modes = np.linalg.eigh(laplacian)
    np.testing.assert_allclose(amplitude * rates, locking_rates(coupling, amplitude), atol=1e-9)
    drive, seconds, dt = given(0.45, amplitude=amplitude), 0.05, 1e-4
    error = 1e-4 * modes[:, mode]
    start = OscillatorState(leg_phases(0.45, np) + error, np.full(6, amplitude))
    end = run(start, drive, dt, seconds).phase - leg_phases(0.45, np) - 2 * np.pi * 10 * seconds
    rate = -np.log(end @ error / (error @ error)) / seconds
    assert rate == pytest.approx(amplitude * rates[mode], rel=1e-3)


def test_locking_is_reached_from_anywhere() -> None:
    drive = given(0.42)
    for seed in range(5):
        start = OscillatorState(np.random.default_rng(seed).uniform(-1.2, 1.2, 6), np.ones(6))
        end = run(start, drive, 0.002, 3.0).phase
        off = end - leg_phases(0.42, np)
        np.testing.assert_allclose(np.exp(1j * (off - off[0])), 1.0, atol=1e-6)


def test_midpoint_rule_has_order_two() -> None:
    drive = given(0.37)
    start = OscillatorState(np.array([0.0, 2.0, 1.0, -1.0, 0.5, 3.0]), np.full(6, 0.2))
    exact = run(start, drive, 1.25e-4, 0.2).phase
    steps = np.array([0.008, 0.004, 0.002])
    errors = [np.abs(run(start, drive, dt, 0.2).phase - exact).max() for dt in steps]
    order = np.polyfit(np.log(steps), np.log(errors), 1)[0]
    assert order == pytest.approx(2.0, abs=0.15)


def test_amplitude_follows_its_exact_solution() -> None:
    state = run(OscillatorState(np.zeros(6), np.zeros(6)), given(amplitude=0.8), 0.002, 0.1)
    np.testing.assert_allclose(state.amplitude, 0.8 * (1 - np.exp(-20.0 * 0.1)), rtol=1e-12)


def test_swapping_sides_swaps_the_result() -> None:
    swap = np.array([3, 4, 5, 0, 1, 2])
    drive = given(0.4)
    start = OscillatorState(np.random.default_rng(1).uniform(-1, 1, 6), np.ones(6))
    mirrored = OscillatorState(start.phase[swap], start.amplitude)
    one, other = run(start, drive, 0.002, 0.5), run(mirrored, drive, 0.002, 0.5)
    np.testing.assert_allclose(one.phase[swap], other.phase, atol=1e-9)


def test_a_batch_is_its_members() -> None:
    drive = given(0.4)
    phases = np.random.default_rng(2).uniform(-1, 1, (4, 6))
    batch = oscillators.step(OscillatorState(phases, np.ones((4, 6))), drive, 0.002, np)
    for row, phase in zip(batch.phase, phases, strict=True):
        one = oscillators.step(OscillatorState(phase, np.ones(6)), drive, 0.002, np)
        np.testing.assert_array_equal(row, one.phase)
