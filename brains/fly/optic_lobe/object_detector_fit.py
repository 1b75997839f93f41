"""Fitting of object detectors: which release of a column's cells goes with an object there."""

from dataclasses import dataclass

import numpy as np

from embody.errors import EmbodyError

_NEWTON_STEPS = 30


@dataclass(frozen=True)
class Examples:
    """Columns at some moments, some of which look at an object.

    Attributes
    ----------
    change
        What the cells of the column release, less what they do in an empty world, (n, types).
    is_object
        Whether the column looks at the object, (n,).
    weight
        How many columns of the recording each example stands for, (n,).
    """

    change: np.ndarray
    is_object: np.ndarray
    weight: np.ndarray


def draw_examples(
    change: np.ndarray, is_object: np.ndarray, empty_columns: int, rng: np.random.Generator
) -> Examples:
    """Return all columns that look at the object, and some that do not.

    Parameters
    ----------
    change
        Of the cells of every column, (..., types, columns).
    is_object
        Whether a column looks at the object, (..., columns).
    empty_columns
        How many of the columns that do not to draw.

    Raises
    ------
    EmbodyError
        If nowhere is an object, or everywhere.
    """
    inside, outside = np.flatnonzero(is_object), np.flatnonzero(~is_object)
    if not (inside.size and outside.size):
        raise EmbodyError("detectors are fitted to columns with and without an object")
    drawn = outside[rng.integers(outside.size, size=min(empty_columns, outside.size))]
    chosen = np.concatenate([inside, drawn])
    moment, column = np.unravel_index(chosen, (is_object[..., 0].size, is_object.shape[-1]))
    each = change.reshape(-1, *change.shape[-2:])[moment, :, column]
    weight = np.repeat([1.0, outside.size / drawn.size], [inside.size, drawn.size])
    return Examples(each.astype(np.float64), np.arange(chosen.size) < inside.size, weight)


def fit_detectors(examples: Examples, ridge: float = 1e-4) -> tuple[np.ndarray, float]:
    """Return the weight of each type, (types,), and the threshold: a logistic regression.

    The sum of a detector is then the log odds that its column looks at an object; what it responds
    to is what is more likely an object than not.

    Parameters
    ----------
    ridge
        Penalty on the square of weights in units of the standard deviation of their cells, in
        columns of the recording, relative to all of them.

    Raises
    ------
    EmbodyError
        If the examples do not say: no cell type changes.
    """
    scale = examples.change.std(axis=0)
    if not (scale > 0).any():
        raise EmbodyError("the cells release the same with and without an object")
    scale = np.where(scale > 0, scale, 1.0)
    known = np.column_stack([examples.change / scale, np.ones(len(examples.change))])
    share = examples.weight / examples.weight.sum()
    penalty = ridge * np.eye(known.shape[1])
    penalty[-1, -1] = 0.0
    found = np.zeros(known.shape[1])
    for _ in range(_NEWTON_STEPS):
        likely = 1.0 / (1.0 + np.exp(-np.clip(known @ found, -30.0, 30.0)))
        slope = known.T @ (share * (likely - examples.is_object)) + penalty @ found
        curvature = (known * (share * likely * (1.0 - likely))[:, None]).T @ known + penalty
        found = found - np.linalg.solve(curvature, slope)
    return found[:-1] / scale, -float(found[-1])
