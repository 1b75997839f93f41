"""The fly as its brain drives it: an action is a descending drive, the legs step by themselves."""

from typing import Any

import gymnasium
import numpy as np

from embody.brains.fly.locomotion.reflexes import ReflexParameters
from embody.brains.fly.locomotion.walking import Walking, WalkingState
from embody.clock import multiple
from embody.envs.fly.walker import HIGHEST_DRIVE, fly_layout


class DescendingDrive(gymnasium.Wrapper):
    """Puts the walking controller into a fly's env, for those who learn to steer it.

    An action is the drive of the left and right side, shape (2,), from -1 (backward) to 1, which is
    the highest drive of 1.5. It is held for a decision period; rewards are added up, and an episode
    that ends within the period ends it.

    Parameters
    ----------
    env
        A fly's env, wrapped or not.
    period_s
        Decision period [s], a whole multiple of the control period.
    reflexes
        Whether legs that stumble or step into a hole lift.

    Raises
    ------
    EmbodyError
        If the env is not one of a fly, or the period does not fit.
    """

    def __init__(self, env: gymnasium.Env, period_s: float = 0.02, reflexes: bool = True) -> None:
        super().__init__(env)
        inner: Any = env.unwrapped
        layout = fly_layout(env, "descending drive")
        self._load = layout.slice("leg_load")
        self._gravity = layout.slice("gravity")
        self._yaw = layout.slice("rotation").stop - 1
        self._is_free = inner.scene()["tether"] is None
        self._control_period_s = float(inner.control_period_s)
        self._hold = multiple(period_s, self._control_period_s, "period", "control period")
        self._encode = inner.action_code.encode
        self._walking = Walking(reflex_parameters=ReflexParameters(is_on=reflexes))
        self._state: WalkingState = self._walking.init()
        self._observation = np.zeros(0)
        self.action_space = gymnasium.spaces.Box(-1.0, 1.0, (2,), np.float32)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Start an episode; legs start in step, where in it is drawn from the seed."""
        self._observation, info = self.env.reset(seed=seed, options=options)
        phase = 2.0 * np.pi * np.random.default_rng(self.env.unwrapped.seed_used).random()  # pyright: ignore[reportAttributeAccessIssue]
        self._state = self._walking.init(phase)
        return self._observation, info

    def step(self, action: np.ndarray) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Advance by one decision period."""
        asked = np.clip(np.asarray(action, np.float64), -1.0, 1.0)
        drive = np.where(asked > 0, HIGHEST_DRIVE * asked, asked)
        total, terminated, truncated, info = 0.0, False, False, {}
        for _ in range(self._hold):
            felt = self._observation
            self._state, command = self._walking.step(
                self._state,
                drive,
                felt[self._load],
                self._control_period_s,
                yaw_rate=felt[self._yaw] if self._is_free else None,
                gravity=felt[self._gravity],
            )
            self._observation, reward, terminated, truncated, info = self.env.step(
                self._encode(command.joint_target, command.adhesion)
            )
            total += float(reward)
            if terminated or truncated:
                break
        return self._observation, total, terminated, truncated, info
