"""Controllers that walk: something decides on a descending drive, the walking controller steps."""

import abc
from typing import Any, ClassVar, NamedTuple

import gymnasium
import numpy as np

from embody.bodies.fly.geometry import LEGS
from embody.bodies.fly.retarget import Retarget
from embody.brains.fly.locomotion.reflexes import ReflexParameters
from embody.brains.fly.locomotion.walking import Walking, WalkingState
from embody.controller import AbstractController
from embody.envs.fly.action import ActionCode
from embody.errors import EmbodyError
from embody.layout import Channel, Layout
from embody.sampling import control_period_s

LOWEST_DRIVE, HIGHEST_DRIVE = -1.0, 1.5

LEG_PHASE = Channel(
    "leg_phase", LEGS, "rad", 0.0, 2.0 * np.pi, "phase of each leg's step, 0 at lift-off"
)
DRIVE = Channel(
    "drive",
    ("left", "right"),
    "1",
    LOWEST_DRIVE,
    HIGHEST_DRIVE,
    "descending drive of each side; equal drives walk straight, 1 at normal speed",
)


class WalkerState(NamedTuple):
    """State of a walker: what it decides with, the drive it decided on, and the walking itself."""

    memory: Any
    drive: np.ndarray
    walking: WalkingState


class Walker(AbstractController):
    """Turns what the fly senses into a descending drive, and the drive into steps.

    A subclass says how: `remember(seed)` returns what it decides with at the start, and
    `steer(memory, observation)` the next memory and the drive. All else of the action, the head
    and the proboscis, rests unless `point_head` says otherwise. Steps are those of the procedural
    body, carried over to another by what the claws do.

    Parameters
    ----------
    env
        The env it will act in, wrapped or not.
    reflexes
        Whether legs that stumble or step into a hole lift.
    hold_heading
        Whether the fly takes back turns that it feels (the "rotation" of the observation) and that
        its drive did not ask for. A held fly feels none, and does not.
    reach
        Whether legs reach for the ground where the body hangs from it, on walls and ceilings, and
        where they find none (the "gravity" and "leg_load" of the observation).

    Attributes
    ----------
    observation_layout
        Where what it senses stands in an observation.
    """

    signals: ClassVar = (LEG_PHASE, DRIVE)

    def __init__(
        self,
        env: gymnasium.Env,
        reflexes: bool = True,
        hold_heading: bool = True,
        reach: bool = True,
    ) -> None:
        self.observation_layout = fly_layout(env, self.name)
        self.period_s = control_period_s(env)
        self.reflexes, self.reach = bool(reflexes), bool(reach)
        self.walking = Walking(reflex_parameters=ReflexParameters(is_on=self.reflexes))
        self._load = self.observation_layout.slice("leg_load")
        self._gravity = self.observation_layout.slice("gravity")
        self._yaw = self.observation_layout.slice("rotation").stop - 1
        inner: Any = env.unwrapped
        self.hold_heading = bool(hold_heading) and inner.scene()["tether"] is None
        self._action_code: ActionCode = inner.action_code
        self._carry = None if inner.body_kind == "procedural" else Retarget(inner.body)

    @abc.abstractmethod
    def remember(self, seed: int) -> Any:
        """Return the memory at the start of an episode: plain data."""

    @abc.abstractmethod
    def steer(self, memory: Any, observation: np.ndarray) -> tuple[Any, np.ndarray]:
        """Return the next memory, and the drive of the left and right side, shape (2,)."""

    def point_head(self, memory: Any, observation: np.ndarray) -> np.ndarray | None:
        """Return the targets of neck, antennae and proboscis, shape (7,) [rad]; None rests."""
        return None

    def init(self, seed: int) -> WalkerState:
        """Return the state at the start of an episode; the seed draws where in a step it starts."""
        phase = 2.0 * np.pi * np.random.default_rng(seed).random()
        return WalkerState(self.remember(seed), np.zeros(2), self.walking.init(phase))

    def step(self, state: WalkerState, observation: np.ndarray) -> tuple[WalkerState, np.ndarray]:
        """Return the next state and the action, shape (55,)."""
        memory, drive = self.steer(state.memory, observation)
        walking, command = self.walking.step(
            state.walking,
            drive,
            observation[self._load],
            self.period_s,
            yaw_rate=observation[self._yaw] if self.hold_heading else None,
            gravity=observation[self._gravity] if self.reach else None,
        )
        target = command.joint_target
        if self._carry is not None:
            target = self._carry(target)
        head = self.point_head(memory, observation)
        if head is not None:
            target = np.concatenate([target, head])
        action = self._action_code.encode(target, command.adhesion)
        return WalkerState(memory, drive, walking), action

    def read(self, state: WalkerState) -> dict[str, np.ndarray]:
        """Return the phase of every leg, (6,) [rad], and the drive, (2,)."""
        phase = np.mod(state.walking.oscillators.phase, 2.0 * np.pi)
        return {"leg_phase": phase, "drive": np.array(state.drive, np.float64)}


def fly_layout(env: gymnasium.Env, controller: str) -> Layout:
    """Return the observation layout of a fly's env.

    Raises
    ------
    EmbodyError
        If the env is not one of a fly.
    """
    layout = getattr(env.unwrapped, "observation_layout", None)
    if layout is None or "leg_load" not in layout:
        raise EmbodyError(f"controller {controller!r} drives the fly; {env} is not one")
    return layout
