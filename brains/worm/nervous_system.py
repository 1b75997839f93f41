"""The worm's nervous system on NumPy: from what is sensed to what the muscles are told."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from embody.brains import graded
from embody.brains.connections import SparseConnections
from embody.brains.worm import classes as groups
from embody.brains.worm.assembly import LEAK_CONDUCTANCE, WormNetwork, assemble
from embody.brains.worm.muscles import muscle_command
from embody.brains.worm.senses import OdourSensor, OdourState, sense_odour, sense_posture
from embody.brains.worm.touch import receptive_fields, sense_touch
from embody.brains.worm.wiring import WormWiring

LOWEST_CONCENTRATION = 1e-12


class Sensed(NamedTuple):
    """What reaches the nervous system in one step.

    Attributes
    ----------
    curvature
        Curvature at every joint, dorsal positive, (joints,) [1/mm].
    touch
        Force on every rod, (rods,) [uN].
    odour
        Relative concentration at the nose; None where there is no odour.
    """

    curvature: np.ndarray
    touch: np.ndarray
    odour: float | None


class NervousState(NamedTuple):
    """State of the nervous system.

    Attributes
    ----------
    brain
        Voltages and synaptic activations, (n,) each.
    odour
        What the chemosensory neurons remember; None before the first sniff.
    """

    brain: graded.GradedState
    odour: OdourState | None


def odour_sensor(values: Mapping[str, float]) -> OdourSensor:
    """Return the constants of the chemosensory neurons for class-level parameters."""
    return OdourSensor(
        values["sensor_quick_time"],
        values["sensor_adaptation_time"],
        10.0 ** values["log10_sensor_scale"],
        values["sensor_gain"],
    )


def odour_signs(neurons: Iterable[str]) -> np.ndarray:
    """Return +1 for neurons that a rising odour excites, -1 for those it inhibits, else 0, (n,)."""
    return np.array([groups.ODOUR_RESPONSE.get(neuron, 0.0) for neuron in neurons])


@dataclass(frozen=True)
class WormNervousSystem:
    """Network, senses and muscle map of one worm, ready to step.

    Attributes
    ----------
    neurons
        Names, length n.
    network
        Constants of the network.
    connections
        Its synapses and gap junctions.
    sensor
        Constants of the chemosensory neurons.
    odour_sign
        See `odour_signs`, (n,); all 0 where the sense is silenced.
    touch_field
        Current per saturated touch at each rod, (n, rods) [mV of leak drive].
    """

    neurons: tuple[str, ...]
    network: WormNetwork
    connections: SparseConnections
    sensor: OdourSensor
    odour_sign: np.ndarray
    touch_field: np.ndarray

    @classmethod
    def build(
        cls, wiring: WormWiring, values: Mapping[str, float], rods: int
    ) -> "WormNervousSystem":
        """Return the nervous system for class-level parameters."""
        network = assemble(wiring, values, np)
        return cls(
            neurons=wiring.neurons,
            network=network,
            connections=_connections(network),
            sensor=odour_sensor(values),
            odour_sign=odour_signs(wiring.neurons),
            touch_field=receptive_fields(wiring.neurons, rods),
        )

    def with_wiring_of(self, other: "WormNervousSystem") -> "WormNervousSystem":
        """Return this nervous system with the synapses, junctions and muscle map of another.

        Thresholds and all other constants stay: what a lesion does at once, before any
        homeostasis.
        """
        network = self.network._replace(
            chemical=other.network.chemical,
            gap=other.network.gap,
            neuromuscular=other.network.neuromuscular,
        )
        return replace(self, network=network, connections=_connections(network))

    def without_cells(self, cells: np.ndarray) -> "WormNervousSystem":
        """Return this nervous system with the cells of a mask, (n,), cut off from all others."""
        alive = ~cells
        network = self.network._replace(
            chemical=self.network.chemical * alive[None, :] * np.tile(alive, 2)[:, None],
            gap=self.network.gap * alive[None, :] * alive[:, None],
            neuromuscular=self.network.neuromuscular * alive[None, :],
        )
        return replace(self, network=network, connections=_connections(network))

    def without_chemical_synapses(self) -> "WormNervousSystem":
        """Return this nervous system without synapses between neurons; muscles stay innervated."""
        network = self.network._replace(chemical=np.zeros_like(self.network.chemical))
        return replace(self, network=network, connections=_connections(network))

    def without_gap_junctions(self) -> "WormNervousSystem":
        """Return this nervous system without gap junctions."""
        network = self.network._replace(gap=np.zeros_like(self.network.gap))
        return replace(self, network=network, connections=_connections(network))

    def without_proprioception(self) -> "WormNervousSystem":
        """Return this nervous system deaf to its own posture."""
        gain = np.zeros_like(self.network.proprioceptive_gain)
        return replace(self, network=self.network._replace(proprioceptive_gain=gain))

    def without_odour(self) -> "WormNervousSystem":
        """Return this nervous system deaf to odours."""
        return replace(self, odour_sign=np.zeros_like(self.odour_sign))

    def init(self) -> NervousState:
        """Return the state at the working point of forward crawling."""
        network = self.network
        return NervousState(graded.init(network.graded, network.resting_voltage, np), None)

    def step(
        self,
        state: NervousState,
        sensed: Sensed,
        current_pA: np.ndarray | None,
        silenced: np.ndarray | None,
        dt: float,
    ) -> tuple[NervousState, np.ndarray]:
        """Return the next state and the command of every muscle, (k,), 0 to 1.

        Parameters
        ----------
        current_pA
            Injected current, (n,) [pA].
        silenced
            Mask of the neurons that release nothing, (n,).
        """
        network = self.network
        drive = sense_posture(
            network.proprioceptive_field,
            network.proprioceptive_gain,
            network.proprioceptive_saturation,
            sensed.curvature,
            np,
        )
        odour = state.odour
        if sensed.odour is not None:
            level = np.log(max(sensed.odour, LOWEST_CONCENTRATION))
            odour = odour or OdourState(level, level)
            odour, response = sense_odour(self.sensor, odour, level, dt, np)
            drive += (self.sensor.gain * response) * self.odour_sign
        if sensed.touch.any():
            drive += sense_touch(self.touch_field, sensed.touch, np)
        drive *= LEAK_CONDUCTANCE
        if current_pA is not None:
            drive += current_pA
        brain = state.brain
        if silenced is not None:
            brain = brain._replace(release=np.where(silenced, 0.0, brain.release))
        brain = graded.step(network.graded, self.connections, brain, drive, dt, np)
        if silenced is not None:
            brain = brain._replace(release=np.where(silenced, 0.0, brain.release))
        command = muscle_command(
            network.neuromuscular,
            network.muscle_threshold,
            network.muscle_slope,
            brain.release,
            np,
        )
        return NervousState(brain, odour), command


def _connections(network: WormNetwork) -> SparseConnections:
    size = network.gap.shape[0]
    return SparseConnections(network.chemical[:size], network.chemical[size:], network.gap)
