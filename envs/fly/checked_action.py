"""What an env of a fly does with an action before the body gets it."""

import numpy as np

from embody.errors import EmbodyError
from embody.layout import Layout
from embody.sampling import is_finite


def checked_action(
    action: np.ndarray, layout: Layout, low: np.ndarray, high: np.ndarray, parts: str
) -> np.ndarray:
    """Return the action, clipped where it lies outside its bounds.

    Parameters
    ----------
    layout
        What its numbers are.
    low, high
        Bounds, of the shape that the action has to have.
    parts
        What it consists of, for the message.

    Raises
    ------
    EmbodyError
        If it has another shape or is not finite.
    """
    if np.shape(action) != low.shape:
        raise EmbodyError(f"an action has shape {low.shape}, {parts}, not {np.shape(action)}")
    action = np.minimum(np.maximum(action, low), high)
    if not is_finite(action):
        names = [label for channel in layout for label in channel.labels]
        bad = names[int(np.flatnonzero(~np.isfinite(action))[0])]
        raise EmbodyError(f"the action for {bad} is not a number")
    return action
