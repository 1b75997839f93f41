"""Escape from a looming ball: geometry, what the env counts, and that it needs its eyes."""

import math

import gymnasium
import numpy as np
import pytest

from embody.bodies.fly.eyes import lattice
from embody.envs.fly.looming import FlyLooming
from embody.envs.fly.task_controllers import make_escape, make_no_sense
from embody.envs.fly.visual_steering import Escape
from embody.errors import EmbodyError
from embody.testing import ControllerContract, EnvContract


def make():
    return gymnasium.make("Fly-Looming-v0")


class TestLooming(EnvContract):
    steps = 10
    still_channels = ("eye_left", "eye_right", "leg_load")  # nothing moves at first

    def make_env(self):
        return make()


class TestEscapeController(ControllerContract):
    steps = 10

    def make_env(self):
        return make()

    def make_controller(self, env):
        return make_escape(env)


def run(env, make_controller, seed):
    controller = make_controller(env)
    observation, info = env.reset(seed=seed)
    controller.reset(seed)
    angles, terminated, reward = [], False, 0.0
    while not terminated:
        observation, reward, terminated, _, info = env.step(controller.act(observation))
        angles.append(info["disc_angle_rad"])
    return info, reward, np.array(angles)


def test_the_disc_grows_as_an_object_of_constant_speed():
    """Half its angle is asin((l / v) / time to collision), with l / v = radius / speed."""
    env = FlyLooming(speed_mm_s=100.0)
    info, reward, angles = run(env, make_no_sense, 0)
    assert info["caught"] == 1.0
    assert reward < -0.9
    seen = angles[angles > 0]
    left_s = (env.radius_mm / env.speed_mm_s) / np.sin(0.5 * seen)
    np.testing.assert_allclose(np.diff(left_s), -env.control_period_s, rtol=0.02)


@pytest.mark.slow
def test_a_fly_that_sees_runs_and_one_that_does_not_is_caught():
    for seed in (0, 1):
        info, reward, _ = run(FlyLooming(), make_escape, seed)
        assert info["escaped"] == 1.0
        assert reward > 0.9
        assert run(FlyLooming(), make_no_sense, seed)[0]["caught"] == 1.0


def disc(angle_rad, azimuth_rad):
    """What both eyes see of a dark disc on the horizon."""
    middle = np.array([math.cos(azimuth_rad), math.sin(azimuth_rad), 0.0])
    seen = {}
    for side in lattice.SIDES:
        inside = lattice.directions(side) @ middle > math.cos(0.5 * angle_rad)
        seen[f"eye_{side}"] = np.where(inside, 0.02, 0.8)
    return seen


@pytest.mark.parametrize("azimuth_deg", [-110.0, -60.0, 60.0, 110.0])
def test_the_rule_runs_at_its_threshold_and_away(azimuth_deg):
    rule = Escape(threshold_rad=0.45)
    azimuth = math.radians(azimuth_deg)
    state, drive = rule.step(rule.init(0), disc(0.35, azimuth), 0.002)
    np.testing.assert_allclose(drive, 0.0)
    state, drive = rule.step(state, disc(0.6, azimuth), 0.002)
    assert drive.max() == 1.5
    assert (drive[1] > drive[0]) == (azimuth < 0)  # to the left of what comes from the right
    for _ in range(round(rule.run_s / 0.002) + 1):
        state, drive = rule.step(state, disc(0.0, azimuth), 0.002)
    np.testing.assert_allclose(drive, 0.0)


def test_seeds_draw_both_sides_and_times():
    env = FlyLooming()
    bearings, times = [], []
    for seed in range(30):
        env.reset(seed=seed)
        bearings.append(env._bearing)
        times.append(env._appears_s)
    assert np.abs(np.mean(np.sign(bearings))) < 0.6
    assert np.std(times) > 0.05


@pytest.mark.parametrize(
    "options", [{"radius_mm": 0.0}, {"speed_mm_s": 0.0}, {"start_mm": 5.0}, {"tether": "ball"}]
)
def test_wrong_options_are_refused(options):
    with pytest.raises(EmbodyError):
        FlyLooming(**options)


@pytest.mark.parametrize("options", [{"threshold_rad": 0.0}, {"darkness": 0.9}, {"run_s": 0.0}])
def test_wrong_options_of_the_rule_are_refused(options):
    with pytest.raises(EmbodyError):
        Escape(**options)
