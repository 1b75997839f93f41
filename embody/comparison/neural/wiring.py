"""Who connects to whom among the neurons of a record, and its degree-preserving nulls."""

import csv
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from embody.connectome import Connectome, SignedEdges
from embody.connectome.randomise import swap_directed
from embody.errors import EmbodyError, require_known

COLUMNS = ("pre", "post", "count")
"""What a table of edges must hold; "sign" (+1, -1 or 0) may follow."""


@dataclass(frozen=True, eq=False)
class Wiring:
    """Synapse counts and signs as matrices [to, from].

    Attributes
    ----------
    neurons
        Names, in the order of both axes.
    counts
        Synapses (or sections) onto the row's neuron from the column's, shape (n, n).
    signs
        +1 excites, -1 inhibits, 0 unknown, shape (n, n).
    classes
        Class of each neuron; its own name where none is known.

    Raises
    ------
    EmbodyError
        If shapes differ or counts are not finite and 0 or more.
    """

    neurons: tuple[str, ...]
    counts: np.ndarray
    signs: np.ndarray
    classes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        size = len(self.neurons)
        for name in ("counts", "signs"):
            if getattr(self, name).shape != (size, size):
                raise EmbodyError(
                    f"{name} have shape {getattr(self, name).shape}, not ({size}, {size})"
                )
        if not (np.isfinite(self.counts) & (self.counts >= 0)).all():
            raise EmbodyError("counts of synapses must be finite and 0 or more")
        if len(self.classes) not in (0, size):
            raise EmbodyError(f"{size} neurons need as many classes, not {len(self.classes)}")
        if not self.classes:
            object.__setattr__(self, "classes", self.neurons)

    @classmethod
    def from_connectome(cls, connectome: Connectome) -> "Wiring":
        """Return chemical synapses and gap junctions together; a junction counts as excitatory.

        Where both connect two neurons, counts add up and the sign is that of the signed sum.
        """
        chemical = connectome.chemical_matrix().toarray()
        signed = connectome.chemical_matrix(signed=True).toarray()
        gap = connectome.gap_matrix().toarray()
        return cls(
            connectome.neurons,
            chemical + gap,
            np.sign(signed + gap),
            connectome.cell_classes,
        )

    @classmethod
    def from_csv(cls, path: str | os.PathLike[str]) -> "Wiring":
        """Read a table with the columns pre, post, count and, if known, sign.

        Raises
        ------
        EmbodyError
            If the file is missing or a row is not an edge.
        """
        edges: list[tuple[str, str, float, float]] = []
        try:
            with Path(path).open(encoding="utf-8-sig", newline="") as file:
                table = csv.DictReader(file)
                columns = table.fieldnames or ()
                require_known("column of a wiring:", COLUMNS, columns)
                for row in table:
                    sign = float(row.get("sign") or 0.0)
                    edges.append((row["pre"], row["post"], float(row["count"]), sign))
        except EmbodyError:
            raise
        except (OSError, ValueError, TypeError, csv.Error) as error:
            raise EmbodyError(f"{path} is not a table of pre,post,count,sign: {error}") from None
        names = tuple(sorted({name for edge in edges for name in edge[:2]}))
        place = {name: k for k, name in enumerate(names)}
        counts, weight = np.zeros((2, len(names), len(names)))
        for pre, post, count, sign in edges:
            counts[place[post], place[pre]] += count
            weight[place[post], place[pre]] += count * sign
        return cls(names, counts, np.sign(weight))

    def select(self, neurons: Sequence[str]) -> "Wiring":
        """Return the wiring among these neurons, in this order.

        Raises
        ------
        UnknownNameError
            If one is not wired.
        """
        require_known("wired neuron", neurons, self.neurons)
        place = {name: k for k, name in enumerate(self.neurons)}
        kept = [place[name] for name in neurons]
        return Wiring(
            tuple(neurons),
            self.counts[np.ix_(kept, kept)],
            self.signs[np.ix_(kept, kept)],
            tuple(self.classes[k] for k in kept),
        )

    @property
    def mask(self) -> np.ndarray:
        """Who may act on whom: wired pairs and each neuron on itself, shape (n, n)."""
        return (self.counts > 0) | np.eye(len(self.neurons), dtype=bool)

    def rewired(self, seed: int) -> "Wiring":
        """Return a wiring whose every neuron keeps its inputs and outputs of each sign.

        Partners are exchanged (Maslov & Sneppen 2002) within each sign; counts move with their
        source. Chemical synapses and junctions are exchanged as one, so that each row of `mask`
        keeps its length, and a model fitted under it its number of parameters.
        """
        post, pre = np.nonzero(self.counts)
        blank = np.full(len(pre), "")
        edges = SignedEdges(
            pre,
            post,
            self.counts[post, pre],
            self.signs[post, pre],
            np.full(len(pre), "user"),
            blank,
            blank,
        )
        swapped = swap_directed(edges, np.random.default_rng(seed))
        counts, signs = np.zeros_like(self.counts), np.zeros_like(self.signs)
        counts[swapped.post, swapped.pre] = swapped.sections
        signs[swapped.post, swapped.pre] = swapped.sign
        return replace(self, counts=counts, signs=signs)

    def rewirings(self, number: int, seed: int = 0) -> Iterator["Wiring"]:
        """Yield this many rewirings, seeds `seed`, `seed + 1`, ..."""
        return (self.rewired(seed + k) for k in range(number))
