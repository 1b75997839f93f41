"""Derivatives by automatic differentiation beside central differences."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

LARGEST_STEP = 1e-2
STEPS = 8
RATIO = 4.0


class Derivative(NamedTuple):
    """One derivative, found in two ways.

    Attributes
    ----------
    automatic, central
        By automatic differentiation, and by central differences.
    step
        Step of the differences, in the unit of the position.
    relative_error
        Their distance over the larger of the two; 0 where both are 0.
    """

    automatic: float
    central: float
    step: float
    relative_error: float


def central_difference(evaluate: Callable[[np.ndarray], np.ndarray]) -> tuple[float, float]:
    """Return the slope of a function of one number at 0, and the step that it was taken with.

    Steps shrink from 1e-2 by factors of 4, eight of them. Truncation falls with the step and
    rounding grows, so the step is taken at which two neighbours agree best; the automatic
    derivative has no say.

    Parameters
    ----------
    evaluate
        Returns values at places, (2 m,) to (2 m,).
    """
    steps = LARGEST_STEP / RATIO ** np.arange(STEPS)
    values = np.asarray(evaluate(np.concatenate([steps, -steps])), np.float64)
    slopes = (values[:STEPS] - values[STEPS:]) / (2.0 * steps)
    changes = np.abs(np.diff(slopes))
    chosen = int(np.argmin(np.where(np.isfinite(changes), changes, np.inf))) + 1
    return float(slopes[chosen]), float(steps[chosen])


def compare(
    evaluate: Callable[[np.ndarray], np.ndarray],
    gradient: np.ndarray,
    position: np.ndarray,
    directions: np.ndarray,
    seen: Callable[[], Any] | None = None,
) -> list[Derivative]:
    """Return the derivatives along directions, (d, k), of a function of a position, (k,).

    Parameters
    ----------
    evaluate
        The function at many positions, (m, k) to (m,).
    gradient
        Its automatic gradient, (k,).
    seen
        Called after each direction.
    """
    found = []
    for direction in directions:
        along, step = central_difference(
            lambda places, way=direction: evaluate(position + places[:, None] * way)
        )
        automatic = float(gradient @ direction)
        largest = max(abs(automatic), abs(along))
        error = abs(automatic - along) / largest if largest > 0.0 else 0.0
        found.append(Derivative(automatic, along, step, error))
        if seen is not None:
            seen()
    return found
