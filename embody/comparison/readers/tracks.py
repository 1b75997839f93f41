"""Keypoints in a plain .npz: "tracks" with their names, or the "skeletons_px" of worms."""

from pathlib import Path

import numpy as np

from embody.comparison.from_recording import worm_parts
from embody.comparison.readers.metadata import Metadata, make_record
from embody.comparison.readers.plain_npz import members, read_plain_npz, require_numbers
from embody.comparison.record import BehaviourRecord
from embody.errors import EmbodyError

SKELETONS = "skeletons_px"


def recognises(path: Path, head: bytes) -> bool:
    """Whether a file looks like keypoints in a plain .npz."""
    found = members(path, head)
    return SKELETONS in found or {"tracks", "keypoints"} <= found


def read(path: Path, metadata: Metadata) -> list[BehaviourRecord]:
    """Return the record of "tracks" (frames, keypoints, x y [z] [likelihood]) or of skeletons.

    "tracks" come with the names "keypoints" and, where there is a likelihood, "coords".
    "skeletons_px" (frames, points, 2) run from the head to the tail of a worm. Both are in pixels
    and have no times: `frame_rate_hz` is needed, for "tracks" also `mm_per_unit` or
    `body_from_to`; skeletons without `mm_per_unit` are measured in their own length.

    Raises
    ------
    EmbodyError
        If the arrays do not fit together, or one of these was not given.
    """
    content = read_plain_npz(path)
    if SKELETONS in content:
        require_numbers(path, content, SKELETONS)
        return [_worm(path, metadata, content[SKELETONS])]
    require_numbers(path, content, "tracks")
    tracks, names = content["tracks"], [str(name) for name in content["keypoints"]]
    coords = [str(coord) for coord in content.get("coords", np.array(["x", "y"]))]
    if tracks.ndim != 3 or tracks.shape[1:] != (len(names), len(coords)):
        raise EmbodyError(
            f"{path}: tracks have shape {tracks.shape}; right would be (frames, {len(names)} "
            f"keypoints, {len(coords)} coords)"
        )
    axes = [coords.index(axis) for axis in ("x", "y", "z") if axis in coords]
    points = np.array(tracks[:, :, axes], float)
    if "likelihood" in coords:
        sure = tracks[:, :, coords.index("likelihood")] >= metadata.least_likelihood
        points[~sure] = np.nan
    return [
        make_record(
            path,
            metadata,
            {"keypoints": points},
            {"keypoints": names},
            frame_rate_hz=metadata.rate(path),
            provenance={"length_unit": "pixel"},
            format="tracks",
        )
    ]


def _worm(path: Path, metadata: Metadata, skeletons: np.ndarray) -> BehaviourRecord:
    if skeletons.ndim != 3 or skeletons.shape[2] != 2 or skeletons.shape[1] < 3:
        raise EmbodyError(
            f"{path}: skeletons have shape {skeletons.shape}; right would be (frames, points, 2)"
        )
    if np.isinf(skeletons).any():
        raise EmbodyError(f"{path}: {SKELETONS} hold infinite numbers")
    # images count rows downwards, so that y changes sign where left is to be left
    points = np.asarray(skeletons, float) * np.array([1.0, -1.0])
    parts = worm_parts(points)
    provenance = {"dorsal": "unknown"}
    if metadata.mm_per_unit is None:
        if not parts["body_length_mm"]:
            what = "is NaN" if parts["body_length_mm"] is None else "has no length"
            raise EmbodyError(f"{path} shows nothing: every skeleton {what}")
        scale = 1.0 / parts["body_length_mm"]
        for name in ("keypoints", "position"):
            parts["arrays"][name] = parts["arrays"][name] * scale
        provenance |= {"length_unit": "body length", "body_length_file_units": 1.0 / scale}
    return make_record(
        path,
        metadata,
        **parts,
        frame_rate_hz=metadata.rate(path),
        provenance=provenance,
        format="tracks",
    )
