"""Crawling: what the reward counts, and that a wave drives the worm."""

import numpy as np
import pytest

from embody.envs.worm.baselines import make_open_loop
from embody.envs.worm.crawl import WormCrawl


def crawl(seconds, **wave):
    """Return the mean reward per second [mm/s] and the env, after a second to get going."""
    env = WormCrawl()
    controller = make_open_loop(env, **wave)
    observation, _ = env.reset(seed=0)
    controller.reset()
    rewards = []
    for _ in range(round((1.0 + seconds) / env.control_period_s)):
        observation, reward, *_ = env.step(controller.act(observation))
        rewards.append(reward)
    return sum(rewards[round(1.0 / env.control_period_s) :]) / seconds, env


def test_a_wave_to_the_tail_drives_forward_and_its_mirror_image_back():
    forward, env = crawl(6.0)
    backward, _ = crawl(6.0, wavelength_body=-0.65)
    assert 0.1 < forward < 0.4  # a worm on agar makes about 0.2 mm/s
    assert backward == pytest.approx(-forward, rel=0.25)
    assert env.snapshot()["centreline"][:, 0].mean() > 0.5


def test_a_worm_that_is_carried_earns_the_way_along_its_axis():
    env = WormCrawl(start_bend_rad=0.0)
    env.reset(seed=0, options={"heading_rad": 0.5})
    x, y = env.body.indexing.root_q[:2]
    env.body.data.qpos[x] += 0.01 * np.cos(0.5) - 0.003 * np.sin(0.5)
    env.body.data.qpos[y] += 0.01 * np.sin(0.5) + 0.003 * np.cos(0.5)
    assert env.step(np.zeros(95))[1] == pytest.approx(0.01, rel=1e-3)


def test_a_worm_that_does_nothing_earns_nothing():
    env = WormCrawl(start_bend_rad=0.0)
    env.reset(seed=0)
    assert sum(env.step(np.zeros(95))[1] for _ in range(50)) == pytest.approx(0.0, abs=1e-9)


def test_rewards_are_plain_floats():
    env = WormCrawl()
    env.reset(seed=0)
    assert type(env.step(np.zeros(95))[1]) is float
