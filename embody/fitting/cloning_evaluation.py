"""Makes demonstrations of a controller, and measures who comes close to their return."""

import gc
import warnings
from collections.abc import Sequence

import gymnasium
import numpy as np

from embody import registry
from embody.controller import AbstractController
from embody.errors import EmbodyError


def demonstrate(
    name: str, env_id: str, controller: str, seeds: Sequence[int], seconds: float
) -> None:
    """Write a local Minari dataset of a controller's episodes, if there is none of that name.

    Parameters
    ----------
    name
        Of the dataset, e.g. "worm/crawl-v0".
    env_id, controller
        Who acts where.
    seeds
        One for each episode.
    seconds
        Length of an episode [s].

    Raises
    ------
    EmbodyError
        If minari is not installed.
    """
    try:
        import minari
    except ModuleNotFoundError:
        raise EmbodyError("datasets need minari: pip install 'embody-sim[minari]'") from None
    if name in minari.list_local_datasets():
        return
    plain = registry.make_env(env_id)
    steps = round(seconds / plain.unwrapped.control_period_s)  # pyright: ignore
    collector = minari.DataCollector(gymnasium.make(env_id, max_episode_steps=steps))
    actor = registry.make_controller(controller, plain)
    for seed in seeds:
        observation, _ = collector.reset(seed=seed)
        actor.reset(seed)
        ended = False
        while not ended:
            observation, _, terminated, truncated, _ = collector.step(actor.act(observation))
            ended = terminated or truncated
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # it drops its temporary folders
        collector.create_dataset(
            name,
            eval_env=env_id,
            algorithm_name=controller,
            author="embody",
            author_email="nobody@example.org",
            code_permalink="https://example.org",
            description=f"{controller} in {env_id}, {len(seeds)} episodes of {seconds:g} s",
        )
        collector.close()
        del collector
        gc.collect()


def returns_of(
    env: gymnasium.Env, controller: AbstractController, seeds: Sequence[int], seconds: float
) -> np.ndarray:
    """Return the return of an episode from each seed, (seeds,)."""
    returns = []
    for seed in seeds:
        observation, _ = env.reset(seed=seed)
        controller.reset(seed)
        total = 0.0
        for _ in range(round(seconds / controller.period_s)):
            observation, reward, terminated, truncated, _ = env.step(controller.act(observation))
            total += float(reward)
            if terminated or truncated:
                break
        returns.append(total)
    return np.array(returns)
