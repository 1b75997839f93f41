"""Resampling of whole animals, or of blocks of time where there are too few animals."""

import numpy as np

FEWEST_INDIVIDUALS = 6
DRAWS = 1000


def clusters(individual: np.ndarray, block: np.ndarray) -> tuple[np.ndarray, str]:
    """Return to which cluster each row belongs, and what a cluster is.

    Parameters
    ----------
    individual, block
        Labels of each row, shape (rows,).
    """
    if len(np.unique(individual)) >= FEWEST_INDIVIDUALS:
        return np.unique(individual, return_inverse=True)[1], "individuals"
    return np.unique(block, return_inverse=True)[1], "blocks of time, within individuals"


def weights(number: int, draws: int, seed: int) -> np.ndarray:
    """Return how often each of `number` clusters is drawn, shape (draws, number)."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(number, np.full(number, 1.0 / number), size=draws).astype(float)


def resampled_means(values: np.ndarray, cluster: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Return the mean of rows for each draw of clusters, shape (draws, ...).

    Parameters
    ----------
    values
        Shape (rows, ...).
    cluster
        Of each row, 0 to n - 1, shape (rows,).
    drawn
        From `weights`, shape (draws, n).
    """
    number = drawn.shape[1]
    counts = np.bincount(cluster, minlength=number).astype(float)
    sums = np.zeros((number, *values.shape[1:]))
    np.add.at(sums, cluster, values)
    total = drawn @ sums.reshape(number, -1) / (drawn @ counts)[:, None]
    return total.reshape(len(drawn), *values.shape[1:])
