"""A batch through the interface of Stable-Baselines3: its checks, its ends, its learning."""

import gymnasium
import numpy as np
import pytest

pytest.importorskip("stable_baselines3")

from embody.envs.sb3_view import Sb3View
from embody.errors import EmbodyError

LIMIT = 6


def batch(**options):
    return gymnasium.make_vec(
        "Worm-Crawl-v0", num_envs=3, autoreset_mode="SameStep", max_episode_steps=LIMIT, **options
    )


def test_actions_span_the_bounds_of_the_muscles():
    view, plain = Sb3View(batch()), batch()
    view.seed(4)
    assert np.array_equal(view.reset(), plain.reset(seed=4)[0])
    actions = np.random.default_rng(0).uniform(-1, 1, (3, 95)).astype(np.float32)
    found, reward, done, _ = view.step(actions)
    expected, own, *_ = plain.step((0.5 * (actions + 1.0)).astype(np.float32))
    np.testing.assert_allclose(found, expected, atol=1e-6)
    np.testing.assert_allclose(reward, own, atol=1e-6)
    assert not done.any()


def test_a_decision_is_held_and_its_rewards_are_added():
    view, plain = Sb3View(batch(), period_s=0.015), batch()
    view.seed(1)
    view.reset()
    plain.reset(seed=1)
    _, reward, _, _ = view.step(np.ones((3, 95), np.float32))
    expected = sum(plain.step(np.ones((3, 95), np.float32))[1] for _ in range(3))
    np.testing.assert_allclose(reward, expected, rtol=1e-6)


def test_an_end_is_told_as_sb3_expects():
    view, plain = Sb3View(batch(), period_s=0.02), batch()
    view.seed(2)
    view.reset()
    plain.reset(seed=2)
    action = np.ones((3, 95), np.float32)
    view.step(action)
    _, reward, done, infos = view.step(action)
    steps = [plain.step(action) for _ in range(LIMIT)]
    assert done.all()
    np.testing.assert_allclose(reward, sum(step[1] for step in steps[4:]), rtol=1e-6)
    for k, info in enumerate(infos):
        assert info["TimeLimit.truncated"]
        assert np.array_equal(info["terminal_observation"], steps[-1][4]["final_obs"][k])


def test_ppo_learns_from_it():
    from stable_baselines3 import PPO

    view = Sb3View(batch(), period_s=0.01)
    model = PPO("MlpPolicy", view, n_steps=8, batch_size=24, seed=0, device="cpu")
    before = model.policy.state_dict()["action_net.weight"].clone()
    model.learn(48)
    assert not np.array_equal(before, model.policy.state_dict()["action_net.weight"])


def test_what_is_wrong_is_said():
    with pytest.raises(EmbodyError, match="SameStep"):
        Sb3View(gymnasium.make_vec("Worm-Crawl-v0", num_envs=2))
    with pytest.raises(EmbodyError, match="period"):
        Sb3View(batch(), period_s=0.012)
    with pytest.raises(EmbodyError, match="one by one"):
        Sb3View(batch()).set_attr("medium", "water")
