"""A batch of ours seen through the interface of Stable-Baselines3."""

from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from stable_baselines3.common.vec_env import VecEnv  # pyright: ignore[reportMissingImports]

from embody.clock import multiple
from embody.errors import EmbodyError


class Sb3View(VecEnv):
    """A Gymnasium batch, seen as a `VecEnv` of Stable-Baselines3.

    Actions run from -1 to 1 over the bounds of each actuator. Each is held for a decision period,
    over which rewards are added up. When an episode ends within the period the worm begins anew at
    once, and the rest of the period belongs to the new episode. As SB3 expects, `info` then holds
    "terminal_observation" and "TimeLimit.truncated".

    Parameters
    ----------
    env
        A batch whose autoreset mode is "SameStep":
        `gymnasium.make_vec(id, num_envs=..., autoreset_mode="SameStep")`.
    period_s
        Decision period [s], a whole multiple of the control period; None decides anew in every
        control step.

    Raises
    ------
    EmbodyError
        If the batch has another autoreset mode, or the period does not fit.

    Examples
    --------
    >>> envs = gymnasium.make_vec(
    ...     "Worm-Crawl-v0", num_envs=32, autoreset_mode="SameStep"
    ... )  # doctest: +SKIP
    >>> PPO("MlpPolicy", Sb3View(envs, period_s=0.1)).learn(100_000)  # doctest: +SKIP
    """

    def __init__(self, env: VectorEnv, period_s: float | None = None) -> None:
        if env.metadata.get("autoreset_mode") is not AutoresetMode.SAME_STEP:
            raise EmbodyError('Stable-Baselines3 needs a batch made with autoreset_mode="SameStep"')
        inner: Any = env.unwrapped
        self.env = env
        self._hold = 1
        if period_s is not None:
            self._hold = multiple(period_s, inner.control_period_s, "period", "control period")
        bounds: Any = env.single_action_space
        self._low, self._high = bounds.low, bounds.high
        actions = gymnasium.spaces.Box(-1.0, 1.0, bounds.shape, np.float32)
        self._actions = np.zeros((env.num_envs, *bounds.shape), np.float32)
        super().__init__(env.num_envs, env.single_observation_space, actions)

    def reset(self) -> np.ndarray:
        """Start the episodes, with the seeds that `seed` left; return observations (b, ...)."""
        seeds = [None if seed is None else int(seed) for seed in self._seeds]
        observation, info = self.env.reset(seed=seeds if seeds[0] is not None else None)  # pyright: ignore[reportArgumentType]
        self.reset_infos = self._each(info)
        self._reset_seeds()
        self._reset_options()
        return observation

    def step_async(self, actions: np.ndarray) -> None:
        """Take the actions of all animals, shape (b, actuators), -1 to 1."""
        share = 0.5 * (np.clip(actions, -1.0, 1.0) + 1.0)
        self._actions = (self._low + share * (self._high - self._low)).astype(np.float32)

    def step_wait(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[dict[str, Any]]]:
        """Return observations, rewards, ends and infos after a decision period."""
        total = np.zeros(self.num_envs)
        ended = np.zeros(self.num_envs, bool)
        ends: dict[int, dict[str, Any]] = {}
        observation, info = np.zeros(0), {}
        for _ in range(self._hold):
            observation, reward, terminated, truncated, info = self.env.step(self._actions)
            total += np.where(ended, 0.0, reward)
            for animal in np.flatnonzero((terminated | truncated) & ~ended).tolist():
                ends[animal] = {
                    "terminal_observation": info["final_obs"][animal],
                    "TimeLimit.truncated": bool(truncated[animal] and not terminated[animal]),
                }
            ended |= terminated | truncated
        infos = self._each(info)
        for animal, end in ends.items():
            infos[animal].update(end)
        return observation, total.astype(np.float32), ended, infos

    def close(self) -> None:
        """Close the batch."""
        self.env.close()

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        """Return an attribute of the batch, once for each animal asked for."""
        return [getattr(self.env, attr_name)] * len(list(self._get_indices(indices)))

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        """Refuse: animals of a batch share what they are."""
        raise EmbodyError("the animals of a batch cannot be changed one by one; make another batch")

    def env_method(self, method_name: str, *args: Any, indices: Any = None, **kwargs: Any) -> Any:
        """Refuse: animals of a batch have no methods of their own."""
        raise EmbodyError("the animals of a batch have no methods of their own; call the batch")

    def env_is_wrapped(self, wrapper_class: Any, indices: Any = None) -> list[bool]:
        """Return False for each animal: none is wrapped."""
        return [False] * len(list(self._get_indices(indices)))

    def _each(self, info: dict[str, Any]) -> list[dict[str, Any]]:
        """Return what the batch tells, one dictionary for each animal."""
        kept = [
            (name, values)
            for name, values in info.items()
            if not name.startswith("_")
            and isinstance(values, np.ndarray)
            and values.dtype != object
        ]
        return [{name: values[k].item() for name, values in kept} for k in range(self.num_envs)]
