"""Lines between keypoints that nobody named: the shortest that join them all in the animals."""

from collections.abc import Sequence

import numpy as np
from scipy.sparse.csgraph import minimum_spanning_tree

MOST_FRAMES = 500


def skeleton(points: Sequence[np.ndarray]) -> tuple[tuple[int, int], ...]:
    """Return the pairs of keypoints that a minimum spanning tree joins.

    Its weights are median distances over time, so that a line follows the body.

    Parameters
    ----------
    points
        Of animals, each of shape (frames, keypoints, 2 or 3), NaN where missing.
    """
    frames = np.concatenate(list(points))
    frames = frames[np.isfinite(frames).all(axis=(1, 2))]
    frames = frames[:: max(len(frames) // MOST_FRAMES, 1)]
    apart = np.linalg.norm(frames[:, :, None] - frames[:, None, :], axis=3)
    tree = minimum_spanning_tree(np.median(apart, axis=0)).tocoo()
    pairs = zip(tree.row.tolist(), tree.col.tolist(), strict=True)
    return tuple(sorted((min(pair), max(pair)) for pair in pairs))
