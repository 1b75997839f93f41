"""Who connects to whom: a neuron table and three edge lists that never change in place."""

import functools
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
import scipy.sparse

from embody.connectome import editing, identity, randomise, storage, views
from embody.connectome.edges import Edges, SignedEdges
from embody.connectome.merging import merge_classes
from embody.connectome.tables import Table
from embody.errors import EmbodyError, UnknownNameError, require_known

if TYPE_CHECKING:
    import networkx

Kind = Literal["chemical", "electrical", "neuromuscular"]

KINDS: tuple[Kind, ...] = ("chemical", "electrical", "neuromuscular")


@dataclass(frozen=True, eq=False)
class Connectome:
    """A wiring diagram. Immutable: every method that changes something returns a new one.

    Two connectomes are equal when their content is, whatever their `name` and `history`.

    Attributes
    ----------
    name
        What it is, e.g. "worm".
    neurons
        Names, in the order of every array of shape (neurons,).
    cell_classes
        Class of each neuron, e.g. "AVA" for AVAL and AVAR.
    categories
        "sensory", "inter", "motor", "pharyngeal" or "unclassified" for each neuron of the worm.
    transmitters
        Transmitters of each neuron, the primary one first; () where unknown.
    positions_um
        Somata [um], shape (neurons, 3), NaN where unknown. The axes are those of the source.
    muscles
        Names of the muscles, in the order of every array of shape (muscles,).
    chemical
        Chemical synapses from neuron `pre` to neuron `post`.
    electrical
        Gap junctions between two neurons, each pair once with `pre <= post`.
    neuromuscular
        Synapses from neuron `pre` to muscle `post`.
    history
        What was done to the original, one line for each step.

    Raises
    ------
    EmbodyError
        If names repeat, lengths differ, an end of an edge does not exist or a pair occurs twice.

    Examples
    --------
    >>> from embody.connectome import load_connectome
    >>> worm = load_connectome("worm")
    >>> len(worm.neurons), len(worm.muscles), worm.ablate("AVA").neurons_of_class("AVA")
    (302, 95, ('AVAL', 'AVAR'))
    """

    name: str
    neurons: tuple[str, ...]
    cell_classes: tuple[str, ...]
    categories: tuple[str, ...]
    transmitters: tuple[tuple[str, ...], ...]
    positions_um: np.ndarray
    muscles: tuple[str, ...]
    chemical: SignedEdges
    electrical: Edges
    neuromuscular: SignedEdges
    history: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        positions = np.array(self.positions_um, dtype=np.float64) + 0.0
        positions.setflags(write=False)
        object.__setattr__(self, "positions_um", positions)
        identity.check(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Connectome):
            return NotImplemented
        return self.fingerprint() == other.fingerprint()

    def __hash__(self) -> int:
        return hash(self.fingerprint())

    def __repr__(self) -> str:
        return (
            f"Connectome({self.name!r}, {len(self.neurons)} neurons, {len(self.muscles)} muscles, "
            f"{len(self.chemical)} chemical, {len(self.electrical)} electrical, "
            f"{len(self.neuromuscular)} neuromuscular edges)"
        )

    def fingerprint(self) -> str:
        """Return the sha256 of the content, as recorded with every simulation."""
        return self._fingerprint

    @functools.cached_property
    def _fingerprint(self) -> str:
        return identity.fingerprint(self)

    # Names

    @functools.cached_property
    def _positions_of_names(self) -> dict[str, int]:
        return {name: k for k, name in enumerate(self.neurons)}

    def index(self, names: str | Iterable[str]) -> np.ndarray:
        """Return the indices of these neurons, shape (names,).

        Raises
        ------
        UnknownNameError
            If one of them is no neuron.
        """
        names = [names] if isinstance(names, str) else list(names)
        require_known("neuron", names, self.neurons)
        return np.array([self._positions_of_names[name] for name in names], dtype=np.intp)

    def neurons_of_class(self, cell_class: str) -> tuple[str, ...]:
        """Return the neurons of one class.

        Raises
        ------
        UnknownNameError
            If there is no such class.
        """
        require_known("cell class", [cell_class], set(self.cell_classes))
        return tuple(
            name
            for name, its_class in zip(self.neurons, self.cell_classes, strict=True)
            if its_class == cell_class
        )

    def resolve(self, names: str | Iterable[str]) -> tuple[str, ...]:
        """Return the neurons meant by names of neurons or of classes, each once.

        Raises
        ------
        UnknownNameError
            If a name is neither.
        """
        found: dict[str, None] = {}
        for name in [names] if isinstance(names, str) else names:
            if name in self._positions_of_names:
                found[name] = None
            elif name in self.cell_classes:
                found.update(dict.fromkeys(self.neurons_of_class(name)))
            else:
                raise UnknownNameError(
                    "neuron or cell class", name, {*self.neurons, *self.cell_classes}
                )
        return tuple(found)

    # Changes

    def select(self, names: str | Iterable[str]) -> Self:
        """Keep only these neurons or classes, in the order given, and the edges among them."""
        kept = self.resolve(names)
        return self._changed(f"select {', '.join(kept)}", **editing.selected(self, kept))

    def ablate(self, names: str | Iterable[str]) -> Self:
        """Remove every edge of these neurons or classes.

        The neurons stay in the table without connections, so that arrays keep their shape; use
        `select` to drop them.
        """
        gone = self.resolve(names)
        return self._changed(f"ablate {', '.join(gone)}", **editing.ablated(self, gone))

    def remove(self, kind: Kind) -> Self:
        """Remove all edges of one kind."""
        require_known("kind of edge", [kind], KINDS)
        return self._changed(f"remove {kind}", **{kind: type(getattr(self, kind)).empty()})

    def rewire(self, seed: int, kinds: Sequence[Kind] = ("chemical", "electrical")) -> Self:
        """Randomise who connects to whom, keeping every neuron's degrees.

        Chemical edges exchange targets within each sign: in- and out-degree of either sign and
        the sections of every neuron's outputs stay. Gap junctions exchange partners. No pair is
        connected twice, and connections of a cell with itself stay. The neuromuscular map is
        rewired only when asked for. See `embody.connectome.randomise`.

        Parameters
        ----------
        seed
            The same seed gives the same wiring.
        kinds
            Which edges to rewire.
        """
        require_known("kind of edge", kinds, KINDS)
        changed: dict[str, Edges] = {}
        for kind in kinds:
            rng = _generator(seed, kind)
            if kind == "electrical":
                changed[kind] = randomise.swap_undirected(self.electrical, rng)
            else:
                autapses = kind == "chemical"
                changed[kind] = randomise.swap_directed(getattr(self, kind), rng, autapses)
        return self._changed(f"rewire {', '.join(kinds)} with seed {seed}", **changed)

    def permute_identities(
        self, seed: int, within: Literal["all", "category", "cell_class"] = "all"
    ) -> Self:
        """Let neurons change places in the network of neurons.

        The graph of chemical and electrical edges stays as it is, weights and signs included,
        but each of its nodes is given to another neuron; the neuron table and the neuromuscular
        map do not follow. A harsher control than `rewire`.

        Parameters
        ----------
        seed
            The same seed gives the same permutation.
        within
            Neurons change places only with those of the same category or class.
        """
        groups = {
            "all": ("",) * len(self.neurons),
            "category": self.categories,
            "cell_class": self.cell_classes,
        }
        require_known("group", [within], groups)
        new = randomise.permutation_within(np.array(groups[within]), _generator(seed, "identity"))
        step = f"permute identities within {within} with seed {seed}"
        return self._changed(step, **editing.permuted(self, new))

    def shuffle_weights(
        self, seed: int, kinds: Sequence[Kind] = ("chemical", "electrical")
    ) -> Self:
        """Deal the sections anew among the edges of each kind and sign; the graph stays."""
        require_known("kind of edge", kinds, KINDS)
        return self._changed(
            f"shuffle weights of {', '.join(kinds)} with seed {seed}",
            **{
                kind: randomise.shuffle_sections(getattr(self, kind), _generator(seed, kind))
                for kind in kinds
            },
        )

    def flip_signs(
        self,
        names: str | Iterable[str] | None = None,
        kinds: Sequence[Literal["chemical", "neuromuscular"]] = ("chemical",),
    ) -> Self:
        """Turn excitation into inhibition and back in the outputs of these neurons or classes.

        Parameters
        ----------
        names
            Neurons or classes; all of them by default.
        kinds
            Which of their outputs.
        """
        require_known("kind of signed edge", kinds, ("chemical", "neuromuscular"))
        whose = self.neurons if names is None else self.resolve(names)
        changed = {kind: editing.flipped(getattr(self, kind), self, whose) for kind in kinds}
        shown = "all neurons" if names is None else ", ".join(whose)
        return self._changed(f"flip signs of {shown} ({', '.join(kinds)})", **changed)

    def with_signs(
        self, signs: Mapping[tuple[str, str], int], source: str = "user", citation: str = ""
    ) -> Self:
        """Give chemical edges other signs.

        Parameters
        ----------
        signs
            From (pre, post), names of neurons or classes, to -1, 0 or 1. Later entries win.
        source
            One of `embody.connectome.edges.SIGN_SOURCES`.
        citation
            Short citation.

        Raises
        ------
        EmbodyError
            If there is no chemical synapse between the two, or the sign is another number.
        """
        shown = ", ".join(f"{pre}>{post} {sign:+}" for (pre, post), sign in signs.items())
        return self._changed(
            f"signs {shown}", chemical=editing.signed(self, signs, source, citation)
        )

    def merge_to_classes(self) -> Self:
        """Merge the neurons of each class into one node, adding up sections.

        The sign of a merged synapse is that of the greater sum of sections, 0 if they balance.
        Positions are means. Connections within a class become connections with itself.
        """
        return self._changed("merge to classes", **merge_classes(self))

    def _changed(self, step: str, **changes: Any) -> Self:
        return replace(self, history=(*self.history, step), **changes)

    # Views

    def chemical_matrix(self, signed: bool = False) -> scipy.sparse.csr_array:
        """Return sections as a sparse matrix [post, pre], shape (neurons, neurons).

        `matrix @ activity` is the summed input of each neuron. With `signed`, sections are
        multiplied by the sign, so that edges of unknown sign are zero.
        """
        return views.matrix(self.chemical, len(self.neurons), len(self.neurons), signed)

    def gap_matrix(self) -> scipy.sparse.csr_array:
        """Return gap junction sections as a symmetric sparse matrix, shape (neurons, neurons).

        The diagonal, junctions of a cell with itself, carries no current.
        """
        return views.symmetric_matrix(self.electrical, len(self.neurons))

    def neuromuscular_matrix(self, signed: bool = False) -> scipy.sparse.csr_array:
        """Return sections as a sparse matrix [muscle, neuron], shape (muscles, neurons)."""
        return views.matrix(self.neuromuscular, len(self.muscles), len(self.neurons), signed)

    def to_networkx(self) -> "networkx.MultiDiGraph":
        """Return a graph of neurons and muscles; each edge has its kind as key.

        Gap junctions are two opposite edges, one for a cell with itself.
        """
        return views.networkx_graph(self)

    # Files

    @classmethod
    def from_tables(
        cls,
        chemical: Table,
        electrical: Table = (),
        neuromuscular: Table = (),
        neurons: Table | None = None,
        muscles: Table | None = None,
        name: str = "user",
    ) -> Self:
        """Build a connectome from your own tables: CSV files or rows as mappings.

        Parameters
        ----------
        chemical
            Columns pre, post, sections; optional sign, sign_source, transmitter, citation.
            A sign left empty is 0, unknown.
        electrical
            Columns pre, post, sections; each pair once, in either order.
        neuromuscular
            As `chemical`, with a column muscle instead of post.
        neurons
            Column neuron; optional cell_class, category, transmitters (separated by ";"), x_um,
            y_um, z_um. Without it: all neurons of the edge tables, sorted.
        muscles
            Column muscle. Without it: all muscles of the neuromuscular table, sorted.
        name
            What to call it.

        Raises
        ------
        EmbodyError
            If a column is missing, a cell is no number, an end of an edge is not in the neuron
            or muscle table, or a pair occurs twice.
        """
        tables = (chemical, electrical, neuromuscular, neurons, muscles)
        return cls(name=name, **storage.parts_from_tables(*tables))

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Write CSV tables and connectome.json, which names and seals them, into `folder`."""
        storage.save(self, folder)

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> Self:
        """Read what `save` wrote.

        Raises
        ------
        EmbodyError
            If a table is missing or wrong, or does not match the seal in connectome.json.
        """
        parts, seal = storage.load_parts(folder)
        loaded = cls(**parts)
        storage.check_seal(loaded, seal, folder)
        return loaded


def _generator(seed: int, purpose: str) -> np.random.Generator:
    if seed < 0:
        raise EmbodyError(f"a seed is 0 or a positive whole number, not {seed}")
    return np.random.default_rng([int(seed), *purpose.encode()])
