"""From a few class-level parameters to every constant of the worm's nervous system."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from embody.brains.graded import GradedParameters
from embody.brains.worm import classes as groups
from embody.brains.worm.operating_point import (
    EXCITATORY_POTENTIAL,
    INHIBITORY_POTENTIAL,
    RISE_TO_DECAY,
    full_release,
    operating_point,
)
from embody.brains.worm.stretch import proprioceptive_fields, proprioceptive_gains
from embody.brains.worm.wiring import WormWiring

Array = Any

LEAK_POTENTIAL = -35.0
LEAK_CONDUCTANCE = 0.01


class WormNetwork(NamedTuple):
    """Everything that steps: the graded network and its inputs and outputs; n neurons, k muscles.

    Attributes
    ----------
    graded
        Constants of the neurons.
    chemical
        Excitatory rows above inhibitory ones [post, pre], (2 n, n), in units of the leak.
    gap
        Gap-junction conductances, (n, n), in units of the leak.
    proprioceptive_field
        Weight of every joint in what a neuron senses, (n, joints); rows sum to 1 or 0.
    proprioceptive_gain
        Current at full saturation, signed by the neuron's side, (n,) [mV of leak drive].
    proprioceptive_saturation
        Curvature at which the sense saturates [1/mm].
    neuromuscular
        Effect of every neuron's full activation on every muscle, (k, n).
    muscle_threshold, muscle_slope
        Half-activation and steepness of a muscle.
    resting_voltage
        Voltage of the network at its working point, forward state, (n,) [mV].
    """

    graded: GradedParameters
    chemical: Array
    gap: Array
    proprioceptive_field: Array
    proprioceptive_gain: Array
    proprioceptive_saturation: Array
    neuromuscular: Array
    muscle_threshold: Array
    muscle_slope: Array
    resting_voltage: Array


def assemble(
    wiring: WormWiring, values: Mapping[str, Any], xp: Any, dtype: Any = np.float64
) -> WormNetwork:
    """Return all constants of the network for class-level parameters.

    Parameters
    ----------
    values
        Class-level parameters by name, as in the parameter file.
    xp
        Array namespace; with `jax.numpy` the result can be differentiated in `values`.
    dtype
        Floating type of every array.
    """
    v = {name: xp.asarray(value, dtype=dtype) for name, value in values.items()}
    chemical_gain = group_gains(v, groups.CHEMICAL_GROUPS, xp)[wiring.chemical_group]
    per_pair = 10.0 ** v["log10_chemical_scale"] * chemical_gain
    chemical = xp.concatenate(
        [
            xp.asarray(wiring.excitation, dtype=dtype) * per_pair,
            xp.asarray(wiring.inhibition, dtype=dtype) * per_pair,
        ]
    )
    gap_gain = group_gains(v, groups.GAP_GROUPS, xp)[wiring.gap_group]
    gap = 10.0 ** v["log10_gap_scale"] * gap_gain * xp.asarray(wiring.gap, dtype=dtype)

    ones = xp.ones(len(wiring.neurons), dtype=dtype)
    cell = wiring.members
    relay = cell(*groups.RELAY)
    quick = relay | cell(*groups.CHEMOSENSORY)
    leak = LEAK_POTENTIAL + _by_class(
        wiring,
        {
            ("AVB",): v["forward_command_leak_offset"],
            groups.BACKWARD_COMMAND: v["backward_command_leak_offset"],
        },
        ones,
        xp,
    )
    offset = _by_class(
        wiring,
        {
            groups.FORWARD_MOTOR: v["offset_forward_motor"],
            groups.BACKWARD_MOTOR: v["offset_backward_motor"],
            groups.GABA_MOTOR: v["offset_gaba_motor"],
            ("SMD",): v["offset_smd"],
            ("RMD",): v["offset_rmd"],
            ("SMB",): v["offset_smb"],
        },
        ones,
        xp,
    )
    slope = xp.where(relay, v["relay_slope"], v["release_slope"] * ones)
    point = operating_point(
        wiring, chemical, gap, leak, slope, offset, 10.0 ** v["log10_reversal_drive"], xp
    )
    decay = xp.where(quick, 1.0 / v["relay_synapse_time"], 1.0 / v["synapse_time"] * ones)
    graded = GradedParameters(
        time_constant=xp.where(quick, v["relay_membrane_time"], v["membrane_time"] * ones),
        leak_potential=leak,
        leak_conductance=LEAK_CONDUCTANCE * ones,
        release_threshold=point.threshold,
        release_slope=slope,
        release_rise=RISE_TO_DECAY * decay,
        release_decay=decay,
        excitatory_potential=xp.asarray(EXCITATORY_POTENTIAL, dtype=dtype),
        inhibitory_potential=xp.asarray(INHIBITORY_POTENTIAL, dtype=dtype),
        plateau_conductance=0.0 * ones,
        plateau_threshold=0.0 * ones,
        plateau_slope=0.0 * ones,
    )
    muscle_gain = xp.stack([v[f"muscle_gain_{name}"] for name in groups.MUSCLE_GROUPS])
    maps = xp.asarray(wiring.muscle_maps, dtype=dtype)
    neuromuscular = xp.tensordot(muscle_gain, maps, axes=1) / full_release()
    return WormNetwork(
        graded=graded,
        chemical=chemical,
        gap=gap,
        proprioceptive_field=proprioceptive_fields(wiring, v, xp),
        proprioceptive_gain=proprioceptive_gains(wiring, v, xp),
        proprioceptive_saturation=v["proprioception_saturation"],
        neuromuscular=neuromuscular,
        muscle_threshold=neuromuscular @ point.release + v["muscle_threshold"],
        muscle_slope=v["muscle_slope"],
        resting_voltage=point.voltage,
    )


def group_gains(values: Mapping[str, Any], names: Iterable[str], xp: Any) -> Array:
    """Return the gain of every group, with 1 first for pairs that are in none."""
    gains = [10.0 ** values[f"log10_gain_{name}"] for name in names]
    return xp.stack([xp.ones_like(gains[0]), *gains])


def _by_class(
    wiring: WormWiring, values: Mapping[tuple[str, ...], Array], ones: Array, xp: Any
) -> Array:
    result = 0.0 * ones
    for names, value in values.items():
        result = xp.where(wiring.members(*names), value, result)
    return result
