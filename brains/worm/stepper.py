"""The worm's nervous system in motion: one animal, many that are alike, or many that differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from embody.brains import graded
from embody.brains.compressed_rows import CompressedRows, OwnRows, Rows
from embody.brains.connections import SparseConnections
from embody.brains.worm.assembly import LEAK_CONDUCTANCE, WormNetwork
from embody.brains.worm.muscles import muscle_command
from embody.brains.worm.senses import OdourSensor, OdourState, sense_odour, sense_posture
from embody.brains.worm.touch import sense_touch

LOWEST_CONCENTRATION = 1e-12


class Sensed(NamedTuple):
    """What reaches the nervous system in one step.

    Attributes
    ----------
    curvature
        Curvature at every joint, dorsal positive, (..., joints) [1/mm].
    touch
        Force on every rod, (..., rods) [uN].
    odour
        Relative concentration at the nose, (...); None where there is no odour.
    """

    curvature: np.ndarray
    touch: np.ndarray
    odour: np.ndarray | None


class NervousState(NamedTuple):
    """State of the nervous system.

    Attributes
    ----------
    brain
        Voltages and synaptic activations, (..., n) each.
    odour
        What the chemosensory neurons remember, (...); None before the first sniff, and of a
        batch NaN for the animals that have not sniffed.
    """

    brain: graded.GradedState
    odour: OdourState | None


@dataclass(frozen=True)
class WormStepper:
    """All constants that a step needs; those of animals that differ have a leading axis over them.

    Attributes
    ----------
    constants
        Constants of the neurons.
    connections
        Synapses and gap junctions.
    stretch
        From the curvature at every joint to what each neuron feels, (n, joints).
    innervation
        From synaptic activation to what each muscle receives, (k, n).
    proprioceptive_gain, proprioceptive_saturation
        See `WormNetwork`.
    muscle_threshold, muscle_slope
        See `WormNetwork`.
    resting_voltage
        Voltage at the working point, (..., n) [mV].
    sensor
        Constants of the chemosensory neurons.
    odour_sign
        +1 for neurons that a rising odour excites, -1 for those it inhibits, else 0, (..., n).
    touch_field
        Current per saturated touch at each rod, (n, rods) [mV of leak drive].
    """

    constants: graded.GradedParameters
    connections: SparseConnections
    stretch: Rows
    innervation: Rows
    proprioceptive_gain: np.ndarray
    proprioceptive_saturation: np.ndarray
    muscle_threshold: np.ndarray
    muscle_slope: np.ndarray
    resting_voltage: np.ndarray
    sensor: OdourSensor
    odour_sign: np.ndarray
    touch_field: np.ndarray

    @classmethod
    def of(
        cls,
        network: WormNetwork,
        sensor: OdourSensor,
        odour_sign: np.ndarray,
        touch_field: np.ndarray,
    ) -> "WormStepper":
        """Return the stepper of one network."""
        size = network.gap.shape[0]
        return cls(
            constants=network.graded,
            connections=SparseConnections(
                network.chemical[:size], network.chemical[size:], network.gap
            ),
            stretch=CompressedRows(network.proprioceptive_field),
            innervation=CompressedRows(network.neuromuscular),
            proprioceptive_gain=network.proprioceptive_gain,
            proprioceptive_saturation=network.proprioceptive_saturation,
            muscle_threshold=network.muscle_threshold,
            muscle_slope=network.muscle_slope,
            resting_voltage=network.resting_voltage,
            sensor=sensor,
            odour_sign=odour_sign,
            touch_field=touch_field,
        )

    @classmethod
    def stack(cls, steppers: Sequence["WormStepper"]) -> "WormStepper":
        """Return one stepper for b animals that differ; all of it takes and returns (b, ...)."""
        first = steppers[0]

        def each(values: Sequence[np.ndarray]) -> np.ndarray:
            stacked = np.stack([np.asarray(value) for value in values])
            return stacked if stacked.ndim > 1 else stacked[:, None]

        constants = (s.constants for s in steppers)
        sensors = (s.sensor for s in steppers)
        return cls(
            constants=graded.GradedParameters(*map(each, zip(*constants, strict=True))),
            connections=SparseConnections.stack([s.connections for s in steppers]),
            stretch=OwnRows([s.stretch for s in steppers]),
            innervation=OwnRows([s.innervation for s in steppers]),
            proprioceptive_gain=each([s.proprioceptive_gain for s in steppers]),
            proprioceptive_saturation=each([s.proprioceptive_saturation for s in steppers]),
            muscle_threshold=each([s.muscle_threshold for s in steppers]),
            muscle_slope=each([s.muscle_slope for s in steppers]),
            resting_voltage=each([s.resting_voltage for s in steppers]),
            sensor=OdourSensor(*map(np.array, zip(*sensors, strict=True))),
            odour_sign=each([s.odour_sign for s in steppers]),
            touch_field=first.touch_field,
        )

    def init(self, animals: int | None = None) -> NervousState:
        """Return the state at the working point of forward crawling, of one or of many."""
        if animals is None:
            return NervousState(graded.init(self.constants, self.resting_voltage, np), None)
        shape = (animals, self.resting_voltage.shape[-1])
        voltage = np.asfortranarray(np.broadcast_to(self.resting_voltage, shape))
        unknown = np.full(animals, np.nan)
        return NervousState(
            graded.init(self.constants, voltage, np), OdourState(unknown, unknown.copy())
        )

    def step(
        self,
        state: NervousState,
        sensed: Sensed,
        current_pA: np.ndarray | None,
        silenced: np.ndarray | None,
        dt: float,
    ) -> tuple[NervousState, np.ndarray]:
        """Return the next state and the command of every muscle, (..., k), 0 to 1.

        Parameters
        ----------
        current_pA
            Injected current, (..., n) [pA].
        silenced
            Mask of the neurons that release nothing, (..., n).
        """
        drive = sense_posture(
            self.proprioceptive_gain,
            self.proprioceptive_saturation,
            self.stretch(sensed.curvature),
            np,
        )
        odour = state.odour
        if sensed.odour is not None:
            level = np.log(np.maximum(sensed.odour, LOWEST_CONCENTRATION))
            odour, response = sense_odour(self.sensor, _sniffed(odour, level), level, dt, np)
            drive += np.asarray(self.sensor.gain * response)[..., None] * self.odour_sign
        if sensed.touch.any():
            touched = sensed.touch.any(axis=-1)
            drive[touched] += sense_touch(self.touch_field, sensed.touch[touched], np)
        drive *= LEAK_CONDUCTANCE
        if current_pA is not None:
            drive += current_pA
        brain = state.brain
        if silenced is not None:
            brain = brain._replace(release=np.where(silenced, 0.0, brain.release))
        brain = graded.step(self.constants, self.connections, brain, drive, dt, np)
        if silenced is not None:
            brain = brain._replace(release=np.where(silenced, 0.0, brain.release))
        command = muscle_command(
            self.muscle_threshold, self.muscle_slope, self.innervation(brain.release), np
        )
        return NervousState(brain, odour), command


def _sniffed(odour: OdourState | None, level: np.ndarray) -> OdourState:
    """Return what is remembered, adapted to `level` where nothing is."""
    if odour is None:
        return OdourState(level, level)
    if np.ndim(level) and (fresh := np.isnan(odour.sensed)).any():
        return OdourState(*(np.where(fresh, level, value) for value in odour))
    return odour
