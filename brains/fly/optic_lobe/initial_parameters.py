"""Where training starts: every synapse weighs the same, and no cell is silent in grey."""

import numpy as np

from embody.brains.fly.optic_lobe.connectome import OpticLobeConnectome
from embody.brains.fly.optic_lobe.dynamics import GREY
from embody.brains.fly.optic_lobe.unrolled import entry_weights


def input_fraction(connectome: OpticLobeConnectome) -> np.ndarray:
    """Return the strengths at which the weights on a cell add up to 1 without signs, (pairs,).

    Each synapse on a cell then weighs the same, so that a pair of types counts as much as it has
    synapses. Types with fewer synapses than the median, such as photoreceptors, get the weight
    per synapse of the median type, so that a handful of synapses does not rule them.
    """
    onto = connectome.pairs[:, 1]
    total = _received(connectome, connectome.synapses)
    return 1.0 / np.maximum(total, np.median(total))[onto]


def homeostatic_rest(
    connectome: OpticLobeConnectome, strength: np.ndarray, grey: np.ndarray
) -> np.ndarray:
    """Return the resting values with which all cells have the voltages `grey` in grey, (types,)."""
    source = connectome.pairs[connectome.entry_pair, 0]
    weight = entry_weights(connectome, strength)
    received = _received(connectome, weight * np.maximum(grey, 0.0)[source])
    received[connectome.inputs] += GREY
    return grey - received


def _received(connectome: OpticLobeConnectome, amount: np.ndarray) -> np.ndarray:
    """Return the mean over columns of what filter entries of these amounts bring, (types,)."""
    source, target = connectome.strides[connectome.pairs[connectome.entry_pair]].swapaxes(0, 1)
    occupied = (np.gcd(source, target) / source).prod(axis=1)
    onto = connectome.pairs[connectome.entry_pair, 1]
    return np.bincount(onto, amount * occupied, len(connectome.cell_types))
