"""The step of each leg as a periodic movement of its joints, fitted to a recorded fly."""

import json
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np

from embody.brains.fly.locomotion.joints import MIRROR

Array = Any


class StepCycle(NamedTuple):
    r"""One step of each leg.

    Angles are Fourier series of the cycle's fraction c, which runs from 0 where the foot lifts
    off, through touch-down at `swing_fraction`, to 1:

    .. math:: q(c) = \sum_k a_k \cos 2 \pi k c + b_k \sin 2 \pi k c

    The step is split into a *stride*, in which the leg swings back along the path it took in
    stance, and a *lift*, the rest, which vanishes in stance. Scaling the stride about the middle
    of stance changes the length of steps; scaling the lift changes how high feet clear the
    ground.

    Attributes
    ----------
    stride, lift
        Coefficients, shape (6 legs, 7 degrees of freedom, 2 x orders): cosines, then sines [rad].
    neutral
        Pose in the middle of stance, shape (6, 7) [rad].
    swing_fraction
        Share of the recorded step spent in swing, shape (6,).
    swing_s
        Duration of the recorded swing, shape (6,) [s].
    period_s
        Duration of the recorded step [s].
    """

    stride: np.ndarray
    lift: np.ndarray
    neutral: np.ndarray
    swing_fraction: np.ndarray
    swing_s: np.ndarray
    period_s: float


@cache
def load_step_cycle() -> StepCycle:
    """Return the shipped step cycle (assets/fly/step_cycle.json); its arrays are read-only."""
    content = json.loads((files("embody.assets.fly") / "step_cycle.json").read_text())
    period_s = float(content["period_s"])
    swing_s = np.tile(list(content["swing_s"].values()), 2)
    cycle, stride = (_both_sides(content[name]) for name in ("cycle", "stride"))
    fraction = swing_s / period_s
    middle = _waves(2 * np.pi * (1.0 + fraction) / 2.0, stride.shape[-1] // 2, np)
    parts = StepCycle(
        stride,
        cycle - stride,
        (stride @ middle[..., None])[..., 0],
        fraction,
        swing_s,
        period_s,
    )
    for array in parts[:-1]:
        array.setflags(write=False)
    return parts


def joint_angles(
    cycle: StepCycle, cycle_phase: Array, amplitude: Array, lift: Array, xp: Any
) -> Array:
    """Return the joint angles of all legs, shape (..., 6, 7) [rad].

    Parameters
    ----------
    cycle_phase
        Phase within the recorded step, 2 pi to a cycle, shape (..., 6) [rad].
    amplitude
        Length of stride relative to the recorded one, shape (..., 6).
    lift
        Height of swing relative to the recorded one, shape (..., 6).
    xp
        Array namespace: `numpy` or `jax.numpy`.
    """
    waves = _waves(cycle_phase, cycle.stride.shape[-1] // 2, xp)[..., None]
    stride = (cycle.stride @ waves)[..., 0] - cycle.neutral
    raised = (cycle.lift @ waves)[..., 0]
    return cycle.neutral + amplitude[..., None] * stride + lift[..., None] * raised


def swing_share(cycle: StepCycle, frequency: Array, xp: Any) -> Array:
    """Return the share of a step spent in swing at a step frequency, shape of `frequency`.

    Swing keeps the recorded duration while the period is longer than 110 ms, so that stance alone
    sets the speed; in shorter periods swing shrinks with the period.

    References
    ----------
    Strauss & Heisenberg 1990, J. Comp. Physiol. A 167:403; Mendes et al. 2013, eLife 2:e00231;
    DeAngelis et al. 2019, eLife 8:e46409.

    Parameters
    ----------
    frequency
        Steps per second of each leg, shape (..., 6), either sign [Hz].
    """
    return cycle.swing_s * xp.minimum(xp.abs(frequency), 1.0 / SHORTEST_PLATEAU_S)


SHORTEST_PLATEAU_S = 0.110
"""Period of a step above which the duration of swing no longer changes [s]."""


def warp(phase: Array, share: Array, recorded_share: Array, xp: Any) -> Array:
    """Return the phase of the recorded step that a leg shows at an oscillator's phase.

    The oscillator turns evenly; the first `share` of its turn is spread over the recorded swing,
    the rest over the recorded stance.

    Parameters
    ----------
    phase
        Phase of the oscillators, shape (..., 6), any number of turns [rad].
    share
        Share of the turn to spend in swing, shape (..., 6).
    recorded_share
        Share of the recorded step spent in swing, shape (6,).
    """
    turn = phase / (2 * np.pi)
    turn = turn - xp.floor(turn)
    swing = turn * (recorded_share / xp.maximum(share, 1e-9))
    stance = recorded_share + (turn - share) * (1.0 - recorded_share) / (1.0 - share)
    return 2 * np.pi * xp.where(turn < share, swing, stance)


def in_swing(phase: Array, share: Array, xp: Any) -> Array:
    """Return whether each leg is in swing, shape (..., 6) of truth values."""
    turn = phase / (2 * np.pi)
    return turn - xp.floor(turn) < share


def _waves(phase: Array, orders: int, xp: Any) -> Array:
    angle = phase[..., None] * np.arange(orders)
    return xp.concatenate([xp.cos(angle), xp.sin(angle)], axis=-1)


def _both_sides(series: dict[str, Any]) -> np.ndarray:
    left = np.concatenate([series["cosine"], series["sine"]], axis=-1)
    return np.concatenate([left, left * MIRROR[:, None]])
