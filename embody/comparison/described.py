"""Clips as numbers: what a measure looks at, worked out once for each individual."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embody.comparison.sample import Sample


@dataclass(frozen=True, eq=False)
class Described:
    """Numbers that describe n clips, and whose clips they are.

    Attributes
    ----------
    rows
        What a measure needs of each clip, (n, ...).
    owner
        Index of each clip's individual, (n,).
    individuals
        Hash of each individual.
    names
        Names of the numbers, the last axis of `rows`; empty where nobody asks.
    """

    rows: np.ndarray
    owner: np.ndarray
    individuals: tuple[str, ...]
    names: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def of(self, who: Sequence[int]) -> "Described":
        """Return the clips of some individuals, by index."""
        new_index = np.full(len(self.individuals), -1)
        new_index[list(who)] = np.arange(len(who))
        owner = new_index[self.owner]
        kept = np.flatnonzero(owner >= 0)
        whose = tuple(self.individuals[i] for i in who)
        return Described(self.rows[kept], owner[kept], whose, self.names)


def described(sample: Sample, rows: np.ndarray, names: Sequence[str] = ()) -> Described:
    """Return rows of numbers, one for each clip of a sample."""
    return Described(rows, sample.owner, sample.individuals, tuple(names))
