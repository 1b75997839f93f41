"""Which cell types of the optic lobe connect to which, at which offset of columns."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, Self

import numpy as np

from embody.brains.fly.optic_lobe.lattice import distance, ring
from embody.brains.fly.optic_lobe.unrolled import UnrolledOpticLobe, unroll
from embody.errors import EmbodyError, require_known


@dataclass(frozen=True, eq=False)
class OpticLobeConnectome:
    """Average wiring of the optic lobe, the same around every column. Immutable.

    Synapses are counted for each pair of cell types and each offset between their columns. A pair
    has one sign and, in the dynamics, one strength.

    References
    ----------
    Lappalainen et al. 2024, Nature 634:1132.

    Attributes
    ----------
    cell_types
        Names of the types, in the order of every array of shape (types,).
    roles
        "input", "intermediate" or "output" for each type.
    strides
        A type has a cell in the columns whose u and v are multiples of these, (types, 2).
    pairs
        Indices of source and target type of each connected pair, (pairs, 2).
    signs
        1 or -1 for each pair, (pairs,).
    entry_pair
        Which pair each filter entry belongs to, (entries,).
    offsets
        Column of the target minus that of the source, (entries, 2).
    synapses
        Mean number of synapses of each entry, (entries,).
    history
        What was done to the original, one line for each step.

    Examples
    --------
    >>> lobe = load_optic_lobe()
    >>> lobe
    OpticLobeConnectome(65 cell types, 604 pairs, 2355 filter entries)
    >>> lobe.unroll(15)
    UnrolledOpticLobe(radius 15, 721 columns, 45669 neurons, 1513231 edges)
    """

    cell_types: tuple[str, ...]
    roles: tuple[str, ...]
    strides: np.ndarray
    pairs: np.ndarray
    signs: np.ndarray
    entry_pair: np.ndarray
    offsets: np.ndarray
    synapses: np.ndarray
    history: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("strides", "pairs", "signs", "entry_pair", "offsets", "synapses"):
            array = np.array(getattr(self, name))
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    def __repr__(self) -> str:
        return (
            f"OpticLobeConnectome({len(self.cell_types)} cell types, {len(self.pairs)} pairs, "
            f"{len(self.synapses)} filter entries)"
        )

    @property
    def pair_names(self) -> tuple[str, ...]:
        """Names of the pairs, such as "Mi1>T4a", in the order of arrays of shape (pairs,)."""
        return tuple(f"{self.cell_types[a]}>{self.cell_types[b]}" for a, b in self.pairs)

    @property
    def inputs(self) -> np.ndarray:
        """Indices of the types that light reaches."""
        return np.flatnonzero(np.array(self.roles) == "input")

    @property
    def outputs(self) -> np.ndarray:
        """Indices of the types that the task may read out."""
        return np.flatnonzero(np.array(self.roles) == "output")

    def index(self, cell_types: str | Iterable[str]) -> np.ndarray:
        """Return the indices of cell types.

        Raises
        ------
        UnknownNameError
            If one of them does not exist.
        """
        names = [cell_types] if isinstance(cell_types, str) else list(cell_types)
        require_known("cell type", names, self.cell_types)
        return np.array([self.cell_types.index(name) for name in names], dtype=np.intp)

    def present(self, columns: np.ndarray) -> np.ndarray:
        """Return which type has a cell in which of `columns` (columns, 2), (types, columns)."""
        return (columns[None] % self.strides[:, None] == 0).all(axis=-1)

    def mean_synapses(self) -> np.ndarray:
        """Return the mean count over the entries of each pair, (pairs,)."""
        return np.bincount(self.entry_pair, self.synapses) / np.bincount(self.entry_pair)

    # Changes

    def select(self, cell_types: Iterable[str]) -> Self:
        """Keep only these types, in the order given, and the synapses among them."""
        names = list(dict.fromkeys(cell_types))
        kept = self.index(names)
        place = np.full(len(self.cell_types), -1)
        place[kept] = np.arange(len(kept))
        among = np.all(place[self.pairs] >= 0, axis=1)
        smaller = replace(
            self._with_pairs(among, f"select {', '.join(names)}"),
            cell_types=tuple(names),
            roles=tuple(self.roles[k] for k in kept),
            strides=self.strides[kept],
        )
        return replace(smaller, pairs=place[smaller.pairs])

    def ablate(self, cell_types: str | Iterable[str]) -> Self:
        """Remove every synapse of these types; their cells stay, without connections."""
        gone = self.index(cell_types)
        kept = np.all(~np.isin(self.pairs, gone), axis=1)
        return self._with_pairs(kept, f"ablate {', '.join(self.cell_types[k] for k in gone)}")

    def rewire(self, seed: int) -> Self:
        """Move the synapses of each pair of types to random offsets at the same distance.

        Each filter entry draws a new place on its own hexagonal ring around the target's column,
        without replacement among the entries of the pair. So every pair keeps its types, sign,
        strength, number of entries, synapse counts and how these depend on distance; what is lost
        is in which direction the entries lie, and how the filters of different pairs are aligned.
        """
        rng = np.random.default_rng(seed)
        offsets = self.offsets.copy()
        steps = distance(self.offsets)
        for pair, ends in enumerate(self.pairs):
            common = np.gcd(*self.strides[ends])
            for radius in np.unique(steps[self.entry_pair == pair]):
                entries = np.flatnonzero((self.entry_pair == pair) & (steps == radius))
                places = ring(radius)
                places = places[(places % common == 0).all(axis=1)]
                offsets[entries] = rng.permutation(places)[: len(entries)]
        return self._changed(f"rewire with seed {seed}", offsets=offsets)

    def shuffle_signs(self, seed: int) -> Self:
        """Deal the signs anew among the pairs of types: as many excite and inhibit as before."""
        signs = np.random.default_rng(seed).permutation(self.signs)
        return self._changed(f"shuffle signs with seed {seed}", signs=signs)

    def unroll(self, radius: int) -> UnrolledOpticLobe:
        """Return every cell and every edge of a hexagonal lattice of this radius.

        Raises
        ------
        EmbodyError
            If the radius is negative or no integer.
        """
        if radius < 0 or radius != int(radius):
            raise EmbodyError(f"a lattice has a radius of 0, 1, 2, ... columns, not {radius}")
        return unroll(self, int(radius))  # type: ignore[arg-type]  # one class, two import roots

    def _with_pairs(self, kept: np.ndarray, step: str) -> Self:
        place = np.cumsum(kept) - 1
        entries = kept[self.entry_pair]
        return self._changed(
            step,
            pairs=self.pairs[kept],
            signs=self.signs[kept],
            entry_pair=place[self.entry_pair[entries]],
            offsets=self.offsets[entries],
            synapses=self.synapses[entries],
        )

    def _changed(self, step: str, **changes: Any) -> Self:
        return replace(self, history=(*self.history, step), **changes)


@cache
def load_optic_lobe() -> OpticLobeConnectome:
    """Return the wiring of Lappalainen et al. 2024 that comes with the package."""
    types, entries = _rows("cell_types.csv"), _rows("filters.csv")
    names = tuple(row["cell_type"] for row in types)
    index = {name: k for k, name in enumerate(names)}
    pairs: dict[tuple[int, int], int] = {}
    for row in entries:
        pairs.setdefault((index[row["source"]], index[row["target"]]), int(row["sign"]))
    place = {pair: k for k, pair in enumerate(pairs)}
    return OpticLobeConnectome(
        cell_types=names,
        roles=tuple(row["role"] for row in types),
        strides=np.array([(int(row["u_stride"]), int(row["v_stride"])) for row in types]),
        pairs=np.array(list(pairs)),
        signs=np.array(list(pairs.values())),
        entry_pair=np.array([place[index[r["source"]], index[r["target"]]] for r in entries]),
        offsets=np.array([(int(row["du"]), int(row["dv"])) for row in entries]),
        synapses=np.array([float(row["synapses"]) for row in entries]),
    )


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("embody.assets") / "fly" / "optic_lobe" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))
