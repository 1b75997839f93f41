"""Other people's tools run our envs unchanged."""

import gc
import warnings

import gymnasium
import numpy as np
import pytest


def collect_two_episodes(minari, name):
    collector = minari.DataCollector(gymnasium.make("Worm-Chemotaxis-v0", max_episode_steps=10))
    for seed in (0, 1):
        collector.reset(seed=seed)
        truncated = False
        while not truncated:
            *_, truncated, _ = collector.step(np.full(95, 0.2, np.float32))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # it drops its temporary folders
        collector.create_dataset(
            name,
            eval_env="Worm-Chemotaxis-v0",
            algorithm_name="constant",
            author="embody",
            author_email="nobody@example.org",
            code_permalink="https://example.org",
            description="two short episodes",
        )
        collector.close()
        del collector
        gc.collect()


def test_minari_collects_stores_and_remakes(tmp_path, monkeypatch):
    minari = pytest.importorskip("minari")
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path))
    collect_two_episodes(minari, "worm/test-v0")
    dataset = minari.load_dataset("worm/test-v0")
    env = dataset.recover_environment()
    assert env.spec.id == "Worm-Chemotaxis-v0"
    for seed, episode in enumerate(dataset.iterate_episodes()):
        assert episode.observations.shape == (11, 50)
        observation, _ = env.reset(seed=seed)
        np.testing.assert_array_equal(episode.observations[0], observation)
        for action, stored in zip(episode.actions, episode.observations[1:], strict=True):
            np.testing.assert_array_equal(env.step(action)[0], stored)
