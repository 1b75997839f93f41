"""What each change of a connectome does to its fields; the methods of `Connectome` explain."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from embody.connectome.edges import Edges, SignedEdges
from embody.errors import EmbodyError

if TYPE_CHECKING:
    from embody.connectome.connectome import Connectome


def renumbered(edges: Edges, new: np.ndarray) -> Edges:
    """Return undirected edges between the nodes `new[pre]` and `new[post]`."""
    ends = np.stack([new[edges.pre], new[edges.post]])
    return edges.having(pre=ends.min(axis=0), post=ends.max(axis=0))


def selected(connectome: "Connectome", kept: Sequence[str]) -> dict[str, Any]:
    """Return all fields for these neurons only, in this order."""
    old = connectome.index(kept)
    new = np.full(len(connectome.neurons), -1)
    new[old] = np.arange(len(old))

    def among(edges: Edges) -> np.ndarray:
        return (new[edges.pre] >= 0) & (new[edges.post] >= 0)

    chemical = connectome.chemical.take(among(connectome.chemical))
    electrical = connectome.electrical.take(among(connectome.electrical))
    muscular = connectome.neuromuscular.take(new[connectome.neuromuscular.pre] >= 0)
    return {
        "neurons": tuple(kept),
        "cell_classes": tuple(connectome.cell_classes[k] for k in old),
        "categories": tuple(connectome.categories[k] for k in old),
        "transmitters": tuple(connectome.transmitters[k] for k in old),
        "positions_um": connectome.positions_um[old],
        "chemical": chemical.having(pre=new[chemical.pre], post=new[chemical.post]),
        "electrical": renumbered(electrical, new),
        "neuromuscular": muscular.having(pre=new[muscular.pre]),
    }


def ablated(connectome: "Connectome", gone: Sequence[str]) -> dict[str, Any]:
    """Return the edge lists without edges of these neurons."""
    alive = ~_mask(connectome, gone)
    chemical, electrical = connectome.chemical, connectome.electrical
    return {
        "chemical": chemical.take(alive[chemical.pre] & alive[chemical.post]),
        "electrical": electrical.take(alive[electrical.pre] & alive[electrical.post]),
        "neuromuscular": connectome.neuromuscular.take(alive[connectome.neuromuscular.pre]),
    }


def permuted(connectome: "Connectome", new: np.ndarray) -> dict[str, Any]:
    """Return the edge lists among neurons with neuron k put in the place of `new[k]`."""
    chemical = connectome.chemical
    return {
        "chemical": chemical.having(
            pre=new[chemical.pre],
            post=new[chemical.post],
            sign_source=np.full(len(chemical), "rewired"),
            citation=np.full(len(chemical), ""),
        ),
        "electrical": renumbered(connectome.electrical, new),
    }


def flipped(edges: SignedEdges, connectome: "Connectome", whose: Sequence[str]) -> SignedEdges:
    """Return edges with the signs of these neurons' outputs turned round."""
    here = _mask(connectome, whose)[edges.pre]
    return edges.having(
        sign=np.where(here, -edges.sign, edges.sign),
        sign_source=np.where(here, "flipped", edges.sign_source),
        citation=np.where(here, "", edges.citation),
    )


def signed(
    connectome: "Connectome", signs: Mapping[tuple[str, str], int], source: str, citation: str
) -> SignedEdges:
    """Return the chemical edges with these signs."""
    edges = connectome.chemical
    sign = edges.sign.astype(np.float64)
    sources, citations = edges.sign_source.astype(object), edges.citation.astype(object)
    for (pre, post), value in signs.items():
        from_pre = _mask(connectome, connectome.resolve(pre))[edges.pre]
        here = from_pre & _mask(connectome, connectome.resolve(post))[edges.post]
        if not here.any():
            raise EmbodyError(f"there is no chemical synapse from {pre} to {post}")
        sign[here], sources[here], citations[here] = value, source, citation
    return edges.having(sign=sign, sign_source=sources, citation=citations)


def _mask(connectome: "Connectome", names: Sequence[str]) -> np.ndarray:
    mask = np.zeros(len(connectome.neurons), dtype=bool)
    mask[connectome.index(names)] = True
    return mask
