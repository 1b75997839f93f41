"""Muscles that make the joints of the simulated worm follow a sequence of postures."""

from typing import Any, NamedTuple

import gymnasium
import numpy as np
from scipy.interpolate import make_interp_spline

from embody.bodies.worm.geometry import JOINTS, muscle_rows, muscle_sides
from embody.bodies.worm.parameters import body_parameters
from embody.controller import AbstractController
from embody.envs.worm.crawl import WormCrawl
from embody.errors import EmbodyError

LEAD_S = 0.1
"""How far ahead of the body the target runs [s]: the time constant of the muscles."""

PROPORTIONAL = 10.0
"""Torque for an error of angle, in bending stiffnesses of a joint. With the muscles' lag of 0.1 s
and the body's damping time of 0.02 s the loop then settles in some 20 ms."""

DERIVATIVE_S = 0.01
"""Torque for an error of angular velocity, over that for an error of angle [s]: what damps that
loop to 0.7 of critical; five times as much would be too fast for control steps of 5 ms."""

SETTLING_S = 1.0
"""How long the first posture is held before a clip begins [s]."""

_MUSCLES_A_SIDE = 2.0


class ReplayState(NamedTuple):
    """Number of the control step and the joint angles of the previous one, (24,) [rad]."""

    steps: int
    before: np.ndarray | None


class PostureReplay(AbstractController):
    """Drives the 95 muscles so that the joints follow a sequence of postures.

    Each joint has a feedback of its own from its angle and its turning; both dorsal or both
    ventral muscles of its row get the command, with the stiffness of the body made up for.

    Parameters
    ----------
    env
        A worm's env.
    joint_angle
        Postures, shape (frames, 24) [rad], positive to dorsal, nothing missing.
    frame_rate_hz
        Postures a second [Hz].
    hold_s
        How long the first posture is held before [s].

    Raises
    ------
    EmbodyError
        If the postures have another shape or are not finite.
    """

    name = "replay"

    def __init__(
        self,
        env: gymnasium.Env,
        joint_angle: np.ndarray,
        frame_rate_hz: float,
        hold_s: float = SETTLING_S,
    ) -> None:
        worm = env.unwrapped
        if not isinstance(worm, WormCrawl):
            raise EmbodyError("posture is replayed in Worm-Crawl-v0")
        if joint_angle.ndim != 2 or joint_angle.shape[1] != JOINTS or len(joint_angle) < 2:
            raise EmbodyError(
                f"postures have shape (frames, {JOINTS}), two frames at least, not "
                f"{joint_angle.shape}"
            )
        if not np.isfinite(joint_angle).all():
            raise EmbodyError("postures to replay must be finite; replay each stretch by itself")
        self.period_s = worm.control_period_s
        self.hold_s = hold_s
        self._slice = worm.observation_layout.slice("joint_angle")
        self._last_s = (len(joint_angle) - 1) / frame_rate_hz
        self._frames = len(joint_angle)
        self._spline = make_interp_spline(
            np.arange(len(joint_angle)) / frame_rate_hz, joint_angle, k=min(3, len(joint_angle) - 1)
        )
        self._turning = self._spline.derivative()
        body = body_parameters()
        self._stiffness = body["bending_stiffness"] / worm.body.geometry.rod_length_mm
        self._damping = body["damping_time"] * self._stiffness
        self._torque = _MUSCLES_A_SIDE * body["muscle_torque"]

    def target(self, time_s: float) -> tuple[np.ndarray, np.ndarray]:
        """Return joint angles [rad] and their turning [rad/s] at a time after the hold [s]."""
        inside = 0.0 < time_s < self._last_s
        time_s = min(max(time_s, 0.0), self._last_s)
        turning = self._turning(time_s) if inside else np.zeros(JOINTS)
        return self._spline(time_s), turning

    def init(self, seed: int) -> ReplayState:
        """Return the state at the start; a replay needs no seed."""
        return ReplayState(0, None)

    def step(self, state: ReplayState, observation: np.ndarray) -> tuple[ReplayState, np.ndarray]:
        """Return the next state and the activations, shape (95,)."""
        angle = np.asarray(observation[self._slice], float)
        wanted = self.wanted(state, angle)
        side = np.clip(wanted[muscle_rows - 1] * muscle_sides, 0.0, 1.0)
        return ReplayState(state.steps + 1, angle), side.astype(np.float32)

    def wanted(self, state: ReplayState, angle: np.ndarray) -> np.ndarray:
        """Return the activation that would be needed at each joint, dorsal positive, (24,)."""
        before = angle if state.before is None else state.before
        turning = (angle - before) / self.period_s
        now = state.steps * self.period_s - self.hold_s
        ahead, ahead_turning = self.target(now + LEAD_S)
        present, present_turning = self.target(now)
        torque = self._stiffness * ahead + self._damping * ahead_turning
        gain = PROPORTIONAL * self._stiffness
        torque += gain * (present - angle + DERIVATIVE_S * (present_turning - turning))
        return torque / self._torque

    def describe(self) -> dict[str, Any]:
        """Return name and length of what is replayed."""
        return {"name": self.name, "frames": self._frames, "seconds": self._last_s}
