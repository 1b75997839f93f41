"""Can this animal be told from the real one? Records of behaviour, and what compares them."""

from embody.comparison.record import BehaviourRecord, Stimulus

__all__ = ["BehaviourRecord", "Stimulus"]
