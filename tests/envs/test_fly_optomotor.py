"""The optomotor response: correlators against theory, the rule, and the env around them."""

import math

import gymnasium
import numpy as np
import pytest

from embody.bodies.fly.eyes import lattice
from embody.envs.fly.motion_vision import Correlators
from embody.envs.fly.optomotor import REACH_MM, FlyOptomotor
from embody.envs.fly.task_controllers import make_no_sense, make_optomotor
from embody.envs.fly.visual_steering import Optomotor
from embody.errors import EmbodyError, UnknownNameError
from embody.testing import ControllerContract, EnvContract

DT = 0.002
DELAY_S = 0.035
AZIMUTH = np.array(
    [np.arctan2(*lattice.directions(side)[:, 1::-1].T) for side in lattice.SIDES]
)  # (2, 721)


def make():
    return gymnasium.make("Fly-Optomotor-v0")


class TestOptomotor(EnvContract):
    steps = 10
    # The thorax is held; ommatidia that look above and below the panels see nothing move.
    still_channels = ("gravity", "rotation", "eye_left", "eye_right", "leg_load")

    def make_env(self):
        return make()


class TestOptomotorController(ControllerContract):
    steps = 10

    def make_env(self):
        return make()

    def make_controller(self, env):
        return make_optomotor(env)


def grating(time_s, frequency_hz, period_deg=30.0, contrast=1.0):
    """What both eyes see of a grating that turns to the left, shape (2, 721)."""
    phase = AZIMUTH / math.radians(period_deg) - frequency_hz * time_s
    return 0.5 + 0.5 * contrast * np.cos(2.0 * np.pi * phase)


def response(frequency_hz, duration_s=2.0, dt=DT, **stimulus):
    """Mean response (left eye, right eye) of the correlators once they have settled."""
    correlators = Correlators(DELAY_S)
    state, found = correlators.init(), []
    for step in range(round(duration_s / dt)):
        state, motion = correlators.step(state, grating(step * dt, frequency_hz, **stimulus), dt)
        found.append(motion)
    return np.mean(found[len(found) // 2 :], axis=0)


def test_motion_to_the_left_is_to_the_back_in_the_left_eye_and_to_the_front_in_the_right():
    left, right = response(4.0)
    assert left < 0 < right
    np.testing.assert_allclose(response(-4.0), (-left, -right), rtol=0.05)


def test_what_stands_still_or_flickers_is_no_motion():
    assert np.abs(response(0.0)).max() < 1e-9
    correlators = Correlators()
    state = correlators.init()
    for step in range(500):
        even = np.full((2, 721), 0.5 + 0.5 * math.sin(2 * math.pi * 5.0 * step * DT))
        state, motion = correlators.step(state, even, DT)
        assert np.abs(motion).max() < 1e-9


@pytest.mark.parametrize("period_deg", [30.0, 60.0])
def test_the_best_temporal_frequency_is_set_by_the_delay(period_deg):
    """Whatever the spatial period: w / (1 + w^2), with w = 2 pi f delay."""
    frequencies = np.array([2.0, 4.5, 10.0])
    found = np.array([response(f, period_deg=period_deg)[1] for f in frequencies])
    w = 2.0 * np.pi * frequencies * DELAY_S
    theory = w / (1.0 + w * w)
    np.testing.assert_allclose(found / found[1], theory / theory[1], rtol=0.12)
    assert 1.0 / (2.0 * np.pi * DELAY_S) == pytest.approx(4.5, abs=0.1)


def test_strong_contrasts_are_seen_alike_and_weak_ones_less():
    full, half, faint = (response(4.0, contrast=contrast)[1] for contrast in (1.0, 0.5, 0.02))
    assert half == pytest.approx(full, rel=0.1)
    assert faint < 0.3 * full


def test_stripes_finer_than_the_mosaic_seem_to_turn_the_other_way():
    """Below twice the spacing of the ommatidia (some 4 deg of azimuth) motion is aliased."""
    assert response(4.0, period_deg=6.0)[1] < 0.2 * response(4.0, period_deg=30.0)[1]


@pytest.mark.parametrize(("frequency_hz", "slower"), [(4.0, 0), (-4.0, 1)])
def test_the_rule_turns_with_the_grating(frequency_hz, slower):
    rule = Optomotor()
    state = rule.init(0)
    for step in range(300):
        eye_left, eye_right = grating(step * DT, frequency_hz)
        state, drive = rule.step(state, {"eye_left": eye_left, "eye_right": eye_right}, DT)
    assert drive[slower] < 0.7
    assert drive[1 - slower] == 1.0


def test_the_eyes_see_the_grating_turn():
    env = FlyOptomotor(temporal_frequency_hz=5.0, direction="left")
    observation, _ = env.reset(seed=0)
    part = env.observation_layout.slice("eye_right")
    first = observation[part]
    changes = []
    for _ in range(10):
        observation, *_ = env.step(env.resting_action)
        changes.append(np.abs(observation[part] - first).max())
    assert changes[3] == 0.0  # images come every fifth step
    assert changes[-1] > 0.1
    assert env.snapshot()["eye_right"].shape == (721,)


def test_reward_is_the_angle_turned_with_the_grating():
    rewards, turned = {}, {}
    for direction in ("left", "right"):
        env = FlyOptomotor(direction=direction)
        controller = make_optomotor(env, silence=("eye_left", "eye_right"))
        observation, _ = env.reset(seed=1)
        controller.reset(1)
        total = angle = 0.0
        for _ in range(40):
            observation, reward, _, _, info = env.step(controller.act(observation))
            total += reward
            angle += info["turn_rate_rad_s"] * env.control_period_s
        rewards[direction], turned[direction] = total, angle
    assert rewards["left"] == pytest.approx(turned["left"])
    assert rewards["right"] == pytest.approx(-turned["right"])


def test_a_free_fly_must_stay_among_the_panels():
    env = FlyOptomotor(tether=None)
    env.reset(seed=0, options={"position_mm": (REACH_MM + 0.5, 0.0)})
    assert env.step(env.resting_action)[2]


@pytest.mark.slow
def test_a_fly_on_a_ball_turns_with_the_grating_only_if_it_sees():
    gain = {}
    for make_controller in (make_optomotor, make_no_sense):
        for direction in ("left", "right"):
            env = FlyOptomotor(direction=direction)
            controller = make_controller(env)
            observation, info = env.reset(seed=0)
            controller.reset(0)
            for _ in range(300):
                observation, _, _, _, info = env.step(controller.act(observation))
            gain[controller.name, direction] = info["following_gain"]
    for direction in ("left", "right"):
        assert gain["optomotor", direction] > 0.5
        assert abs(gain["no-sense", direction]) < 0.3


@pytest.mark.parametrize(
    "options",
    [
        {"temporal_frequency_hz": 60.0},
        {"contrast": 1.5},
        {"spatial_period_deg": 31.0},
        {"tether": "fixed"},
    ],
)
def test_wrong_options_are_refused(options):
    with pytest.raises(EmbodyError):
        FlyOptomotor(**options)


def test_an_unknown_direction_lists_those_there_are():
    with pytest.raises(UnknownNameError, match="left"):
        FlyOptomotor(direction="up")
