"""The dm_env view passes dm_env's own contract."""

import gymnasium
import numpy as np
import pytest

dm_env = pytest.importorskip("dm_env")
test_utils = pytest.importorskip("dm_env.test_utils")
absltest = pytest.importorskip("absl.testing.absltest")

from embody.envs.dm_env_view import DmEnvView  # noqa: E402
from embody.errors import EmbodyError  # noqa: E402

STEPS = 20


class TestContract(test_utils.EnvironmentTestMixin, absltest.TestCase):
    def make_object_under_test(self):
        return DmEnvView(gymnasium.make("Worm-Chemotaxis-v0", max_episode_steps=STEPS), seed=0)

    def make_action_sequence(self):
        actions = np.random.default_rng(0)
        for _ in range(3 * STEPS):
            yield actions.random(95, dtype=np.float32)


def test_channels_become_named_arrays_with_the_numbers_of_the_env():
    view = DmEnvView(gymnasium.make("Worm-Chemotaxis-v0"), seed=4)
    env = gymnasium.make("Worm-Chemotaxis-v0")
    expected, _ = env.reset(seed=4)
    step = view.reset()
    assert list(step.observation) == ["joint_angle", "touch", "odour"]
    np.testing.assert_array_equal(np.concatenate(list(step.observation.values())), expected)
    action = np.full(95, 0.3, np.float32)
    assert view.step(action).reward == env.step(action)[1]


def test_a_time_limit_keeps_the_discount_and_the_next_step_starts_anew():
    view = DmEnvView(gymnasium.make("Worm-Crawl-v0", max_episode_steps=2), seed=0)
    action = np.zeros(95, np.float32)
    kinds = [view.step(action) for _ in range(4)]
    assert [step.step_type for step in kinds] == [
        dm_env.StepType.FIRST,
        dm_env.StepType.MID,
        dm_env.StepType.LAST,
        dm_env.StepType.FIRST,
    ]
    assert kinds[2].discount == 1.0


def test_envs_without_a_layout_are_seen_whole():
    view = DmEnvView(gymnasium.make("Pendulum-v1"), seed=0)
    assert list(view.reset().observation) == ["observation"]
    view.close()


def test_envs_without_boxes_are_refused():
    with pytest.raises(EmbodyError, match="boxes"):
        DmEnvView(gymnasium.make("CartPole-v1"))
