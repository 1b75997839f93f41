"""A connectome as sparse matrices and as a graph."""

from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse

from embody.connectome.edges import Edges, SignedEdges

if TYPE_CHECKING:
    import networkx

    from embody.connectome.connectome import Connectome


def matrix(edges: SignedEdges, targets: int, sources: int, signed: bool) -> scipy.sparse.csr_array:
    """Return sections [post, pre], shape (targets, sources); times the sign if `signed`."""
    weights = edges.sections * edges.sign if signed else edges.sections
    return _sparse(weights, edges.post, edges.pre, (targets, sources))


def symmetric_matrix(edges: Edges, size: int) -> scipy.sparse.csr_array:
    """Return sections of undirected edges, shape (size, size); the diagonal is not doubled."""
    between = edges.pre != edges.post
    rows = np.concatenate([edges.pre, edges.post[between]])
    columns = np.concatenate([edges.post, edges.pre[between]])
    weights = np.concatenate([edges.sections, edges.sections[between]])
    return _sparse(weights, rows, columns, (size, size))


def _sparse(
    weights: np.ndarray, rows: np.ndarray, columns: np.ndarray, shape: tuple[int, int]
) -> scipy.sparse.csr_array:
    found = scipy.sparse.coo_array((weights, (rows, columns)), shape=shape).tocsr()
    found.eliminate_zeros()
    return found


def networkx_graph(connectome: "Connectome") -> "networkx.MultiDiGraph":
    """Return all neurons, muscles and edges with their attributes."""
    import networkx

    graph = networkx.MultiDiGraph(name=connectome.name, fingerprint=connectome.fingerprint())
    for k, name in enumerate(connectome.neurons):
        graph.add_node(
            name,
            kind="neuron",
            cell_class=connectome.cell_classes[k],
            category=connectome.categories[k],
            transmitters=connectome.transmitters[k],
            position_um=tuple(connectome.positions_um[k].tolist()),
        )
    graph.add_nodes_from(connectome.muscles, kind="muscle")
    neurons, muscles = connectome.neurons, connectome.muscles
    for kind, edges, targets in (
        ("chemical", connectome.chemical, neurons),
        ("electrical", connectome.electrical, neurons),
        ("neuromuscular", connectome.neuromuscular, muscles),
    ):
        columns = {name: column.tolist() for name, column in edges.columns().items()}
        pre, post = columns.pop("pre"), columns.pop("post")
        for k in range(len(edges)):
            facts = {name: column[k] for name, column in columns.items()}
            source, target = neurons[pre[k]], targets[post[k]]
            graph.add_edge(source, target, key=kind, **facts)
            if kind == "electrical" and source != target:
                graph.add_edge(target, source, key=kind, **facts)
    return graph
