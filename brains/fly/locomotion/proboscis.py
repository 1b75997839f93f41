"""Extension of the proboscis: first the rostrum swings out, then the haustellum unfolds."""

from typing import Any, NamedTuple

import numpy as np

Array = Any


class ProboscisParameters(NamedTuple):
    """The reach and the speed of the proboscis.

    Attributes
    ----------
    rostrum_rad, haustellum_rad
        Angles of full extension [rad].
    rise_s
        Time constant of each of the two joints [s]; full extension takes some 150 ms.
    """

    rostrum_rad: float = 1.7
    haustellum_rad: float = 2.3
    rise_s: float = 0.04


class ProboscisState(NamedTuple):
    """How far each joint is extended, each of shape (...), 0 to 1."""

    rostrum: Array
    haustellum: Array


def init(shape: tuple[int, ...] = (), xp: Any = np) -> ProboscisState:
    """Return a folded proboscis, for a batch of this shape."""
    return ProboscisState(xp.zeros(shape), xp.zeros(shape))


def step(
    parameters: ProboscisParameters, state: ProboscisState, drive: Array, dt: float, xp: Any = np
) -> tuple[ProboscisState, Array]:
    """Advance and return the targets of rostrum and haustellum, shape (..., 2) [rad].

    The rostrum follows the drive and the haustellum follows the rostrum, each with first-order lag,
    so that the parts unfold, and fold, one after the other.

    Parameters
    ----------
    drive
        0 folded, 1 extended, shape (...); what lies outside is clipped.
    dt
        Step [s].
    """
    drive = xp.clip(xp.asarray(drive, dtype=float), 0.0, 1.0)
    keep = float(np.exp(-dt / parameters.rise_s))
    rostrum = drive + (state.rostrum - drive) * keep
    haustellum = rostrum + (state.haustellum - rostrum) * keep
    target = xp.stack(
        [parameters.rostrum_rad * rostrum, parameters.haustellum_rad * haustellum], axis=-1
    )
    return ProboscisState(rostrum, haustellum), target
