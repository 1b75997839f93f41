"""Can this animal be told from the real one? Records of behaviour, and what compares them."""

from embody.comparison.observation import ObservationModel
from embody.comparison.observation_match import match
from embody.comparison.reading import FORMATS, one_species, read
from embody.comparison.record import BehaviourRecord, Stimulus
from embody.comparison.tracking_noise import estimate_tracking_noise
from embody.comparison.writers import write_nwb, write_wcon

__all__ = [
    "FORMATS",
    "BehaviourRecord",
    "ObservationModel",
    "Stimulus",
    "estimate_tracking_noise",
    "match",
    "one_species",
    "read",
    "write_nwb",
    "write_wcon",
]
