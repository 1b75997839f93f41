"""What a recording shows: gait, behaviour, navigation, postures, and a page of plots."""

from embody.analysis.behaviour import Behaviour, Bout, segment_behaviour
from embody.analysis.chemotaxis import chemotaxis_index, time_to_reach
from embody.analysis.eigenworms import (
    eigenworm_amplitudes,
    eigenworm_basis,
    tangent_angles,
    variance_explained,
)
from embody.analysis.gait import Gait, measure_gait
from embody.analysis.kymograph import Kymograph, curvature_kymograph
from embody.analysis.movement import displacement, path_length, signed_speed, track
from embody.analysis.navigation import klinokinesis, klinotaxis, orthokinesis, walk
from embody.analysis.page import plot_page
from embody.analysis.relation import Relation, relate
from embody.analysis.summary import summarise

__all__ = [
    "Behaviour",
    "Bout",
    "Gait",
    "Kymograph",
    "Relation",
    "chemotaxis_index",
    "curvature_kymograph",
    "displacement",
    "eigenworm_amplitudes",
    "eigenworm_basis",
    "klinokinesis",
    "klinotaxis",
    "measure_gait",
    "orthokinesis",
    "path_length",
    "plot_page",
    "relate",
    "segment_behaviour",
    "signed_speed",
    "summarise",
    "tangent_angles",
    "time_to_reach",
    "track",
    "variance_explained",
    "walk",
]
