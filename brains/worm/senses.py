"""Signals of the world turned into current: odour, posture and touch."""

from typing import Any, NamedTuple

Array = Any


class OdourSensor(NamedTuple):
    """Constants of the chemosensory neurons, as scalars.

    Attributes
    ----------
    quick_time, adaptation_time
        Time constants of the sensed and of the adapted-to concentration [s].
    scale
        Change of log concentration that saturates the response [natural log units].
    gain
        Current at saturation [mV of leak drive].
    """

    quick_time: Array
    adaptation_time: Array
    scale: Array
    gain: Array


class OdourState(NamedTuple):
    """What a chemosensory neuron remembers.

    Attributes
    ----------
    sensed, adapted
        Low-passed natural logarithm of concentration, quick and slow, shape (...).
    """

    sensed: Array
    adapted: Array


def sense_odour(
    sensor: OdourSensor, state: OdourState, log_concentration: Array, dt: float, xp: Any
) -> tuple[OdourState, Array]:
    """Return the next state and the response in [-1, 1], positive when the odour rises, (...).

    The sensor compares the logarithm of concentration with its own recent past (Weber's law; fold
    changes drive AWC and ASE: Levy & Bargmann 2020).
    """
    sensed = log_concentration + (state.sensed - log_concentration) * xp.exp(
        -dt / sensor.quick_time
    )
    adapted = sensed + (state.adapted - sensed) * xp.exp(-dt / sensor.adaptation_time)
    return OdourState(sensed, adapted), xp.tanh((sensed - adapted) / sensor.scale)


def sense_posture(gain: Array, saturation: Array, felt: Array, xp: Any) -> Array:
    """Return the proprioceptive drive of every neuron, shape (..., n) [mV of leak drive].

    B-type motor neurons feel bending in front of them (Wen et al. 2012); the response saturates.

    Parameters
    ----------
    felt
        Curvature that each neuron feels, dorsal positive, the mean over its sensory field,
        shape (..., n) [1/mm].
    """
    return gain * xp.tanh(felt / saturation)
