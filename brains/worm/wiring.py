"""What the connectome fixes about the worm's nervous system, before any parameter is chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from embody.brains.worm import classes as groups
from embody.connectome import Connectome

Array = np.ndarray


def group_index(
    neuron_classes: Sequence[str],
    pairs: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]],
    both_ways: bool = False,
) -> Array:
    """Return which gain group each [post, pre] pair belongs to; 0 where none, shape (n, n)."""
    labels = np.asarray(neuron_classes)
    index = np.zeros((labels.size, labels.size), dtype=np.int32)
    for number, (pre, post) in enumerate(pairs.values(), start=1):
        member = np.isin(labels, post)[:, None] & np.isin(labels, pre)[None, :]
        index[member] = number
        if both_ways:
            index[member.T] = number
    return index


@dataclass(frozen=True)
class WormWiring:
    """Counts, signs, sides and places that come from the connectome; n neurons, k muscles.

    Attributes
    ----------
    neurons, neuron_classes
        Names and WormAtlas classes, each of length n.
    excitation, inhibition
        Square root of section counts of excitatory and inhibitory synapses [post, pre], (n, n).
        Synapses without a sign carry no current.
    gap
        Square root of gap-junction sections, symmetric, without self-contacts, (n, n).
    chemical_group, gap_group
        Gain group of every pair, see `classes.CHEMICAL_GROUPS`, (n, n).
    muscle_maps
        For every muscle group, the share of each motor neuron in each muscle, (k, n); every row
        that has any input sums to 1 in absolute value; negative where the neuron inhibits.
    side
        +1 for motor neurons whose output is mainly dorsal, -1 ventral, 0 otherwise, (n,).
    row
        Mean muscle row that a motor neuron innervates, counted from 0; NaN without output, (n,).
    muscle_row, muscle_side
        Row, counted from 0, and side (+1 dorsal, -1 ventral) of each muscle, (k,).
    """

    neurons: tuple[str, ...]
    neuron_classes: tuple[str, ...]
    excitation: Array
    inhibition: Array
    gap: Array
    chemical_group: Array
    gap_group: Array
    muscle_maps: Array
    side: Array
    row: Array
    muscle_row: Array
    muscle_side: Array

    @classmethod
    def from_connectome(
        cls, connectome: Connectome, muscle_row: Array, muscle_side: Array
    ) -> "WormWiring":
        """Build from a connectome and the row (from 0) and side of each of its muscles, (k,)."""
        signs = np.sign(connectome.chemical_matrix(signed=True).toarray())
        muscle_signs = np.ones(len(connectome.neurons))
        inhibits = connectome.neuromuscular.pre[connectome.neuromuscular.sign < 0]
        muscle_signs[inhibits] = -1.0
        return cls.from_matrices(
            connectome.neurons,
            connectome.cell_classes,
            connectome.chemical_matrix().toarray(),
            signs,
            connectome.gap_matrix().toarray(),
            connectome.neuromuscular_matrix().toarray(),
            muscle_signs,
            muscle_row,
            muscle_side,
        )

    @classmethod
    def from_matrices(
        cls,
        neurons: Sequence[str],
        neuron_classes: Sequence[str],
        sections: Array,
        signs: Array,
        gap_sections: Array,
        neuromuscular_sections: Array,
        neuromuscular_signs: Array,
        muscle_row: Array,
        muscle_side: Array,
    ) -> "WormWiring":
        """Build from section counts [post, pre] and signs; muscles are rows of the last two."""
        root = np.sqrt(sections)
        gap = np.sqrt(gap_sections)
        np.fill_diagonal(gap, 0.0)
        labels = np.asarray(neuron_classes)
        maps = []
        for name, members in groups.MUSCLE_GROUPS.items():
            share = np.sqrt(neuromuscular_sections) * np.isin(labels, members)
            if name in groups.HEAD_MUSCLE_GROUPS:
                share = share * (muscle_row < groups.LAST_HEAD_MUSCLE_ROW)[:, None]
            total = share.sum(axis=1, keepdims=True)
            maps.append(
                np.divide(share, total, out=np.zeros_like(share), where=total > 0)
                * neuromuscular_signs
            )
        weight = neuromuscular_sections.sum(axis=0)
        balance = (neuromuscular_sections * muscle_side[:, None]).sum(axis=0)
        row = np.full(weight.shape, np.nan)
        motor = weight > 0
        row[motor] = (neuromuscular_sections * muscle_row[:, None]).sum(axis=0)[motor]
        row[motor] /= weight[motor]
        return cls(
            neurons=tuple(neurons),
            neuron_classes=tuple(neuron_classes),
            excitation=np.where(signs > 0, root, 0.0),
            inhibition=np.where(signs < 0, root, 0.0),
            gap=gap,
            chemical_group=group_index(neuron_classes, groups.CHEMICAL_GROUPS),
            gap_group=group_index(neuron_classes, groups.GAP_GROUPS, both_ways=True),
            muscle_maps=np.stack(maps),
            side=np.sign(balance) * motor,
            row=row,
            muscle_row=np.asarray(muscle_row),
            muscle_side=np.asarray(muscle_side),
        )

    def members(self, *names: str) -> Array:
        """Return a mask, shape (n,), of the neurons of the classes `names`."""
        return np.isin(np.asarray(self.neuron_classes), names)
