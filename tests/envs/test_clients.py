"""Other people's tools run our envs unchanged."""

import gc
import warnings

import gymnasium
import numpy as np
import pytest

SEEDS = (0, 1)


def collect_episodes(minari, env, name, steps):
    collector = minari.DataCollector(gymnasium.make(env, max_episode_steps=steps))
    action = np.full(collector.action_space.shape, 0.2, np.float32)
    for seed in SEEDS:
        collector.reset(seed=seed)
        for _ in range(steps):
            collector.step(action)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # it drops its temporary folders
        collector.create_dataset(
            name,
            eval_env=env,
            algorithm_name="constant",
            author="embody",
            author_email="nobody@example.org",
            code_permalink="https://example.org",
            description="two short episodes",
        )
        collector.close()
        del collector
        gc.collect()


@pytest.mark.parametrize(
    ("env", "name", "steps"),
    [("Worm-Chemotaxis-v0", "worm/test-v0", 10), ("Fly-Walk-v0", "fly/test-v0", 8)],
)
def test_minari_collects_stores_and_remakes(env, name, steps, tmp_path, monkeypatch):
    minari = pytest.importorskip("minari")
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path))
    collect_episodes(minari, env, name, steps)
    dataset = minari.load_dataset(name)
    remade = dataset.recover_environment()
    assert remade.spec.id == env
    episodes = list(dataset.iterate_episodes())
    assert len(episodes) == len(SEEDS)
    for seed, episode in zip(SEEDS, episodes, strict=True):
        assert episode.observations.shape == (steps + 1, *remade.observation_space.shape)
        observation, _ = remade.reset(seed=seed)
        np.testing.assert_array_equal(episode.observations[0], observation)
        for action, stored in zip(episode.actions, episode.observations[1:], strict=True):
            np.testing.assert_array_equal(remade.step(action)[0], stored)
