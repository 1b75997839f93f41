"""Following another fly: where it walks, what counts, and that it takes eyes."""

import math

import gymnasium
import numpy as np
import pytest

from embody.bodies.fly.eyes import lattice
from embody.envs.fly.follow import FlyFollow
from embody.envs.fly.task_controllers import make_follow, make_no_sense
from embody.envs.fly.visual_steering import Follow
from embody.errors import EmbodyError
from embody.testing import ControllerContract, EnvContract


def make():
    return gymnasium.make("Fly-Follow-v0")


class TestFollow(EnvContract):
    steps = 10
    still_channels = ("eye_left", "eye_right", "leg_load")  # much of what is seen is empty

    def make_env(self):
        return make()


class TestFollowController(ControllerContract):
    steps = 10

    def make_env(self):
        return make()

    def make_controller(self, env):
        return make_follow(env)


def test_the_other_fly_walks_its_path_at_its_speed_and_moves_its_legs():
    env = FlyFollow(speed_mm_s=12.0)
    env.reset(seed=0)
    places, legs = [], []
    for _ in range(50):
        env.step(env.resting_action)
        other = env.snapshot()["other_fly"]
        places.append(other[:2])
        legs.append(other[7:])
    steps = np.linalg.norm(np.diff(places, axis=0), axis=1)
    np.testing.assert_allclose(steps, 12.0 * env.control_period_s, rtol=1e-6)
    assert np.ptp(legs, axis=0).max() > 0.1


def test_distance_bearing_and_reward_are_those_of_the_places():
    env = FlyFollow()
    env.reset(seed=2)
    _, reward, _, _, info = env.step(env.resting_action)
    snapshot = env.snapshot()
    apart = snapshot["other_fly"][:2] - snapshot["position"][:2]
    assert info["distance_mm"] == pytest.approx(np.linalg.norm(apart))
    heading = env.body.heading()
    bearing = math.remainder(math.atan2(apart[1], apart[0]) - heading, 2.0 * math.pi)
    assert info["bearing_rad"] == pytest.approx(bearing)
    expected = math.exp(-(info["distance_mm"] - 4.0) / 10.0) * max(0.0, math.cos(bearing))
    assert reward == pytest.approx(expected * env.control_period_s)
    assert info["following"] == pytest.approx(expected)


def test_the_other_fly_is_seen_where_it_is():
    env = FlyFollow(distance_mm=4.0)
    for seed in range(4):
        observation, info = env.reset(seed=seed)
        middle = []
        for side in lattice.SIDES:
            seen = observation[env.observation_layout.slice(f"eye_{side}")]
            middle.append(lattice.directions(side)[seen < 0.4])
        direction = np.concatenate(middle).mean(axis=0)
        assert math.atan2(direction[1], direction[0]) == pytest.approx(info["bearing_rad"], abs=0.3)


def spot(azimuth_rad, width_rad):
    middle = np.array([math.cos(azimuth_rad), math.sin(azimuth_rad), 0.0])
    seen = {}
    for side in lattice.SIDES:
        inside = lattice.directions(side) @ middle > math.cos(0.5 * width_rad)
        seen[f"eye_{side}"] = np.where(inside, 0.1, 0.7)
    return seen


def test_the_rule_turns_to_the_other_fly_stops_near_it_and_remembers():
    rule = Follow()
    state, left = rule.step(rule.init(0), spot(0.8, 0.2), 0.002)
    assert left[0] < left[1]
    _, right = rule.step(rule.init(0), spot(-0.8, 0.2), 0.002)
    np.testing.assert_allclose(left, right[::-1], atol=0.05)
    _, gone = rule.step(state, spot(0.0, 0.0), 0.002)
    assert gone[0] < gone[1]
    _, near = rule.step(rule.init(0), spot(0.0, 0.8), 0.002)
    np.testing.assert_allclose(near, 0.0, atol=0.1)
    _, blind = rule.step(rule.init(0), {f"eye_{s}": np.full(721, 0.5) for s in lattice.SIDES}, 0.1)
    np.testing.assert_allclose(blind, 1.0)


@pytest.mark.slow
def test_a_fly_that_sees_keeps_closer():
    following = {}
    for make_controller in (make_follow, make_no_sense):
        env = FlyFollow()
        controller, found = make_controller(env), []
        for seed in range(3):
            observation, info = env.reset(seed=seed)
            controller.reset(seed)
            for _ in range(500):
                observation, _, _, _, info = env.step(controller.act(observation))
            found.append(info["following"])
        following[controller.name] = np.mean(found)
    assert following["follow"] > following["no-sense"] + 0.1


@pytest.mark.parametrize(
    "options", [{"speed_mm_s": -1.0}, {"distance_mm": 1.0}, {"tether": "ball"}]
)
def test_wrong_options_are_refused(options):
    with pytest.raises(EmbodyError):
        FlyFollow(**options)


@pytest.mark.parametrize("options", [{"darkness": 0.9}, {"near_rad": 0.0}, {"memory_s": -1.0}])
def test_wrong_options_of_the_rule_are_refused(options):
    with pytest.raises(EmbodyError):
        Follow(**options)
