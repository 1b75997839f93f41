"""Behaviour cloning: a known law is learned, episodes are kept apart, bad input is explained."""

import gc
import warnings
from pathlib import Path

import gymnasium
import numpy as np
import pytest

from embody.errors import EmbodyError, UnknownNameError
from embody.fitting import run
from embody.testing import MethodContract

pytest.importorskip("jax")
pytest.importorskip("optax")

import embody
from embody.comparison import read
from embody.fitting import cloning_data
from embody.fitting.cloning import Cloning
from embody.fitting.cloning_data import Demonstrations, Episode, divided
from embody.policy_file import Policy

ENV = "Worm-Crawl-v0"


def law(observation):
    """Return muscle activations that depend on the first joint alone."""
    share = 0.5 + 0.4 * np.tanh(3.0 * observation[:, :1])
    return np.repeat(share, 95, axis=1).astype(np.float32)


@pytest.fixture(scope="module")
def demonstrations():
    random = np.random.default_rng(0)
    episodes = []
    for _ in range(6):
        observation = np.zeros((80, 49), np.float32)
        observation[:, :24] = 0.4 * random.standard_normal((80, 24))
        episodes.append(Episode(observation, law(observation), 1.0))
    return Demonstrations("toy", ENV, gymnasium.make(ENV), tuple(episodes))


class TestCloning(MethodContract):
    @pytest.fixture(autouse=True)
    def data(self, demonstrations):
        self.demonstrations = demonstrations

    def make_method(self, seed=0):
        return Cloning(self.demonstrations, seed, hidden=(8,))


def test_a_law_is_learned_and_acts_in_the_env(demonstrations, tmp_path):
    method = Cloning(demonstrations, 1, hidden=(32,), learning_rate=3e-3)
    fitted = run(method, 1500, tmp_path, progress=False)
    assert fitted.record.cost < 0.02
    env = gymnasium.make(ENV)
    controller = embody.make_controller("policy", env, weights=str(fitted.files[0]))
    observation, _ = env.reset(seed=100)
    controller.reset(0)
    wanted = law(observation[None])[0]
    assert controller.act(observation) == pytest.approx(wanted, abs=0.15)


def test_nothing_is_learned_from_actions_without_a_cause(demonstrations, tmp_path):
    random = np.random.default_rng(1)
    noise = [
        one._replace(action=random.random((80, 95), np.float32)) for one in demonstrations.episodes
    ]
    method = Cloning(demonstrations._replace(episodes=tuple(noise)), 1, hidden=(8,))
    fitted = run(method, 300, tmp_path, progress=False)
    assert fitted.record.cost == pytest.approx(1.0 / 3.0, rel=0.2)  # variance of even -1..1


def test_episodes_are_divided_not_steps():
    training, held_out = divided(10, 0.2, 3)
    assert len(held_out) == 2
    assert sorted([*training, *held_out]) == list(range(10))
    assert [len(part) for part in divided(2, 0.9, 0)] == [1, 1]
    with pytest.raises(EmbodyError, match="between 0 and 1"):
        divided(4, 0.0, 0)


def test_memory_adds_smoothed_senses(demonstrations, tmp_path):
    method = Cloning(demonstrations, 0, hidden=(4,), memory_s=(0.1,))
    policy = Policy.load(run(method, 50, tmp_path, progress=False).files[0])
    assert [sense.kind for sense in policy.senses] == ["value", "value", "smoothed", "smoothed"]


def test_a_dataset_has_to_be_named_there_and_of_that_env(tmp_path, monkeypatch):
    pytest.importorskip("minari")
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path / "none"))
    with pytest.raises(EmbodyError, match="--dataset NAME"):
        embody.fit(ENV, "cloning", out=tmp_path / "a", progress=False)
    with pytest.raises(UnknownNameError, match="Minari dataset"):
        embody.fit(ENV, "cloning", out=tmp_path / "a", dataset="no/such-v0", progress=False)
    assert not (tmp_path / "a").exists()


def test_a_minari_dataset_is_cloned(tmp_path, monkeypatch):
    minari = pytest.importorskip("minari")
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path / "sets"))
    collector = minari.DataCollector(gymnasium.make(ENV, max_episode_steps=30))
    controller = embody.make_controller("open-loop", collector)
    for seed in (100, 101, 102):
        observation, _ = collector.reset(seed=seed)
        controller.reset(seed)
        for _ in range(30):
            observation, *_ = collector.step(controller.act(observation))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # it drops its temporary folders
        collector.create_dataset(
            "worm/wave-v0",
            eval_env=ENV,
            algorithm_name="open-loop",
            author="embody",
            author_email="nobody@example.org",
            code_permalink="https://example.org",
            description="three short episodes",
        )
        collector.close()
        del collector
        gc.collect()
    found = cloning_data.load_demonstrations("worm/wave-v0")
    assert [len(one.action) for one in found.episodes] == [30, 30, 30]
    assert found.episodes[0].observation.shape == (30, 49)
    options = {"dataset": "worm/wave-v0", "hidden": "8", "budget": 50, "progress": False}
    fitted = embody.fit(ENV, "cloning", out=tmp_path / "clone", **options)
    records = read(tmp_path / "sets" / "worm" / "wave-v0")
    assert fitted.record.fitted_to == tuple(record.individual_hash for record in records)
    assert Path(fitted.files[0]).name == "policy.npz"
    with pytest.raises(EmbodyError, match=r"of Worm-Crawl-v0, not of Worm-Chemotaxis-v0"):
        embody.fit("Worm-Chemotaxis-v0", "cloning", out=tmp_path / "other", **options)
