"""Small networks whose behaviour is known."""

import numpy as np

from embody.brains.connections import SparseConnections
from embody.brains.graded import GradedParameters


def parameters(size=1, **changed):
    """Return constants of `size` equal neurons; arrays or scalars in `changed` replace them."""
    constants = {
        "time_constant": 0.1,
        "leak_potential": -35.0,
        "leak_conductance": 0.01,
        "release_threshold": -30.0,
        "release_slope": 0.3,
        "release_rise": 10.0,
        "release_decay": 5.0,
        "plateau_conductance": 0.0,
        "plateau_threshold": 0.0,
        "plateau_slope": 0.0,
        **changed,
    }
    arrays = {name: np.broadcast_to(value, size).copy() for name, value in constants.items()}
    return GradedParameters(
        **arrays, excitatory_potential=np.array(0.0), inhibitory_potential=np.array(-48.0)
    )


def unconnected(size=1):
    return SparseConnections(*np.zeros((3, size, size)))


def gap_pair(conductance):
    gap = conductance * np.array([[0.0, 1.0], [1.0, 0.0]])
    return SparseConnections(np.zeros((2, 2)), np.zeros((2, 2)), gap)


def random_weights(size, seed=0):
    """Return excitation, inhibition and symmetric gap junctions, (size, size) each."""
    random = np.random.default_rng(seed)
    chemical = random.gamma(1.0, 1.0, (size, size)) * (random.random((size, size)) < 0.3)
    inhibits = random.random(size) < 0.3
    gap = np.triu(random.gamma(1.0, 1.0, (size, size)) * (random.random((size, size)) < 0.2), 1)
    return chemical * ~inhibits, chemical * inhibits, gap + gap.T
