"""A batch of ours seen through the interface of Stable-Baselines3."""

from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from stable_baselines3.common.vec_env import VecEnv  # pyright: ignore[reportMissingImports]

from embody.clock import multiple
from embody.errors import EmbodyError
from embody.policy_file import Actuation
from embody.policy_senses import PolicySenses
from embody.sampling import control_period_s


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
    senses
        What is made of the observations, with a memory; the observations themselves if None.
    actuation
        What actions do; one actuator each if None.

    Attributes
    ----------
    total_reward
        Sum of all rewards since the last reset, of all animals.

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

    def __init__(
        self,
        env: VectorEnv,
        period_s: float | None = None,
        senses: PolicySenses | None = None,
        actuation: Actuation | None = None,
    ) -> None:
        if env.metadata.get("autoreset_mode") is not AutoresetMode.SAME_STEP:
            raise EmbodyError('Stable-Baselines3 needs a batch made with autoreset_mode="SameStep"')
        inner: Any = env.unwrapped
        self.env = env
        self._hold = 1
        if period_s is not None:
            control_s = getattr(inner, "control_period_s", None)
            control_s = control_s or control_period_s(inner.envs[0])
            self._hold = multiple(period_s, control_s, "period", "control period")
        bounds: Any = env.single_action_space
        self._actuation = actuation or Actuation.one_to_one(bounds.low, bounds.high)
        self._senses = senses
        seen = env.single_observation_space
        count = self._actuation.matrix.shape[1]
        memory = 0
        if senses is not None:
            seen = gymnasium.spaces.Box(-np.inf, np.inf, (senses.size,), np.float32)
            memory = senses.memory_size
        self._memory = np.zeros((env.num_envs, memory), np.float32)
        self._squashed = np.zeros((env.num_envs, count), np.float32)
        self._actions = np.zeros((env.num_envs, *bounds.shape), np.float32)
        self.total_reward = 0.0
        actions = gymnasium.spaces.Box(-1.0, 1.0, (count,), np.float32)
        super().__init__(env.num_envs, seen, actions)

    def reset(self) -> np.ndarray:
        """Start the episodes, with the seeds that `seed` left; return observations (b, ...)."""
        seeds = [None if seed is None else int(seed) for seed in self._seeds]
        observation, info = self.env.reset(seed=seeds if seeds[0] is not None else None)  # pyright: ignore[reportArgumentType]
        self.reset_infos = self._each(info)
        self._reset_seeds()
        self._reset_options()
        self.total_reward = 0.0
        self._squashed[:] = 0.0
        return self._sensed(observation, np.ones(self.num_envs, bool))

    def step_async(self, actions: np.ndarray) -> None:
        """Take the actions of all animals, shape (b, actions), -1 to 1."""
        self._squashed = np.clip(np.asarray(actions, np.float32), -1.0, 1.0)
        self._actions = self._actuation(self._squashed, np).astype(np.float32)

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
            end["terminal_observation"] = self._last_sensed(end["terminal_observation"], animal)
            infos[animal].update(end)
        self._squashed[ended] = 0.0
        self.total_reward += float(total.sum())
        return self._sensed(observation, ended), total.astype(np.float32), ended, infos

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

    def _sensed(self, observation: np.ndarray, fresh: np.ndarray) -> np.ndarray:
        """Return what is made of observations, (b, ...), and remember it."""
        if self._senses is None:
            return observation
        memory, features = self._senses(self._memory, fresh, observation, self._squashed, np)
        self._memory = memory.astype(np.float32)
        return features.astype(np.float32)

    def _last_sensed(self, observation: np.ndarray, animal: int) -> np.ndarray:
        """Return what an animal made of the last observation of its episode."""
        if self._senses is None:
            return observation
        memory, squashed = self._memory[animal], self._squashed[animal]
        return self._senses(memory, False, observation, squashed, np)[1].astype(np.float32)

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
