"""The peer SciPy: a network as ordinary differential equations, for LSODA."""

import numpy as np
import scipy.integrate

from embody.brains.graded import sigmoid
from embody.command_line.bench_networks import Network
from embody.command_line.bench_stepping import Advance

RELATIVE_TOLERANCE, ABSOLUTE_TOLERANCE = 1e-2, 1e-2


def scipy_solution(
    network: Network,
    seconds: float,
    rtol: float = RELATIVE_TOLERANCE,
    atol: float = ABSOLUTE_TOLERANCE,
) -> Advance:
    """Return a call that integrates one network over `seconds` and returns the last voltages.

    Parameters
    ----------
    rtol, atol
        Tolerances of LSODA; the defaults make errors like those of our steps of 5 ms.
    """
    p, connections, size = network.graded, network.connections(), network.size
    start = network.start()

    def rates(_: float, state: np.ndarray) -> np.ndarray:
        voltage, release = state[:size], state[size:]
        excitation, inhibition, gap = connections(release, voltage)
        total = 1.0 + connections.gap_total + excitation + inhibition
        drive = (
            p.leak_potential
            + gap
            + excitation * p.excitatory_potential
            + inhibition * p.inhibitory_potential
        )
        opening = p.release_rise * sigmoid(p.release_slope * (voltage - p.release_threshold), np)
        return np.concatenate(
            [
                (drive - total * voltage) / p.time_constant,
                opening * (1.0 - release) - p.release_decay * release,
            ]
        )

    def call() -> np.ndarray:
        found = scipy.integrate.solve_ivp(
            rates, (0.0, seconds), np.concatenate(start), "LSODA", rtol=rtol, atol=atol
        )
        return found.y[:size, -1]

    return call
