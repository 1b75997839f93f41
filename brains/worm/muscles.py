"""Motor neuron output turned into muscle commands."""

from typing import Any

from embody.brains.graded import sigmoid

Array = Any


def muscle_command(
    neuromuscular: Array, threshold: Array, slope: Array, release: Array, xp: Any
) -> Array:
    """Return the command of every muscle, shape (..., muscles), 0 to 1.

    Body-wall muscles respond in graded fashion to acetylcholine and GABA (Liu et al. 2009,
    J. Physiol. 587:101).
    """
    return sigmoid(4.0 * slope * (release @ neuromuscular.T - threshold), xp)
