"""SLEAP: the analysis HDF5 file (Pereira et al. 2022, Nature Methods 19:486)."""

from pathlib import Path

import numpy as np

from embody.comparison.hdf5 import open_hdf5, read_dataset
from embody.comparison.readers.metadata import Metadata, make_record
from embody.comparison.record import BehaviourRecord
from embody.errors import EmbodyError

_NEEDED = ("tracks", "node_names", "track_names")


def recognises(path: Path, head: bytes) -> bool:
    """Whether a file looks like SLEAP's analysis file."""
    if not head.startswith(b"\x89HDF\r\n"):
        return False
    with open_hdf5(path, "an HDF5 file") as file:
        return set(_NEEDED) <= set(file)


def read(path: Path, metadata: Metadata) -> list[BehaviourRecord]:
    """Return one record for each track of a SLEAP analysis file.

    The file is in pixels and has no times: `frame_rate_hz` and either `mm_per_unit` or
    `body_from_to` are needed. Points scored below `least_likelihood` are missing, where there are
    scores.

    Raises
    ------
    EmbodyError
        If the file is not SLEAP's, or one of these was not given.
    """
    with open_hdf5(path, "a SLEAP analysis file") as file:
        tracks = read_dataset(file, "tracks")
        nodes, names = (
            [text.decode() if isinstance(text, bytes) else str(text) for text in texts.ravel()]
            for texts in (read_dataset(file, "node_names"), read_dataset(file, "track_names"))
        )
        scores = read_dataset(file, "point_scores") if "point_scores" in file else None
    if tracks.ndim != 4 or tracks.shape[1] not in (2, 3) or tracks.shape[2] != len(nodes):
        raise EmbodyError(
            f"{path}: tracks have shape {tracks.shape}; right would be (tracks, 2, "
            f"{len(nodes)} nodes, frames)"
        )
    if not len(tracks):
        raise EmbodyError(f"{path} is empty: it has no tracks")
    names = names if len(names) == len(tracks) else [f"track{i}" for i in range(len(tracks))]
    records = []
    for i, name in enumerate(names):
        points = np.array(tracks[i].transpose(2, 1, 0), float)
        if scores is not None and scores.shape == (len(tracks), len(nodes), len(points)):
            points[~np.greater_equal(scores[i].T, metadata.least_likelihood)] = np.nan
        records.append(
            make_record(
                path,
                metadata,
                {"keypoints": points},
                {"keypoints": nodes},
                individual=name,
                frame_rate_hz=metadata.rate(path),
                provenance={"length_unit": "pixel"},
                format="sleap",
            )
        )
    return records
