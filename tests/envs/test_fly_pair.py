"""Two flies in one world."""

import numpy as np
import pytest

import embody

pytest.importorskip("pettingzoo")

from pettingzoo.test import parallel_api_test

from embody.brains.fly.locomotion.walking import Walking
from embody.envs.fly.pair import FlyPair


def test_pettingzoo_finds_nothing_to_say():
    parallel_api_test(FlyPair(max_episode_steps=30), num_cycles=40)


def test_the_same_seed_gives_the_same_bits():
    traces = []
    for _ in range(2):
        pair, trace = FlyPair(), []
        pair.reset(seed=4)
        for agent in pair.possible_agents:
            pair.action_space(agent).seed(0)
        for _ in range(5):
            actions = {agent: pair.action_space(agent).sample() for agent in pair.agents}
            observations, *_ = pair.step(actions)
            trace.append(np.concatenate(list(observations.values())))
        traces.append(trace)
    np.testing.assert_array_equal(*traces)


def test_one_walks_to_the_other_who_stands():
    pair, walking = FlyPair(distance_mm=8.0), Walking()
    observations, _ = pair.reset(seed=0)
    other = pair.observation_layout.slice("other_fly")
    load = pair.observation_layout.slice("leg_load")
    before = {agent: seen[other].copy() for agent, seen in observations.items()}
    state, way = walking.init(), dict.fromkeys(pair.agents, 0.0)
    rest = pair.action_code.encode(pair.body.neutral_pose, 1.0)
    for _ in range(150):
        state, command = walking.step(state, np.ones(2), observations["fly_0"][load], 0.002)
        step = pair.action_code.encode(command.joint_target, command.adhesion)
        observations, rewards, *_ = pair.step({"fly_0": step, "fly_1": rest})
        way = {agent: way[agent] + rewards[agent] for agent in way}
    assert way["fly_0"] > 2.5 and abs(way["fly_1"]) < 0.5
    for agent in pair.possible_agents:
        assert before[agent][0] == pytest.approx(8.0, abs=0.6)
        assert observations[agent][other][0] < before[agent][0] - 2.0


def test_wrong_actions_are_one_sentence():
    pair = FlyPair()
    pair.reset(seed=0)
    with pytest.raises(embody.UnknownNameError, match="fly_0, fly_1"):
        pair.step({"fly_2": np.zeros(55, np.float32)})
    with pytest.raises(embody.EmbodyError, match="55 finite numbers"):
        pair.step({"fly_0": np.full(55, np.nan, np.float32)})
