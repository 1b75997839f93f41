"""The graded network: leak, gap junctions and graded synapses, for NumPy and JAX alike."""

from typing import Any, NamedTuple

from embody.brains.connections import AbstractConnections

Array = Any


class GradedParameters(NamedTuple):
    r"""Constants of a graded network of n neurons; every array has shape (n,) unless said.

    Conductances are in units of each neuron's own leak conductance, so that the equations read

    .. math::

        \tau \dot V_i &= E_i - V_i + \sum_j g_{ij} (V_j - V_i)
            + \sum_j w_{ij} s_j (E_{ij} - V_i) + I_i / G_\mathrm{leak} \\
        \dot s_j &= a_r \phi_j (1 - s_j) - a_d s_j, \qquad
            \phi_j = 1 / (1 + \exp(-\beta_j (V_j - \theta_j)))

    References
    ----------
    Wicks, Roehrig & Rankin 1996, J. Neurosci. 16:4017; Kunert, Shlizerman & Kutz 2014,
    Phys. Rev. E 89:052805.

    Attributes
    ----------
    time_constant
        Membrane time constant at rest, capacitance over leak conductance [s].
    leak_potential
        Leak reversal potential [mV].
    leak_conductance
        Leak conductance [nS]; turns an injected current in pA into mV.
    release_threshold
        Voltage of half-maximal transmitter release [mV].
    release_slope
        Steepness of release [1/mV].
    release_rise, release_decay
        Rates of synaptic activation and inactivation [1/s].
    excitatory_potential, inhibitory_potential
        Reversal potentials of the synapses, scalars [mV].
    plateau_conductance
        Maximal conductance of a regenerative inward current, in units of the leak; 0 where a
        neuron has none.
    plateau_threshold, plateau_slope
        Half-activation [mV] and steepness [1/mV] of that current.
    """

    time_constant: Array
    leak_potential: Array
    leak_conductance: Array
    release_threshold: Array
    release_slope: Array
    release_rise: Array
    release_decay: Array
    excitatory_potential: Array
    inhibitory_potential: Array
    plateau_conductance: Array
    plateau_threshold: Array
    plateau_slope: Array


class GradedState(NamedTuple):
    """State of a graded network.

    Attributes
    ----------
    voltage
        Membrane potentials, shape (..., n) [mV].
    release
        Activation of each neuron's synapses, shape (..., n), 0 to 1.
    """

    voltage: Array
    release: Array


LARGEST_EXPONENT = 80.0
"""Beyond it float32 overflows and derivatives become NaN; the logistic function is 0 anyway."""


def sigmoid(x: Array, xp: Any) -> Array:
    """Return the logistic function of `x`."""
    return 1.0 / (1.0 + xp.exp(xp.minimum(-x, LARGEST_EXPONENT)))


def resting_release(parameters: GradedParameters, voltage: Array, xp: Any) -> Array:
    """Return the activation that synapses reach at a held voltage, shape (..., n)."""
    phi = sigmoid(parameters.release_slope * (voltage - parameters.release_threshold), xp)
    rise = parameters.release_rise * phi
    return rise / (rise + parameters.release_decay)


def init(parameters: GradedParameters, voltage: Array, xp: Any) -> GradedState:
    """Return the state in which every synapse has settled at `voltage`, shape (..., n) [mV]."""
    return GradedState(voltage, resting_release(parameters, voltage, xp))


def step(
    parameters: GradedParameters,
    connections: AbstractConnections,
    state: GradedState,
    current: Array,
    dt: float,
    xp: Any,
    has_plateau: bool = False,
) -> GradedState:
    """Advance the network by one step of exponential Euler.

    Each voltage and each activation relaxes exactly towards its instantaneous target, with the
    conductances of the present moment: stable at any step, first order in `dt`. Voltages move
    first, and synapses see the new ones.

    Parameters
    ----------
    current
        Injected current, shape (..., n) [pA].
    dt
        Step [s].
    xp
        Array namespace: `numpy` or `jax.numpy`.
    has_plateau
        Whether any neuron has a plateau current; where none has, its cost is saved.
    """
    excitation, inhibition, gap = connections(state.release, state.voltage)
    total = 1.0 + connections.gap_total + excitation + inhibition
    drive = (
        parameters.leak_potential
        + gap
        + excitation * parameters.excitatory_potential
        + inhibition * parameters.inhibitory_potential
        + current / parameters.leak_conductance
    )
    if has_plateau:
        plateau = parameters.plateau_conductance * sigmoid(
            parameters.plateau_slope * (state.voltage - parameters.plateau_threshold), xp
        )
        total = total + plateau
        drive = drive + plateau * parameters.excitatory_potential
    target = drive / total
    decay = xp.exp(-dt * total / parameters.time_constant)
    voltage = target + (state.voltage - target) * decay

    phi = sigmoid(parameters.release_slope * (voltage - parameters.release_threshold), xp)
    rise = parameters.release_rise * phi
    rate = rise + parameters.release_decay
    settled = rise / rate
    release = settled + (state.release - settled) * xp.exp(-dt * rate)
    return GradedState(voltage, release)
