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
from embody.envs.fly.wandering import RUN_S, on_the_spot, start_wandering, wander
from embody.envs.fly.warm_border import WarmBorder
from embody.errors import EmbodyError, UnknownNameError
from embody.fields import field_from_json
from embody.testing import ControllerContract, EnvContract


def make():
    return gymnasium.make("Fly-OdorTaxis-v0")


class TestOdorTaxis(EnvContract):
    steps = 20
    still_channels = ("heat",)  # it starts in the middle

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
    odour = np.array([left, right] * 2 + [away_left, away_right] * 2)
    return {"odour": odour, "heat": np.zeros(2)}


def drive(senses):
    """Return the drive of a fly that has just begun."""
    rule = OdourTaxis({"vinegar": 1.0, "geosmin": -1.0})
    return rule.step(rule.init(0), senses, 0.002)[1]


def test_the_rule_turns_towards_what_attracts_and_mirrors():
    left, right = drive(smelling(0.5, 0.49)), drive(smelling(0.49, 0.5))
    assert left[0] < left[1]
    np.testing.assert_allclose(left, right[::-1])
    away = drive(smelling(0.5, 0.5, 0.2, 0.1))
    assert away[0] > away[1]
    np.testing.assert_allclose(drive(smelling(0.0, 0.0)), 1.0)
    np.testing.assert_allclose(drive(smelling(0.99, 0.99)), 0.0)


def test_the_rule_turns_back_at_the_hot_border_from_the_hotter_side():
    for heat in ((0.6, 0.5), (0.5, 0.6)):
        turned = drive({**smelling(0.4, 0.5), "heat": np.array(heat)})
        assert np.sign(turned[1] - turned[0]) == np.sign(heat[1] - heat[0])


def test_the_floor_gets_hot_towards_the_edge():
    border = WarmBorder(35.0, 5.0)
    places = np.array([[0.0, 0.0], [30.0, 0.0], [0.0, -32.0], [40.0, 0.0]])
    np.testing.assert_allclose(border.heat(places), [0.0, 0.0, 0.4, 1.0])
    assert border.outside(35.1, 0.0) and not border.outside(0.0, 34.9)
    env = FlyOdorTaxis()
    env.reset(seed=0, options={"position_mm": (0.0, 32.0), "heading_rad": 0.0})
    left, right = env.snapshot()["heat"]
    assert left > right > 0.3


def test_a_fly_without_goal_walks_everywhere_and_stays():
    border, places = WarmBorder(35.0), []
    for seed in range(6):
        fly, state = PointFly((0.0, 0.0), 0.0), start_wandering(seed)
        for _ in range(1000):
            state, turn = wander(state, 0.02, border.heat(fly.organs()[:2]))
            fly.walk(on_the_spot(turn) if turn else np.ones(2), 0.02)
            places.append(fly.place.copy())
    away = np.linalg.norm(places, axis=1)
    assert away.max() < 35.0
    assert np.mean(away > 20.0) > 0.3 and np.mean(away < 15.0) > 0.05
    assert np.abs(np.mean(places, axis=0)).max() < 12.0


def test_runs_and_turns_are_drawn_from_the_seed_alone():
    def walk(seed):
        state, turns = start_wandering(seed), []
        for _ in range(3000):
            state, turn = wander(state, 0.002)
            turns.append(turn or 0.0)
        return np.array(turns)

    np.testing.assert_array_equal(walk(1), walk(1))
    assert not np.array_equal(walk(1), walk(2))
    runs = [start_wandering(seed).run_s for seed in range(400)]
    assert np.mean(runs) == pytest.approx(RUN_S, rel=0.15)  # exponential: sd equals mean
    assert np.std(runs) == pytest.approx(RUN_S, rel=0.2)


def approach(seed, smells):
    """Return how near a fly without legs comes to the vinegar [mm]."""
    env = FlyOdorTaxis()
    env.reset(seed=seed)
    rule = OdourTaxis(env.valence)
    fly, state = PointFly((0.0, 0.0), env.body.heading()), rule.init(seed)
    goal = env.odours.fields["vinegar"].peak_mm
    nearest = math.inf
    for _ in range(300):
        odour = env.odours.at(fly.organs()) if smells else np.zeros(8)
        heat = env.border.heat(fly.organs()[:2])
        state, drive = rule.step(state, {"odour": odour, "heat": heat}, 0.02)
        fly.walk(drive, 0.02)
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
                assert not terminated
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
        {"arena_radius_mm": 4.0, "distance_mm": 2.0},
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
