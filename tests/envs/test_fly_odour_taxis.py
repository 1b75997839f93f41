"""Odour taxis: what the env counts, how the rule steers, and that it needs its nose."""

import math

import gymnasium
import numpy as np
import pytest
from point_fly import PointFly
from scipy.stats import mannwhitneyu

from embody.envs.fly.odour_steering import OdourTaxis
from embody.envs.fly.odour_taxis import FlyOdorTaxis
from embody.envs.fly.task_controllers import make_no_sense, make_odour_taxis
from embody.errors import EmbodyError, UnknownNameError
from embody.fields import field_from_json
from embody.testing import ControllerContract, EnvContract


def make():
    return gymnasium.make("Fly-OdorTaxis-v0")


class TestOdorTaxis(EnvContract):
    steps = 20

    def make_env(self):
        return make()


class TestOdourTaxisController(ControllerContract):
    steps = 20

    def make_env(self):
        return make()

    def make_controller(self, env):
        return make_odour_taxis(env)


def carry(env, place):
    """Move the thorax to a place without a step of its own."""
    body = env.body
    body.data.qpos[body.indexing.root_q : body.indexing.root_q + 2] = place
    env._locate()


def test_rewards_add_up_to_the_way_made_without_geosmin():
    env = FlyOdorTaxis(aversion=0.0)
    _, info = env.reset(seed=3)
    goal = np.array(field_from_json(env.scene()["odours"]["vinegar"]).peak_mm)
    start = info["distance_mm"]
    assert start == pytest.approx(20.0, abs=1e-6)
    total = 0.0
    for share in (0.2, 0.5, 0.9):
        carry(env, share * goal)
        _, reward, terminated, _, info = env.step(env.resting_action)
        total += reward
        assert not terminated
    assert total == pytest.approx(start - info["distance_mm"])
    assert info["taxis_index"] == pytest.approx(np.mean([0.2, 0.5, 0.9]), abs=0.01)
    smelt = env.odours.at(env.body.odour_position())
    np.testing.assert_allclose(env.snapshot()["odour"], smelt)


def test_geosmin_costs():
    env = FlyOdorTaxis()
    env.reset(seed=3)
    place = field_from_json(env.scene()["odours"]["geosmin"]).peak_mm
    carry(env, np.array(place) - [0.3, 0.0])
    env.step(env.resting_action)
    _, reward, _, _, info = env.step(env.resting_action)
    assert info["aversive"] > 0.9
    assert reward < -0.9 * env.aversion * env.control_period_s + 0.01


def test_the_episode_ends_outside_the_arena():
    env = FlyOdorTaxis()
    env.reset(seed=0)
    carry(env, (35.5, 0.0))
    *_, terminated, truncated, info = env.step(env.resting_action)
    assert terminated
    assert not truncated
    assert info["left_arena"] == 1.0


def test_seeds_spread_goals_headings_and_sides():
    env = FlyOdorTaxis()
    goals, sides = [], []
    for seed in range(40):
        env.reset(seed=seed)
        goal, away = (np.array(field.peak_mm) for field in env.odours.fields.values())
        goals.append(goal / 20.0)
        sides.append(np.sign(goal[0] * away[1] - goal[1] * away[0]))
    assert np.linalg.norm(np.mean(goals, axis=0)) < 0.4
    assert abs(np.mean(sides)) < 0.5


def smelling(left, right, away_left=0.0, away_right=0.0):
    return {"odour": np.array([left, right] * 2 + [away_left, away_right] * 2)}


def test_the_rule_turns_towards_what_attracts_and_mirrors():
    rule = OdourTaxis({"vinegar": 1.0, "geosmin": -1.0})
    _, left = rule.step(None, smelling(0.5, 0.49), 0.002)
    _, right = rule.step(None, smelling(0.49, 0.5), 0.002)
    assert left[0] < left[1]
    np.testing.assert_allclose(left, right[::-1])
    _, away = rule.step(None, smelling(0.5, 0.5, 0.2, 0.1), 0.002)
    assert away[0] > away[1]
    _, straight = rule.step(None, smelling(0.0, 0.0), 0.002)
    np.testing.assert_allclose(straight, 1.0)
    _, arrived = rule.step(None, smelling(0.99, 0.99), 0.002)
    np.testing.assert_allclose(arrived, 0.0)


def approach(seed, smells):
    """Return how near a fly without legs comes to the vinegar [mm]."""
    env = FlyOdorTaxis()
    env.reset(seed=seed)
    rule = OdourTaxis(env.valence)
    fly = PointFly((0.0, 0.0), env.body.heading())
    goal = env.odours.fields["vinegar"].peak_mm
    nearest = math.inf
    for _ in range(300):
        odour = env.odours.at(fly.organs()) if smells else np.zeros(8)
        fly.walk(rule.step(None, {"odour": odour}, 0.02)[1], 0.02)
        nearest = min(nearest, math.dist(fly.place, goal))
    return nearest


def test_a_fly_without_legs_arrives_only_with_its_nose():
    near, far = ([approach(seed, smells) for seed in range(12)] for smells in (True, False))
    assert np.median(near) < 4.0
    assert mannwhitneyu(near, far, alternative="less").pvalue < 0.01


@pytest.mark.slow
def test_a_fly_arrives_only_with_its_nose():
    env = FlyOdorTaxis()
    index = {}
    for make_controller in (make_odour_taxis, make_no_sense):
        controller, found = make_controller(env), []
        for seed in range(4):
            observation, info = env.reset(seed=seed)
            controller.reset(seed)
            for _ in range(1500):
                observation, _, terminated, _, info = env.step(controller.act(observation))
                if terminated:
                    break
            found.append(info["taxis_index"])
        index[controller.name] = found
    assert np.median(index["odour-taxis"]) > 0.2
    outcome = mannwhitneyu(index["odour-taxis"], index["no-sense"], alternative="greater")
    assert outcome.pvalue < 0.05


@pytest.mark.parametrize(
    "options",
    [
        {"distance_mm": 0.0},
        {"distance_mm": 40.0},
        {"sigma_mm": 0.0},
        {"aversion": -1.0},
        {"tether": "ball"},
    ],
)
def test_wrong_options_are_refused(options):
    with pytest.raises(EmbodyError):
        FlyOdorTaxis(**options)


def test_only_senses_that_are_read_can_be_silenced():
    with pytest.raises(UnknownNameError, match="odour"):
        make_odour_taxis(FlyOdorTaxis(), silence=("wind",))


def test_a_rule_without_anything_that_attracts_is_refused():
    with pytest.raises(EmbodyError):
        OdourTaxis({"geosmin": -1.0})
