"""Can this animal be told from the real one? Records of behaviour, and what compares them."""

from embody.comparison.reading import FORMATS, one_species, read
from embody.comparison.record import BehaviourRecord, Stimulus
from embody.comparison.writers import write_nwb, write_wcon

__all__ = [
    "FORMATS",
    "BehaviourRecord",
    "Stimulus",
    "one_species",
    "read",
    "write_nwb",
    "write_wcon",
]
