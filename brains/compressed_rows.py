"""Matrices of mostly zeros that act on one animal or on many, with the same bits."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse


class CompressedRows:
    """A matrix, (m, n): called with `x`, (..., n), it returns `x @ matrix.T`, (..., m).

    Every sum runs over a row's entries in order, whatever the batch: a member of a batch has the
    same bits as alone. A dense product has not.

    Parameters
    ----------
    matrix
        Dense or sparse, shape (m, n).
    """

    def __init__(self, matrix: Any) -> None:
        self.rows = scipy.sparse.csr_array(matrix)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return the product, (..., m), for `x` of one animal, (n,), or of a batch, (b, n)."""
        return (self.rows @ x.T).T


class OwnRows:
    """A matrix of its own for each of b animals: called with `x`, (b, n), it returns (b, m).

    Parameters
    ----------
    matrices
        One `CompressedRows` for each animal, all of one shape.
    """

    def __init__(self, matrices: Sequence["Rows"]) -> None:
        self._shape = (len(matrices), -1)
        self.rows = scipy.sparse.block_diag([m.rows for m in matrices], format="csr")

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return each animal's product, (b, m)."""
        return (self.rows @ np.ascontiguousarray(x).ravel()).reshape(self._shape)


Rows = CompressedRows | OwnRows
