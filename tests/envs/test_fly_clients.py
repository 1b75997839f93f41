"""Other people's tools run the fly's envs unchanged."""

import gymnasium
import numpy as np
import pytest

import embody
from embody.envs.fly.descending import DescendingDrive


def test_a_batch_of_flies_is_each_fly_alone():
    batch = gymnasium.make_vec("Fly-Walk-v0", num_envs=2, vectorization_mode="sync")
    batch.action_space.seed(0)
    observation, _ = batch.reset(seed=5)
    singles = [gymnasium.make("Fly-Walk-v0") for _ in range(2)]
    alone = [env.reset(seed=5 + number)[0] for number, env in enumerate(singles)]
    np.testing.assert_array_equal(observation, np.array(alone))
    for _ in range(10):
        actions = batch.action_space.sample()
        observation, *_ = batch.step(actions)
        alone = [env.step(action)[0] for env, action in zip(singles, actions, strict=True)]
        np.testing.assert_array_equal(observation, np.array(alone))
    batch.close()


@pytest.mark.slow
def test_flies_in_processes_of_their_own():
    one = gymnasium.make_vec(
        "Fly-Walk-v0",
        num_envs=2,
        vectorization_mode="async",
        vector_kwargs={"context": "spawn"},  # a forked JAX may hang
    )
    other = gymnasium.make_vec("Fly-Walk-v0", num_envs=2, vectorization_mode="sync")
    one.action_space.seed(0)
    traces = [[vector.reset(seed=1)[0]] for vector in (one, other)]
    for _ in range(3):
        actions = one.action_space.sample()
        for vector, trace in zip((one, other), traces, strict=True):
            trace.append(vector.step(actions)[0])
    np.testing.assert_array_equal(*map(np.array, traces))
    one.close()
    other.close()


def test_an_agent_may_send_the_descending_drive():
    env = DescendingDrive(gymnasium.make("Fly-Walk-v0"), period_s=0.02)
    ways = []
    for drive in (0.0, 0.7):
        env.reset(seed=0)
        ways.append(sum(env.step(np.full(2, drive))[1] for _ in range(20)))
    assert abs(ways[0]) < 0.5 and ways[1] > 3.0
    with pytest.raises(embody.EmbodyError, match="whole multiple"):
        DescendingDrive(gymnasium.make("Fly-Walk-v0"), period_s=0.003)
