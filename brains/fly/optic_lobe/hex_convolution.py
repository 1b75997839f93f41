"""Synapses as a convolution over columns, for JAX: batched, differentiable, on an open lattice."""

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from embody.brains.fly.optic_lobe.connectome import OpticLobeConnectome
from embody.brains.fly.optic_lobe.lattice import hexagon
from embody.brains.fly.optic_lobe.unrolled import neighbours


class HexConvolution(NamedTuple):
    """Where the rates that reach a column come from; the synapses of all columns at once.

    Each pair of a source type and an offset is a tap. The rates behind all taps are gathered, and
    one matrix product gives the input of every type in every column. Arrays of the network have
    the shape (types, columns, batch), so that the batch is contiguous in memory.

    Attributes
    ----------
    gather
        For each tap and column, index into rates laid out as (types, columns + 1), the last
        column being outside the lattice, (taps, columns).
    entry_target, entry_tap
        Row and column of each filter entry in the matrix, (entries,).
    entry_pair
        Pair of types of each entry, (entries,).
    signed_synapses
        Sign times number of synapses of each entry, (entries,).
    present
        1 where a type has a cell in a column, else 0, (types, columns, 1); rates of absent cells
        must be 0.
    """

    gather: jnp.ndarray
    entry_target: jnp.ndarray
    entry_tap: jnp.ndarray
    entry_pair: jnp.ndarray
    signed_synapses: jnp.ndarray
    present: jnp.ndarray

    @classmethod
    def build(cls, connectome: OpticLobeConnectome, columns: np.ndarray) -> "HexConvolution":
        """Return the convolution on these columns, (columns, 2), beyond which there is nothing."""
        tap, entry_tap = taps(connectome)
        gather = tap[:, :1] * (len(columns) + 1) + neighbours(columns, tap[:, 1:])
        pair = connectome.entry_pair
        return cls(
            gather=jnp.asarray(gather, jnp.int32),
            entry_target=jnp.asarray(connectome.pairs[pair, 1], jnp.int32),
            entry_tap=jnp.asarray(entry_tap, jnp.int32),
            entry_pair=jnp.asarray(pair, jnp.int32),
            signed_synapses=jnp.asarray(connectome.signs[pair] * connectome.synapses, float),
            present=jnp.asarray(connectome.present(columns)[:, :, None], float),
        )

    def matrix(self, strength: jnp.ndarray) -> jnp.ndarray:
        """Return the weight of each tap on each type, (types, taps), for strengths (pairs,)."""
        shape = (self.present.shape[0], self.gather.shape[0])
        weight = self.signed_synapses * strength[self.entry_pair]
        return jnp.zeros(shape, weight.dtype).at[self.entry_target, self.entry_tap].add(weight)

    def __call__(self, matrix: jnp.ndarray, rate: jnp.ndarray) -> jnp.ndarray:
        """Return the synaptic input of every neuron, (types, columns, batch), for its rates."""
        types, columns, batch = rate.shape
        padded = jnp.pad(rate, ((0, 0), (0, 1), (0, 0))).reshape(types * (columns + 1), batch)
        arriving = padded[self.gather.ravel()].reshape(self.gather.shape[0], columns * batch)
        return (matrix @ arriving).reshape(types, columns, batch)


def taps(connectome: OpticLobeConnectome) -> tuple[np.ndarray, np.ndarray]:
    """Return the taps and which of them each filter entry uses.

    Returns
    -------
    taps
        Source type, and u and v of the source's column minus those of the target's, (taps, 3).
    entry_tap
        Index of each entry's tap, (entries,).
    """
    source = connectome.pairs[connectome.entry_pair, 0]
    found, entry_tap = np.unique(
        np.column_stack([source, -connectome.offsets]), axis=0, return_inverse=True
    )
    return found, entry_tap.ravel()


def on_hexagon(connectome: OpticLobeConnectome, radius: int) -> HexConvolution:
    """Return the convolution on the open lattice of a radius: the network of `unroll`."""
    return HexConvolution.build(connectome, hexagon(radius))
