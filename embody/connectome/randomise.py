"""Null models of a wiring: what stays is said in each docstring, the rest is chance."""

from typing import TypeVar

import numpy as np

from embody.connectome.edges import Edges, SignedEdges

AnyEdges = TypeVar("AnyEdges", bound=Edges)

SWAPS_PER_EDGE = 10
"""Attempted swaps for each edge; some ten mix a sparse graph well (Maslov & Sneppen 2002)."""


def swap_directed(
    edges: SignedEdges, rng: np.random.Generator, ends_alike: bool = True
) -> SignedEdges:
    """Exchange targets of random pairs of edges of equal sign: a->b, c->d becomes a->d, c->b.

    Every node keeps its number of inputs and of outputs of each sign, and the sections of its
    outputs. No pair is connected twice; autapses stay where they are. Edges that end elsewhere
    than before get the sign source "rewired" and lose their citation.

    Parameters
    ----------
    edges
        What to rewire.
    rng
        Source of chance.
    ends_alike
        Whether `pre` and `post` number the same nodes, so that equal indices are an autapse.

    References
    ----------
    Maslov & Sneppen (2002), Specificity and stability in topology of protein networks, Science.
    """
    pre, post = edges.pre.tolist(), edges.post.tolist()
    taken = set(zip(pre, post, strict=True))
    autapse = (edges.pre == edges.post) & ends_alike
    for sign in (-1, 0, 1):
        movable = np.flatnonzero((edges.sign == sign) & ~autapse)
        for one, other in _random_pairs(movable, rng):
            a, b, c, d = pre[one], post[one], pre[other], post[other]
            if (ends_alike and (a == d or c == b)) or (a, d) in taken or (c, b) in taken:
                continue
            taken -= {(a, b), (c, d)}
            taken |= {(a, d), (c, b)}
            post[one], post[other] = d, b
    moved = np.array(post, dtype=np.intp) != edges.post
    return edges.having(
        post=post,
        sign_source=np.where(moved, "rewired", edges.sign_source),
        citation=np.where(moved, "", edges.citation),
    )


def swap_undirected(edges: Edges, rng: np.random.Generator) -> Edges:
    """Exchange partners of random pairs of gap junctions: a-b, c-d becomes a-d, c-b.

    Every neuron keeps its number of partners. No pair is coupled twice; junctions of a cell with
    itself stay where they are.
    """
    ends = [(a, b) for a, b in zip(edges.pre.tolist(), edges.post.tolist(), strict=True)]
    taken = set(ends)
    pairs = _random_pairs(np.flatnonzero(edges.pre != edges.post), rng)
    turns = (rng.random(len(pairs)) < 0.5).tolist()
    for (one, other), turn in zip(pairs, turns, strict=True):
        (a, b), (c, d) = ends[one], ends[other]
        if turn:
            c, d = d, c
        first, second = (min(a, d), max(a, d)), (min(b, c), max(b, c))
        if a == d or c == b or first in taken or second in taken or first == second:
            continue
        taken -= {ends[one], ends[other]}
        taken |= {first, second}
        ends[one], ends[other] = first, second
    pre, post = np.array(ends, dtype=np.intp).reshape(-1, 2).T
    return edges.having(pre=pre, post=post)


def shuffle_sections(edges: AnyEdges, rng: np.random.Generator) -> AnyEdges:
    """Deal the sections anew among the edges of each sign; who connects to whom stays."""
    sections = edges.sections.copy()
    signs = edges.sign if isinstance(edges, SignedEdges) else np.ones(len(edges))
    for sign in np.unique(signs):
        group = np.flatnonzero(signs == sign)
        sections[group] = rng.permutation(sections[group])
    return edges.having(sections=sections)


def permutation_within(groups: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a permutation of the indices that maps every index into its own group."""
    permutation = np.arange(len(groups))
    for group in np.unique(groups):
        members = np.flatnonzero(groups == group)
        permutation[members] = rng.permutation(members)
    return permutation


def _random_pairs(movable: np.ndarray, rng: np.random.Generator) -> list[list[int]]:
    if len(movable) < 2:
        return []
    return movable[rng.integers(len(movable), size=(len(movable) * SWAPS_PER_EDGE, 2))].tolist()
