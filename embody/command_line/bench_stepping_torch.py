"""The peer PyTorch: the same networks in motion, step by step, in single precision."""

import warnings
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch  # pyright: ignore[reportMissingImports]

from embody.brains import graded
from embody.brains.connections import AbstractConnections
from embody.command_line.bench_networks import STEP_S, Network
from embody.command_line.bench_stepping import Advance

DENSE_LIMIT = 1000
"""Neurons up to which full matrices are faster than compressed rows."""

_NAMESPACE = SimpleNamespace(exp=torch.exp, minimum=torch.clamp_max)


class TorchConnections(AbstractConnections):
    """Matrices of PyTorch: full ones of small networks, compressed rows of large ones."""

    def __init__(self, network: Network) -> None:
        wiring = (network.excitation, network.inhibition, network.gap)
        self._excitation, self._inhibition, self._gap = map(_matrix, wiring)
        self.gap_total = _tensor(network.gap.sum(axis=1))

    def __call__(self, release: Any, voltage: Any) -> tuple[Any, Any, Any]:
        """Return excitatory and inhibitory conductance and gap drive, each (..., n)."""
        return (
            (self._excitation @ release.T).T,
            (self._inhibition @ release.T).T,
            (self._gap @ voltage.T).T,
        )


def torch_steps(network: Network, animals: int | None) -> Advance:
    """Return one step of a batch of networks; one network is a batch of one."""
    constants = graded.GradedParameters(*map(_tensor, network.graded))
    connections = TorchConnections(network)
    state = [graded.GradedState(*map(_tensor, network.start(animals or 1)))]
    nothing = _tensor(0.0)

    @torch.inference_mode()
    def advance() -> np.ndarray:
        state[0] = graded.step(constants, connections, state[0], nothing, STEP_S, _NAMESPACE)
        return state[0].voltage.numpy()

    return advance


def _tensor(value: Any) -> Any:
    return torch.asarray(np.array(value, np.float32))


def _matrix(rows: Any) -> Any:
    if rows.shape[0] <= DENSE_LIMIT:
        return _tensor(rows.toarray())
    parts = (rows.indptr, rows.indices)
    pointers, columns = (torch.asarray(part.astype(np.int64)) for part in parts)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Sparse", category=UserWarning)
        return torch.sparse_csr_tensor(pointers, columns, _tensor(rows.data), size=rows.shape)
