"""Motor neuron output turned into muscle commands."""

from typing import Any

from embody.brains.graded import sigmoid

Array = Any


def muscle_command(threshold: Array, slope: Array, received: Array, xp: Any) -> Array:
    """Return the command of every muscle, shape (..., muscles), 0 to 1.

    Body-wall muscles respond in graded fashion to acetylcholine and GABA (Liu et al. 2009,
    J. Physiol. 587:101).

    Parameters
    ----------
    received
        Excitation less inhibition from all motor neurons, shape (..., muscles).
    """
    return sigmoid(4.0 * slope * (received - threshold), xp)
