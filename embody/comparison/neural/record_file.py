"""Neural records on disk: a zip of one plain array and one JSON header, never a pickle."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from embody.comparison.archive import open_archive, read_array
from embody.comparison.headed_archive import HeadedArchive

KIND = HeadedArchive("a neural record", "neural.json", "embody-neural-record-1")
ACTIVITY = "activity.npy"


def write(path: str | os.PathLike[str], activity: np.ndarray, header: Mapping[str, Any]) -> Path:
    """Write activity and a JSON header as one .npz file, whole or not at all.

    Raises
    ------
    EmbodyError
        If the name does not end in .npz, or is that of a folder.
    """
    return KIND.write(path, {ACTIVITY: activity}, header)


def read(path: str | os.PathLike[str]) -> tuple[np.ndarray, dict[str, Any]]:
    """Return the activity and the header of a neural record.

    Raises
    ------
    EmbodyError
        If the file is missing, damaged, hostile or not a neural record.
    """
    with open_archive(path, KIND.what) as archive:
        header = KIND.read_header(path, archive)
        return read_array(archive, ACTIVITY), header
