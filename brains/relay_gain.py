"""How far a displacement of some neurons moves others: whether a signal gets through."""

from typing import NamedTuple

import numpy as np

from embody.brains.connections import AbstractConnections
from embody.brains.continuous import ContinuousNetwork
from embody.brains.graded import GradedParameters
from embody.errors import EmbodyError

Indices = np.ndarray | list[int] | int


class RelayGain(NamedTuple):
    """How far the targets move.

    Attributes
    ----------
    displacement_mV
        Steady displacement of every target, shape (targets,) [mV].
    response_mV
        Complex amplitude of every target when the source swings about rest instead, shape
        (targets,) [mV]: its absolute value is the amplitude, its angle the phase, positive ahead of
        the source [rad]. None if no frequency was asked for.
    """

    displacement_mV: np.ndarray
    response_mV: np.ndarray | None


def relay_gain(
    parameters: GradedParameters,
    connections: AbstractConnections,
    rest_voltage: np.ndarray,
    source: Indices,
    target: Indices,
    displacement_mV: float = 10.0,
    frequency_hz: float | None = None,
) -> RelayGain:
    """Hold the source neurons displaced from rest and return how far the targets move.

    A voltage clamp of the source, all its neurons alike; everything else settles. Displacements
    count from the state to which the undisturbed network settles from `rest_voltage`. The response
    to a swing is that of the network linearised about this state.

    Parameters
    ----------
    rest_voltage
        Where the network rests, or near it, shape (n,) [mV].
    source, target
        Indices of neurons.
    displacement_mV
        Displacement of the source, or the amplitude of its swing [mV].
    frequency_hz
        Frequency of the swing [Hz].

    Raises
    ------
    EmbodyError
        If there is no such neuron or the network does not come to rest.
    """
    network = ContinuousNetwork.of(parameters, connections)
    size = network.gap.shape[0]
    source, target = np.atleast_1d(source), np.atleast_1d(target)
    for index in (source, target):
        if not ((index >= 0) & (index < size)).all():
            raise EmbodyError(f"neurons have indices 0 to {size - 1}, unlike {index.tolist()}")
    clamped = np.isin(np.arange(size), source)
    rest = network.settle(rest_voltage)
    displaced = network.settle(rest.voltage + displacement_mV * clamped, clamped)
    response = None
    if frequency_hz is not None:
        matrix, _ = network.jacobian(rest).at_rate(2j * np.pi * frequency_hz)
        free = ~clamped
        swing = displacement_mV * clamped.astype(complex)
        force = -matrix[np.ix_(free, clamped)].sum(axis=1) * displacement_mV
        swing[free] = np.linalg.solve(matrix[np.ix_(free, free)], force)
        response = swing[target]
    return RelayGain((displaced.voltage - rest.voltage)[target], response)
