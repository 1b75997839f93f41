"""Which neurons a figure shows: named ones in the order in which activity flows."""

from collections.abc import Sequence

import numpy as np

GROUPS: dict[str, tuple[str, ...]] = {
    "sensory": ("ASEL", "ASER", "AWCL", "AWAL", "ASHL", "ALML", "PLML"),
    "interneuron": ("AIYL", "AIZL", "AIBL", "RIAL", "RIBL"),
    "command": ("AVAL", "AVBL", "RIML", "PVCL", "AVDL", "AVAR", "AVBR"),
    "head motor": ("SMDDL", "SMDVL", "RMDDL", "RMDVL", "SMBDL"),
    "motor": ("DB3", "VB3", "DA3", "VA3", "DD3", "VD3", "DB6", "VB9", "DA6", "VB5"),
}
"""Neurons in order of importance within each group."""


def choose_rows(labels: Sequence[str], values: np.ndarray, rows: int) -> list[tuple[str, int, str]]:
    """Choose at most `rows` neurons to show: (label, column, group), grouped.

    Groups take turns, each with its most telling neurons first. Where no neuron has a name that
    is known, the ones that vary most are taken.

    Parameters
    ----------
    labels
        Name of each column.
    values
        The signal, shape (frames, columns).
    rows
        Number of rows in the figure.
    """
    column = {label: index for index, label in enumerate(labels)}
    present = {group: [name for name in names if name in column] for group, names in GROUPS.items()}
    chosen: dict[str, list[str]] = {group: [] for group in GROUPS}
    room = rows
    for turn in range(max(map(len, GROUPS.values()))):
        for group, names in present.items():
            if turn < len(names) and room > 0:
                chosen[group].append(names[turn])
                room -= 1
    picked = [(name, column[name], group) for group in GROUPS for name in chosen[group]]
    if picked:
        return picked
    liveliest = np.sort(np.argsort(-values.std(axis=0), kind="stable")[:rows])
    return [(str(labels[index]), int(index), "") for index in liveliest]


def robust_range(values: np.ndarray, least: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the 2nd and 98th percentile of each column, at least `least` apart, around the middle.

    Parameters
    ----------
    values
        Shape (frames, columns).
    least
        Smallest range, in the unit of the values: keeps noise from filling the colours.
    """
    low, high = np.percentile(values, [2, 98], axis=0)
    widen = np.maximum(0.0, least - (high - low)) / 2
    return low - widen, high + widen
