"""Rules by which a fly steers with its eyes: turn with the world, flee what looms, follow a fly."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from embody.bodies.fly.eyes import lattice
from embody.envs.fly.motion_vision import Correlators, CorrelatorState
from embody.envs.fly.steering import AbstractSteering, turning_drive
from embody.errors import EmbodyError

EYES = ("eye_left", "eye_right")


class Optomotor(AbstractSteering):
    """Turn with the motion that both eyes see: tanh(gain * rotation).

    Rotation to the left moves the image to the back in the left eye and to the front in the
    right one, as the world does when it turns that way; each eye's motion to the front comes
    from `Correlators`.

    Parameters
    ----------
    gain
        Turn for a unit of the correlators' response.
    delay_s
        Time constant of the correlators [s].

    References
    ----------
    Goetz (1964), Kybernetik 2, 77: flies turn with a rotating drum. Hassenstein & Reichardt (1956),
    Z. Naturforsch. B 11, 513.
    """

    name = "optomotor"
    senses = EYES

    def __init__(self, gain: float = 1.5, delay_s: float = 0.035) -> None:
        self.gain = gain
        self.correlators = Correlators(delay_s)

    def init(self, seed: int) -> CorrelatorState:
        """Return the state of the correlators before the first image."""
        return self.correlators.init()

    def step(
        self, state: CorrelatorState, senses: Mapping[str, np.ndarray], dt: float
    ) -> tuple[CorrelatorState, np.ndarray]:
        """Return the next state and the drive (left, right), shape (2,)."""
        state, (left, right) = self.correlators.step(state, _both(senses), dt)
        return state, turning_drive(math.tanh(self.gain * 0.5 * float(right - left)))

    def describe(self) -> dict[str, Any]:
        """Return the options."""
        return {"gain": self.gain, "delay_s": self.correlators.delay_s}


class EscapeState(NamedTuple):
    """Whether the fly runs, 0 or 1, for how much longer [s], and to which side it turns."""

    runs: float
    left_s: float
    side: float


class Escape(AbstractSteering):
    """Stand until something dark has grown beyond an angle, then run, away from that side.

    The angle is that of a disc as large as what is dark in either eye.

    Parameters
    ----------
    threshold_rad
        Angle at which the fly runs [rad].
    darkness
        Brightness below which an ommatidium counts as dark.
    run_s
        How long a run lasts after the last time that the angle was beyond the threshold [s].
    turn
        How sharply it turns while something is beyond it.

    References
    ----------
    von Reyn et al. (2014), Nat. Neurosci. 17, 962, and (2017), Neuron 94, 1190: flies take off when
    a looming disc reaches some tens of degrees, away from it.
    """

    name = "escape"
    senses = EYES

    def __init__(
        self,
        threshold_rad: float = 0.45,
        darkness: float = 0.2,
        run_s: float = 1.0,
        turn: float = 0.5,
    ) -> None:
        if not 0 < threshold_rad < math.pi:
            raise EmbodyError(f"threshold_rad is {threshold_rad}, it has to lie in 0..pi")
        if not (0 < darkness < 0.5 and run_s > 0):
            raise EmbodyError("darkness has to lie in 0..0.5, and run_s has to be positive")
        self.threshold_rad, self.darkness = threshold_rad, darkness
        self.run_s, self.turn = run_s, turn

    def init(self, seed: int) -> EscapeState:
        """Return a fly that stands."""
        return EscapeState(0.0, 0.0, 0.0)

    def step(
        self, state: EscapeState, senses: Mapping[str, np.ndarray], dt: float
    ) -> tuple[EscapeState, np.ndarray]:
        """Return the next state and the drive (left, right), shape (2,)."""
        dark = np.count_nonzero(_both(senses) < self.darkness, axis=1)
        if _disc_angle_rad(int(dark.max())) > self.threshold_rad:
            side = math.copysign(1.0, dark[1] - dark[0]) if dark[0] != dark[1] else 0.0
            state = EscapeState(1.0, self.run_s, side)
        elif state.runs:
            left = state.left_s - dt
            state = EscapeState(float(left > 0), max(left, 0.0), 0.0)
        if not state.runs:
            return state, np.zeros(2)
        return state, turning_drive(self.turn * state.side, speed=1.5)

    def describe(self) -> dict[str, Any]:
        """Return the options."""
        return {
            "threshold_rad": self.threshold_rad,
            "darkness": self.darkness,
            "run_s": self.run_s,
            "turn": self.turn,
        }


class Sight(NamedTuple):
    """Something seen: its azimuth, positive to the left [rad], and how large it looks [rad]."""

    azimuth_rad: float
    size_rad: float


class FollowState(NamedTuple):
    """Where the other fly was last seen, azimuth [rad], and how long ago [s]."""

    azimuth_rad: float
    lost_s: float


@dataclass(frozen=True)
class Pursuit:
    """Turn to what is seen, walk up to it, slow down where it looks large, and remember it.

    Attributes
    ----------
    gain
        Turn for an azimuth of a radian.
    near_rad
        Angle of the other fly at which to stop [rad].
    memory_s
        How long to go on turning to where it was last seen [s].

    Raises
    ------
    EmbodyError
        If a number is out of range.
    """

    gain: float
    near_rad: float
    memory_s: float

    def __post_init__(self) -> None:
        if not math.isfinite(self.gain):
            raise EmbodyError(f"gain is {self.gain}, it has to be finite")
        if not (self.near_rad > 0 and self.memory_s >= 0):
            raise EmbodyError("near_rad has to be positive, and memory_s cannot be negative")

    def init(self) -> FollowState:
        """Return a fly that has seen nothing."""
        return FollowState(0.0, self.memory_s)

    def step(
        self, state: FollowState, sight: Sight | None, dt: float
    ) -> tuple[FollowState, np.ndarray]:
        """Return the next state and the drive (left, right), shape (2,).

        Parameters
        ----------
        sight
            The other fly, or None where it is not seen.
        dt
            Time since the last step [s].
        """
        speed = 1.0
        if sight is None:
            state = FollowState(state.azimuth_rad, state.lost_s + dt)
        else:
            state = FollowState(sight.azimuth_rad, 0.0)
            speed = min(1.2, max(0.0, 3.0 * (1.0 - sight.size_rad / self.near_rad)))
        if state.lost_s >= self.memory_s:
            return state, np.ones(2)
        turn = math.tanh(self.gain * state.azimuth_rad)
        pivot = max(0.0, 0.6 - speed) * turn  # too near to walk, it turns on the spot
        return state, turning_drive(turn, speed) + np.array([-pivot, pivot])


class Follow(AbstractSteering):
    """Turn to what is dark near the horizon, walk up to it, and slow down where it is large.

    Parameters
    ----------
    darkness
        Brightness below which an ommatidium counts as dark.
    gain
        Turn for an azimuth of a radian.
    near_rad
        Angle of the other fly at which to stop [rad].
    memory_s
        How long to go on turning to where it was last seen [s].

    References
    ----------
    Poggio & Reichardt (1976), Q. Rev. Biophys. 9, 377: flies turn to a small dark object by its
    azimuth. Coen et al. (2016), Neuron 89, 629: males keep their distance from a female by sight.
    """

    name = "follow"
    senses = EYES

    def __init__(
        self,
        darkness: float = 0.4,
        gain: float = 1.5,
        near_rad: float = 0.35,
        memory_s: float = 1.0,
    ) -> None:
        if not 0 < darkness < 0.5:
            raise EmbodyError(f"darkness is {darkness}, it has to lie in 0..0.5")
        self.darkness = darkness
        self.pursuit = Pursuit(gain, near_rad, memory_s)

    def init(self, seed: int) -> FollowState:
        """Return a fly that has seen nothing."""
        return self.pursuit.init()

    def step(
        self, state: FollowState, senses: Mapping[str, np.ndarray], dt: float
    ) -> tuple[FollowState, np.ndarray]:
        """Return the next state and the drive (left, right), shape (2,)."""
        dark = _both(senses) < self.darkness
        dark &= _near_horizon()
        return self.pursuit.step(state, look_at(dark.astype(np.float64)), dt)

    def describe(self) -> dict[str, Any]:
        """Return the options."""
        return {"darkness": self.darkness, **asdict(self.pursuit)}


def look_at(weight: np.ndarray) -> Sight | None:
    """Return where and how large a thing is that some ommatidia or columns see; None for none.

    Its azimuth is that of the mean direction, weighted; it is as large as a disc that covers as
    many of them as have a weight, in the eye in which these are more.

    Parameters
    ----------
    weight
        How strongly each of them sees it, 0 or more, left eye first, (2, 721).
    """
    x, y, _ = np.einsum("ec,ecd->d", weight, _directions())
    count = int(np.count_nonzero(weight, axis=1).max())
    return Sight(math.atan2(y, x), _disc_angle_rad(count)) if count else None


def _both(senses: Mapping[str, np.ndarray]) -> np.ndarray:
    return np.stack([senses[eye] for eye in EYES]).astype(np.float64)


def _disc_angle_rad(ommatidia: int) -> float:
    """Return the full angle of a disc that covers so many ommatidia [rad]."""
    solid = min(ommatidia * lattice.solid_angle_sr(), 4.0 * math.pi)
    return 2.0 * math.acos(1.0 - solid / (2.0 * math.pi))


@cache
def _directions() -> np.ndarray:
    """Return where the ommatidia of both eyes look, (2, 721, 3)."""
    return np.stack([lattice.directions(side) for side in lattice.SIDES])


@cache
def _near_horizon() -> np.ndarray:
    """Return which ommatidia look at most 25 degrees up or down, (2, 721)."""
    return np.abs(_directions()[..., 2]) < math.sin(math.radians(25.0))
