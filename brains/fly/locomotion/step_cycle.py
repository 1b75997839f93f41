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

    The posture of a leg in stance is a polynomial of the displacement (x, y) of its foot on level
    ground from the foot's resting place; swing adds a lift, a sine series of the fraction u of the
    swing:

    .. math::

        q &= q_0 + p_1 x + p_2 y + p_3 x^2 + p_4 x y + p_5 y^2 + p_6 x^3 + p_7 x^2 y + p_8 x^4
            + L\, l(u) \\
        l(u) &= \sum_k b_k \sin k \pi u

    Attributes
    ----------
    neutral
        Pose with each foot in its resting place, shape (6 legs, 7 degrees of freedom) [rad].
    placing
        Coefficients p, shape (6, 7, 8) [rad/mm^n].
    lift
        Coefficients of the lift, shape (6, 7, orders) [rad].
    recorded
        Fourier coefficients of the step as it was recorded, swing first, shape (6, 7, 2 x orders):
        cosines, then sines [rad].
    foot_mm
        Resting place of each claw in the thorax frame, shape (6, 3) [mm].
    stride_mm
        How far each foot moves in the recorded stance, shape (6,) [mm].
    swing_fraction
        Share of the recorded step spent in swing, shape (6,).
    swing_s
        Duration of the recorded swing, shape (6,) [s].
    period_s
        Duration of the recorded step [s].
    """

    neutral: np.ndarray
    placing: np.ndarray
    lift: np.ndarray
    recorded: np.ndarray
    foot_mm: np.ndarray
    stride_mm: np.ndarray
    swing_fraction: np.ndarray
    swing_s: np.ndarray
    period_s: float


@cache
def load_step_cycle() -> StepCycle:
    """Return the shipped step cycle (assets/fly/step_cycle.json); its arrays are read-only."""
    content = json.loads((files("embody.assets.fly") / "step_cycle.json").read_text())
    levelled = content["levelled"]
    neutral, foot = np.array(levelled["neutral"]), np.array(levelled["foot_mm"])
    placing, lift = np.array(levelled["placing"]), np.array(levelled["lift"])
    swing_s = np.tile(list(content["swing_s"].values()), 2)
    cycle = StepCycle(
        np.concatenate([neutral, neutral * MIRROR]),
        np.concatenate([placing, placing * MIRROR[:, None] * _MIRROR_Y]),
        np.concatenate([lift, lift * MIRROR[:, None]]),
        _both_sides(content["recorded"]),
        np.concatenate([foot, foot * [1.0, -1.0, 1.0]]),
        np.tile(levelled["stride_mm"], 2),
        swing_s / content["period_s"],
        swing_s,
        float(content["period_s"]),
    )
    for array in cycle[:-1]:
        array.setflags(write=False)
    return cycle


_MIRROR_Y = np.array([1.0, -1.0, 1.0, -1.0, 1.0, 1.0, -1.0, 1.0])
"""Signs of the terms of the placing under a change of sign of y."""


def joint_angles(cycle: StepCycle, place: Array, swung: Array, lift: Array, xp: Any) -> Array:
    """Return the joint angles of all legs, shape (..., 6, 7) [rad].

    Parameters
    ----------
    place
        Displacement of each foot from its resting place, forward and to the left, shape
        (..., 6, 2) [mm].
    swung
        Fraction of the swing of each leg, 0 in stance, shape (..., 6).
    lift
        Height of swing relative to the recorded one, shape (..., 6).
    xp
        Array namespace: `numpy` or `jax.numpy`.
    """
    x, y = place[..., 0], place[..., 1]
    xx = x * x
    terms = xp.stack([x, y, xx, x * y, y * y, xx * x, xx * y, xx * xx], axis=-1)
    kind = terms.dtype
    neutral, placing, lifting = (
        xp.asarray(part, dtype=kind) for part in (cycle.neutral, cycle.placing, cycle.lift)
    )
    orders = xp.asarray(np.pi * np.arange(1, lifting.shape[-1] + 1), dtype=kind)[None]
    sines = lift[..., None] * xp.sin(swung[..., None] * orders)
    return neutral + (placing @ terms[..., None])[..., 0] + (lifting @ sines[..., None])[..., 0]


def excursion(turn: Array, share: Array, xp: Any) -> Array:
    """Return where the foot is along its stride, 0.5 in front, -0.5 behind, shape of `turn`.

    In stance it moves back evenly, as the ground does; in swing it returns along a cubic that
    leaves and meets the ground at the ground's speed.

    Parameters
    ----------
    turn
        Fraction of the oscillator's turn, 0 at lift-off, shape (..., 6).
    share
        Share of the turn spent in swing, shape (..., 6).
    """
    stance = 0.5 - (turn - share) / (1.0 - share)
    part = turn / xp.maximum(share, 1e-9)
    slope = -share / (1.0 - share)
    swing = part * part * (3.0 - 2.0 * part) - 0.5
    swing = swing + slope * part * (1.0 - part) * (1.0 - 2.0 * part)
    return xp.where(turn < share, swing, stance)


def recorded_angles(cycle: StepCycle, cycle_phase: Array, xp: Any) -> Array:
    """Return the joint angles of the step as it was recorded, shape (..., 6, 7) [rad]."""
    return _series(cycle.recorded, cycle_phase, xp)


def swing_share(cycle: StepCycle, frequency: Array, xp: Any) -> Array:
    """Return the share of a step spent in swing at a step frequency, shape of `frequency`.

    Swing keeps the recorded duration while the period is longer than 110 ms, so that stance alone
    sets the speed; in shorter periods swing shrinks with the period, and the swings of front,
    middle and hind legs become alike: legs of a tripod that leave the ground together then also
    land together.

    References
    ----------
    Strauss & Heisenberg 1990, J. Comp. Physiol. A 167:403; Mendes et al. 2013, eLife 2:e00231;
    DeAngelis et al. 2019, eLife 8:e46409.

    Parameters
    ----------
    frequency
        Steps per second of each leg, shape (..., 6), either sign [Hz].
    """
    frequency = xp.abs(xp.asarray(frequency))
    swing_s = xp.asarray(cycle.swing_s, dtype=frequency.dtype)
    period = 1.0 / xp.maximum(frequency, 1.0)
    own = (period - SHORTEST_PERIOD_S) / (SHORTEST_PLATEAU_S - SHORTEST_PERIOD_S)
    swing_s = swing_s.mean() + xp.minimum(xp.maximum(own, 0.0), 1.0) * (swing_s - swing_s.mean())
    return swing_s * xp.minimum(frequency, 1.0 / SHORTEST_PLATEAU_S)


SHORTEST_PLATEAU_S = 0.110
"""Period of a step above which the duration of swing no longer changes [s]."""

SHORTEST_PERIOD_S = 0.060
"""Period of the fastest steps, in which all legs swing equally long [s]."""


def fraction_of_swing(turn: Array, share: Array, forwardness: Array, xp: Any) -> Array:
    """Return the fraction of the recorded swing that each leg shows, 0 in stance, shape (..., 6).

    Parameters
    ----------
    turn
        Fraction of the oscillator's turn, 0 at lift-off, shape (..., 6).
    share
        Share of the turn spent in swing, shape (..., 6).
    forwardness
        1 for a leg that walks forwards, 0 for one that walks backwards, whose swing is that of a
        forward step seen in reverse, shape (..., 6).
    """
    part = turn / xp.maximum(share, 1e-9)
    shown = forwardness * part + (1.0 - forwardness) * (1.0 - part)
    return xp.where(turn < share, shown, 0.0)


def _series(coefficients: np.ndarray, phase: Array, xp: Any) -> Array:
    coefficients = xp.asarray(coefficients, dtype=phase.dtype)
    angle = phase[..., None] * xp.arange(coefficients.shape[-1] // 2, dtype=phase.dtype)[None]
    waves = xp.concatenate([xp.cos(angle), xp.sin(angle)], axis=-1)
    return (coefficients @ waves[..., None])[..., 0]


def _both_sides(series: dict[str, Any]) -> np.ndarray:
    left = np.concatenate([series["cosine"], series["sine"]], axis=-1)
    return np.concatenate([left, left * MIRROR[:, None]])
