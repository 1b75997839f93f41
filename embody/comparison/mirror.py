"""The animal in a mirror: what was left is right."""

from dataclasses import replace

import numpy as np

from embody.comparison.record import BehaviourRecord
from embody.errors import EmbodyError

_SIDES = {"left": "right", "right": "left", "l": "r", "r": "l"}


def mirrored(record: BehaviourRecord) -> BehaviourRecord:
    """Return the record seen from the other side: y, headings and bends change sign.

    Keypoints whose names differ in "left" and "right" change places. A tracker that cannot tell
    the dorsal from the ventral side of a worm sees either.

    Raises
    ------
    EmbodyError
        If the record has joint angles, whose signs under a mirror are not known, or modes of
        another animal than a worm.
    """
    if "joint_angle" in record or ("modes" in record and record.species != "C. elegans"):
        raise EmbodyError("only bends of worms, headings, positions and keypoints can be mirrored")
    arrays = {}
    for name, array in record.arrays.items():
        if name in ("heading", "modes"):
            arrays[name] = -array
        else:
            flip = np.ones(array.shape[-1], array.dtype)
            flip[1] = -1
            arrays[name] = array * flip
    if "keypoints" in record:
        arrays["keypoints"] = arrays["keypoints"][:, _other_side(record.names["keypoints"])]
    return replace(record, arrays=arrays)


def _other_side(names: tuple[str, ...]) -> list[int]:
    places = []
    for i, name in enumerate(names):
        parts = name.split("_")
        other = "_".join(_swapped(part) for part in parts)
        places.append(names.index(other) if other in names else i)
    return places


def _swapped(part: str) -> str:
    other = _SIDES.get(part.lower(), part)
    return other.capitalize() if part[:1].isupper() and other != part else other
