"""Controllers of the fly without a nervous system: coupled oscillators, and noise."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import gymnasium
import numpy as np

from embody.bodies.fly.geometry import LEG_JOINTS, LEGS, neutral_leg_angle
from embody.controller import AbstractController
from embody.envs.fly.action import ActionCode
from embody.envs.fly.walker import HIGHEST_DRIVE, LOWEST_DRIVE, Walker, fly_layout
from embody.errors import EmbodyError
from embody.sampling import control_period_s


class Cpg(Walker):
    """Walks with a constant descending drive.

    Parameters
    ----------
    env
        The env it will act in.
    drive
        Drive of both sides, or (left, right), from -1 (backward) to 1.5: (1, 1) walks straight at
        normal speed, (1, 0.4) turns right.
    reflexes, hold_heading, reach
        As for `Walker`.

    Raises
    ------
    EmbodyError
        If the drive is not one or two numbers in that range, or the env is not one of a fly.
    """

    name = "cpg"

    def __init__(
        self,
        env: gymnasium.Env,
        drive: float | Sequence[float] = 1.0,
        reflexes: bool = True,
        hold_heading: bool = True,
        reach: bool = True,
    ) -> None:
        super().__init__(env, reflexes, hold_heading, reach)
        sides = np.atleast_1d(np.asarray(drive, np.float64))
        if sides.shape not in ((1,), (2,)) or not (
            np.all(sides >= LOWEST_DRIVE) and np.all(sides <= HIGHEST_DRIVE)
        ):
            raise EmbodyError(
                f"drive is {drive}, it has to be one number or two (left, right) in "
                f"{LOWEST_DRIVE:g}..{HIGHEST_DRIVE:g}"
            )
        self.drive = np.broadcast_to(sides, (2,)).copy()

    def remember(self, seed: int) -> None:
        """Return nothing: the drive is constant."""

    def steer(self, memory: None, observation: np.ndarray) -> tuple[None, np.ndarray]:
        """Return the drive, shape (2,)."""
        return None, self.drive

    def describe(self) -> dict[str, Any]:
        """Return name and options."""
        return {
            "name": self.name,
            "drive": self.drive.tolist(),
            "reflexes": self.reflexes,
            "hold_heading": self.hold_heading,
            "reach": self.reach,
        }


class OpenLoop(Cpg):
    """The same oscillators, blind to all that happens: no reflexes, no feedback."""

    name = "open-loop"

    def describe(self) -> dict[str, Any]:
        """Return name and options."""
        return {"name": self.name, "drive": self.drive.tolist()}


class RandomState(NamedTuple):
    """Where a `Random` controller stands: its seed, the step, and the two knots around it."""

    seed: int
    step: int
    before: np.ndarray
    after: np.ndarray


class Random(AbstractController):
    """Leg joints driven at random around the standing posture, feet stuck or not at random.

    Knots lie one correlation time apart, and targets run straight from one to the next. Each knot
    has a counter-based generator (Philox) of its own, so that a state can be stepped again, or
    copied, and gives the same action.

    Parameters
    ----------
    env
        The env it will act in.
    correlation_time_s
        Time between two knots [s].
    amplitude_rad
        Largest deviation of a joint's target from the standing posture [rad].

    Raises
    ------
    EmbodyError
        If an option is out of range, or the env is not one of a fly.
    """

    name = "random"

    def __init__(
        self, env: gymnasium.Env, correlation_time_s: float = 0.1, amplitude_rad: float = 0.5
    ) -> None:
        fly_layout(env, self.name)
        self.period_s = control_period_s(env)
        if not correlation_time_s >= self.period_s:
            raise EmbodyError(
                f"correlation_time_s is {correlation_time_s}, it has to be at least one control "
                f"period of {self.period_s:g} s"
            )
        if not 0 <= amplitude_rad <= np.pi:
            raise EmbodyError(f"amplitude_rad is {amplitude_rad}, it has to lie in 0..pi")
        self.correlation_time_s = correlation_time_s
        self.amplitude_rad = amplitude_rad
        self._knot_steps = max(1, round(correlation_time_s / self.period_s))
        self._code: ActionCode = env.unwrapped.action_code  # pyright: ignore[reportAttributeAccessIssue]

    def init(self, seed: int) -> RandomState:
        """Return the state at the start of an episode: its noise is determined by the seed."""
        return RandomState(seed, 0, self._knot(seed, 0), self._knot(seed, 1))

    def step(self, state: RandomState, observation: np.ndarray) -> tuple[RandomState, np.ndarray]:
        """Return the next state and the action, shape (55,)."""
        knot, since = divmod(state.step, self._knot_steps)
        share = np.float32(since / self._knot_steps)
        action = state.before + share * (state.after - state.before)
        before, after = state.before, state.after
        if since + 1 == self._knot_steps:
            before, after = after, self._knot(state.seed, knot + 2)
        return RandomState(state.seed, state.step + 1, before, after), action

    def describe(self) -> dict[str, Any]:
        """Return name and options."""
        return {
            "name": self.name,
            "correlation_time_s": self.correlation_time_s,
            "amplitude_rad": self.amplitude_rad,
        }

    def _knot(self, seed: int, number: int) -> np.ndarray:
        generator = np.random.Generator(np.random.Philox(key=seed, counter=number << 64))
        deviation = generator.uniform(-self.amplitude_rad, self.amplitude_rad, len(LEG_JOINTS))
        return self._code.encode(neutral_leg_angle + deviation, generator.random(len(LEGS)))


def make_cpg(
    env: gymnasium.Env,
    drive: float | Sequence[float] = 1.0,
    reflexes: bool = True,
    hold_heading: bool = True,
    reach: bool = True,
) -> Cpg:
    """Return the `Cpg` controller for a fly's env, wrapped or not; options as there."""
    return Cpg(env, drive, reflexes, hold_heading, reach)


def make_open_loop(env: gymnasium.Env, drive: float | Sequence[float] = 1.0) -> OpenLoop:
    """Return the `OpenLoop` controller for a fly's env, wrapped or not; options as there."""
    return OpenLoop(env, drive, reflexes=False, hold_heading=False, reach=False)


def make_random(
    env: gymnasium.Env, correlation_time_s: float = 0.1, amplitude_rad: float = 0.5
) -> Random:
    """Return the `Random` controller for a fly's env, wrapped or not; options as there."""
    return Random(env, correlation_time_s, amplitude_rad)
