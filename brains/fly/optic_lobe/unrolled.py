"""Every cell and every edge of the optic lobe on a lattice of a given radius."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse

from embody.brains.fly.optic_lobe.lattice import hexagon
from embody.errors import UnknownNameError, require_known

if TYPE_CHECKING:
    from embody.brains.fly.optic_lobe.connectome import OpticLobeConnectome

_CELL = re.compile(r"(.+)\[(-?\d+),(-?\d+)\]")


@dataclass(frozen=True, eq=False)
class UnrolledOpticLobe:
    """The optic lobe of one eye, cell by cell.

    Attributes
    ----------
    connectome
        The wiring it was unrolled from.
    radius
        Of the lattice, in columns.
    columns
        (u, v) of each column, (columns, 2).
    cell_type
        Index of each neuron's type, (n,); neurons are sorted by type, then column.
    column
        Index of each neuron's column, (n,).
    source, target
        Neurons at both ends of each edge, (edges,).
    entry
        Filter entry that each edge belongs to, (edges,).
    """

    connectome: "OpticLobeConnectome"
    radius: int
    columns: np.ndarray
    cell_type: np.ndarray
    column: np.ndarray
    source: np.ndarray
    target: np.ndarray
    entry: np.ndarray

    def __repr__(self) -> str:
        return (
            f"UnrolledOpticLobe(radius {self.radius}, {len(self.columns)} columns, "
            f"{self.cell_type.size} neurons, {self.source.size} edges)"
        )

    @cached_property
    def neurons(self) -> tuple[str, ...]:
        """Name of each neuron: type and column, e.g. "T4a[0,0]"."""
        types = self.connectome.cell_types
        columns = [f"[{u},{v}]" for u, v in self.columns]
        return tuple(
            types[t] + columns[c] for t, c in zip(self.cell_type, self.column, strict=True)
        )

    @cached_property
    def place(self) -> np.ndarray:
        """Index of the neuron of each type in each column, (types, columns); -1 where none is."""
        place = np.full((len(self.connectome.cell_types), len(self.columns)), -1)
        place[self.cell_type, self.column] = np.arange(self.cell_type.size)
        return place

    def index(self, names: str | Iterable[str]) -> np.ndarray:
        """Return the indices of neurons: all those of a type ("T4a"), or single ones ("T4a[0,0]").

        Raises
        ------
        UnknownNameError
            If there is no such type, or no such cell on this lattice.
        """
        found = [self._find(name) for name in ([names] if isinstance(names, str) else names)]
        return np.concatenate(found) if found else np.empty(0, dtype=np.intp)

    def _find(self, name: str) -> np.ndarray:
        match = _CELL.fullmatch(name)
        if match is None:
            (cell_type,) = self.connectome.index(name)
            return np.flatnonzero(self.cell_type == cell_type)
        (cell_type,) = self.connectome.index(match[1])
        at = (self.columns == (int(match[2]), int(match[3]))).all(axis=1)
        cells = self.place[cell_type, at]
        if not (cells >= 0).any():
            own = np.flatnonzero(self.cell_type == cell_type)
            raise UnknownNameError("neuron", name, [self.neurons[k] for k in own])
        return cells

    def matrix(self, strength: np.ndarray | None = None) -> scipy.sparse.csr_array:
        """Return the weights as a sparse matrix [target, source], (n, n).

        Parameters
        ----------
        strength
            Strength of each pair of types, (pairs,), which scales sign times synapses; by default
            1, so that the matrix holds signed synapse counts.
        """
        wiring = self.connectome
        weight = entry_weights(wiring, np.ones(len(wiring.pairs)) if strength is None else strength)
        size = self.cell_type.size
        ends = (self.target.astype(np.int32), self.source.astype(np.int32))  # half the memory
        edges = (weight[self.entry], ends)
        return scipy.sparse.csr_array(scipy.sparse.coo_array(edges, shape=(size, size)))

    def columns_of(self, cell_type: str) -> np.ndarray:
        """Return (u, v) of each neuron of a type, in the order of `index`, (cells, 2)."""
        require_known("cell type", [cell_type], self.connectome.cell_types)
        return self.columns[self.column[self.index(cell_type)]]


def entry_weights(connectome: "OpticLobeConnectome", strength: np.ndarray) -> np.ndarray:
    """Return sign times synapses times strength of each filter entry, (entries,)."""
    pair = connectome.entry_pair
    return connectome.signs[pair] * connectome.synapses * strength[pair]


def unroll(connectome: "OpticLobeConnectome", radius: int) -> UnrolledOpticLobe:
    """Return every cell and edge on a lattice of this radius; edges across its rim are missing."""
    columns = hexagon(radius)
    cell_type, column = np.nonzero(connectome.present(columns))
    neighbour = neighbours(columns, connectome.offsets)
    place = np.full((len(connectome.cell_types), len(columns) + 1), -1)
    place[cell_type, column] = np.arange(cell_type.size)

    ends = connectome.pairs[connectome.entry_pair]
    source = place[ends[:, 0], :-1]
    target = place[ends[:, 1][:, None], neighbour]
    entry, at = np.nonzero((source >= 0) & (target >= 0))
    return UnrolledOpticLobe(
        connectome,
        radius,
        columns,
        cell_type,
        column,
        source[entry, at],
        target[entry, at],
        entry,
    )


def neighbours(columns: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Return the index of the column at each offset from each column, (offsets, columns).

    Where that lies outside the lattice the index is one past the last column.
    """
    radius = int(np.abs(columns).max(initial=0)) + int(np.abs(offsets).max(initial=0))
    table = np.full((2 * radius + 1, 2 * radius + 1), len(columns))
    table[tuple((columns + radius).T)] = np.arange(len(columns))
    there = columns[None] + offsets[:, None] + radius
    return table[there[..., 0], there[..., 1]]
