"""Open-loop and random controllers: waves, bounds, purity."""

from types import SimpleNamespace

import numpy as np
import pytest

from embody.bodies.worm.geometry import muscle_rows, muscle_sides
from embody.envs.worm.baselines import make_open_loop, make_random
from embody.errors import EmbodyError

ENV = SimpleNamespace(unwrapped=SimpleNamespace(control_period_s=0.005))
OBSERVATION = np.zeros(50, np.float32)


def actions(controller, steps, seed=0):
    state, taken = controller.init(seed), []
    for _ in range(steps):
        state, action = controller.step(state, OBSERVATION)
        taken.append(action)
    return np.array(taken)


@pytest.mark.parametrize("make", [make_open_loop, make_random])
def test_actions_are_fresh_bounded_and_repeatable(make):
    taken = actions(make(ENV), 300)
    assert taken.shape == (300, 95)
    assert taken.dtype == np.float32
    assert taken.min() >= 0.0
    assert taken.max() <= 1.0
    np.testing.assert_array_equal(taken, actions(make(ENV), 300))


@pytest.mark.parametrize("make", [make_open_loop, make_random])
def test_step_leaves_the_state_as_it_was(make):
    controller = make(ENV)
    state = controller.init(3)
    for _ in range(100):
        before = state
        state, action = controller.step(state, OBSERVATION)
        _, again = controller.step(before, OBSERVATION)
        np.testing.assert_array_equal(action, again)


def test_wave_travels_from_head_to_tail_with_the_sides_in_antiphase():
    frequency, wavelength, steps = 0.5, 0.65, 400
    taken = actions(make_open_loop(ENV, frequency, wavelength, amplitude=0.8), steps)
    balance = np.stack(
        [
            (taken[:, muscle_rows == row] * muscle_sides[muscle_rows == row]).sum(axis=1)
            for row in range(1, 24)
        ],
        axis=1,
    )
    assert np.abs(balance).max() == pytest.approx(1.6, rel=1e-3)
    phase = np.unwrap(np.angle(np.exp(-2j * np.pi * np.arange(steps) / steps) @ balance))
    assert np.diff(phase) == pytest.approx(-2 * np.pi / 23 / wavelength, abs=1e-6)
    dorsal, ventral = taken[:, muscle_sides > 0], taken[:, muscle_sides < 0]
    np.testing.assert_array_equal(dorsal[:, 0] * ventral[:, 0], 0.0)


def test_a_negative_wavelength_turns_the_wave_round():
    forward = actions(make_open_loop(ENV, wavelength_body=0.65), 10)
    backward = actions(make_open_loop(ENV, wavelength_body=-0.65), 10)
    rows = muscle_rows == 1
    np.testing.assert_array_equal(forward[:, rows], backward[:, rows])
    assert not np.array_equal(forward, backward)


def test_random_activation_is_uniform_uncorrelated_and_smooth():
    white = actions(make_random(ENV, correlation_time_s=0.0), 2000)
    assert white.mean() == pytest.approx(0.5, abs=0.005)
    assert white.var() == pytest.approx(1 / 12, rel=0.02)
    consecutive = np.corrcoef(white[:-1].ravel(), white[1:].ravel())[0, 1]
    assert abs(consecutive) < 0.01
    smooth = actions(make_random(ENV, correlation_time_s=0.2), 2000)
    assert np.abs(np.diff(smooth, axis=0)).max() <= 1.0 / 40 + 1e-6
    assert not np.array_equal(actions(make_random(ENV), 5), actions(make_random(ENV), 5, seed=1))


@pytest.mark.parametrize(
    "mistake",
    [
        lambda: make_open_loop(ENV, frequency_hz=-1.0),
        lambda: make_open_loop(ENV, wavelength_body=0.0),
        lambda: make_open_loop(ENV, amplitude=1.5),
        lambda: make_random(ENV, correlation_time_s=-0.1),
        lambda: make_random(ENV, low=0.8, high=0.2),
        lambda: make_random(ENV).init(-1),
    ],
)
def test_mistakes_are_named(mistake):
    with pytest.raises(EmbodyError):
        mistake()
