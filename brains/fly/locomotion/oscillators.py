"""Six coupled phase oscillators, one for each leg, that pace its steps."""

from typing import Any, NamedTuple

import numpy as np

Array = Any

NEIGHBOURS = np.array(
    [
        [0, 1, 0, 1, 0, 0],
        [1, 0, 1, 0, 1, 0],
        [0, 1, 0, 0, 0, 1],
        [1, 0, 0, 0, 1, 0],
        [0, 1, 0, 1, 0, 1],
        [0, 0, 1, 0, 1, 0],
    ],
    dtype=float,
)
"""Which legs (LF LM LH RF RM RH) are coupled: neighbours along a side, and across a segment."""

SIDE = np.array([0, 0, 0, 1, 1, 1])
"""Side of each leg: 0 left, 1 right."""

SEGMENTS_FROM_HIND = np.array([2, 1, 0, 2, 1, 0])
"""How many segments ahead of the hind legs each leg sits."""


class OscillatorState(NamedTuple):
    """State of the oscillators.

    Attributes
    ----------
    phase
        Phases, shape (..., 6) [rad]; a leg lifts off where its phase is a multiple of 2 pi.
    amplitude
        Amplitudes, shape (..., 6).
    """

    phase: Array
    amplitude: Array


class OscillatorInput(NamedTuple):
    r"""What drives the oscillators.

    Attributes
    ----------
    frequency
        Intrinsic frequencies :math:`\nu`, shape (..., 6) [Hz]; negative ones turn backwards.
    amplitude
        Amplitudes that are approached, :math:`R`, shape (..., 6).
    phase_bias
        Phase by which leg j is ahead of leg i when locked, shape (..., 6, 6) [rad].
    coupling
        Weights :math:`w_{ij}` of leg j on leg i, shape (..., 6, 6) [1/s].
    convergence
        Rate :math:`\alpha` of the amplitudes [1/s].
    """

    frequency: Array
    amplitude: Array
    phase_bias: Array
    coupling: Array
    convergence: float


def phase_velocity(phase: Array, amplitude: Array, given: OscillatorInput, xp: Any) -> Array:
    """Return how fast the phases turn, shape (..., 6) [rad/s]."""
    ahead = phase[..., None, :] - phase[..., :, None] - given.phase_bias
    pull = given.coupling * amplitude[..., None, :] * xp.sin(ahead)
    return 2 * np.pi * given.frequency + pull.sum(axis=-1)


def step(state: OscillatorState, given: OscillatorInput, dt: float, xp: Any) -> OscillatorState:
    r"""Advance the oscillators.

    .. math::

        \dot\theta_i &= 2 \pi \nu_i + \sum_j w_{ij} r_j \sin(\theta_j - \theta_i - \phi_{ij}) \\
        \dot r_i &= \alpha (R_i - r_i)

    Amplitudes follow their exact solution, phases the midpoint rule: second order in `dt`.

    References
    ----------
    Ijspeert et al. 2007, Science 315:1416; Wang-Chen et al. 2024, Nature Methods 21:2353.

    Parameters
    ----------
    dt
        Step [s].
    xp
        Array namespace: `numpy` or `jax.numpy`.
    """
    half_decay = float(np.exp(-0.5 * dt * given.convergence))
    halfway = given.amplitude + (state.amplitude - given.amplitude) * half_decay
    amplitude = given.amplitude + (state.amplitude - given.amplitude) * half_decay**2
    velocity = phase_velocity(state.phase, state.amplitude, given, xp)
    middle = state.phase + 0.5 * dt * velocity
    phase = state.phase + dt * phase_velocity(middle, halfway, given, xp)
    return OscillatorState(phase, amplitude)


def leg_phases(lag: Array, xp: Any) -> Array:
    """Return the phase of each leg when locked, shape (..., 6) [rad].

    Steps run from the hind leg forwards: every leg follows the one behind it by `lag`, and the
    two legs of a segment take turns. A lag of 1/2 is the tripod, 1/3 tetrapod-like, 1/6 a wave.

    Parameters
    ----------
    lag
        Share of a step by which a leg follows the one behind it, shape (...).
    """
    lag = xp.asarray(lag, dtype=float)[..., None]
    side, ahead = (xp.asarray(part, dtype=lag.dtype) for part in (SIDE, SEGMENTS_FROM_HIND))
    return 2 * np.pi * (0.5 * side - lag * ahead)


def phase_bias(phases: Array) -> Array:
    """Return the bias between legs that holds the given phases, shape (..., 6, 6) [rad]."""
    return phases[..., None, :] - phases[..., :, None]


def locking_rates(coupling: np.ndarray, amplitude: float = 1.0) -> np.ndarray:
    r"""Return the rates at which small errors of phase decay, slowest first, shape (6,) [1/s].

    Near the locked state the errors :math:`\epsilon` obey
    :math:`\dot\epsilon = -r L \epsilon`, L being the Laplacian of the weights: the rates are its
    eigenvalues, of which one is 0, the common phase.
    """
    laplacian = np.diag(coupling.sum(axis=1)) - coupling
    return amplitude * np.sort(np.linalg.eigvals(laplacian).real)
