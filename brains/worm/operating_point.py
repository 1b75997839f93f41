"""Where the network works: homeostatic release thresholds from wiring and gains."""

from typing import Any, NamedTuple

from embody.brains.graded import sigmoid
from embody.brains.worm import classes as groups
from embody.brains.worm.wiring import WormWiring

Array = Any

EXCITATORY_POTENTIAL = 0.0
INHIBITORY_POTENTIAL = -48.0
RISE_TO_DECAY = 2.0
HOMEOSTATIC_ROUNDS = 6


class OperatingPoint(NamedTuple):
    """Voltages and activations around which the network is set up.

    Attributes
    ----------
    threshold
        Release threshold of every neuron, (n,) [mV].
    voltage
        Voltages of the forward state, (n,) [mV].
    release
        Synaptic activations of the forward state, (n,).
    """

    threshold: Array
    voltage: Array
    release: Array


def settled_release(excess: Array, xp: Any) -> Array:
    """Return the settled activation of synapses at `excess` slopes above threshold."""
    rise = RISE_TO_DECAY * sigmoid(excess, xp)
    return rise / (rise + 1.0)


def equilibrium(
    chemical: Array, gap: Array, leak: Array, release: Array, injected: Array, xp: Any
) -> Array:
    """Return the voltages at which all currents cancel for fixed synaptic activations, (n,) [mV].

    Linear in the voltages, as in Kunert et al. 2014, who take it with every synapse half active.
    """
    size = leak.shape[0]
    reached = chemical @ release
    excitation, inhibition = reached[:size], reached[size:]
    total = 1.0 + gap.sum(axis=1) + excitation + inhibition
    drive = leak + injected + excitation * EXCITATORY_POTENTIAL + inhibition * INHIBITORY_POTENTIAL
    return xp.linalg.solve(xp.diag(total) - gap, drive)


def operating_point(
    wiring: WormWiring,
    chemical: Array,
    gap: Array,
    leak: Array,
    slope: Array,
    offset: Array,
    reversal_drive: Array,
    xp: Any,
) -> OperatingPoint:
    """Return the working point that wiring and gains give the network.

    Two states are solved for: forward, and reverse with a current into AVA. B-type motor neurons
    and all that take no part in the choice have their threshold at their forward voltage, A-type
    ones at their reverse voltage, command neurons and those that serve both gaits halfway; `offset`
    shifts it. Activations and thresholds are iterated to agree.

    Parameters
    ----------
    chemical, gap
        Conductances, (2 n, n) and (n, n), in units of the leak.
    leak, slope, offset
        Leak potential [mV], release slope [1/mV] and threshold offset [mV], (n,).
    reversal_drive
        Current into AVA in the reverse state [mV of leak drive].
    """
    cell = wiring.members
    forward, backward = cell(*groups.FORWARD_MOTOR), cell(*groups.BACKWARD_MOTOR)
    between = cell(*groups.COMMAND, "RIM", *groups.GABA_MOTOR, "AS")
    silent_forward = backward | cell(*groups.BACKWARD_COMMAND, "RIM")
    silent_reverse = forward | cell(*groups.FORWARD_COMMAND)
    half = settled_release(xp.zeros_like(leak), xp)
    none = xp.zeros_like(leak)
    forward_release = xp.where(silent_forward, none, half)
    reverse_release = xp.where(silent_reverse, none, half)
    injected = xp.where(cell("AVA"), reversal_drive, none)
    forward_voltage = threshold = leak
    for _ in range(HOMEOSTATIC_ROUNDS):
        forward_voltage = equilibrium(chemical, gap, leak, forward_release, none, xp)
        reverse_voltage = equilibrium(chemical, gap, leak, reverse_release, injected, xp)
        middle = 0.5 * (forward_voltage + reverse_voltage)
        threshold = xp.where(between, middle, forward_voltage)
        threshold = xp.where(backward, reverse_voltage, threshold) + offset
        forward_release = 0.5 * forward_release + 0.5 * settled_release(
            slope * (forward_voltage - threshold), xp
        )
        reverse_release = 0.5 * reverse_release + 0.5 * settled_release(
            slope * (reverse_voltage - threshold), xp
        )
    return OperatingPoint(threshold, forward_voltage, forward_release)


def full_release() -> float:
    """Return the activation of a synapse whose neuron is far above threshold."""
    return RISE_TO_DECAY / (RISE_TO_DECAY + 1.0)
