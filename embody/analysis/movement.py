"""How fast and how far the animal moves."""

import numpy as np

from embody.analysis.posture import body_axis, centroid, sampling_period, smooth_path

_SWAY_S = 1.0  # path length: averages out the sway of undulation


def signed_speed(time_s: np.ndarray, centreline: np.ndarray) -> np.ndarray:
    """Return the centroid's velocity along the body axis, positive towards the nose.

    Parameters
    ----------
    time_s
        Times, shape (frames,) [s].
    centreline
        Nodes from head to tail, shape (frames, nodes, 2) [mm].

    Returns
    -------
    numpy.ndarray
        Shape (frames,) [mm/s]; NaN where there are fewer than two frames.
    """
    if len(time_s) < 2:
        return np.full(len(time_s), np.nan)
    velocity = np.gradient(centroid(centreline), time_s, axis=0)
    return np.einsum("ij,ij->i", velocity, body_axis(centreline))


def track(time_s: np.ndarray, centreline: np.ndarray, window_s: float = _SWAY_S) -> np.ndarray:
    """Return the centroid's path, averaged over a moving window, shape (frames, 2) [mm]."""
    if len(time_s) < 2:
        return centroid(centreline)
    return smooth_path(centroid(centreline), round(window_s / sampling_period(time_s)))


def path_length(time_s: np.ndarray, centreline: np.ndarray) -> float:
    """Return the length of the way the centroid went, without its sway [mm]."""
    steps = np.diff(track(time_s, centreline), axis=0)
    return float(np.linalg.norm(steps, axis=1).sum())


def displacement(centreline: np.ndarray) -> float:
    """Return the straight distance from the first to the last centroid [mm]."""
    path = centroid(centreline)
    return float(np.linalg.norm(path[-1] - path[0]))
