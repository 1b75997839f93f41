"""Graded neurons without spikes: the equations of the optic lobe, for NumPy and JAX alike."""

from collections.abc import Callable
from typing import Any, NamedTuple

from embody.errors import EmbodyError

Array = Any
Synapses = Callable[[Array], Array]
"""Maps the rates of all neurons to the synaptic input of each; both have the voltage's shape."""

DIVERGED = 1e6
"""Change in one step beyond which a network is taken to grow without bound."""

GREY = 0.5
"""Light that an eye is adapted to, between black (0) and white (1)."""


class TiedParameters(NamedTuple):
    r"""The free parameters, one for each cell type or pair of types.

    .. math::

        \tau_i \dot V_i = -V_i + b_i + \sum_j s_{ij} N_{ij} \alpha_{ij} \max(V_j, 0) + x_i

    with sign s, number of synapses N and strength alpha of each connection, and light x, which
    only photoreceptors receive. Voltages are in the units of the light.

    References
    ----------
    Lappalainen et al. 2024, Nature 634:1132.

    Attributes
    ----------
    rest
        b, resting value of each type, (types,).
    time_constant
        tau of each type, (types,) [s].
    strength
        alpha of each pair of types, (pairs,).
    """

    rest: Array
    time_constant: Array
    strength: Array


class CellParameters(NamedTuple):
    """Constants of the neurons, of the shape of their voltages or one that broadcasts to it.

    Attributes
    ----------
    rest
        Resting value.
    time_constant
        Time constant [s].
    """

    rest: Array
    time_constant: Array


class OpticLobeState(NamedTuple):
    """State of the network.

    Attributes
    ----------
    voltage
        Of every neuron, in units of the light, any shape.
    """

    voltage: Array


def init(cells: CellParameters, like: Array, xp: Any) -> OpticLobeState:
    """Return the state in which every neuron is at its resting value, with the shape of `like`."""
    return OpticLobeState(cells.rest + xp.zeros_like(like))


def target(
    cells: CellParameters, synapses: Synapses, voltage: Array, light: Array, xp: Any
) -> Array:
    """Return where each voltage is heading: rest, plus synaptic input, plus light."""
    return cells.rest + synapses(xp.maximum(voltage, 0.0)) + light


def rate_of_change(
    cells: CellParameters, synapses: Synapses, voltage: Array, light: Array, xp: Any
) -> Array:
    """Return the time derivative of every voltage [1/s]."""
    return (target(cells, synapses, voltage, light, xp) - voltage) / cells.time_constant


def step(
    cells: CellParameters,
    synapses: Synapses,
    state: OpticLobeState,
    light: Array,
    dt: float,
    xp: Any,
) -> OpticLobeState:
    """Advance the network by one step of exponential Euler.

    Every voltage relaxes exactly towards its target of the present moment: first order in `dt`,
    and exact for neurons without input.

    Parameters
    ----------
    light
        Light on each neuron, 0 on all but photoreceptors; broadcasts to the voltage.
    dt
        Step [s].
    xp
        Array namespace: `numpy` or `jax.numpy`.
    """
    heading = target(cells, synapses, state.voltage, light, xp)
    decay = xp.exp(-dt / cells.time_constant)
    return OpticLobeState(heading + (state.voltage - heading) * decay)


def settle(
    advance: Callable[[OpticLobeState], OpticLobeState],
    state: OpticLobeState,
    tolerance: float = 1e-5,
    longest: int = 4000,
) -> OpticLobeState:
    """Return the state in which nothing changes any more, such as an eye adapted to grey.

    Parameters
    ----------
    advance
        One step under constant light.
    tolerance
        Largest change in one step that counts as none.
    longest
        Number of steps after which to give up.

    Raises
    ------
    EmbodyError
        If the network still changes after the longest time: it grows or oscillates by itself.
    """
    for _ in range(longest):
        following = advance(state)
        change = float(abs(following.voltage - state.voltage).max())
        state = following
        if change <= tolerance:
            return state
        if not change < DIVERGED:
            break
    raise EmbodyError("the optic lobe does not come to rest in constant light")
