"""PPO of Stable-Baselines3 as a method: state in, state out; its networks as our policies."""

import gymnasium
import numpy as np
import pytest

pytest.importorskip("stable_baselines3")
pytest.importorskip("jax")

import embody
from embody.envs.sb3_policy import Sb3PolicyOptimisation
from embody.errors import EmbodyError
from embody.fitting import run
from embody.testing import MethodContract

ENV = "Pendulum-v1"


def method(seed=0, env_id=ENV, **options):
    return Sb3PolicyOptimisation(env_id, seed, 2, 16, (8,), 1e-3, **options)


class TestTheMethod(MethodContract):
    def make_method(self, seed=0):
        return method(seed)


def test_the_file_acts_as_the_networks_of_sb3_do(tmp_path):
    fit = method()
    with fit.opened():
        state, _ = fit.step(fit.init())
        model, batch, _ = fit._ready()
        seen = np.random.default_rng(0).uniform(-1.5, 1.5, (20, 3)).astype("f4")
        wanted, _ = model.predict(batch.normalize_obs(seen), deterministic=True)
    policy = fit.policy(state.weights, state.seen, None)
    memory, last = np.zeros(0), np.zeros(1)
    for row, action in zip(seen, wanted, strict=True):
        _, features = policy.prepared(fit.observation)(memory, True, row, last, np)
        assert policy.squashed_action(features, np) == pytest.approx(action, abs=1e-5)


def test_it_acts_by_name_in_an_env_that_is_not_ours(tmp_path):
    path = run(method(), 1, tmp_path, progress=False).files[0]
    env = gymnasium.make(ENV)
    controller = embody.make_controller("policy", env, weights=str(path))
    observation, _ = env.reset(seed=0)
    for _ in range(5):
        observation, *_ = env.step(controller.step(controller.init(0), observation)[1])
    assert env.observation_space.contains(observation)


def test_the_worm_learns_by_the_same_command(tmp_path):
    options = {"animals": 2, "decisions": 8, "hidden": "8", "library": "sb3", "progress": False}
    found = embody.fit(
        "Worm-Chemotaxis-v0", "reinforcement", out=tmp_path, budget=16, seed=1, **options
    )
    env = gymnasium.make("Worm-Chemotaxis-v0")
    controller = embody.make_controller("policy", env, weights=str(found.files[0]))
    assert controller.policy.actuation.matrix.shape == (95, 8)
    assert embody.rollout(env, controller, seconds=0.3, seed=0).arrays["time"].size > 1


def test_a_decision_of_a_batch_of_single_envs_is_held(tmp_path):
    with (fit := method(period_s=0.1)).opened():
        view = fit._ready()[2]
        view.seed(0)
        view.reset()
        push = np.full((2, 1), 0.5, "f4")
        _, reward, *_ = view.step(push)
        plain = gymnasium.make(ENV)
        plain.reset(seed=0)
        wanted = sum(plain.step(np.ones(1, "f4"))[1] for _ in range(2))
    assert reward[0] == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"env_id": "CartPole-v1"}, "flat box"), ({"period_s": 0.07}, "whole multiple")],
)
def test_what_it_cannot_do_is_one_sentence(options, message):
    with pytest.raises(EmbodyError, match=message):
        method(**options)


def test_a_batch_that_does_not_divide_is_refused():
    with pytest.raises(EmbodyError, match="do not divide"):
        Sb3PolicyOptimisation(ENV, 0, 3, 5, (8,), 1e-3)
