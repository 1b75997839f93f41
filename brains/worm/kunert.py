"""The worm's network with the published constants and nothing fitted."""

import numpy as np

from embody.brains.connections import SparseConnections
from embody.brains.graded import GradedParameters
from embody.connectome import Connectome

LEAK_CONDUCTANCE_NS = 0.01
CONTACT_CONDUCTANCE_NS = 0.1
CHEMICAL_SCALE = 0.3444
GAP_SCALE = 0.2055
"""Contacts per section, such that the totals equal those of Varshney et al. 2011."""

LEAK_POTENTIAL_MV = -35.0
EXCITATORY_POTENTIAL_MV = 0.0
INHIBITORY_POTENTIAL_MV = -48.0
MEMBRANE_TIME_S = 0.1
RELEASE_SLOPE_PER_MV = 0.125
RELEASE_RISE_PER_S = 1.0
RELEASE_DECAY_PER_S = 5.0


def kunert_network(
    connectome: Connectome,
) -> tuple[GradedParameters, SparseConnections, np.ndarray]:
    """Return constants, connections and resting voltages, (n,) [mV], of the uncalibrated network.

    Every neuron and every contact is alike. Release is half-maximal at rest, which is where all
    currents cancel with every synapse half active. Edges without a sign carry nothing.

    References
    ----------
    Kunert, Shlizerman & Kutz 2014, Phys. Rev. E 89:052805.
    """
    contact = CONTACT_CONDUCTANCE_NS / LEAK_CONDUCTANCE_NS
    signed = CHEMICAL_SCALE * contact * connectome.chemical_matrix(signed=True).toarray()
    excitation, inhibition = np.maximum(signed, 0.0), np.maximum(-signed, 0.0)
    gap = GAP_SCALE * contact * connectome.gap_matrix().toarray()
    np.fill_diagonal(gap, 0.0)

    half = 0.5 * RELEASE_RISE_PER_S / (0.5 * RELEASE_RISE_PER_S + RELEASE_DECAY_PER_S)
    total = 1.0 + gap.sum(axis=1) + half * (excitation + inhibition).sum(axis=1)
    drive = (
        LEAK_POTENTIAL_MV
        + half * excitation.sum(axis=1) * EXCITATORY_POTENTIAL_MV
        + half * inhibition.sum(axis=1) * INHIBITORY_POTENTIAL_MV
    )
    rest = np.linalg.solve(np.diag(total) - gap, drive)
    ones = np.ones(len(connectome.neurons))
    parameters = GradedParameters(
        time_constant=MEMBRANE_TIME_S * ones,
        leak_potential=LEAK_POTENTIAL_MV * ones,
        leak_conductance=LEAK_CONDUCTANCE_NS * ones,
        release_threshold=rest,
        release_slope=RELEASE_SLOPE_PER_MV * ones,
        release_rise=RELEASE_RISE_PER_S * ones,
        release_decay=RELEASE_DECAY_PER_S * ones,
        excitatory_potential=EXCITATORY_POTENTIAL_MV,
        inhibitory_potential=INHIBITORY_POTENTIAL_MV,
        plateau_conductance=0.0 * ones,
        plateau_threshold=0.0 * ones,
        plateau_slope=0.0 * ones,
    )
    return parameters, SparseConnections(excitation, inhibition, gap), rest
