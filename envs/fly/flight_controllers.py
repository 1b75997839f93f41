"""Who flies a fly: reflexes of the halteres, the same fly without them, and controls."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import gymnasium
import numpy as np

from embody.bodies.fly.flight_body import HOVER
from embody.bodies.fly.wing_pattern import FREQUENCY_HZ
from embody.brains.fly.flight.equilibrium import FlightControl, FlightSenses, FlightState
from embody.controller import AbstractController
from embody.envs.fly.flight_action import FlightAction
from embody.errors import EmbodyError, require_known
from embody.layout import Channel
from embody.sampling import control_period_s

SENSES = ("rotation", "gravity", "wind", "climb", "speed", "turn")
SILENT = {
    "rotation": (0.0, 0.0, 0.0),
    "gravity": (-0.738, 0.0, -0.675),
    "wind": (0.0, 0.0, 0.0),
    "climb": (0.0,),
    "speed": (0.0,),
    "turn": (0.0,),
}
"""What a silenced sense reports: no rotation, no wind, a level stroke plane, nothing wanted."""

_UP = Channel("felt_up", ("forward", "left", "up"), "1", -1.0, 1.0, "where the fly takes up to be")


class Flight(AbstractController):
    """Flies by `FlightControl`: halteres keep it upright, it leans to where it wants to go.

    Parameters
    ----------
    env
        The env it will act in; its action is "normalised" or "physical".
    control
        The reflexes.
    silence
        Names of senses that report nothing, of `SENSES`.

    Raises
    ------
    UnknownNameError
        If there is no such sense.
    EmbodyError
        If the env is not one of a flying fly, or its agent drives the wing joints itself.
    """

    name = "flight"
    signals = (_UP,)

    def __init__(
        self, env: gymnasium.Env, control: FlightControl, silence: Sequence[str] = ()
    ) -> None:
        self._code = _action_code(env, self.name)
        layout = env.unwrapped.observation_layout  # pyright: ignore[reportAttributeAccessIssue]
        require_known("sense of a flying fly", silence, SENSES)
        self.period_s = control_period_s(env)
        self.control = control
        self.silence = tuple(silence)
        self._where = {name: layout.slice(name) for name in SENSES}

    def init(self, seed: int) -> FlightState:
        """Return the state of a fly that takes itself to be level."""
        return self.control.init(self.period_s)

    def step(self, state: FlightState, observation: np.ndarray) -> tuple[FlightState, np.ndarray]:
        """Return the next state and the action, shape (7,)."""
        felt = {name: observation[part].astype(float) for name, part in self._where.items()}
        felt |= {name: np.array(SILENT[name]) for name in self.silence}
        senses = FlightSenses(
            felt["rotation"], felt["gravity"], felt["wind"],
            *(float(felt[name][0]) for name in ("climb", "speed", "turn")),
        )  # fmt: skip
        state, stroke = self.control.step(state, senses, self.period_s)
        return state, self._code.encode(np.concatenate([[FREQUENCY_HZ], stroke]))

    def read(self, state: FlightState) -> Mapping[str, np.ndarray]:
        """Return "felt_up" (3,), where the fly takes up to be, stroke plane's frame."""
        return {"felt_up": state.up}

    def describe(self) -> dict[str, Any]:
        """Return the name, what is silenced, and the gains."""
        return {"name": self.name, "silence": list(self.silence), **vars(self.control)}


class HoverOpenLoop(AbstractController):
    """Beats the wings as a hovering fly does, blind to all that happens."""

    name = "open-loop"

    def __init__(self, env: gymnasium.Env) -> None:
        self.period_s = control_period_s(env)
        self._action = _action_code(env, self.name).encode(np.array(HOVER))

    def init(self, seed: int) -> None:
        """Return nothing: the beat is always the same."""

    def step(self, state: None, observation: np.ndarray) -> tuple[None, np.ndarray]:
        """Return the action of hovering, shape (7,)."""
        return None, self._action.copy()


