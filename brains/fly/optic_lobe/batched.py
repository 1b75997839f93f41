"""The optic lobe in JAX: many movies at once, on any lattice, differentiable in its parameters."""

from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from embody.brains.fly.optic_lobe import dynamics
from embody.brains.fly.optic_lobe.connectome import OpticLobeConnectome
from embody.brains.fly.optic_lobe.dynamics import CellParameters, OpticLobeState, TiedParameters
from embody.brains.fly.optic_lobe.hex_convolution import HexConvolution
from embody.brains.fly.optic_lobe.periodic_convolution import PeriodicConvolution


class Constants(NamedTuple):
    """What the steps of a movie share.

    Attributes
    ----------
    cells
        Constants of the neurons, (types, 1, 1) each.
    matrix
        Weights as the convolution over the columns wants them.
    """

    cells: CellParameters
    matrix: Any


class BatchedOpticLobe(NamedTuple):
    """The same network as `network.OpticLobe`, with voltages laid out as (types, columns, batch).

    Voltages of types that have no cell in a column relax to rest there and reach no other neuron.

    Attributes
    ----------
    synapses
        Convolution over the columns of a lattice.
    receptors
        1 for types that light reaches, else 0, (types, 1, 1).
    """

    synapses: HexConvolution | PeriodicConvolution
    receptors: Any

    @classmethod
    def build(
        cls, connectome: OpticLobeConnectome, synapses: HexConvolution | PeriodicConvolution
    ) -> "BatchedOpticLobe":
        """Return the network of a connectome on the lattice of `synapses`."""
        receptors = np.zeros((len(connectome.cell_types), 1, 1))
        receptors[connectome.inputs] = 1.0
        return cls(synapses, jnp.asarray(receptors, synapses.present.dtype))

    def constants(self, tied: TiedParameters) -> Constants:
        """Return what follows from the tied parameters, in JAX arrays."""
        cells = CellParameters(tied.rest[:, None, None], tied.time_constant[:, None, None])
        return Constants(cells, self.synapses.matrix(tied.strength))

    def init(self, constants: Constants, batch: int) -> OpticLobeState:
        """Return the state with every neuron at rest, (types, columns, batch)."""
        shape = (*self.synapses.present.shape[:2], batch)
        like = jnp.zeros(shape, constants.matrix.dtype)
        return dynamics.init(constants.cells, like, jnp)

    def step(
        self, constants: Constants, state: OpticLobeState, light: Any, dt: float
    ) -> OpticLobeState:
        """Return the next state under light (columns, batch); see `dynamics.step`."""

        def synapses(rate: Any) -> Any:
            return self.synapses(constants.matrix, rate * self.synapses.present)

        arriving = self.receptors * light[None]
        return dynamics.step(constants.cells, synapses, state, arriving, dt, jnp)
