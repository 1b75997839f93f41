"""Which bend of the body each motor neuron feels, and how strongly."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from embody.brains.worm import classes as groups
from embody.brains.worm.wiring import WormWiring

Array = Any

DISTAL_FIELD = (6.0, 13.0)
"""Muscle rows that SMD and SMB feel: their processes run far behind their muscles."""

TAIL_FIELD = (12.0, 19.0)
"""Muscle rows that the last A-type cells feel, whose field behind would leave the body."""

HEAD_FIELD = (0.0, 5.0)
"""Muscle rows that RMD feels."""

FIELD_EDGE = 2.0


def sensory_field(start: Array, stop: Array, joints: int, xp: Any) -> Array:
    """Return smooth-edged windows over the joints, each summing to 1, (cells, joints)."""
    position = xp.arange(joints, dtype=start.dtype)[None, :] + 0.5
    inside = 1.0 / (
        (1.0 + xp.exp(-FIELD_EDGE * (position - start[:, None])))
        * (1.0 + xp.exp(-FIELD_EDGE * (stop[:, None] - position)))
    )
    return inside / xp.maximum(inside.sum(axis=1, keepdims=True), 0.5)


def proprioceptive_fields(wiring: WormWiring, values: Mapping[str, Any], xp: Any) -> Array:
    """Return the weight of every joint in what a neuron senses, (n, joints).

    B-type cells feel the body in front of their muscles (Wen et al. 2012), A-type cells the body
    behind theirs, the last of them a stretch in front; SMD and SMB a stretch of the neck and
    beyond, RMD the head.
    """
    dtype = values["field_forward_motor"].dtype
    row = xp.asarray(np.nan_to_num(wiring.row, nan=0.0), dtype=dtype)
    cell = wiring.members
    forward, backward = cell(*groups.FORWARD_MOTOR), cell(*groups.BACKWARD_MOTOR)
    tail = np.isin(np.asarray(wiring.neurons), groups.TAIL_BACKWARD_MOTOR)
    distal, head = cell("SMD", "SMB"), cell("RMD")

    start = xp.where(forward, row - values["field_forward_motor"], row)
    stop = xp.where(backward, row + values["field_backward_motor"], row)
    for cells, (first, last) in ((tail, TAIL_FIELD), (distal, DISTAL_FIELD), (head, HEAD_FIELD)):
        start = xp.where(cells, xp.asarray(first, dtype=dtype), start)
        stop = xp.where(cells, xp.asarray(last, dtype=dtype), stop)
    joints = int(wiring.muscle_row.max()) + 1
    field = sensory_field(start, stop, joints, xp)
    return xp.where((forward | backward | distal | head)[:, None], field, xp.zeros_like(field))


def proprioceptive_gains(wiring: WormWiring, values: Mapping[str, Any], xp: Any) -> Array:
    """Return every neuron's current at saturation, signed by its side, (n,) [mV of leak drive]."""
    dtype = values["proprioception_smd"].dtype
    tail = np.isin(np.asarray(wiring.neurons), groups.TAIL_BACKWARD_MOTOR)
    cell = wiring.members
    members = {
        "forward_motor": cell(*groups.FORWARD_MOTOR),
        "backward_motor": cell(*groups.BACKWARD_MOTOR) & ~tail,
        "tail": tail,
        "smd": cell("SMD"),
        "rmd": cell("RMD"),
        "smb": cell("SMB"),
    }
    gain = xp.zeros(len(wiring.neurons), dtype=dtype)
    for name, cells in members.items():
        gain = xp.where(cells, values[f"proprioception_{name}"], gain)
    return gain * xp.asarray(wiring.side, dtype=dtype)
