"""A fly that cleans its head with its front legs: the programme as a controller."""

from typing import Any, ClassVar

import gymnasium
import numpy as np

from embody.brains.fly.locomotion.grooming import Grooming, GroomingState
from embody.controller import AbstractController
from embody.envs.fly.action import ActionCode
from embody.envs.fly.walker import fly_layout
from embody.errors import EmbodyError
from embody.layout import Channel
from embody.sampling import control_period_s

GROOMING = Channel(
    "grooming",
    ("stroke", "bout", "level"),
    "1",
    0.0,
    1.0,
    "where in its stroke and in its bout the fly is, 0 to 1, and how far the front legs are up",
)


class GroomingController(AbstractController):
    """Stands, and after a while grooms: bouts of sweeping the head and of rubbing the front legs.

    Parameters
    ----------
    env
        The env it will act in.
    stand_s
        For how long it stands before it begins [s].

    Raises
    ------
    EmbodyError
        If the env is not one of a fly, its body is not the procedural one, whose kinematics the
        strokes are made for, or the time is negative.
    """

    name = "grooming"
    signals: ClassVar = (GROOMING,)

    def __init__(self, env: gymnasium.Env, stand_s: float = 0.2) -> None:
        fly_layout(env, self.name)
        inner: Any = env.unwrapped
        if inner.body_kind != "procedural":
            raise EmbodyError(
                f"controller 'grooming' knows the head of the procedural body; the body is "
                f"{inner.body_kind!r}: leave it as it is"
            )
        if not stand_s >= 0:
            raise EmbodyError(f"stand_s is {stand_s}, it cannot be negative")
        self.period_s = control_period_s(env)
        self.stand_s = stand_s
        self.grooming = Grooming()
        self._code: ActionCode = inner.action_code

    def init(self, seed: int) -> tuple[int, GroomingState]:
        """Return a standing fly at step 0; grooming draws nothing at random."""
        return 0, self.grooming.init()

    def step(
        self, state: tuple[int, GroomingState], observation: np.ndarray
    ) -> tuple[tuple[int, GroomingState], np.ndarray]:
        """Return the next state and the action, shape (55,)."""
        steps, groomed = state
        drive = np.array(steps * self.period_s >= self.stand_s, float)
        groomed, command = self.grooming.step(groomed, drive, self.period_s)
        target = np.concatenate([command.joint_target, command.head_target])
        return (steps + 1, groomed), self._code.encode(target, command.adhesion)

    def read(self, state: tuple[int, GroomingState]) -> dict[str, np.ndarray]:
        """Return where in stroke and bout the fly is, (3,), 0 to 1."""
        stroke, bout, level = (float(part) for part in state[1])
        turn = 2.0 * np.pi
        return {"grooming": np.array([stroke / turn % 1.0, bout / turn % 1.0, level])}

    def describe(self) -> dict[str, Any]:
        """Return name and options."""
        return {"name": self.name, "stand_s": self.stand_s}


def make_grooming(env: gymnasium.Env, stand_s: float = 0.2) -> GroomingController:
    """Return the `GroomingController` for a fly's env, wrapped or not; options as there."""
    return GroomingController(env, stand_s)
