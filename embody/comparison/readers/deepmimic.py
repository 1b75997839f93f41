"""DeepMimic motion clips (Peng et al. 2018, ACM Transactions on Graphics 37:143), JSON text."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from embody.comparison.readers.metadata import Metadata, make_record
from embody.comparison.record import BehaviourRecord
from embody.errors import EmbodyError

MOST_BYTES = 256 << 20

HUMANOID = (
    ("chest", 4),
    ("neck", 4),
    ("right_hip", 4),
    ("right_knee", 1),
    ("right_ankle", 4),
    ("right_shoulder", 4),
    ("right_elbow", 1),
    ("left_hip", 4),
    ("left_knee", 1),
    ("left_ankle", 4),
    ("left_shoulder", 4),
    ("left_elbow", 1),
)
"""Joints of the humanoid in the order of its frames, and how many numbers each takes."""

_ROOT = 8  # duration, position, orientation
_TOLERANCE = 1e-2
_MM_PER_M = 1e3


def recognises(path: Path, head: bytes) -> bool:
    """Whether a file looks like a DeepMimic clip."""
    return head.lstrip()[:1] == b"{" and (b'"Frames"' in head or b'"Loop"' in head)


def read(path: Path, metadata: Metadata) -> list[BehaviourRecord]:
    """Return the record of a clip.

    Joint angles are components of rotation vectors ("chest_x", ...) and angles of hinges [rad].
    Joints of other bodies than the humanoid are told from their numbers: four of unit length are a
    rotation. Lengths are turned from m to mm, and the axes so that z points upwards.

    Raises
    ------
    EmbodyError
        If it is not a clip, or the frame rate changes.
    """
    frames = _frames(path)
    duration = frames[:-1, 0] if len(frames) > 1 else frames[:, 0]
    if not (duration > 0).all() or np.ptp(duration) > 0.01 * duration[0]:
        raise EmbodyError(f"{path}: all frames must have one positive duration")
    joints = HUMANOID if frames.shape[1] == _ROOT + 36 else _joints_by_norm(frames[:, _ROOT:])
    names, angles, column = [], [], _ROOT
    for name, width in joints:
        values = frames[:, column : column + width]
        column += width
        if width == 1:
            names.append(name)
            angles.append(np.unwrap(values, axis=0))
        else:
            names.extend(f"{name}_{axis}" for axis in "xyz")
            angles.append(_rotation(path, values).as_rotvec())
    forward = _rotation(path, frames[:, 4:8]).apply(np.array([1.0, 0.0, 0.0]))
    position = np.stack([frames[:, 1], -frames[:, 3], frames[:, 2]], axis=1) * _MM_PER_M
    arrays = {
        "position": position,
        "heading": np.unwrap(np.arctan2(-forward[:, 2], forward[:, 0])),
        "joint_angle": np.concatenate(angles, axis=1),
    }
    return [
        make_record(
            path,
            metadata,
            arrays,
            {"joint_angle": names},
            species="H. sapiens" if joints is HUMANOID else None,
            frame_rate_hz=round(float(1.0 / duration.mean()), 3),
            format="deepmimic",
        )
    ]


def _frames(path: Path) -> np.ndarray:
    if path.stat().st_size > MOST_BYTES:
        raise EmbodyError(f"{path} is longer than {MOST_BYTES} bytes, which no clip is")
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise EmbodyError(f"{path} is damaged or not a DeepMimic clip: {error}") from None
    try:
        frames = np.array(content["Frames"], float)
    except (ValueError, TypeError, KeyError, OverflowError):
        frames = np.empty((0, 0))
    if frames.ndim != 2 or frames.shape[1] <= _ROOT or not np.isfinite(frames).all():
        raise EmbodyError(
            f"{path}: Frames must be rows of at least {_ROOT + 1} finite numbers, all of one length"
        )
    return frames


def _rotation(path: Path, values: np.ndarray) -> Rotation:
    if np.abs(np.linalg.norm(values, axis=1) - 1).max() > _TOLERANCE:
        raise EmbodyError(f"{path}: a rotation must be four numbers of unit length")
    values = values.copy()
    for before, after in pairwise(values):  # both signs are one rotation: keep to one side
        if before @ after < 0:
            after *= -1
    if values[0, 0] < 0:
        values *= -1
    return Rotation.from_quat(values[:, [1, 2, 3, 0]])


def _joints_by_norm(values: np.ndarray) -> tuple[tuple[str, int], ...]:
    joints: list[tuple[str, int]] = []
    column = 0
    while column < values.shape[1]:
        norm = np.linalg.norm(values[:, column : column + 4], axis=1)
        spherical = column + 4 <= values.shape[1] and np.abs(norm - 1).max() < _TOLERANCE
        joints.append((f"joint{len(joints) + 1:02d}", 4 if spherical else 1))
        column += joints[-1][1]
    return tuple(joints)