class RandomStrokes(NamedTuple):
    """Where a `RandomFlight` stands: its seed, and the step."""

    seed: int
    step: int


class RandomFlight(AbstractController):
    """Draws how the wings beat at random, anew from time to time, over the whole range.

    Parameters
    ----------
    env
        The env it will act in.
    hold_s
        For how long it keeps what it drew [s].

    Raises
    ------
    EmbodyError
        If the time is shorter than a control period, or the env is not one of a flying fly.
    """

    name = "random"

    def __init__(self, env: gymnasium.Env, hold_s: float = 0.02) -> None:
        _flying(env, self.name)
        self.period_s = control_period_s(env)
        if not hold_s >= self.period_s:
            raise EmbodyError(
                f"hold_s is {hold_s}, it has to be at least one control period of "
                f"{self.period_s:g} s"
            )
        self.hold_s = hold_s
        self._hold = round(hold_s / self.period_s)
        self._low, self._high = env.action_space.low, env.action_space.high  # pyright: ignore[reportAttributeAccessIssue]

    def init(self, seed: int) -> RandomStrokes:
        """Return the state at the start of an episode: its noise is determined by the seed."""
        return RandomStrokes(seed, 0)

    def step(
        self, state: RandomStrokes, observation: np.ndarray
    ) -> tuple[RandomStrokes, np.ndarray]:
        """Return the next state and the action."""
        drawn = np.random.Philox(key=state.seed, counter=(state.step // self._hold) << 64)
        action = np.random.Generator(drawn).uniform(self._low, self._high).astype(np.float32)
        action = np.clip(action, self._low, self._high)
        return RandomStrokes(state.seed, state.step + 1), action

    def describe(self) -> dict[str, Any]:
        """Return name and options."""
        return {"name": self.name, "hold_s": self.hold_s}


def make_flight(
    env: gymnasium.Env,
    delay_s: float = FlightControl.delay_s,
    vision_s: float = FlightControl.vision_s,
    silence: Sequence[str] = (),
) -> Flight:
    """Return the `Flight` controller.

    Parameters
    ----------
    env
        The env it will act in.
    delay_s, vision_s
        As for `FlightControl`.
    silence
        Names of senses that report nothing.

    Raises
    ------
    EmbodyError
        If a time is out of range, or the env is not one of a flying fly.
    """
    if not 0 <= delay_s <= 0.1:
        raise EmbodyError(f"delay_s is {delay_s}, it has to lie in 0..0.1")
    if not vision_s > 0:
        raise EmbodyError(f"vision_s is {vision_s}, it has to be positive")
    return Flight(env, FlightControl(delay_s=delay_s, vision_s=vision_s), silence)


def make_no_sense(env: gymnasium.Env, **options: Any) -> Flight:
    """Return the `Flight` controller of a fly whose halteres are silenced; options as there."""
    controller = make_flight(env, **options, silence=("rotation",))
    controller.name = "no-sense"
    return controller


def make_open_loop(env: gymnasium.Env) -> HoverOpenLoop:
    """Return the `HoverOpenLoop` controller."""
    return HoverOpenLoop(env)


def make_random(env: gymnasium.Env, hold_s: float = 0.02) -> RandomFlight:
    """Return the `RandomFlight` controller; options as there."""
    return RandomFlight(env, hold_s)


def _flying(env: gymnasium.Env, controller: str) -> FlightAction:
    code = getattr(env.unwrapped, "action_code", None)
    if not isinstance(code, FlightAction):
        raise EmbodyError(f"controller {controller!r} flies a fly, which {env} is not")
    return code


def _action_code(env: gymnasium.Env, controller: str) -> FlightAction:
    code = _flying(env, controller)
    if code.kind == "wings":
        raise EmbodyError(
            f"controller {controller!r} says how wings beat: make the env with "
            'actions="normalised" or "physical", not "wings"'
        )
    return code
