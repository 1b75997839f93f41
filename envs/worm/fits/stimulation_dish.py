"""Neurons in the hands of a policy: a connectome that smells nothing, steered by currents."""

from typing import Any

import jax.numpy as jnp
import numpy as np

from embody.brains import graded
from embody.brains.connections import DenseConnections
from embody.brains.worm.assembly import LEAK_CONDUCTANCE, assemble
from embody.brains.worm.nervous_system import odour_sensor, odour_signs
from embody.brains.worm.parameters import load_parameters
from embody.envs.worm.controllers import worm_wiring
from embody.envs.worm.fits.dish_task import DECISION_S, STARTS, STEP_S, AbstractDish
from embody.envs.worm.reduced_loop import Animal, drive_muscles, single_precision
from embody.envs.worm.wired import wired
from embody.errors import require_known
from embody.layout import Channel, Layout
from embody.policy_file import Actuation

NEURONS = ("SMBDL", "SMBDR", "SMBVL", "SMBVR")
LARGEST_PA = 2.0
Array = Any


class StimulationDish(AbstractDish):
    """The task of a policy that injects currents into neurons; the connectome drives the muscles.

    Its own nose is silenced, so that what climbs is the policy: it smells, sees the posture, and
    steers through the neurons, as in closed-loop optogenetics (Kocabas et al. 2012,
    doi:10.1038/nature11431). In the env it acts through `embody.envs.stimulation.NervousSystem`.

    Parameters
    ----------
    neurons
        Names of those that receive current.
    largest_pA
        Largest current into each of them, of either sign [pA].
    parameters
        Parameter set of the connectome, by name or path.
    rewiring
        Seed of the null; None for the measured wiring.
    decision_s, odourless, starts
        See `AbstractDish`.

    Raises
    ------
    UnknownNameError
        If there is no such neuron.
    """

    name = "neurons"

    def __init__(
        self,
        neurons: tuple[str, ...] = NEURONS,
        largest_pA: float = LARGEST_PA,
        parameters: str = "connectome",
        rewiring: int | None = None,
        decision_s: float = DECISION_S,
        odourless: bool = False,
        starts: int = STARTS,
    ) -> None:
        wiring = worm_wiring(wired(rewiring))
        require_known("neuron", neurons, wiring.neurons)
        limit = np.full(len(neurons), largest_pA, np.float32)
        layout = Layout(
            (Channel("current", neurons, "pA", -largest_pA, largest_pA, "current into a neuron"),)
        )
        super().__init__(layout, Actuation.one_to_one(-limit, limit), decision_s, odourless, starts)
        values = load_parameters(parameters).values()
        self._animal = single_precision(
            Animal(
                assemble(wiring, values, np),
                self._body,
                odour_sensor(values),
                odour_signs(wiring.neurons),
                self._balance,
            )
        )
        network = self._animal.network
        self._connections = DenseConnections(network.chemical, network.gap)
        place = np.array([wiring.neurons.index(name) for name in neurons])
        into = np.zeros((len(wiring.neurons), len(neurons)), np.float32)
        into[place, np.arange(len(neurons))] = 1.0 / LEAK_CONDUCTANCE
        self._into = jnp.asarray(into)
        self.largest_pA = largest_pA
        self._made_of = {
            "neurons": list(neurons),
            "largest_pA": largest_pA,
            "parameters": values,
            "rewiring": rewiring,
        }

    def identity(self) -> dict[str, Any]:
        """Return what fixes the task."""
        return {**super().identity(), **self._made_of}

    def begin(self) -> graded.GradedState:
        """Return the connectome at its working point."""
        network = self._animal.network
        return graded.init(network.graded, network.resting_voltage, jnp)

    def drive(
        self, inner: graded.GradedState, angle: Array, command: Array
    ) -> tuple[graded.GradedState, Array]:
        """Let the connectome drive the muscles, with currents into some of its neurons."""
        stimulus = self._into @ command
        return drive_muscles(self._animal, self._connections, inner, angle, stimulus, 1.0, STEP_S)
