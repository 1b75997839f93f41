"""Evolution by whole episodes: policies and parameters, in envs of ours and of others."""

import gymnasium
import numpy as np
import pytest

import embody
from embody.errors import EmbodyError, UnknownNameError
from embody.fitting import find_way
from embody.fitting.episode_objective import PolicyEpisodes, spread_of
from embody.layout import Channel, Layout
from embody.policy_file import Policy

pytest.importorskip("jax")
pytest.importorskip("cma")

LIMIT = 20


class Push(gymnasium.Env):
    """A point that is to be pushed to the origin."""

    control_period_s = 0.05

    def __init__(self):
        self.observation_space = gymnasium.spaces.Box(-2.0, 2.0, (1,))
        self.action_space = gymnasium.spaces.Box(-1.0, 1.0, (1,))

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.place = self.np_random.choice([-1.0, 1.0])
        return np.array([self.place], np.float32), {}

    def step(self, action):
        self.place = float(np.clip(self.place + 0.2 * float(action[0]), -2.0, 2.0))
        return np.array([self.place], np.float32), -abs(self.place), False, False, {}


@pytest.fixture(autouse=True)
def push_env(monkeypatch):
    spec = gymnasium.envs.registration.EnvSpec("Push-v0", Push, max_episode_steps=LIMIT)
    monkeypatch.setitem(gymnasium.registry, "Push-v0", spec)


def fitted(folder, env_id="Push-v0", **options):
    settings = {"budget": 384, "population": 32, "hidden": "4", "workers": 1, "progress": False}
    return embody.fit(env_id, "evolution", out=folder, **(settings | options))


def returned(env_id, weights, seed):
    recording = embody.rollout(
        env_id, "policy", seed=seed, controller_options={"weights": str(weights)}
    )
    return recording.meta["total_reward"]


def test_a_policy_learns_to_push_and_acts_as_a_controller(tmp_path):
    found = fitted(tmp_path, spread=0.3)
    costs = [line["best"] for line in found.lines]
    assert found.files[0].name == "policy.npz"
    assert found.record.cost < 0.5 * LIMIT < costs[0]
    for seed in range(10, 14):
        assert returned("Push-v0", found.files[0], seed) > -0.5 * LIMIT


def test_the_cost_is_less_the_mean_return_of_the_given_episodes(tmp_path):
    found = fitted(tmp_path, budget=32, episode_seeds="3,8")
    returns = [returned("Push-v0", found.files[0], seed) for seed in (3, 8)]
    assert found.record.cost == pytest.approx(-np.mean(returns))


def test_an_env_of_others_is_fitted_by_its_name(tmp_path):
    found = fitted(tmp_path, "Pendulum-v1", budget=4, population=4, episode_seeds="1")
    policy = Policy.load(found.files[0])
    assert policy.env == "Pendulum-v1"
    assert policy.record.budget == 4
    assert policy.record.command.startswith("embody fit Pendulum-v1 --method evolution")


def test_both_algorithms_search_from_the_same_weights(tmp_path):
    for algorithm in ("cma", "snes"):
        found = fitted(tmp_path / algorithm, algorithm=algorithm, budget=64, episode_seeds="0,1")
        assert found.record.cost < LIMIT


def test_a_policy_gives_back_the_weights_of_its_position(tmp_path):
    objective = PolicyEpisodes("Push-v0", [0], None, "return", [3, 2], 0)
    position = np.arange(objective.start.size, dtype=float) / 8.0
    policy = objective._policy(position, None, "toy", "")
    found = np.concatenate([array.ravel() for layer in policy.network.actor for array in layer])
    assert np.array_equal(found, position.astype(np.float32))


def test_wide_bounds_do_not_scale():
    layout = Layout(
        (
            Channel("near", ("near",), "1", -1.0, 3.0, ""),
            Channel("far", ("far",), "1", -3e38, 3e38, ""),
        )
    )
    mean, scale = spread_of(layout)
    assert mean.tolist() == [1.0, 0.0]
    assert scale.tolist() == [2.0, 1.0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"episode_seeds": ""}, "no episode seeds"),
        ({"episode_seeds": "a"}, "whole numbers"),
        ({"controller": "connectome"}, "needs the option prior"),
        ({"controller": "connectome", "prior": "nowhere.json"}, "no parameter file"),
        ({"algorithm": "pso"}, "cma, snes"),
        ({"seconds": -1.0}, "positive"),
        ({"population": 1}, "at least 2"),
    ],
)
def test_what_cannot_be_fitted_is_one_sentence(tmp_path, options, message):
    with pytest.raises(EmbodyError, match=message):
        fitted(tmp_path / "new", **options)
    assert not (tmp_path / "new").exists()


def test_an_unknown_metric_lists_those_there_are(tmp_path):
    with pytest.raises(UnknownNameError, match="speed_mm_s"):
        embody.fit(
            "Worm-Crawl-v0",
            out=tmp_path,
            objective="return",
            metric="elegance",
            seconds=0.5,
            episode_seeds="0",
            budget=2,
            population=2,
            workers=1,
            progress=False,
        )


def test_the_env_of_an_animal_has_a_way_of_its_own():
    worm, other = find_way("Worm-Crawl-v0", "evolution"), find_way("Pendulum-v1", "evolution")
    assert worm is not other
    names = {option.name for option in other.options}
    assert names <= {option.name for option in worm.options}
