"""Who connects to whom."""

from embody.connectome.connectome import KINDS, Connectome
from embody.connectome.edges import SIGN_SOURCES, Edges, SignedEdges
from embody.connectome.load import load_connectome

__all__ = ["KINDS", "SIGN_SOURCES", "Connectome", "Edges", "SignedEdges", "load_connectome"]
