"""Synapses on a periodic lattice, wave by wave: the fast path of training."""

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from embody.brains.fly.optic_lobe.connectome import OpticLobeConnectome


class PeriodicConvolution(NamedTuple):
    """The synapses of all columns of a lattice without a rim, by the convolution theorem.

    The rates of each type are split into the waves that fit the lattice; a wave of the source type
    only drives the same wave of the target type, so that every wave needs one small matrix between
    types instead of one over all taps. Same interface and same result as `HexConvolution` on a
    periodic lattice, several times faster.

    Every column has all its neighbours, as in the middle of a large eye: what is learned here
    holds there.

    Attributes
    ----------
    analysis
        From columns to the real, then the imaginary parts of all waves, (2 waves, columns).
    synthesis
        Back, (columns, 2 waves).
    ends
        Source and target type of each pair, (pairs, 2).
    transfer
        Real and imaginary part of what one unit of strength of a pair makes of each wave,
        (2, pairs, waves).
    present
        1 where a type has a cell in a column, else 0, (types, columns, 1); rates of absent cells
        must be 0.
    """

    analysis: jnp.ndarray
    synthesis: jnp.ndarray
    ends: jnp.ndarray
    transfer: jnp.ndarray
    present: jnp.ndarray

    @classmethod
    def build(cls, connectome: OpticLobeConnectome, size: tuple[int, int]) -> "PeriodicConvolution":
        """Return the convolution on the columns of `torus(size)`.

        Parameters
        ----------
        size
            Columns along u and along v; multiples of the strides of all cell types.
        """
        columns, lattice = torus(size), np.array(size)
        waves, copies = _waves(columns, lattice)
        angle = 2.0 * np.pi * (waves / lattice) @ columns.T
        analysis = np.concatenate([np.cos(angle), -np.sin(angle)])
        synthesis = np.tile(copies, 2)[:, None] * analysis / len(columns)
        shift = 2.0 * np.pi * connectome.offsets @ (waves / lattice).T
        pair = connectome.entry_pair
        weight = (connectome.signs[pair] * connectome.synapses)[:, None]
        transfer = np.zeros((2, len(connectome.pairs), len(waves)))
        np.add.at(transfer[0], pair, weight * np.cos(shift))
        np.add.at(transfer[1], pair, -weight * np.sin(shift))
        return cls(
            analysis=jnp.asarray(analysis, float),
            synthesis=jnp.asarray(synthesis.T, float),
            ends=jnp.asarray(connectome.pairs, jnp.int32),
            transfer=jnp.asarray(transfer, float),
            present=jnp.asarray(connectome.present(columns)[:, :, None], float),
        )

    def matrix(self, strength: jnp.ndarray) -> jnp.ndarray:
        """Return the matrix of each wave, (waves, 2 types, 2 types), for strengths (pairs,)."""
        types, waves = self.present.shape[0], self.transfer.shape[2]
        scaled = self.transfer * strength[None, :, None]
        empty = jnp.zeros((2, types, types, waves), scaled.dtype)
        real, imaginary = empty.at[:, self.ends[:, 1], self.ends[:, 0]].add(scaled)
        blocks = [[real, -imaginary], [imaginary, real]]
        return jnp.concatenate([jnp.concatenate(row, axis=1) for row in blocks]).transpose(2, 0, 1)

    def __call__(self, matrix: jnp.ndarray, rate: jnp.ndarray) -> jnp.ndarray:
        """Return the synaptic input of every neuron, (types, columns, batch), for its rates."""
        return self.columns(matrix @ self.waves(rate))

    def waves(self, rate: jnp.ndarray) -> jnp.ndarray:
        """Return the waves in rates (types, columns, batch), (waves, 2 types, batch)."""
        types, _, batch = rate.shape
        parts = jnp.einsum("kc,tcb->ktb", self.analysis, rate)
        parts = parts.reshape(2, -1, types, batch).transpose(1, 0, 2, 3)
        return parts.reshape(-1, 2 * types, batch)

    def columns(self, waves: jnp.ndarray) -> jnp.ndarray:
        """Return what waves (waves, 2 types, batch) are together, (types, columns, batch)."""
        count, rows, batch = waves.shape
        parts = waves.reshape(count, 2, rows // 2, batch).transpose(1, 0, 2, 3)
        return jnp.einsum("ck,ktb->tcb", self.synthesis, parts.reshape(2 * count, rows // 2, batch))


def torus(size: tuple[int, int]) -> np.ndarray:
    """Return the columns (u, v) of a periodic lattice, v fastest, (columns, 2)."""
    u, v = np.mgrid[: size[0], : size[1]]
    return np.column_stack([u.ravel(), v.ravel()])


def _waves(columns: np.ndarray, lattice: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return one of each wave and its mirror image, (waves, 2), and how many these two are."""
    mirrored = -columns % lattice
    number, other = (place @ np.array([lattice[1], 1]) for place in (columns, mirrored))
    return columns[number <= other], np.where(number == other, 1.0, 2.0)[number <= other]
