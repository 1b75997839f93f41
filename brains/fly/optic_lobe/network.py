"""The optic lobe of one eye on NumPy, cell by cell: the fast path of a single animal."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse

from embody.brains.fly.optic_lobe import dynamics
from embody.brains.fly.optic_lobe.connectome import OpticLobeConnectome
from embody.brains.fly.optic_lobe.dynamics import CellParameters, OpticLobeState, TiedParameters
from embody.brains.fly.optic_lobe.unrolled import UnrolledOpticLobe
from embody.errors import EmbodyError


@dataclass(frozen=True, eq=False)
class OpticLobe:
    """All neurons of one eye's optic lobe, ready to step. Immutable; states are passed along.

    Attributes
    ----------
    wiring
        Its cells and edges.
    cells
        Resting value and time constant of every neuron, (n,) each.
    weights
        Synaptic weights [target, source], (n, n).
    receptors
        Indices of the photoreceptors of each column, (receptor types, columns).

    Examples
    --------
    >>> lobe = OpticLobe.build(load_optic_lobe(), load_parameters())  # doctest: +SKIP
    >>> state = lobe.adapted(dt=0.005)  # doctest: +SKIP
    >>> state = lobe.step(state, light, dt=0.005)  # doctest: +SKIP
    >>> lobe.read(state, "T4a")  # doctest: +SKIP
    """

    wiring: UnrolledOpticLobe
    cells: CellParameters
    weights: scipy.sparse.csr_array
    receptors: np.ndarray

    @classmethod
    def build(
        cls,
        connectome: OpticLobeConnectome,
        tied: TiedParameters,
        radius: int = 15,
        dtype: Any = np.float32,
    ) -> "OpticLobe":
        """Unroll a connectome and give every cell and edge the parameters of its type.

        Parameters
        ----------
        tied
            Parameters of the types and pairs of types of `connectome`.
        radius
            Of the lattice [columns].
        dtype
            Floating-point type of the network; float32 is half as much to read at every step.

        Raises
        ------
        EmbodyError
            If the parameters do not fit the connectome.
        """
        types, pairs = len(connectome.cell_types), len(connectome.pairs)
        sizes = [np.shape(array) for array in tied]
        if sizes != [(types,), (types,), (pairs,)]:
            raise EmbodyError(
                f"this optic lobe needs {types} resting values, {types} time constants and "
                f"{pairs} strengths, not arrays of shapes {sizes}"
            )
        wiring = connectome.unroll(radius)
        rest, time_constant = (np.asarray(a, dtype)[wiring.cell_type] for a in tied[:2])
        return cls(
            wiring,
            CellParameters(rest, time_constant),
            scipy.sparse.csr_array(wiring.matrix(np.asarray(tied.strength)), dtype=dtype),
            wiring.place[connectome.inputs],
        )

    @property
    def neurons(self) -> tuple[str, ...]:
        """Name of each neuron: type and column, e.g. "T4a[0,0]"."""
        return self.wiring.neurons

    @property
    def columns(self) -> np.ndarray:
        """(u, v) of each column, the order of light, (columns, 2)."""
        return self.wiring.columns

    def without(self, names: str | Iterable[str]) -> "OpticLobe":
        """Return this optic lobe with cells or whole types cut off from all others.

        Raises
        ------
        UnknownNameError
            If there is no such type or cell.
        """
        alive = np.ones(len(self.cells.rest), self.weights.dtype)
        alive[self.wiring.index(names)] = 0.0
        keep = scipy.sparse.diags_array(alive)
        kept = scipy.sparse.csr_array(keep @ self.weights @ keep)
        kept.eliminate_zeros()
        return replace(self, weights=kept)

    def init(self, batch: tuple[int, ...] = ()) -> OpticLobeState:
        """Return the state with every neuron at its resting value, (*batch, n)."""
        like = np.empty((*batch, self.cells.rest.size), self.cells.rest.dtype)
        return dynamics.init(self.cells, like, np)

    def adapted(self, dt: float, light: float = dynamics.GREY) -> OpticLobeState:
        """Return the state that the network reaches in constant light on all columns, (n,).

        Raises
        ------
        EmbodyError
            If it never comes to rest.
        """
        everywhere = np.full(len(self.columns), light)
        return dynamics.settle(lambda state: self.step(state, everywhere, dt), self.init())

    def step(
        self,
        state: OpticLobeState,
        light: np.ndarray,
        dt: float,
        current: np.ndarray | None = None,
        silenced: np.ndarray | None = None,
    ) -> OpticLobeState:
        """Return the next state.

        Parameters
        ----------
        light
            Light on each column, (..., columns), 0 to 1.
        dt
            Step [s].
        current
            What a stimulation adds to the target of each neuron, (..., n), in units of the light.
        silenced
            Mask of the neurons that release nothing, (n,).
        """
        voltage = state.voltage
        arriving = np.zeros_like(voltage)
        arriving[..., self.receptors] = np.asarray(light, voltage.dtype)[..., None, :]
        if current is not None:
            arriving += np.asarray(current, voltage.dtype)
        return dynamics.step(self.cells, self._synapses(silenced), state, arriving, dt, np)

    def read(self, state: OpticLobeState, names: str | Iterable[str]) -> np.ndarray:
        """Return the voltages of cells or of all cells of a type, (..., cells).

        Raises
        ------
        UnknownNameError
            If there is no such type or cell.
        """
        return state.voltage[..., self.wiring.index(names)]

    def _synapses(self, silenced: np.ndarray | None) -> dynamics.Synapses:
        def synapses(rate: np.ndarray) -> np.ndarray:
            released = rate if silenced is None else np.where(silenced, 0.0, rate)
            released = np.asarray(released, self.weights.dtype)
            return (self.weights @ released.T).T

        return synapses
