"""Linear maps from all synapses to all neurons: sparse on NumPy, dense in any array namespace."""

import abc
from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse

from embody.brains.compressed_rows import CompressedRows, OwnRows, Rows

Array = Any


class AbstractConnections(abc.ABC):
    """What reaches each neuron through its chemical synapses and gap junctions.

    Attributes
    ----------
    gap_total
        Summed gap-junction conductance of each neuron, shape (n,), in units of the leak.
    """

    gap_total: Array

    @abc.abstractmethod
    def __call__(self, release: Array, voltage: Array) -> tuple[Array, Array, Array]:
        """Return excitatory and inhibitory conductance and gap drive, each (..., n).

        The gap drive is the sum over partners of conductance times their voltage [mV].
        """


class SparseConnections(AbstractConnections):
    """Compressed rows on NumPy: one animal, or many that are wired alike.

    Parameters
    ----------
    excitation, inhibition, gap
        Conductances [post, pre], shape (n, n), in units of the postsynaptic leak.
    """

    def __init__(self, excitation: Array, inhibition: Array, gap: Array) -> None:
        gap = scipy.sparse.csr_array(gap)
        size = gap.shape[0]
        self._size = size
        self._rows: Rows = CompressedRows(
            scipy.sparse.block_array(
                [
                    [scipy.sparse.csr_array(excitation), None],
                    [scipy.sparse.csr_array(inhibition), None],
                    [None, gap],
                ]
            )
        )
        self.gap_total = np.asarray(gap.sum(axis=1)).ravel()

    @classmethod
    def stack(cls, connections: Sequence["SparseConnections"]) -> "SparseConnections":
        """Return the connections of b animals, each wired its own way; they take (b, n)."""
        stacked = object.__new__(cls)
        stacked._size = connections[0]._size
        stacked._rows = OwnRows([c._rows for c in connections])
        stacked.gap_total = np.stack([c.gap_total for c in connections])
        return stacked

    def __call__(self, release: Array, voltage: Array) -> tuple[Array, Array, Array]:
        """Return excitatory and inhibitory conductance and gap drive, each (..., n)."""
        size = self._size
        reached = self._rows(np.concatenate([release, voltage], axis=-1))
        return reached[..., :size], reached[..., size : 2 * size], reached[..., 2 * size :]


class DenseConnections(AbstractConnections):
    """Full matrices in any array namespace: batches, JAX, gradients.

    Parameters
    ----------
    chemical
        Excitatory rows above inhibitory ones [post, pre], shape (2 n, n), in units of the leak.
    gap
        Gap-junction conductances, shape (n, n), in units of the leak.
    """

    def __init__(self, chemical: Array, gap: Array) -> None:
        self.chemical = chemical
        self.gap = gap
        self.gap_total = gap.sum(-1)

    def __call__(self, release: Array, voltage: Array) -> tuple[Array, Array, Array]:
        """Return excitatory and inhibitory conductance and gap drive, each (..., n)."""
        size = self.gap.shape[-1]
        reached = release @ self.chemical.T
        return reached[..., :size], reached[..., size:], voltage @ self.gap.T
