"""A policy from a file as the controller of an animal."""

import dataclasses
import os
from collections.abc import Mapping
from typing import Any, NamedTuple

import gymnasium
import numpy as np

from embody.clock import multiple
from embody.controller import AbstractController
from embody.errors import EmbodyError
from embody.layout import Channel, Layout
from embody.policy_file import Policy
from embody.sampling import control_period_s


class PolicyState(NamedTuple):
    """Where a policy stands.

    Attributes
    ----------
    seed
        Of its noise.
    step
        Control steps so far.
    memory
        Of its senses.
    squashed
        Its last decision, each entry -1 to 1.
    command
        What the actuators receive until the next decision.
    """

    seed: int
    step: int
    memory: np.ndarray
    squashed: np.ndarray
    command: np.ndarray


class PolicyController(AbstractController):
    """A policy that acts; a decision is held for its period.

    Noise is drawn by a counter-based generator (Philox) from the seed and the number of the step.

    Parameters
    ----------
    policy
        The policy.
    observation_layout
        Of the env it acts in.
    period_s
        Control period of that env [s].
    held
        Channels of the observation that it senses at a constant value instead: a control.
    noise
        See `Policy`; that of the policy if None.

    Raises
    ------
    UnknownNameError
        If there is no channel to hold.
    EmbodyError
        If its decision period is not a whole multiple of the control period.
    """

    name = "policy"

    def __init__(
        self,
        policy: Policy,
        observation_layout: Layout,
        period_s: float,
        held: Mapping[str, float] | None = None,
        noise: float | None = None,
    ) -> None:
        self.policy = policy if noise is None else dataclasses.replace(policy, noise=noise)
        self.period_s = period_s
        self.held = dict(held or {})
        self._hold = multiple(policy.period_s, period_s, "decision period", "control period")
        self._senses = policy.prepared(observation_layout)
        self._held = [(observation_layout.slice(k), v) for k, v in self.held.items()]
        actions = policy.actuation.matrix.shape[1]
        self.signals = (
            Channel(
                "policy_action",
                tuple(f"action {number}" for number in range(actions)),
                "1",
                -1.0,
                1.0,
                "squashed action of the policy",
            ),
        )

    def init(self, seed: int) -> PolicyState:
        """Return the state at the start of an episode."""
        if seed < 0:
            raise EmbodyError(f"seed is {seed}, it cannot be negative")
        policy = self.policy
        return PolicyState(
            seed,
            0,
            np.zeros(self._senses.memory_size, np.float32),
            np.zeros(policy.actuation.matrix.shape[1], np.float32),
            np.asarray(policy.actuation.offset, np.float32),
        )

    def step(self, state: PolicyState, observation: np.ndarray) -> tuple[PolicyState, np.ndarray]:
        """Return the next state and the command of every actuator, (n,)."""
        if state.step % self._hold:
            return state._replace(step=state.step + 1), state.command.copy()
        seen = np.asarray(observation, np.float32)
        if self._held:
            seen = seen.copy()
            for part, value in self._held:
                seen[part] = value
        memory, features = self._senses(state.memory, state.step == 0, seen, state.squashed, np)
        normal = self._drawn(state) if self.policy.noise else None
        squashed = self.policy.squashed_action(features, np, normal).astype(np.float32)
        command = self.policy.actuation(squashed, np).astype(np.float32)
        memory = np.asarray(memory, np.float32)
        return PolicyState(state.seed, state.step + 1, memory, squashed, command), command.copy()

    def _drawn(self, state: PolicyState) -> np.ndarray:
        bits = np.random.Philox(key=state.seed, counter=state.step << 64)
        normal = np.random.Generator(bits).standard_normal(state.squashed.size, np.float32)
        return np.float32(self.policy.noise) * normal

    def read(self, state: PolicyState) -> dict[str, np.ndarray]:
        """Return the squashed action, (actions,)."""
        return {"policy_action": state.squashed.copy()}

    def describe(self) -> dict[str, Any]:
        """Return what the policy is called, where it was fitted, and what it senses as constant."""
        policy = self.policy
        return {
            "name": self.name,
            "policy": policy.name,
            "fitted_in": policy.env,
            "decision_period_s": policy.period_s,
            "held": self.held,
            "noise": policy.noise,
            "fit": None if policy.record is None else policy.record.command,
            **({} if policy.record is None else policy.record.individuals()),
        }


def make_policy(
    env: gymnasium.Env,
    weights: str | os.PathLike[str],
    hold: str = "",
    noise: float | None = None,
) -> PolicyController:
    """Return the policy of a file that a fit wrote.

    Parameters
    ----------
    weights
        Path of the .npz.
    hold
        Channels that it is to sense at a constant value, as a control: "odour=0.1", with commas
        between.

    Raises
    ------
    EmbodyError
        If the file is missing or no policy, or the env shows or takes something else.
    """
    policy = Policy.load(weights)
    observation, action = layouts_of(env)
    policy.require_fits(observation, action, _called(env), str(weights))
    return PolicyController(policy, observation, control_period_s(env), held_channels(hold), noise)


def layouts_of(env: Any) -> tuple[Layout, Layout]:
    """Return the layouts of observation and action; of spaces alone for an env without layouts.

    Raises
    ------
    EmbodyError
        If a space is not a flat, bounded or unbounded, box.
    """
    inner = env if hasattr(env, "observation_layout") else env.unwrapped
    found = []
    for part in ("observation", "action"):
        layout = getattr(inner, f"{part}_layout", None)
        found.append(layout or _layout_of_space(getattr(env, f"{part}_space"), part))
    return found[0], found[1]


def _layout_of_space(space: gymnasium.Space, name: str) -> Layout:
    if not isinstance(space, gymnasium.spaces.Box) or len(space.shape) != 1:
        raise EmbodyError(f"a policy needs a flat box as {name} space, not {space}")
    limit = float(np.finfo(np.float32).max)
    labels = tuple(f"{name} {number}" for number in range(space.shape[0]))
    low, high = (tuple(np.clip(b, -limit, limit).tolist()) for b in (space.low, space.high))
    return Layout((Channel(name, labels, "1", low, high, f"{name} of the env"),))


def _called(env: gymnasium.Env) -> str:
    return env.spec.id if env.spec is not None else type(env.unwrapped).__name__


def held_channels(hold: str) -> dict[str, float]:
    """Return channels and values of words such as "odour=0.1,touch=0".

    Raises
    ------
    EmbodyError
        If they are of another form.
    """
    held = {}
    for word in filter(None, hold.split(",")):
        name, equals, value = word.partition("=")
        try:
            held[name] = float(value if equals else "nan")
        except ValueError:
            held[name] = float("nan")
        if not np.isfinite(held[name]):
            raise EmbodyError(f'hold is {word!r}, it has to be of the form "odour=0.1"')
    return held
