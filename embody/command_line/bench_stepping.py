"""Networks in motion on NumPy: calls that advance all animals."""

from collections.abc import Callable

import numpy as np

from embody.brains import graded
from embody.brains.connections import AbstractConnections, DenseConnections
from embody.command_line.bench_networks import STEP_S, Network
from embody.population import joined, taken

AT_A_TIME = 64
"""Animals that are stepped together, as the connectome controller does: so many fit a cache."""

Advance = Callable[[], np.ndarray]
"""Advances all animals, and returns their voltages, (..., n) [mV]."""


def numpy_steps(network: Network, animals: int | None = None) -> Advance:
    """Return one step of our NumPy path: float64, compressed rows.

    Parameters
    ----------
    animals
        How many; None for one without a leading axis.
    """
    return _steps(network, network.connections(), animals)


def dense_steps(network: Network, animals: int | None = None) -> Advance:
    """Return one step of the same equations with full matrices: what one would write first."""
    chemical = np.vstack([network.excitation.toarray(), network.inhibition.toarray()])
    return _steps(network, DenseConnections(chemical, network.gap.toarray()), animals)


def _steps(network: Network, connections: AbstractConnections, animals: int | None) -> Advance:
    whole = network.start(animals)
    starts = [slice(i, i + AT_A_TIME) for i in range(0, animals or 0, AT_A_TIME)]
    states = [whole] if animals is None else [taken(whole, part) for part in starts]

    def advance() -> np.ndarray:
        for i, state in enumerate(states):
            states[i] = graded.step(network.graded, connections, state, 0.0, STEP_S, np)
        return states[0].voltage if len(states) == 1 else joined(states).voltage

    return advance
