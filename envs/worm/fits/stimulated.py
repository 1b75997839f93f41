"""A connectome that smells nothing, steered by the currents of a fitted policy."""

import os
from typing import Any, NamedTuple

import gymnasium
import numpy as np

from embody.controller import AbstractController
from embody.envs.worm.controllers import (
    ConnectomeController,
    WormState,
    make_no_sense,
    make_rewired,
)
from embody.errors import EmbodyError, require_known
from embody.policy_controller import PolicyController, PolicyState, held_channels
from embody.policy_file import Policy


class StimulatedState(NamedTuple):
    """State of the policy, and of the worm that it stimulates."""

    policy: PolicyState
    worm: WormState


class Stimulated(AbstractController):
    """A worm in whose neurons a policy injects currents; both see the same observation.

    Parameters
    ----------
    worm
        Its nervous system.
    policy
        Its commands are currents [pA]; the labels of its action are the neurons.

    Raises
    ------
    UnknownNameError
        If there is no such neuron.
    EmbodyError
        If the policy does not command currents.
    """

    name = "stimulated"

    def __init__(self, worm: ConnectomeController, policy: PolicyController) -> None:
        (channel, *others) = policy.policy.action.channels
        if others or channel.unit != "pA":
            raise EmbodyError(
                f"policy {policy.policy.name!r} commands {channel.name} [{channel.unit}], a "
                "stimulated worm needs one that commands currents [pA]"
            )
        require_known("neuron", channel.labels, worm.neurons)
        self.worm, self.policy = worm, policy
        self.period_s = worm.period_s
        self.neurons = worm.neurons
        self.signals = (*worm.signals, *policy.signals)
        self._place = np.array([worm.neurons.index(name) for name in channel.labels])

    def init(self, seed: int) -> StimulatedState:
        """Return the state at the start of an episode."""
        return StimulatedState(self.policy.init(seed), self.worm.init(seed))

    def step(
        self, state: StimulatedState, observation: np.ndarray
    ) -> tuple[StimulatedState, np.ndarray]:
        """Return the next state and the muscle activations, (95,)."""
        policy, command = self.policy.step(state.policy, observation)
        current = np.zeros(len(self.neurons))
        current[self._place] = command
        worm, muscles = self.worm.step(state.worm, observation, current=current)
        return StimulatedState(policy, worm), muscles

    def read(self, state: StimulatedState) -> dict[str, np.ndarray]:
        """Return voltages [mV], (302,), and the action of the policy."""
        return {**self.worm.read(state.worm), **self.policy.read(state.policy)}

    def describe(self) -> dict[str, Any]:
        """Return what policy and worm say of themselves."""
        return {
            "name": self.name,
            "worm": self.worm.describe(),
            "policy": self.policy.describe(),
        }


def make_stimulated(
    env: gymnasium.Env,
    weights: str | os.PathLike[str],
    parameters: str = "connectome",
    rewiring: int | None = None,
    hold: str = "",
    noise: float | None = None,
) -> Stimulated:
    """Return the worm that a policy of `--method reinforcement-stimulation` steers.

    Parameters
    ----------
    weights
        Path of the policy.
    parameters
        Parameter set of the nervous system, whose own nose is silenced.
    rewiring
        Seed of the null it was fitted to; None for the measured wiring.
    hold, noise
        See `make_policy`.
    """
    worm = make_no_sense(env, parameters)
    if rewiring is not None:
        rewired = make_rewired(env, rewiring, parameters)
        worm = ConnectomeController(
            rewired.name,
            rewired.nervous_system.without_odour(),
            rewired.connectome,
            rewired.observation_layout,
            rewired.period_s,
            {"rewiring": rewiring, "parameters": parameters},
        )
    policy = Policy.load(weights)
    policy.require_senses(worm.observation_layout, str(env), str(weights))
    layout, held = worm.observation_layout, held_channels(hold)
    return Stimulated(worm, PolicyController(policy, layout, worm.period_s, held, noise))
