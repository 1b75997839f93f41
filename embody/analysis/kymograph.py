"""Curvature over time and along the body."""

from dataclasses import dataclass

import numpy as np

from embody.analysis.posture import curvature


@dataclass(frozen=True)
class Kymograph:
    """Curvature as an image.

    Attributes
    ----------
    time_s
        Times of the columns, shape (frames,) [s].
    position_body
        Places of the rows, 0 head to 1 tail, shape (joints,) [body lengths].
    curvature_per_mm
        Curvature, dorsal positive, shape (joints, frames) [1/mm].
    """

    time_s: np.ndarray
    position_body: np.ndarray
    curvature_per_mm: np.ndarray


def curvature_kymograph(
    time_s: np.ndarray, centreline: np.ndarray, columns: int = 2000
) -> Kymograph:
    """Return the curvature kymograph, with at most `columns` evenly chosen frames.

    Parameters
    ----------
    time_s
        Times, shape (frames,) [s].
    centreline
        Nodes from head to tail, shape (frames, nodes, 2) [mm].
    columns
        Largest number of frames to keep.
    """
    keep = slice(None, None, max(1, -(-len(time_s) // columns)))
    bending = curvature(centreline[keep])
    position = np.arange(1, bending.shape[1] + 1) / (bending.shape[1] + 1)
    return Kymograph(time_s[keep], position, bending.T)
