"""Geometry of a centreline: angles, curvature, body axis, and smoothing over time.

A centreline has shape (frames, nodes, 2) [mm], the head's node first. Angles of rods point towards
the head; curvature is positive where the dorsal (left) side is concave.
"""

import numpy as np


def sampling_period(time_s: np.ndarray) -> float:
    """Return the median time between samples [s], NaN for fewer than two."""
    return float(np.median(np.diff(time_s))) if len(time_s) > 1 else float("nan")


def body_length(centreline: np.ndarray) -> float:
    """Return the median length of the centreline over time [mm]."""
    return float(np.median(body_lengths(centreline)))


def body_lengths(centreline: np.ndarray) -> np.ndarray:
    """Return the length of the centreline at each time, shape (frames,) [mm]."""
    return np.linalg.norm(np.diff(centreline, axis=1), axis=2).sum(axis=1)


def centroid(centreline: np.ndarray) -> np.ndarray:
    """Return the mean of the rods' midpoints, shape (frames, 2) [mm]."""
    return (0.5 * (centreline[:, 1:] + centreline[:, :-1])).mean(axis=1)


def rod_angles(centreline: np.ndarray) -> np.ndarray:
    """Return each rod's direction towards the head, continuous along the body.

    Returns
    -------
    numpy.ndarray
        Shape (frames, nodes - 1) [rad].
    """
    forward = centreline[:, :-1] - centreline[:, 1:]
    return np.unwrap(np.arctan2(forward[..., 1], forward[..., 0]), axis=1)


def curvature(centreline: np.ndarray) -> np.ndarray:
    """Return the curvature at inner nodes, dorsal positive, shape (frames, nodes - 2) [1/mm]."""
    bend = -np.diff(rod_angles(centreline), axis=1)
    lengths = np.linalg.norm(np.diff(centreline, axis=1), axis=2)
    return bend / (0.5 * (lengths[:, 1:] + lengths[:, :-1]))


def body_axis(centreline: np.ndarray) -> np.ndarray:
    """Return the unit vector from the rear half's centre to the front half's, (frames, 2).

    Centres of halves sway less with the undulation than the ends do.
    """
    half = centreline.shape[1] // 2
    axis = centreline[:, :half].mean(axis=1) - centreline[:, -half:].mean(axis=1)
    return axis / np.maximum(np.linalg.norm(axis, axis=1, keepdims=True), 1e-12)


def smooth_path(points: np.ndarray, window: int) -> np.ndarray:
    """Return the centred moving average over time (axis 0) of a path, same shape.

    Near both ends the window shrinks symmetrically, so that uniform motion stays as it is.
    """
    index = np.arange(len(points))
    half = np.minimum(window // 2, np.minimum(index, len(points) - 1 - index))
    return _window_means(points, index - half, index + half + 1)


def smooth(values: np.ndarray, window: int) -> np.ndarray:
    """Return the centred moving average over time (axis 0) of a rate, same shape.

    Near both ends the window holds what there is of it, so that fast jitter stays averaged out.
    """
    index = np.arange(len(values))
    first = np.maximum(index - window // 2, 0)
    return _window_means(values, first, np.minimum(index + window // 2 + 1, len(values)))


def _window_means(values: np.ndarray, first: np.ndarray, stop: np.ndarray) -> np.ndarray:
    total = np.concatenate([np.zeros_like(values[:1], float), np.cumsum(values, axis=0)])
    return (total[stop] - total[first]) / (stop - first).reshape(-1, *[1] * (values.ndim - 1))
