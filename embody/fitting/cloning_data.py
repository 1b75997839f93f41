"""Demonstrations: what others observed and did, read from a Minari dataset."""

import hashlib
import warnings
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import gymnasium
import numpy as np

from embody.comparison.readers.minari import individuals_of
from embody.errors import EmbodyError, UnknownNameError


class Episode(NamedTuple):
    """One episode of T steps.

    Attributes
    ----------
    observation
        What was observed before each action, (T, observations).
    action
        What was done, (T, actions).
    total_reward
        Return of the episode.
    """

    observation: np.ndarray
    action: np.ndarray
    total_reward: float


class Demonstrations(NamedTuple):
    """Episodes in one env.

    Attributes
    ----------
    name
        Name of the dataset.
    env_id
        Id of the env.
    env
        The env, made anew as the dataset says.
    episodes
        The episodes.
    individuals
        Hashes of those who act in them, as the reader of Minari datasets gives them; none for
        envs of no species that is known.
    """

    name: str
    env_id: str
    env: gymnasium.Env
    episodes: tuple[Episode, ...]
    individuals: tuple[str, ...] = ()

    def hash(self) -> str:
        """Return the SHA-256 of all observations and actions, hexadecimal."""
        digest = hashlib.sha256()
        for episode in self.episodes:
            digest.update(np.ascontiguousarray(episode.observation).tobytes())
            digest.update(np.ascontiguousarray(episode.action).tobytes())
        return digest.hexdigest()


def load_demonstrations(name: str) -> Demonstrations:
    """Read a local Minari dataset of flat observations and actions.

    Raises
    ------
    UnknownNameError
        If there is no such dataset here; the message lists those there are.
    EmbodyError
        If minari is not installed, the dataset is damaged, or its spaces are no flat boxes.
    """
    try:
        import minari
    except ModuleNotFoundError:
        raise EmbodyError("datasets need minari: pip install 'embody-sim[minari]'") from None
    if name not in (local := minari.list_local_datasets()):
        raise UnknownNameError("Minari dataset", name, local)
    try:
        dataset = minari.load_dataset(name, download=False)
        for space in (dataset.observation_space, dataset.action_space):
            if not isinstance(space, gymnasium.spaces.Box) or len(space.shape) != 1:
                raise EmbodyError(f"{name} has the space {space}; cloning needs flat boxes")
        episodes = tuple(_episodes(dataset))
        numbers = [] if dataset.episode_indices is None else list(map(int, dataset.episode_indices))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            env = dataset.recover_environment()
    except (OSError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, EmbodyError):
            raise
        raise EmbodyError(f"the Minari dataset {name} is damaged: {error}") from None
    if env.spec is None or len(episodes) < 2:
        raise EmbodyError(f"{name} has {len(episodes)} episodes; cloning needs two or more")
    actors = individuals_of(env.spec.id, name, numbers)
    return Demonstrations(name, env.spec.id, env, episodes, actors)


def divided(count: int, held_out: float, seed: int) -> tuple[Sequence[int], Sequence[int]]:
    """Return the numbers of the episodes to fit to, and of those held out: one at least of each.

    Raises
    ------
    EmbodyError
        If the share held out is not between 0 and 1.
    """
    if not 0.0 < held_out < 1.0:
        raise EmbodyError(f"the share held out is {held_out:g}, it has to lie between 0 and 1")
    order = np.random.default_rng(seed).permutation(count).tolist()
    kept = min(max(1, round(held_out * count)), count - 1)
    return sorted(order[kept:]), sorted(order[:kept])


def _episodes(dataset: Any) -> Iterator[Episode]:
    for episode in dataset.iterate_episodes():
        action = np.asarray(episode.actions, np.float32)
        observation = np.asarray(episode.observations, np.float32)[: len(action)]
        if not (np.isfinite(action).all() and np.isfinite(observation).all()):
            raise EmbodyError(f"episode {episode.id} holds numbers that are not finite")
        yield Episode(observation, action, float(np.sum(episode.rewards)))
