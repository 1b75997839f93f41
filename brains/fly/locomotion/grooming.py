"""Grooming of the head: front legs sweep over the antennae and rub each other clean."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from embody.brains.fly.locomotion.joints import HEAD_JOINTS, MIRROR
from embody.brains.fly.locomotion.step_cycle import load_step_cycle

Array = Any

_FRONT = (0, 3)
_FRONT_FEET = np.isin(np.arange(6), _FRONT)
_SWEEP = np.radians(
    [
        [31.4, -45.2, 99.5, -93.0, 93.6, 113.2, 16.5],
        [1.6, -2.1, 76.8, -96.8, 108.3, 120.7, -10.7],
    ]
)
_RUB = np.radians(
    [
        [12.7, 8.7, 56.8, -111.4, 90.3, 108.0, -15.2],
        [8.4, 27.0, 83.0, -140.7, 105.8, 122.2, -12.5],
    ]
)
"""Ends of the strokes of the left front leg: claw above and below the antenna, at
(0.72, 0.14, 0.30) and (0.86, 0.12, -0.20) mm in the thorax frame, and far and near in front of the
body, at (1.02, 0.03, -0.62) and (0.72, 0.03, -0.72) mm; from the kinematics of the procedural body,
clear of its head."""


class GroomingState(NamedTuple):
    """State of the programme.

    Attributes
    ----------
    stroke
        Phase of the strokes, shape (...) [rad].
    bout
        Phase of the alternation of sweeping and rubbing, shape (...) [rad].
    level
        How far the front legs have left the ground for it, shape (...), 0 to 1.
    """

    stroke: Array
    bout: Array
    level: Array


class GroomingCommand(NamedTuple):
    """What legs and head are told.

    Attributes
    ----------
    joint_target
        Targets of the 42 leg joints, shape (..., 42) [rad].
    head_target
        Targets of neck, antennae and proboscis, shape (..., 7) [rad].
    adhesion
        Adhesion of each leg: off on the front legs while they groom, shape (..., 6).
    """

    joint_target: Array
    head_target: Array
    adhesion: Array


@dataclass(frozen=True)
class Grooming:
    """Two nested rhythms: strokes, and bouts of sweeping the head and of rubbing the legs.

    The fly stands on its middle and hind legs. Both front legs sweep the head together, from above
    the antennae downwards, and rub each other in opposite directions; the head tilts down while
    it is swept.

    References
    ----------
    Ravbar, Zhang & Simpson 2021, eLife 10:e71508: strokes at 5-7 Hz, bouts at 0.3-0.6 Hz.

    Attributes
    ----------
    stroke_frequency_hz, bout_frequency_hz
        The two rhythms [Hz].
    rate
        Rate at which the front legs go up and come back [1/s].
    tilt_rad
        How far the head tilts down in a sweep [rad].

    Examples
    --------
    >>> grooming = Grooming()
    >>> state, command = grooming.step(grooming.init(), np.array(1.0), 0.002)
    >>> command.joint_target.shape
    (42,)
    """

    stroke_frequency_hz: float = 6.0
    bout_frequency_hz: float = 0.5
    rate: float = 12.0
    tilt_rad: float = 0.25

    def init(self, shape: tuple[int, ...] = (), xp: Any = np) -> GroomingState:
        """Return a fly that stands, for a batch of this shape."""
        return GroomingState(xp.zeros(shape), xp.zeros(shape), xp.zeros(shape))

    def step(
        self, state: GroomingState, drive: Array, dt: float, xp: Any = np
    ) -> tuple[GroomingState, GroomingCommand]:
        """Advance by one control period.

        Parameters
        ----------
        drive
            0 to stand, 1 to groom, shape (...); what lies outside is clipped.
        dt
            Control period [s].
        """
        drive = xp.minimum(xp.maximum(xp.asarray(drive, dtype=float), 0.0), 1.0)
        level = drive + (state.level - drive) * float(np.exp(-self.rate * dt))
        stroke = state.stroke + 2 * np.pi * self.stroke_frequency_hz * dt * drive
        bout = state.bout + 2 * np.pi * self.bout_frequency_hz * dt * drive
        sweeping = 0.5 + 0.5 * xp.minimum(xp.maximum(4.0 * xp.cos(bout), -1.0), 1.0)
        down = 0.5 - 0.5 * xp.cos(stroke)
        cycle = load_step_cycle()
        left = _mixed(sweeping, down, down, xp)
        right = _mixed(sweeping, down, 1.0 - down, xp) * MIRROR
        standing = xp.broadcast_to(cycle.neutral, (*level.shape, 6, 7))
        reached = xp.stack(
            [
                left if leg == 0 else right if leg == 3 else standing[..., leg, :]
                for leg in range(6)
            ],
            axis=-2,
        )
        legs = standing + level[..., None, None] * (reached - standing)
        tilt = self.tilt_rad * level * sweeping * down
        head = xp.stack([tilt if n == "neck_pitch" else 0.0 * tilt for n in HEAD_JOINTS], axis=-1)
        lifted = _FRONT_FEET & (level[..., None] > 0.05)
        command = GroomingCommand(
            legs.reshape((*level.shape, 42)), head, xp.where(lifted, 0.0, 1.0)
        )
        return GroomingState(stroke, bout, level), command


def _mixed(sweeping: Array, sweep: Array, rub: Array, xp: Any) -> Array:
    """Return the posture of the left leg between the ends of both strokes, shape (..., 7) [rad]."""
    swept = _SWEEP[0] + sweep[..., None] * (_SWEEP[1] - _SWEEP[0])
    rubbed = _RUB[0] + rub[..., None] * (_RUB[1] - _RUB[0])
    return rubbed + sweeping[..., None] * (swept - rubbed)
