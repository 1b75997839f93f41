"""A rollout of a simulated animal, in the terms in which living animals are recorded."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from embody.analysis.eigenworms import eigenworm_amplitudes, eigenworm_basis
from embody.analysis.posture import body_axis, body_lengths, centroid
from embody.comparison.record import BehaviourRecord
from embody.comparison.record_checks import frames_at_a_time
from embody.errors import EmbodyError
from embody.recording import CENTRELINE, Recording

FLY_LENGTH_MM = 2.5
"""Length of an adult Drosophila without its wings [mm] (Lobato-Rios et al. 2022, Nature Methods
19:620: the body that the simulated one was rebuilt from)."""

DATASET = "embody"
"""The dataset that all simulated animals belong to."""

_UNEVEN = 1e-3


def behaviour_record(
    recording: Recording, individual: str | None = None, session: str = "1"
) -> BehaviourRecord:
    """Return the behaviour in a recording; see `BehaviourRecord.from_recording`.

    Raises
    ------
    EmbodyError
        If the recording shows no posture, or is not sampled evenly.
    """
    if CENTRELINE.name in recording:
        parts = worm_parts(recording[CENTRELINE.name])
    elif "joint_angle" in recording and "position" in recording:
        parts = _fly_parts(recording)
    else:
        raise EmbodyError(
            "the recording shows no posture: a worm's has 'centreline', a fly's 'joint_angle' "
            f"and 'position', this one {', '.join(recording.arrays)}"
        )
    return BehaviourRecord(
        individual=individual or individual_of(recording.meta),
        session=session,
        source="simulation",
        frame_rate_hz=_frame_rate(recording.time),
        arena={"env": recording.meta.get("env"), "scene": recording.meta.get("scene")},
        provenance={"dataset": DATASET, **recording.meta},
        **parts,
    )


def worm_parts(centreline: np.ndarray) -> dict[str, Any]:
    """Return species, arrays, names and body length of a worm from its centreline.

    Parameters
    ----------
    centreline
        Nodes from head to tail, shape (frames, nodes, 2) [mm]; missing frames are NaN.
    """
    count = len(centreline)
    modes = np.full((count, eigenworm_basis().shape[1]), np.nan)
    axis, position, length = np.empty((count, 2)), np.empty((count, 2)), np.full(count, np.nan)
    for part in frames_at_a_time(count):
        nodes = centreline[part]
        axis[part], position[part] = body_axis(nodes), centroid(nodes)
        seen = np.isfinite(nodes).all(axis=(1, 2))
        length[part][seen] = body_lengths(nodes[seen])
        seen &= length[part] > 0.0  # a point has no posture
        modes[part][seen] = eigenworm_amplitudes(nodes[seen], modes.shape[1])
    measured = np.isfinite(length)
    return {
        "species": "C. elegans",
        "arrays": {
            "keypoints": centreline,
            "position": position,
            "heading": _unwrapped(np.arctan2(axis[:, 1], axis[:, 0])),
            "modes": modes,
        },
        "names": {
            "keypoints": tuple(f"node{i:02d}" for i in range(centreline.shape[1])),
            "modes": tuple(f"eigenworm{i + 1}" for i in range(modes.shape[1])),
        },
        "body_length_mm": float(np.median(length[measured])) if measured.any() else None,
    }


def _fly_parts(recording: Recording) -> dict[str, Any]:
    arrays = {"joint_angle": recording["joint_angle"], "position": recording["position"]}
    if "orientation" in recording:
        w, x, y, z = recording["orientation"].T
        arrays["heading"] = _unwrapped(np.arctan2(2 * (w * z + x * y), 1 - 2 * (y**2 + z**2)))
    return {
        "species": "D. melanogaster",
        "arrays": arrays,
        "names": {"joint_angle": recording.signal("joint_angle").labels},
        "body_length_mm": FLY_LENGTH_MM,
    }


def _unwrapped(angle: np.ndarray) -> np.ndarray:
    angle = angle.copy()
    seen = np.isfinite(angle)
    angle[seen] = np.unwrap(angle[seen])
    return angle


def individual_of(meta: Mapping[str, Any]) -> str:
    """Return what a simulated animal is called, from the metadata of its recording."""
    controller = meta.get("controller")
    name = controller.get("name", "model") if isinstance(controller, Mapping) else "model"
    return f"{name}-seed{meta.get('seed', 0)}"


def _frame_rate(time_s: np.ndarray) -> float:
    if len(time_s) < 2:
        raise EmbodyError(f"a behaviour needs at least two samples, not {len(time_s)}")
    steps = np.diff(time_s)
    period = float(time_s[-1] - time_s[0]) / (len(time_s) - 1)
    if np.abs(steps - period).max() > _UNEVEN * period:
        raise EmbodyError(
            "the recording is not sampled evenly: its samples lie "
            f"{steps.min():g} to {steps.max():g} s apart"
        )
    return round(1.0 / period, 6)
