"""Walking by local rules: no leg has a rhythm that others share, each lifts when it may."""

from collections.abc import Sequence
from typing import NamedTuple

import gymnasium
import numpy as np

from embody.bodies.fly.geometry import LEGS
from embody.brains.fly.locomotion.walking import Walking
from embody.envs.fly.baselines import Cpg
from embody.envs.fly.walker import WalkerState
from embody.errors import EmbodyError

NEIGHBOURS = ((1, 3), (0, 2, 4), (1, 5), (0, 4), (1, 3, 5), (2, 4))
"""Legs next to each leg: before and behind it, and on the other side."""

BEHIND = (1, 2, None, 4, 5, None)
"""The leg behind each leg on its side."""

_LAST_TURN = 0.955
"""Where in its step a leg waits that may not lift: at the end of stance, one control step short of
lift-off at any frequency."""


class Rules(NamedTuple):
    """What the legs remember of each other.

    Attributes
    ----------
    waited_s
        How long each leg has waited at the end of its stance, shape (6,) [s].
    landed_s
        Time since each leg touched down, shape (6,) [s].
    """

    waited_s: np.ndarray
    landed_s: np.ndarray


class RuleBased(Cpg):
    """Six legs that step by themselves, held together by rules between neighbours.

    A leg does not lift while a neighbour swings (rule 1). A leg late in its stance lifts early when
    the leg behind it has just touched down (rule 2). Of several that wait, the one that has waited
    longest lifts first (in place of rule 3, that a leg is urged on as its neighbour goes on).
    The legs start anywhere in their stance: a gait has to form by itself.

    Parameters
    ----------
    env
        The env it will act in.
    drive
        Drive of both sides, or (left, right), from 0 to 1.5.
    reflexes, hold_heading
        As for `Walker`.

    Raises
    ------
    EmbodyError
        If the drive is out of range, or the env is not one of a fly.

    References
    ----------
    Cruse (1990), Trends Neurosci. 13, 15: the rules. Schilling, Hoinville, Schmitz & Cruse (2013),
    Biol. Cybern. 107, 397: Walknet.
    """

    name = "rule-based"
    early_turn = 0.8
    """Where in its step a leg may be made to lift early."""
    prompt_s = 0.01
    """How long after the touch-down of the leg behind it."""

    def __init__(
        self,
        env: gymnasium.Env,
        drive: float | Sequence[float] = 1.0,
        reflexes: bool = True,
        hold_heading: bool = True,
    ) -> None:
        super().__init__(env, drive, reflexes, hold_heading)
        if self.drive.min() < 0:
            raise EmbodyError(f"drive is {drive}: the rules are those of walking forward, 0 to 1.5")
        parameters = self.walking.reflex_parameters
        self.walking = Walking(reflex_parameters=parameters, coupling=0.0)

    def remember(self, seed: int) -> Rules:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Return legs of which none waits and none has just landed."""
        return Rules(np.zeros(len(LEGS)), np.ones(len(LEGS)))

    def init(self, seed: int) -> WalkerState:
        """Return legs that stand, each anywhere in its stance: the seed draws where."""
        state = super().init(seed)
        turn = np.random.default_rng(seed).uniform(0.5, 0.95, len(LEGS))
        oscillators = state.walking.oscillators._replace(phase=2 * np.pi * turn)
        return state._replace(walking=state.walking._replace(oscillators=oscillators))

    def step(self, state: WalkerState, observation: np.ndarray) -> tuple[WalkerState, np.ndarray]:
        """Return the next state and the action, shape (55,)."""
        walking = state.walking
        rules, phase = self._gate(state.memory, walking.oscillators.phase)
        gated = walking._replace(oscillators=walking.oscillators._replace(phase=phase))
        state, action = super().step(WalkerState(None, state.drive, gated), observation)
        return state._replace(memory=rules), action

    def _gate(self, rules: Rules, phase: np.ndarray) -> tuple[Rules, np.ndarray]:
        """Return what the legs remember next, and phases, held where a leg may not lift."""
        turns = np.floor(phase / (2 * np.pi))
        turn = phase / (2 * np.pi) - turns
        swings = turn < self._swing_share()
        landed_s = np.where(swings, 0.0, rules.landed_s + self.period_s)
        waits = turn >= _LAST_TURN
        prompted = np.array(
            [behind is not None and 0 < landed_s[behind] <= self.prompt_s for behind in BEHIND]
        )
        ready = waits | ((turn > self.early_turn) & prompted)
        waited_s = np.where(waits, rules.waited_s + self.period_s, 0.0)
        lifting = swings.copy()
        for leg in np.argsort(-waited_s, kind="stable"):
            if ready[leg] and not any(lifting[other] for other in NEIGHBOURS[leg]):
                lifting[leg] = True
                turn[leg], waited_s[leg] = 1.0, 0.0
            elif waits[leg]:
                turn[leg] = _LAST_TURN
        return Rules(waited_s, landed_s), 2 * np.pi * (turns + turn)

    def _swing_share(self) -> float:
        parameters, cycle = self.walking.drive_parameters, self.walking.cycle
        level = float(self.drive.max())
        frequency = parameters.slow_frequency + parameters.frequency_gain * level
        return float(min(0.5, cycle.swing_s.mean() * frequency))


def make_rule_based(
    env: gymnasium.Env,
    drive: float | Sequence[float] = 1.0,
    reflexes: bool = True,
    hold_heading: bool = True,
) -> RuleBased:
    """Return the `RuleBased` controller for a fly's env, wrapped or not; options as there."""
    return RuleBased(env, drive, reflexes, hold_heading)
