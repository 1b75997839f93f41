"""What makes a connectome well-formed, and what makes two of them the same."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from embody.connectome.edges import Edges
from embody.errors import EmbodyError

if TYPE_CHECKING:
    from embody.connectome.connectome import Connectome


def check(connectome: "Connectome") -> None:
    """Raise `EmbodyError` for the first thing that is wrong."""
    neurons, muscles = connectome.neurons, connectome.muscles
    for kind, names in (("neuron", neurons), ("muscle", muscles)):
        repeated = [name for name, count in Counter(names).items() if count > 1]
        if repeated:
            raise EmbodyError(f"{kind} names must differ; {repeated[0]} occurs more than once")
        if "" in names:
            raise EmbodyError(f"a {kind} has no name")
    for column in ("cell_classes", "categories", "transmitters"):
        if len(getattr(connectome, column)) != len(neurons):
            raise EmbodyError(f"{column} needs one entry for each of {len(neurons)} neurons")
    if connectome.positions_um.shape != (len(neurons), 3):
        raise EmbodyError(
            f"positions_um needs the shape ({len(neurons)}, 3), not {connectome.positions_um.shape}"
        )
    _check_ends("chemical", connectome.chemical, neurons, neurons)
    _check_ends("electrical", connectome.electrical, neurons, neurons)
    _check_ends("neuromuscular", connectome.neuromuscular, neurons, muscles)
    if (connectome.electrical.pre > connectome.electrical.post).any():
        raise EmbodyError("electrical edges need pre <= post; each pair occurs once")


def _check_ends(kind: str, edges: Edges, sources: Sequence[str], targets: Sequence[str]) -> None:
    for ends, names in ((edges.pre, sources), (edges.post, targets)):
        if len(ends) and not 0 <= ends.min() <= ends.max() < len(names):
            raise EmbodyError(f"a {kind} edge has an end outside 0 .. {len(names) - 1}")
    twice = np.flatnonzero((np.diff(edges.pre) == 0) & (np.diff(edges.post) == 0))
    if len(twice):
        pre, post = int(edges.pre[twice[0]]), int(edges.post[twice[0]])
        raise EmbodyError(
            f"the {kind} edge {sources[pre]} - {targets[post]} occurs twice; add up its sections"
        )


def fingerprint(connectome: "Connectome") -> str:
    """Return the sha256 of everything but name and history."""
    digest = hashlib.sha256()
    texts = (
        connectome.neurons,
        connectome.cell_classes,
        connectome.categories,
        [";".join(known) for known in connectome.transmitters],
        connectome.muscles,
    )
    for column in texts:
        digest.update(("\n".join(column) + "\0").encode())
    digest.update(connectome.positions_um.astype("<f8").tobytes())
    for edges in (connectome.chemical, connectome.electrical, connectome.neuromuscular):
        for column in edges.columns().values():
            digest.update(_canonical(column))
    return digest.hexdigest()


def _canonical(column: np.ndarray) -> bytes:
    if column.dtype.kind == "U":
        return ("\n".join(column.tolist()) + "\0").encode()
    return column.astype("<f8").tobytes()
