"""The worm's nervous system on NumPy, and the lesions that can be made in it."""

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from embody.brains.worm import classes as groups
from embody.brains.worm.assembly import WormNetwork, assemble
from embody.brains.worm.senses import OdourSensor
from embody.brains.worm.stepper import WormStepper
from embody.brains.worm.touch import receptive_fields
from embody.brains.worm.wiring import WormWiring


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
    sensor
        Constants of the chemosensory neurons.
    odour_sign
        See `odour_signs`, (n,); all 0 where the sense is silenced.
    touch_field
        Current per saturated touch at each rod, (n, rods) [mV of leak drive].
    """

    neurons: tuple[str, ...]
    network: WormNetwork
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
            sensor=odour_sensor(values),
            odour_sign=odour_signs(wiring.neurons),
            touch_field=receptive_fields(wiring.neurons, rods),
        )

    @functools.cached_property
    def stepper(self) -> WormStepper:
        """What steps it."""
        return WormStepper.of(self.network, self.sensor, self.odour_sign, self.touch_field)

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
        return replace(self, network=network)

    def without_cells(self, cells: np.ndarray) -> "WormNervousSystem":
        """Return this nervous system with the cells of a mask, (n,), cut off from all others."""
        alive = ~cells
        network = self.network._replace(
            chemical=self.network.chemical * alive[None, :] * np.tile(alive, 2)[:, None],
            gap=self.network.gap * alive[None, :] * alive[:, None],
            neuromuscular=self.network.neuromuscular * alive[None, :],
        )
        return replace(self, network=network)

    def without_chemical_synapses(self) -> "WormNervousSystem":
        """Return this nervous system without synapses between neurons; muscles stay innervated."""
        network = self.network._replace(chemical=np.zeros_like(self.network.chemical))
        return replace(self, network=network)

    def without_gap_junctions(self) -> "WormNervousSystem":
        """Return this nervous system without gap junctions."""
        network = self.network._replace(gap=np.zeros_like(self.network.gap))
        return replace(self, network=network)

    def without_proprioception(self) -> "WormNervousSystem":
        """Return this nervous system deaf to its own posture."""
        gain = np.zeros_like(self.network.proprioceptive_gain)
        return replace(self, network=self.network._replace(proprioceptive_gain=gain))

    def without_odour(self) -> "WormNervousSystem":
        """Return this nervous system deaf to odours."""
        return replace(self, odour_sign=np.zeros_like(self.odour_sign))
