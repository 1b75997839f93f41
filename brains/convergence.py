"""How far the stepped network is from the exact one, and how this falls with the step."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from embody.brains import graded
from embody.brains.connections import AbstractConnections
from embody.brains.continuous import ContinuousNetwork


class StepError(NamedTuple):
    """Error of one step size.

    Attributes
    ----------
    step_s
        Step [s].
    largest_mV
        Largest error of any neuron at any compared time [mV].
    rms_mV
        Root mean square over neurons and times [mV].
    neuron
        Index of the neuron with the largest error.
    time_s
        When that was [s].
    """

    step_s: float
    largest_mV: float
    rms_mV: float
    neuron: int
    time_s: float


def step_errors(
    parameters: graded.GradedParameters,
    connections: AbstractConnections,
    voltage: np.ndarray,
    current: Callable[[float], np.ndarray | float],
    duration_s: float,
    steps_s: Sequence[float],
    tolerance: float = 1e-10,
) -> list[StepError]:
    """Compare `graded.step` at several steps with the exact solution, at multiples of the longest.

    The current of each step is that of its middle, so that the error is the integrator's own.

    Parameters
    ----------
    voltage
        Where the network starts, synapses settled, shape (n,) [mV].
    current
        Injected current as a smooth function of time, shape (n,) or scalar [pA].
    duration_s
        How long to compare, a multiple of the longest step [s].
    steps_s
        Steps to try, each a whole fraction of the longest [s].
    tolerance
        Of the exact solution, see `ContinuousNetwork.solve`.
    """
    longest = max(steps_s)
    times = longest * np.arange(round(duration_s / longest) + 1)
    start = graded.init(parameters, voltage, np)
    network = ContinuousNetwork.of(parameters, connections)
    exact = network.solve(start, current, times, tolerance)
    has_plateau = bool(np.any(parameters.plateau_conductance))
    errors = []
    for dt in steps_s:
        state, every = start, round(longest / dt)
        visited = [state.voltage]
        for k in range(every * (len(times) - 1)):
            injected = current((k + 0.5) * dt)
            state = graded.step(parameters, connections, state, injected, dt, np, has_plateau)
            if (k + 1) % every == 0:
                visited.append(state.voltage)
        error = np.abs(np.array(visited) - exact)
        moment, neuron = np.unravel_index(error.argmax(), error.shape)
        rms = float(np.sqrt(np.mean(error**2)))
        largest = float(error.max())
        errors.append(StepError(dt, largest, rms, int(neuron), float(times[moment])))
    return errors


def order(errors: Sequence[StepError]) -> float:
    """Return the slope of the logarithm of the largest error over that of the step."""
    steps = np.log([error.step_s for error in errors])
    return float(np.polyfit(steps, np.log([error.largest_mV for error in errors]), 1)[0])
