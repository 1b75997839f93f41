"""The worm's graded network with gains and offsets of its classes unknown, its wiring known."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from embody.brains import graded
from embody.brains.connections import AbstractConnections, DenseConnections
from embody.brains.worm import senses
from embody.brains.worm.assembly import WormNetwork, assemble
from embody.brains.worm.wiring import WormWiring
from embody.envs.worm.fits.gradient_losses import calcium
from embody.envs.worm.fits.reduced_worm import FRAME_S, KEEP_EVERY, STEP_S
from embody.fitting.data_constrained import AbstractNetwork

Array = Any


class ClassDrive(NamedTuple):
    """What drives the network in one trial of T frames.

    Attributes
    ----------
    curvature
        Posture that it feels, (T, joints) [1/mm].
    current
        Into every neuron, (T, n) [mV of leak drive].
    """

    curvature: Array
    current: Array


class GainedConnections(AbstractConnections):
    """Connections whose chemical synapses have a gain of each presynaptic cell, (n,)."""

    def __init__(self, known: AbstractConnections, gain: Array) -> None:
        self._known = known
        self._gain = gain
        self.gap_total = known.gap_total

    def __call__(self, release: Array, voltage: Array) -> tuple[Array, Array, Array]:
        """Return excitatory and inhibitory conductance and gap drive, each (..., n)."""
        return self._known(release * self._gain, voltage)


@dataclass(frozen=True)
class ClassNetwork(AbstractNetwork):
    """The graded network of one wiring at the constants of a parameter set.

    A gain multiplies all chemical synapses that a cell makes; a bias lowers its release threshold
    [mV]. Shown are voltages [mV], a frame of `FRAME_S` each, from rest at the working point.

    Attributes
    ----------
    wiring
        Who is wired to whom.
    values
        Class-level parameters, known.
    title
        What the wiring is, for the record.
    indicator
        Whether voltages are seen through a calcium indicator.
    """

    wiring: WormWiring
    values: Mapping[str, float]
    title: str
    indicator: bool = False

    @property
    def neurons(self) -> tuple[str, ...]:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Names of the neurons."""
        return self.wiring.neurons

    def identity(self) -> dict[str, Any]:
        """Return wiring and constants."""
        return {
            "network": "worm",
            "wiring": self.title,
            "indicator": self.indicator,
            "values": dict(self.values),
        }

    def constants(self) -> WormNetwork:
        """Return all constants of the network."""
        return assemble(self.wiring, self.values, np)

    def activity(
        self, gain: Array, bias: Array, drive: ClassDrive, constants: WormNetwork
    ) -> Array:
        """Return voltages, (T, n) [mV]."""
        network = constants
        cells = network.graded._replace(release_threshold=network.graded.release_threshold - bias)
        connections = GainedConnections(DenseConnections(network.chemical, network.gap), gain)

        def frame(brain: graded.GradedState, given: ClassDrive) -> Any:
            felt = network.proprioceptive_field @ given.curvature
            posture = senses.sense_posture(
                network.proprioceptive_gain, network.proprioceptive_saturation, felt, jnp
            )
            injected = (posture + given.current) * cells.leak_conductance

            def advance(_: Any, brain: graded.GradedState) -> graded.GradedState:
                return graded.step(cells, connections, brain, injected, STEP_S, jnp)

            brain = jax.lax.fori_loop(0, KEEP_EVERY, advance, brain)
            return brain, brain.voltage

        start = graded.init(cells, network.resting_voltage, jnp)
        voltage = jax.lax.scan(frame, start, drive)[1]
        return calcium(voltage) if self.indicator else voltage


def random_currents(
    random: np.random.Generator, trials: int, frames: int, cells: np.ndarray, strength: float
) -> np.ndarray:
    """Return slow random currents into the cells of a mask, (n,): (trials, T, n) [mV of leak].

    Ornstein-Uhlenbeck processes with a correlation time of half a second.
    """
    keep = np.exp(-FRAME_S / 0.5)
    noise = random.standard_normal((trials, frames, int(cells.sum())))
    level = noise[:, 0]
    current = np.zeros((trials, frames, cells.size))
    for frame in range(frames):
        level = keep * level + np.sqrt(1.0 - keep**2) * noise[:, frame]
        current[:, frame, cells] = strength * level
    return current
