"""Tracking of recorded postures: be bent as a real worm was, a moment later."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from embody.bodies.worm.geometry import JOINT_NAMES
from embody.envs.worm.base import JOINT_ANGLE, TOUCH, WormEnv
from embody.envs.worm.fits.imitation_data import load_clips, synthetic_clips
from embody.envs.worm.fits.imitation_error import angle_error, posture_error
from embody.errors import EmbodyError, require_known
from embody.fitting.imitation import ReferenceClip, split_by_individual
from embody.fitting.tracking import TrackingReward
from embody.layout import Channel

LOOK_AHEAD_S = (0.05, 0.1, 0.2, 0.3)
"""How far ahead the reference is shown [s]: muscles follow their commands in 0.1 s."""

SPLITS = ("training", "held-out")

REFERENCE = Channel(
    "reference",
    tuple(
        f"{joint} in {round(1000 * ahead)} ms" for ahead in LOOK_AHEAD_S for joint in JOINT_NAMES
    ),
    "rad",
    -np.pi,
    np.pi,
    "joint angles that the recorded worm has next",
)


class WormTrack(WormEnv):
    """A worm that has to bend as a recorded one did; only posture counts, not place or heading.

    The reward of a step is that of `TrackingReward`, 0 to 1. An episode starts at a random frame of
    a random clip with the worm in that posture, is terminated when the posture is too far off, and
    is truncated where the clip ends.

    Parameters
    ----------
    data
        Folder with recorded postures (`load_clips`); waves that are made up if None.
    basis
        The eigenworms that their amplitudes refer to; see `load_clips`.
    split
        "training" for the animals that controllers are fitted to, "held-out" for the others.
    bound_rad
        Root mean squared error of joint angles that ends an episode [rad].
    **options
        Those of `WormEnv`.

    Attributes
    ----------
    clips
        The references there are.
    clip
        That of the present episode.

    Raises
    ------
    UnknownNameError
        If there is no split of that name.
    EmbodyError
        If the folder holds no postures, no animal of that split, or an option is out of range.
    """

    reset_options = (*WormEnv.reset_options, "clip", "start_s")
    _senses = (JOINT_ANGLE, TOUCH, REFERENCE)

    def __init__(
        self,
        *,
        data: str | None = None,
        basis: str | None = None,
        split: str = "training",
        bound_rad: float = TrackingReward().bound_rad,
        **options: Any,
    ) -> None:
        require_known("split", [split], SPLITS)
        if not bound_rad > 0:
            raise EmbodyError(f"bound_rad is {bound_rad}, it has to be positive")
        self.clips = _clips(data, basis)[SPLITS.index(split)]
        if not self.clips:
            raise EmbodyError(f"no animal is {split}: the data hold too few")
        self.clip = self.clips[0]
        self.tracking = TrackingReward(bound_rad=bound_rad)
        self._start_s = 0.0
        super().__init__(**options)

    def reset(
        self, *, seed: int | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Start an episode in the posture of a frame; see `WormEnv.reset`.

        Parameters
        ----------
        options
            "clip" (number among `clips`) and "start_s" (frame to start at, after the first of the
            clip [s]) beside those of `WormEnv`.
        """
        super().reset(seed=seed, options=options)
        given = dict(options or {})
        number, share = self.np_random.integers(len(self.clips)), self.np_random.random()
        number = given.get("clip", number)
        require_known("clip", [str(number)], map(str, range(len(self.clips))))
        self.clip = self.clips[int(number)]
        latest = self.clip.seconds - LOOK_AHEAD_S[-1]
        self._start_s = float(given.get("start_s", share * latest))
        if not 0.0 <= self._start_s <= latest:
            raise EmbodyError(f"start_s is {self._start_s:g}, it has to lie in 0..{latest:g}")
        position, heading = self._lay_out(given)
        self.body.reset(position, heading, self.clip.at(self._start_s))
        self._angle = self.body.joint_angle()
        self._locate()
        return self._observe(), {"time_s": 0.0, **self._told()}

    def step(self, action: np.ndarray) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Advance by one control period; see `WormEnv.step`."""
        observation, reward, _, _, info = super().step(action)
        failed = bool(self.tracking.failed(self._angle - self.reference(0.0)))
        ended = self._time_s + LOOK_AHEAD_S[-1] + self.control_period_s > self.clip.seconds
        return observation, reward, failed, ended and not failed, info

    def reference(self, ahead_s: float | Sequence[float]) -> np.ndarray:
        """Return what the recorded worm does some time after now, (..., 24) [rad]."""
        return self.clip.at(self._time_s + np.asarray(ahead_s))

    @property
    def _time_s(self) -> float:
        return self._start_s + self._steps * self.control_period_s

    def _sense(self, observation: np.ndarray) -> None:
        observation[-REFERENCE.size :] = self.reference(LOOK_AHEAD_S).ravel()

    def _evaluate(self, info: dict[str, Any]) -> float:
        before, period = self._angle, self.control_period_s
        self._angle = self.body.joint_angle()
        wanted = self.reference(0.0)
        lag = (self._angle - before - wanted + self.reference(-period)) / period
        info |= self._told()
        return float(self.tracking.reward(self._angle - wanted, lag, np))

    def _told(self) -> dict[str, Any]:
        wanted = self.reference(0.0)
        return {
            "clip": self.clip.individual,
            "clip_s": self._time_s,
            "error_body_lengths": float(posture_error(self._angle, wanted, np)),
            "error_rad": float(angle_error(self._angle, wanted, np)),
        }


def _clips(
    data: str | None, basis: str | None
) -> tuple[tuple[ReferenceClip, ...], tuple[ReferenceClip, ...]]:
    return split_by_individual(synthetic_clips() if data is None else load_clips(data, basis))
