"""A recorded fly played back: the same joint targets and adhesion, whatever happens now."""

import os
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np

from embody.bodies.fly.geometry import ACTUATED_JOINTS, LEGS
from embody.brains.fly.locomotion.replay import Replay
from embody.controller import AbstractController
from embody.envs.fly.action import ActionCode
from embody.envs.fly.walker import fly_layout
from embody.errors import EmbodyError
from embody.recording import Recording
from embody.sampling import control_period_s


class ReplayController(AbstractController):
    """Drives the joints to the angles of a recording.

    Parameters
    ----------
    env
        The env it will act in.
    recording
        Path of a recording of a fly; its "joint_target" and "adhesion" are played, interpolated
        between samples.
    start_s
        Where in the recording to begin [s].
    loop
        Whether to start over at its end; otherwise the last sample is held.

    Raises
    ------
    EmbodyError
        If there is no such recording, or it is not one of a fly, or too short.
    """

    name = "replay"

    def __init__(
        self,
        env: gymnasium.Env,
        recording: str | os.PathLike[str],
        start_s: float = 0.0,
        loop: bool = False,
    ) -> None:
        fly_layout(env, self.name)
        self.period_s = control_period_s(env)
        self.recording, self.start_s, self.loop = Path(recording).name, start_s, bool(loop)
        played = Recording.load(recording)
        if "joint_target" not in played or "adhesion" not in played:
            raise EmbodyError(f"{recording} is not a recording of a fly: nothing to play back")
        played = played.window(start_s, np.inf)
        if len(played) < 2:
            raise EmbodyError(f"{recording} has no two samples after {start_s:g} s")
        table = np.concatenate([played["joint_target"], played["adhesion"]], axis=1)
        self._replay = Replay(table, played.seconds / (len(played) - 1), self.loop)
        self._code: ActionCode = env.unwrapped.action_code  # pyright: ignore[reportAttributeAccessIssue]

    def init(self, seed: int) -> int:
        """Return the number of the first control step; a replay needs no seed."""
        return 0

    def step(self, state: int, observation: np.ndarray) -> tuple[int, np.ndarray]:
        """Return the next step number and the action, shape (55,)."""
        told = self._replay.joint_target(state * self.period_s)
        joints = len(ACTUATED_JOINTS)
        assert told.shape == (joints + len(LEGS),)
        return state + 1, self._code.encode(told[:joints], told[joints:])

    def describe(self) -> dict[str, Any]:
        """Return name, file name of the recording, and options."""
        return {
            "name": self.name,
            "recording": self.recording,
            "start_s": self.start_s,
            "loop": self.loop,
        }


def make_replay(
    env: gymnasium.Env, recording: str = "", start_s: float = 0.0, loop: bool = False
) -> ReplayController:
    """Return the `ReplayController` for a fly's env, wrapped or not; options as there.

    Raises
    ------
    EmbodyError
        If no recording is named.
    """
    if not recording:
        raise EmbodyError(
            "controller 'replay' plays a recording: name it, e.g. "
            "--controller-option recording=runs/walk.npz"
        )
    return ReplayController(env, recording, start_s, loop)
