"""The search for the source of a plume: what the env counts and how the rule steers."""

import math

import gymnasium
import numpy as np
import pytest
from point_fly import PointFly
from scipy.stats import mannwhitneyu

from embody.envs.fly.odour_steering import PlumeSearch
from embody.envs.fly.plume import Plume
from embody.envs.fly.plume_task import ARRIVAL_MM, FlyPlume
from embody.envs.fly.task_controllers import make_plume
from embody.errors import EmbodyError
from embody.testing import ControllerContract, EnvContract

NO_ODOUR = np.zeros(4)


def make():
    return gymnasium.make("Fly-Plume-v0")


class TestPlume(EnvContract):
    steps = 20
    still_channels = ("odour",)  # it comes in bursts

    def make_env(self):
        return make()


class TestPlumeController(ControllerContract):
    steps = 20

    def make_env(self):
        return make()

    def make_controller(self, env):
        return make_plume(env)


def test_the_wind_is_felt_in_the_frame_of_the_fly():
    env = FlyPlume(meander_mm_s=0.0)
    for heading, expected in ((0.0, (100, 0)), (math.pi / 2, (0, -100)), (math.pi, (-100, 0))):
        observation, _ = env.reset(seed=0, options={"heading_rad": heading})
        felt = observation[env.observation_layout.slice("wind")]
        np.testing.assert_allclose(felt[:2], expected, atol=1e-3)


def test_a_fly_that_goes_with_the_wind_feels_none():
    env = FlyPlume(meander_mm_s=0.0, wind_mm_s=30.0)
    env.reset(seed=0, options={"heading_rad": 0.0})
    first = env.body.indexing.root_velocity
    env.body.data.qvel[first : first + 3] = (30.0, 0.0, 0.0)
    np.testing.assert_allclose(env.snapshot()["wind"], 0.0, atol=1e-9)


def test_the_source_ends_the_episode_and_rewards_are_the_way():
    env = FlyPlume()
    _, info = env.reset(seed=2, options={"position_mm": (12.0, 0.0), "heading_rad": 0.0})
    start = info["distance_mm"]
    body = env.body
    total = 0.0
    for x in (9.0, 7.0, ARRIVAL_MM - 0.5):
        body.data.qpos[body.indexing.root_q] = x
        _, reward, terminated, _, info = env.step(env.resting_action)
        total += reward
    assert terminated
    assert info["arrived"] == 1.0
    assert total == pytest.approx(start - info["distance_mm"])


def test_odour_and_plume_are_those_of_the_seed():
    env = FlyPlume()
    env.reset(seed=5)
    puffs = env.plume.puffs()
    assert np.array_equal(env.snapshot()["odour"], env._smelt)
    env.reset(seed=6)
    env.reset(seed=5)
    assert np.array_equal(env.plume.puffs(), puffs)


def wind_from(angle_rad):
    """The wind that a fly feels when upwind lies at an angle to its left."""
    return np.array([-100.0 * math.cos(angle_rad), -100.0 * math.sin(angle_rad), 0.0])


def test_odour_turns_the_fly_upwind_and_loss_across():
    rule = PlumeSearch()
    met = {"odour": np.array([0.5, 0.4, 0.0, 0.0]), "wind": wind_from(1.0)}
    state, drive = rule.step(rule.init(0), met, 0.002)
    assert drive[0] < drive[1]
    assert state.lost_s == 0.0
    assert state.side == 1.0
    _, mirrored = rule.step(rule.init(0), {**met, "wind": wind_from(-1.0)}, 0.002)
    np.testing.assert_allclose(drive, mirrored[::-1])
    lost = {"odour": NO_ODOUR, "wind": wind_from(0.0)}
    for _ in range(int(rule.surge_s / 0.002) + 2):
        state, drive = rule.step(state, lost, 0.002)
    assert drive[0] < drive[1]  # heads upwind, and turns to the side where odour was stronger


def test_legs_of_casting_grow_and_change_sides():
    rule = PlumeSearch(surge_s=0.0, cast_s=1.0, cast_growth=2.0, longest_cast_s=4.0)
    state, sides = rule.init(1), []
    lost = {"odour": NO_ODOUR, "wind": wind_from(0.0)}
    for _ in range(1400):
        state, _ = rule.step(state, lost, 0.01)
        sides.append(state.side)
    changes = np.flatnonzero(np.diff(sides)) * 0.01
    np.testing.assert_allclose(np.diff(changes), (2.0, 4.0, 4.0), atol=0.03)


def search(seed, smells):
    """Return how near a fly without legs comes to the source within 20 s [mm]."""
    random = np.random.default_rng(seed)
    parameters = FlyPlume().parameters
    plume = Plume(parameters, random)
    plume.develop()
    fly = PointFly((60.0, random.uniform(-10.0, 10.0)), random.uniform(-math.pi, math.pi))
    rule = PlumeSearch()
    state, nearest = rule.init(seed), math.inf
    for _ in range(1000):
        plume.advance(0.02)
        odour = plume.concentration(fly.organs()) if smells else NO_ODOUR
        wind = np.append(fly.frame() @ plume.wind_mm_s, 0.0)
        state, drive = rule.step(state, {"odour": odour, "wind": wind}, 0.02)
        fly.walk(drive, 0.02)
        nearest = min(nearest, math.hypot(*fly.place))
    return nearest


def test_a_fly_without_legs_finds_the_source_only_with_its_nose():
    near, far = ([search(seed, smells) for seed in range(12)] for smells in (True, False))
    assert np.mean(np.array(near) < ARRIVAL_MM) >= 0.8
    assert mannwhitneyu(near, far, alternative="less").pvalue < 0.001


@pytest.mark.parametrize(
    "options",
    [
        {"distance_mm": 2.0},
        {"distance_mm": 200.0},
        {"offset_mm": 60.0},
        {"wind_mm_s": 990.0},
        {"tether": "ball"},
    ],
)
def test_wrong_options_are_refused(options):
    with pytest.raises(EmbodyError):
        FlyPlume(**options)


@pytest.mark.parametrize("options", [{"threshold": 0.0}, {"cast_growth": 0.5}, {"surge_s": -1.0}])
def test_wrong_options_of_the_rule_are_refused(options):
    with pytest.raises(EmbodyError):
        PlumeSearch(**options)
