"""Gentle touch: force on the skin turned into current of the touch receptor neurons."""

from collections.abc import Sequence
from typing import Any

import numpy as np

Array = Any

RECEPTIVE_FIELDS = {
    "ALML": (0.05, 0.39),
    "ALMR": (0.05, 0.39),
    "AVM": (0.04, 0.37),
    "PVM": (0.24, 0.67),
    "PLML": (0.50, 0.97),
    "PLMR": (0.50, 0.97),
}
"""Stretch of the body that each neurite covers, as fractions from nose to tail.

From the neurites of the Virtual Worm morphologies (PyPI package c302); agrees with Chalfie et al.
1985, J. Neurosci. 5:956.
"""

FULL_RESPONSE = 20.0
"""Current at saturation [mV of leak drive]."""

HALF_FORCE = 10.0
"""Force that brings the response to 46 % of its maximum [uN], of the order of the threshold of
touch receptors (O'Hagan, Chalfie & Goodman 2005, Nat. Neurosci. 8:43)."""


def receptive_fields(neurons: Sequence[str], rods: int) -> np.ndarray:
    """Return the full response of every neuron to touch at every rod, (n, rods) [mV]."""
    place = (np.arange(rods) + 0.5) / rods
    field = np.zeros((len(neurons), rods))
    for number, neuron in enumerate(neurons):
        if neuron in RECEPTIVE_FIELDS:
            start, stop = RECEPTIVE_FIELDS[neuron]
            field[number] = FULL_RESPONSE * ((place >= start) & (place <= stop))
    return field


def sense_touch(field: Array, force: Array, xp: Any) -> Array:
    """Return the drive of every neuron, (..., n) [mV of leak drive].

    The response follows the strongest touch within the field, (n, rods), and saturates.

    Parameters
    ----------
    force
        Force on every rod, (..., rods) [uN].
    """
    return (field * xp.tanh(force / (2.0 * HALF_FORCE))[..., None, :]).max(axis=-1)
