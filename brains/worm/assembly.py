"""From a few class-level parameters to every constant of the worm's nervous system."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from embody.brains.graded import GradedParameters, sigmoid
from embody.brains.worm import classes as groups
from embody.brains.worm.wiring import WormWiring

Array = Any

LEAK_POTENTIAL = -35.0
LEAK_CONDUCTANCE = 0.01
EXCITATORY_POTENTIAL = 0.0
INHIBITORY_POTENTIAL = -48.0
RISE_TO_DECAY = 2.0
HOMEOSTATIC_ROUNDS = 6
SMD_FIELD = (6.0, 13.0)
TAIL_FIELD = (12.0, 19.0)
HEAD_FIELD = (0.0, 5.0)
FIELD_EDGE = 2.0


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


def sensory_field(start: Array, stop: Array, joints: int, xp: Any) -> Array:
    """Return smooth-edged windows over the joints, each summing to 1, (cells, joints)."""
    position = xp.arange(joints) + 0.5
    inside = 1.0 / (
        (1.0 + xp.exp(-FIELD_EDGE * (position - start[:, None])))
        * (1.0 + xp.exp(-FIELD_EDGE * (stop[:, None] - position)))
    )
    return inside / xp.maximum(inside.sum(axis=1, keepdims=True), 0.5)


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


def settled_release(excess: Array, xp: Any) -> Array:
    """Return the settled activation of synapses at `excess` slopes above threshold."""
    rise = RISE_TO_DECAY * sigmoid(excess, xp)
    return rise / (rise + 1.0)


def group_gains(values: Mapping[str, Any], names: Iterable[str], xp: Any) -> Array:
    """Return the gain of every group, with 1 first for pairs that are in none."""
    return xp.stack([xp.asarray(1.0), *(10.0 ** values[f"log10_gain_{name}"] for name in names)])


def assemble(wiring: WormWiring, values: Mapping[str, Any], xp: Any) -> WormNetwork:
    """Return all constants of the network for class-level parameters.

    Release thresholds are homeostatic: each neuron's is the voltage the network gives it at a
    working point (forward, reverse, or halfway), plus a class offset. They follow from wiring and
    gains and are not fitted one by one.

    Parameters
    ----------
    values
        Class-level parameters by name, as in the parameter file.
    xp
        Array namespace; with `jax.numpy` the result can be differentiated in `values`.
    """
    size = len(wiring.neurons)
    chemical_gain = group_gains(values, groups.CHEMICAL_GROUPS, xp)
    gap_gain = group_gains(values, groups.GAP_GROUPS, xp)
    per_pair = 10.0 ** values["log10_chemical_scale"] * chemical_gain[wiring.chemical_group]
    chemical = xp.concatenate([wiring.excitation * per_pair, wiring.inhibition * per_pair])
    gap = 10.0 ** values["log10_gap_scale"] * gap_gain[wiring.gap_group] * wiring.gap

    member = wiring.members
    forward, backward = member(*groups.FORWARD_MOTOR), member(*groups.BACKWARD_MOTOR)
    forward_command = member(*groups.FORWARD_COMMAND)
    backward_command = member(*groups.BACKWARD_COMMAND, "RIM")
    ones = np.ones(size)
    leak = (
        LEAK_POTENTIAL * ones
        + values["forward_command_leak_offset"] * member("AVB")
        + values["backward_command_leak_offset"] * member(*groups.BACKWARD_COMMAND)
    )

    relay = member("AIY", "AIZ", "AIB", "AIA", "RIA", "RIB")
    slope = xp.where(relay, values["relay_slope"], values["release_slope"] * ones)
    between = member(*groups.COMMAND, "RIM", *groups.GABA_MOTOR, "AS")
    offset = (
        values["offset_forward_motor"] * forward
        + values["offset_backward_motor"] * backward
        + values["offset_gaba_motor"] * member(*groups.GABA_MOTOR)
        + values["offset_smd"] * member("SMD")
        + values["offset_rmd"] * member("RMD")
        + values["offset_smb"] * member("SMB")
    )
    half = settled_release(xp.zeros(size), xp)
    silent_forward = backward_command | backward
    silent_reverse = forward_command | forward
    forward_release = half * (ones - silent_forward)
    reverse_release = half * (ones - silent_reverse)
    injected = 10.0 ** values["log10_reversal_drive"] * member("AVA")
    for _ in range(HOMEOSTATIC_ROUNDS):
        forward_state = equilibrium(chemical, gap, leak, forward_release, 0.0 * ones, xp)
        reverse_state = equilibrium(chemical, gap, leak, reverse_release, injected, xp)
        threshold = xp.where(between, 0.5 * (forward_state + reverse_state), forward_state)
        threshold = xp.where(backward, reverse_state, threshold) + offset
        forward_release = 0.5 * forward_release + 0.5 * settled_release(
            slope * (forward_state - threshold), xp
        )
        reverse_release = 0.5 * reverse_release + 0.5 * settled_release(
            slope * (reverse_state - threshold), xp
        )

    sensory = member(*groups.CHEMOSENSORY)
    quick = relay | sensory
    decay = xp.where(quick, 1.0 / values["relay_synapse_time"], 1.0 / values["synapse_time"])
    graded = GradedParameters(
        time_constant=xp.where(
            quick, values["relay_membrane_time"], values["membrane_time"] * ones
        ),
        leak_potential=leak,
        leak_conductance=xp.asarray(LEAK_CONDUCTANCE * ones),
        release_threshold=threshold,
        release_slope=slope,
        release_rise=RISE_TO_DECAY * decay,
        release_decay=decay,
        excitatory_potential=xp.asarray(EXCITATORY_POTENTIAL),
        inhibitory_potential=xp.asarray(INHIBITORY_POTENTIAL),
        plateau_conductance=xp.asarray(0.0 * ones),
        plateau_threshold=xp.asarray(0.0 * ones),
        plateau_slope=xp.asarray(0.0 * ones),
    )

    row = np.nan_to_num(wiring.row, nan=0.0)
    tail = np.isin(np.asarray(wiring.neurons), groups.TAIL_BACKWARD_MOTOR)
    distal = member("SMD", "SMB")
    head = member("RMD")
    start = xp.where(forward, row - values["field_forward_motor"], row)
    start = xp.where(tail, TAIL_FIELD[0], start)
    start = xp.where(distal, SMD_FIELD[0], xp.where(head, HEAD_FIELD[0], start))
    stop = xp.where(backward, row + values["field_backward_motor"], row * 1.0)
    stop = xp.where(tail, TAIL_FIELD[1], stop)
    stop = xp.where(distal, SMD_FIELD[1], xp.where(head, HEAD_FIELD[1], stop))
    sensing = forward | backward | distal | head
    joints = int(wiring.muscle_row.max()) + 1
    field = sensory_field(start, stop, joints, xp) * sensing[:, None]
    gain = wiring.side * (
        values["proprioception_forward_motor"] * forward
        + values["proprioception_backward_motor"] * (backward & ~tail)
        + values["proprioception_tail"] * tail
        + values["proprioception_smd"] * member("SMD")
        + values["proprioception_rmd"] * head
        + values["proprioception_smb"] * member("SMB")
    )
    muscle_gain = xp.stack(
        [values[f"muscle_gain_{name}"] * xp.asarray(1.0) for name in groups.MUSCLE_GROUPS]
    )
    full = RISE_TO_DECAY / (RISE_TO_DECAY + 1.0)
    neuromuscular = xp.tensordot(muscle_gain, wiring.muscle_maps, axes=1) / full
    return WormNetwork(
        graded=graded,
        chemical=chemical,
        gap=gap,
        proprioceptive_field=field,
        proprioceptive_gain=gain,
        proprioceptive_saturation=values["proprioception_saturation"] * xp.asarray(1.0),
        neuromuscular=neuromuscular,
        muscle_threshold=neuromuscular @ forward_release + values["muscle_threshold"],
        muscle_slope=values["muscle_slope"] * xp.asarray(1.0),
        resting_voltage=forward_state,
    )
