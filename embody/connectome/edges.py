"""Edge lists whose arrays cannot be written to."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from embody.errors import EmbodyError

SIGN_SOURCES = (
    "physiology",
    "expression",
    "transmitter",
    "assumption",
    "none",
    "user",
    "rewired",
    "flipped",
    "merged",
)
"""Where a sign may come from; the last four are given by methods of `Connectome`."""


@dataclass(frozen=True, eq=False)
class Edges:
    """Edges between nodes known by their index, sorted by `pre`, then `post`.

    Attributes
    ----------
    pre, post
        Indices of the two ends, integers of shape (edges,). For gap junctions `pre <= post`.
    sections
        How strong each edge is: number of electron-microscopy sections in which it was seen,
        positive numbers of shape (edges,).
    """

    pre: np.ndarray
    post: np.ndarray
    sections: np.ndarray

    def __post_init__(self) -> None:
        columns = {
            name: np.atleast_1d(np.asarray(getattr(self, name), dtype=kind))
            for name, kind in self._kinds().items()
        }
        lengths = {name: len(column) for name, column in columns.items()}
        if len(set(lengths.values())) > 1:
            raise EmbodyError(f"the columns of an edge list need one length, not {lengths}")
        order = np.lexsort((columns["post"], columns["pre"]))
        for name, column in columns.items():
            column = column[order]
            column.setflags(write=False)
            object.__setattr__(self, name, column)
        if not (np.isfinite(self.sections) & (self.sections > 0)).all():
            raise EmbodyError("sections must be finite and above zero; leave out absent edges")

    @classmethod
    def _kinds(cls) -> dict[str, type]:
        kinds: dict[str, type] = {"pre": np.intp, "post": np.intp, "sections": np.float64}
        return {field.name: kinds.get(field.name, np.str_) for field in fields(cls)}

    @classmethod
    def empty(cls) -> Self:
        """Return a list without edges."""
        return cls(**{name: np.empty(0, dtype=kind) for name, kind in cls._kinds().items()})

    def __len__(self) -> int:
        return len(self.pre)

    def columns(self) -> dict[str, np.ndarray]:
        """Return every column by name, each of shape (edges,)."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def take(self, chosen: np.ndarray) -> Self:
        """Return the edges at these indices, or where this mask is true."""
        return type(self)(**{name: column[chosen] for name, column in self.columns().items()})

    def having(self, **columns: np.ndarray | Sequence) -> Self:
        """Return the same edges with some columns replaced, then sorted anew."""
        return type(self)(**{**self.columns(), **columns})


@dataclass(frozen=True, eq=False)
class SignedEdges(Edges):
    """Edges that excite or inhibit.

    Attributes
    ----------
    sign
        +1 excites, -1 inhibits, 0 unknown; shape (edges,).
    sign_source
        One of `SIGN_SOURCES` for each edge.
    transmitter
        Primary transmitter of the presynaptic neuron, "" where unknown.
    citation
        Short citation of the sign, e.g. "Chalasani 2007"; "" where there is none.
    """

    sign: np.ndarray
    sign_source: np.ndarray
    transmitter: np.ndarray
    citation: np.ndarray

    def __post_init__(self) -> None:
        given = np.atleast_1d(self.sign)
        wrong = given[~np.isin(given, (-1, 0, 1))]
        if len(wrong):
            raise EmbodyError(
                f"a sign is -1 (inhibits), 0 (unknown) or 1 (excites), not {wrong[0]}"
            )
        super().__post_init__()
        unknown = self.sign_source[~np.isin(self.sign_source, SIGN_SOURCES)]
        if len(unknown):
            raise EmbodyError(
                f"unknown source of a sign {str(unknown[0])!r}; valid: {', '.join(SIGN_SOURCES)}"
            )

    @classmethod
    def _kinds(cls) -> dict[str, type]:
        return {**super()._kinds(), "sign": np.int8}
