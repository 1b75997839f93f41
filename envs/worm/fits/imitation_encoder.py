"""How a reference posture enters a nervous system: as currents into its motor neurons."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from embody.bodies.worm.rod_constants import balance_map
from embody.brains.worm.classes import MUSCLE_GROUPS
from embody.brains.worm.wiring import WormWiring
from embody.envs.worm.tracking import LOOK_AHEAD_S
from embody.parameters import Parameter, ParameterSet

Array = Any

AHEAD = tuple(f"encoder_ahead_{round(1000 * ahead)}ms" for ahead in LOOK_AHEAD_S)
ERROR_GAINS = tuple(f"log10_encoder_error_{group}" for group in MUSCLE_GROUPS)
REFERENCE_GAINS = tuple(f"encoder_reference_{group}" for group in MUSCLE_GROUPS)


def with_encoder(base: ParameterSet) -> ParameterSet:
    """Return a set of class-level parameters with those of the encoder beside them."""
    unit = "mV of leak drive per rad"
    source = "reference posture as current into the motor neurons that bend towards it"
    added = [
        Parameter(name, value, "1", -4.0, 4.0, "calibrated", "weight of the reference ahead")
        for name, value in zip(AHEAD, (0.0, 0.0, 0.5, 0.5), strict=True)
    ]
    added += [
        Parameter(name, 2.0, f"log10({unit})", 0.0, 4.0, "calibrated", source)
        for name in ERROR_GAINS
    ]
    added += [
        Parameter(name, 20.0, unit, -500.0, 500.0, "calibrated", source) for name in REFERENCE_GAINS
    ]
    own = tuple(parameter for parameter in base if not is_encoder(parameter.name))
    return ParameterSet(base.name, base.description, (*own, *added), base.fit)


def is_encoder(name: str) -> bool:
    """Whether a parameter is one of the encoder."""
    return name in (*AHEAD, *ERROR_GAINS, *REFERENCE_GAINS)


def bending_fields(wiring: WormWiring) -> np.ndarray:
    """Return the share of every joint in what a motor neuron bends, (groups, n, joints).

    Dorsal positive. The absolute values over the joints sum to 1, or 0 outside the group: a worm
    follows a posture where each motor neuron feels what is lacking in the joints that it moves.
    """
    effect = np.einsum("jk,gkn->gnj", balance_map(), wiring.muscle_maps)
    total = np.abs(effect).sum(axis=-1, keepdims=True)
    return np.divide(effect, total, out=np.zeros_like(effect), where=total > 0)


def encode(values: Mapping[str, Any], fields: Array, angle: Array, ahead: Array, xp: Any) -> Array:
    """Return the current into every neuron, (n,) [mV of leak drive].

    Parameters
    ----------
    values
        Parameters by name, those of the encoder among them.
    fields
        Those of `bending_fields`, (groups, n, joints).
    angle
        Joint angles, (joints,) [rad].
    ahead
        The reference at each of the times ahead, (times, joints) [rad].
    """
    wanted = xp.stack([values[name] for name in AHEAD]) @ ahead
    error = xp.stack([10.0 ** values[name] for name in ERROR_GAINS])
    direct = xp.stack([values[name] for name in REFERENCE_GAINS])
    return error @ (fields @ (wanted - angle)) + direct @ (fields @ wanted)
