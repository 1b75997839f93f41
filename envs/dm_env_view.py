"""A Gymnasium env seen through the dm_env interface."""

from typing import Any

import dm_env
import gymnasium
import numpy as np
from dm_env import specs

from embody.errors import EmbodyError


class DmEnvView(dm_env.Environment):
    """A Gymnasium env, seen as a `dm_env.Environment`.

    Observations are dictionaries with one array for each channel of the env's layout (all of
    them under "observation" where it has none). A time limit ends an episode with discount 1, a
    terminal state with discount 0.

    Parameters
    ----------
    env
        Env with Box observations and actions, e.g. `gymnasium.make("Worm-Chemotaxis-v0")`.
    seed
        Seed of the first episode; later ones go on from it. None draws a fresh one.

    Raises
    ------
    EmbodyError
        If the spaces of the env are not boxes.

    References
    ----------
    Muldal et al. (2019), dm_env: a Python interface for reinforcement learning environments.
    """

    def __init__(self, env: gymnasium.Env, seed: int | None = None) -> None:
        observations, actions = env.observation_space, env.action_space
        if not (
            isinstance(observations, gymnasium.spaces.Box)
            and isinstance(actions, gymnasium.spaces.Box)
        ):
            raise EmbodyError("DmEnvView needs an env whose observations and actions are boxes")
        self._env = env
        self._seed = seed
        self._running = False
        layout = None
        if env.has_wrapper_attr("observation_layout"):
            layout = env.get_wrapper_attr("observation_layout")
        if layout is not None and (layout.size,) == observations.shape:
            slices = {channel.name: layout.slice(channel.name) for channel in layout}
        else:
            slices = {"observation": slice(None)}
        self._slices = slices
        self._observation_spec = {
            name: specs.BoundedArray(
                observations.low[part].shape,
                observations.dtype,
                observations.low[part],
                observations.high[part],
                name,
            )
            for name, part in slices.items()
        }
        self._action_spec = specs.BoundedArray(
            actions.shape, actions.dtype, actions.low, actions.high, "action"
        )

    def reset(self) -> dm_env.TimeStep:
        """Start an episode and return its first time step."""
        observation, _ = self._env.reset(seed=self._seed)
        self._seed = None
        self._running = True
        return dm_env.restart(self._split(observation))

    def step(self, action: np.ndarray) -> dm_env.TimeStep:
        """Advance by one control period; after the last step of an episode, start the next."""
        if not self._running:
            return self.reset()
        observation, reward, terminated, truncated, _ = self._env.step(action)
        self._running = not (terminated or truncated)
        if terminated:
            return dm_env.termination(float(reward), self._split(observation))
        if truncated:
            return dm_env.truncation(float(reward), self._split(observation))
        return dm_env.transition(float(reward), self._split(observation))

    def observation_spec(self) -> dict[str, specs.BoundedArray]:
        """Return one bounded array spec for each channel."""
        return dict(self._observation_spec)

    def action_spec(self) -> specs.BoundedArray:
        """Return the bounds of an action."""
        return self._action_spec

    def close(self) -> None:
        """Free what the env holds."""
        self._env.close()

    def _split(self, observation: np.ndarray) -> dict[str, Any]:
        return {name: observation[part] for name, part in self._slices.items()}
