"""Graded networks to time: the worm's own, and random ones of any size that are like it."""

from typing import Any, NamedTuple

import numpy as np
import scipy.sparse

from embody.brains.connections import AbstractConnections, SparseConnections
from embody.brains.graded import GradedParameters, GradedState, init
from embody.brains.worm.assembly import WormNetwork, assemble
from embody.brains.worm.parameters import load_parameters
from embody.connectome import load_connectome
from embody.envs.worm.controllers import worm_wiring

Array = Any
STEP_S = 0.005
DISTURBANCE_MV = 5.0


class Network(NamedTuple):
    """A graded network of n neurons.

    Attributes
    ----------
    graded
        Constants of its neurons.
    excitation, inhibition, gap
        Conductances [post, pre], sparse, (n, n), in units of the postsynaptic leak.
    resting_voltage
        Where it starts, (n,) [mV].
    """

    graded: GradedParameters
    excitation: scipy.sparse.csr_array
    inhibition: scipy.sparse.csr_array
    gap: scipy.sparse.csr_array
    resting_voltage: np.ndarray

    @property
    def size(self) -> int:
        """Number of neurons."""
        return len(self.resting_voltage)

    def connections(self) -> SparseConnections:
        """Return what the NumPy path of ours calls."""
        return SparseConnections(self.excitation, self.inhibition, self.gap)

    def start(self, animals: int | None = None) -> GradedState:
        """Return a disturbed state of one network, or of many that differ."""
        shape = (self.size,) if animals is None else (animals, self.size)
        noise = DISTURBANCE_MV * np.random.default_rng(0).standard_normal(shape)
        return init(self.graded, np.asfortranarray(self.resting_voltage + noise), np)


def worm_network() -> Network:
    """Return the worm's nervous system with its calibrated parameters."""
    network = _assembled()
    size = network.gap.shape[0]
    halves = network.chemical[:size], network.chemical[size:], network.gap
    excitation, inhibition, gap = map(scipy.sparse.csr_array, halves)
    return Network(network.graded, excitation, inhibition, gap, np.asarray(network.resting_voltage))


def random_network(neurons: int, seed: int = 0) -> Network:
    """Return a network in which each neuron is like one of the worm's, with random partners.

    Every neuron receives from as many others as the worm's do on average, through excitatory and
    inhibitory synapses and through gap junctions; the conductances are drawn from the worm's.
    """
    worm, random = worm_network(), np.random.default_rng(seed)
    kept = random.integers(worm.size, size=neurons)
    graded = GradedParameters(
        *(value[kept] if np.ndim(value) else value for value in map(np.asarray, worm.graded))
    )
    excitation, inhibition, gap = (
        _random_rows(matrix, neurons, random)
        for matrix in (worm.excitation, worm.inhibition, worm.gap)
    )
    return Network(graded, excitation, inhibition, gap, worm.resting_voltage[kept])


class PaddedConnections(AbstractConnections):
    """Sparse connections for JAX: the partners of every neuron, as many for each, gathered.

    Parameters
    ----------
    network
        The network; rows that are shorter than the longest are filled up with zeros.
    """

    def __init__(self, network: Network) -> None:
        self._excitation = _padded(network.excitation)
        self._inhibition = _padded(network.inhibition)
        self._gap = _padded(network.gap)
        self.gap_total = self._gap[1].sum(axis=1)

    def __call__(self, release: Array, voltage: Array) -> tuple[Array, Array, Array]:
        """Return excitatory and inhibitory conductance and gap drive, each (..., n)."""
        return (
            _gathered(self._excitation, release),
            _gathered(self._inhibition, release),
            _gathered(self._gap, voltage),
        )


def _assembled() -> WormNetwork:
    wiring = worm_wiring(load_connectome("worm"))
    return assemble(wiring, load_parameters("connectome").values(), np)


def _random_rows(
    like: scipy.sparse.csr_array, neurons: int, random: np.random.Generator
) -> scipy.sparse.csr_array:
    partners = max(1, round(like.nnz / (len(like.indptr) - 1)))
    entries = neurons * partners
    weights = random.choice(like.data, entries)
    columns = random.integers(neurons, size=entries)
    rows = partners * np.arange(neurons + 1)
    return scipy.sparse.csr_array((weights, columns, rows), shape=(neurons, neurons))


def _padded(matrix: scipy.sparse.csr_array) -> tuple[np.ndarray, np.ndarray]:
    """Return columns and weights, (n, k) each."""
    lengths = np.diff(matrix.indptr)
    filled = np.arange(lengths.max()) < lengths[:, None]
    columns, weights = np.zeros(filled.shape, np.int32), np.zeros(filled.shape, np.float32)
    columns[filled], weights[filled] = matrix.indices, matrix.data
    return columns, weights


def _gathered(rows: tuple[np.ndarray, np.ndarray], x: Array) -> Array:
    columns, weights = rows
    return (weights * x[..., columns]).sum(-1)
