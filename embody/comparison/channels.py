"""What a battery sees of a record: keypoints are laid about the body's own axis first."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from embody.comparison.record import BehaviourRecord


def with_channels(records: Sequence[BehaviourRecord], array: str) -> list[BehaviourRecord]:
    """Return records whose keypoints, if those are looked at, are seen from the body itself."""
    return [egocentric(record) if array == "keypoints" else record for record in records]


def egocentric(record: BehaviourRecord) -> BehaviourRecord:
    """Return a record whose keypoints are centred, with the body's axis along x.

    The axis is the line from the mean of the second half of the keypoints to that of the first:
    from tail to nose where they are listed from nose to tail. Where it is and which way it looks
    says nothing of how it moves its body.
    """
    points = record["keypoints"][..., :2]
    half = max(points.shape[1] // 2, 1)
    axis = points[:, :half].mean(axis=1) - points[:, half:].mean(axis=1)
    angle = np.arctan2(axis[:, 1], axis[:, 0])
    turn = np.stack(
        [
            np.stack([np.cos(angle), np.sin(angle)], -1),
            np.stack([-np.sin(angle), np.cos(angle)], -1),
        ],
        axis=1,
    )
    centred = points - points.mean(axis=1, keepdims=True)
    seen = np.einsum("tij,tkj->tki", turn, centred)
    return replace(record, arrays={**record.arrays, "keypoints": seen})
