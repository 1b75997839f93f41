"""One node for each cell class."""

from typing import TYPE_CHECKING, Any

import numpy as np

from embody.connectome.edges import Edges, SignedEdges

if TYPE_CHECKING:
    from embody.connectome.connectome import Connectome


def merge_classes(connectome: "Connectome") -> dict[str, Any]:
    """Return the fields of the merged connectome; classes keep the order of first appearance."""
    classes = tuple(dict.fromkeys(connectome.cell_classes))
    members = [
        [k for k, its_class in enumerate(connectome.cell_classes) if its_class == cell_class]
        for cell_class in classes
    ]
    new = np.empty(len(connectome.neurons), dtype=np.intp)
    for k, group in enumerate(members):
        new[group] = k
    chemical, muscular = connectome.chemical, connectome.neuromuscular
    ends = np.stack([new[connectome.electrical.pre], new[connectome.electrical.post]])
    positions = connectome.positions_um
    return {
        "neurons": classes,
        "cell_classes": classes,
        "categories": tuple(
            "; ".join(dict.fromkeys(connectome.categories[k] for k in group)) for group in members
        ),
        "transmitters": tuple(
            tuple(dict.fromkeys(t for k in group for t in connectome.transmitters[k]))
            for group in members
        ),
        "positions_um": np.array([positions[group].mean(axis=0) for group in members]).reshape(
            len(classes), 3
        ),
        "chemical": _add_up_signed(new[chemical.pre], new[chemical.post], chemical),
        "electrical": _add_up(ends.min(axis=0), ends.max(axis=0), connectome.electrical),
        "neuromuscular": _add_up_signed(new[muscular.pre], muscular.post, muscular),
    }


def _add_up(pre: np.ndarray, post: np.ndarray, edges: Edges) -> Edges:
    pairs, which = np.unique(np.stack([pre, post]), axis=1, return_inverse=True)
    sections = np.bincount(which.ravel(), weights=edges.sections, minlength=pairs.shape[1])
    return Edges(pre=pairs[0], post=pairs[1], sections=sections)


def _add_up_signed(pre: np.ndarray, post: np.ndarray, edges: SignedEdges) -> SignedEdges:
    pairs, first, which = np.unique(
        np.stack([pre, post]), axis=1, return_index=True, return_inverse=True
    )
    which, count = which.ravel(), pairs.shape[1]
    balance = np.bincount(which, weights=edges.sections * edges.sign, minlength=count)
    return SignedEdges(
        pre=pairs[0],
        post=pairs[1],
        sections=np.bincount(which, weights=edges.sections, minlength=count),
        sign=np.sign(balance),
        sign_source=np.full(count, "merged"),
        transmitter=edges.transmitter[first],
        citation=np.full(count, ""),
    )
