"""Flight control: where up is, and which way reflexes push."""

import numpy as np
import pytest

from embody.brains.fly.flight.attitude import STROKE_PLANE_RAD, cross, follow_up, to_stroke_plane
from embody.brains.fly.flight.equilibrium import FlightControl, FlightSenses, command

LEVEL = np.array([-np.sin(STROKE_PLANE_RAD), 0.0, -np.cos(STROKE_PLANE_RAD)])
STILL = FlightSenses(np.zeros(3), LEVEL, np.zeros(3), 0.0, 0.0, 0.0)
DT = 0.001


def from_stroke_plane(vector):
    axes = np.array([to_stroke_plane(axis) for axis in np.eye(3)])
    return axes @ np.asarray(vector, float)


def act(senses, control=None, steps=1):
    """Strokes after some steps, as (amplitude, mean, rotation) x (left, right)."""
    control = control or FlightControl(delay_s=0.0)
    state = control.init(DT)
    for _ in range(steps):
        state, stroke = control.step(state, senses, DT)
    return stroke.reshape(3, 2)


def test_the_stroke_plane_of_a_hovering_fly_is_level():
    np.testing.assert_allclose(to_stroke_plane(LEVEL), (0.0, 0.0, -1.0), atol=1e-12)
    random = np.random.default_rng(0).normal(size=(2, 3))
    turned = [to_stroke_plane(vector) for vector in random]
    assert turned[0] @ turned[1] == pytest.approx(random[0] @ random[1])
    np.testing.assert_allclose(cross(*random), np.cross(*random))


def test_halteres_alone_keep_track_of_up():
    # A fly that rolls at 10 rad/s for 50 ms: the rotated vector is known.
    up, rate = np.array([0.0, 0.0, 1.0]), np.array([10.0, 0.0, 0.0])
    for _ in range(5000):
        up = follow_up(up, rate, up, 1e-5, 0.2)
    np.testing.assert_allclose(up, (0.0, np.sin(0.5), np.cos(0.5)), atol=1e-3)


def test_eyes_correct_it_with_their_time_constant():
    up, seen = np.array([0.0, 0.1, 1.0]), np.array([0.0, 0.0, 1.0])
    for _ in range(200):
        up = follow_up(up, np.zeros(3), seen, DT, 0.2)
    assert up[1] == pytest.approx(0.1 * np.exp(-1.0), rel=0.01)


def test_a_fly_at_rest_hovers():
    amplitude, mean, rotation = act(STILL)
    np.testing.assert_allclose(amplitude, 1.05)
    np.testing.assert_allclose((mean, rotation), 0.0, atol=1e-12)


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_reflexes_push_against_the_rotation(sign):
    # Signs of torques: tests of the body. Rolling to the right: the right wing sweeps wider.
    amplitude, _, _ = act(STILL._replace(rotation=from_stroke_plane((2 * sign, 0, 0))))
    assert sign * (amplitude[1] - amplitude[0]) > 0
    # Nose going down: strokes move forwards, which lifts it.
    _, mean, _ = act(STILL._replace(rotation=from_stroke_plane((0, 2 * sign, 0))))
    assert sign * mean[0] > 0 and mean[0] == pytest.approx(mean[1])
    # Turning to the left: torque to the right.
    _, mean, rotation = act(STILL._replace(rotation=from_stroke_plane((0, 0, 2 * sign))))
    assert sign * (mean[0] - mean[1]) > 0 and sign * (rotation[0] - rotation[1]) < 0


def test_a_tilt_is_felt_as_the_integral_of_the_rotation():
    # After a roll to the right that is over, the fly still pushes back.
    control = FlightControl(delay_s=0.0)
    state = control.init(DT)
    rolling = STILL._replace(rotation=from_stroke_plane((10.0, 0, 0)))
    for _ in range(20):
        state, _ = control.step(state, rolling, DT)
    state, stroke = control.step(state, STILL, DT)
    assert stroke[1] > stroke[0]
    assert state.up[1] == pytest.approx(np.sin(0.2), rel=0.15)


def test_it_leans_to_where_it_wants_to_go_and_climbs_by_wider_strokes():
    _, mean, _ = act(STILL._replace(speed=200.0))
    assert mean.max() < 0.0  # nose down
    amplitude, _, _ = act(STILL._replace(climb=2.0))
    assert amplitude.min() > 1.05
    _, mean, _ = act(STILL._replace(turn=0.5))
    assert mean[0] < mean[1]


def test_it_does_not_slip():
    # The air comes from the left: it flies to the left and leans to the right.
    amplitude, _, _ = act(STILL._replace(wind=from_stroke_plane((0.0, -100.0, 0.0))))
    assert amplitude[0] > amplitude[1]


def test_what_halteres_feel_acts_after_the_delay():
    control = FlightControl(delay_s=0.005)
    state = control.init(DT)
    turning = STILL._replace(rotation=from_stroke_plane((5.0, 0, 0)))
    moved = []
    for _ in range(8):
        state, stroke = control.step(state, turning, DT)
        moved.append(stroke[1] - stroke[0] > 1e-6)
    assert moved == [False] * 5 + [True] * 3


def test_a_step_leaves_the_state_alone():
    control = FlightControl()
    state = control.init(DT)
    kept = [part.copy() for part in state]
    control.step(state, STILL._replace(rotation=np.ones(3), speed=100.0), DT)
    for part, before in zip(state, kept, strict=True):
        np.testing.assert_array_equal(part, before)


def test_strokes_stay_within_what_wings_can_do():
    stroke = command(np.array([1e3, -1e3, 1e3]), 0.1)
    assert np.abs(stroke[:2] - 1.15).max() <= 0.2 + 1e-12
    assert np.abs(stroke[4:]).max() <= 0.35
