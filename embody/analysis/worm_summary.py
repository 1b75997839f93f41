"""One recording of a worm in a few numbers."""

import numpy as np

from embody.analysis.behaviour import segment_behaviour
from embody.analysis.chemotaxis import chemotaxis_index, time_to_reach
from embody.analysis.eigenworms import variance_explained
from embody.analysis.gait import measure_gait
from embody.analysis.movement import displacement, path_length, signed_speed
from embody.analysis.navigation import klinotaxis
from embody.analysis.odour import distance_to_peak
from embody.analysis.posture import centroid
from embody.analysis.source import RecordingLike, odour_fields, time_and_centreline

_POSTURES = 4000


def summarise_worm(recording: RecordingLike) -> dict[str, float]:
    """Return the metrics of a recording of a worm, names with their units.

    What a record is too short to tell is NaN. Chemotaxis is left out where there is no odour.

    Parameters
    ----------
    recording
        One episode.

    Returns
    -------
    dict
        speed_mm_s (signed, along the body axis), frequency_hz, frequency_zero_crossing_hz,
        wavelength_body, wave_direction (+1 towards the tail), curvature_amplitude_per_mm,
        curvature_amplitude_weakest_third_per_mm, travelling_power (signed),
        eigenworm_variance_4, reversals_per_min, omega_turns_per_min, pirouettes_per_min,
        reversing_share, path_length_mm, displacement_mm; with odour also chemotaxis_index,
        start_distance_mm, final_distance_mm, closest_mm, time_to_reach_s (within 1 mm of the
        peak), klinotaxis_slope_deg (degrees per mm of curving, per 1/mm of gradient).

    Raises
    ------
    EmbodyError
        If the recording is not one of a worm, or is empty.
    """
    time, centreline = time_and_centreline(recording)
    gait = measure_gait(time, centreline)
    behaviour = segment_behaviour(time, centreline)
    speed = signed_speed(time, centreline)
    reversing = sum(bout.seconds for bout in behaviour.reversals)
    metrics = {
        "speed_mm_s": float(speed.mean()),
        "frequency_hz": gait.frequency_hz,
        "frequency_zero_crossing_hz": gait.frequency_zero_crossing_hz,
        "wavelength_body": gait.wavelength_body,
        "wave_direction": gait.wave_direction,
        "curvature_amplitude_per_mm": gait.curvature_amplitude_per_mm,
        "curvature_amplitude_weakest_third_per_mm": gait.weakest_third_per_mm,
        "travelling_power": gait.travelling_power,
        "eigenworm_variance_4": variance_explained(_thinned(centreline)),
        "reversals_per_min": behaviour.per_minute(behaviour.reversals),
        "omega_turns_per_min": behaviour.per_minute(behaviour.omega_turns),
        "pirouettes_per_min": behaviour.per_minute(behaviour.pirouettes),
        "reversing_share": reversing / behaviour.duration_s
        if behaviour.duration_s > 0
        else float("nan"),
        "path_length_mm": path_length(time, centreline),
        "displacement_mm": displacement(centreline),
    }
    if odour_fields(recording):
        metrics |= _approach(recording, time, centreline)
    return metrics


def _approach(
    recording: RecordingLike, time: np.ndarray, centreline: np.ndarray
) -> dict[str, float]:
    distance = distance_to_peak(odour_fields(recording), centroid(centreline))
    return {
        "chemotaxis_index": chemotaxis_index(distance),
        "start_distance_mm": float(distance[0]),
        "final_distance_mm": float(distance[-1]),
        "closest_mm": float(distance.min()),
        "time_to_reach_s": time_to_reach(time, distance),
        "klinotaxis_slope_deg": klinotaxis(recording).slope,
    }


def _thinned(centreline: np.ndarray) -> np.ndarray:
    return centreline[:: max(1, len(centreline) // _POSTURES)]
