"""Can this animal be told from the real one? Records of behaviour, and what compares them."""

from embody.comparison.nuisance import Nuisance, judge_nuisance
from embody.comparison.observation import ObservationModel
from embody.comparison.observation_match import match
from embody.comparison.reading import FORMATS, one_species, read
from embody.comparison.record import BehaviourRecord, Stimulus
from embody.comparison.tracking_noise import estimate_tracking_noise
from embody.comparison.writers import write_nwb, write_wcon

__all__ = [
    "FORMATS",
    "BehaviourRecord",
    "Nuisance",
    "ObservationModel",
    "Stimulus",
    "estimate_tracking_noise",
    "judge_nuisance",
    "match",
    "one_species",
    "read",
    "write_nwb",
    "write_wcon",
]
