"""Behaviour records on disk: a zip of plain arrays and one JSON header, never a pickle."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from embody.comparison.archive import open_archive, read_array
from embody.comparison.headed_archive import HeadedArchive

KIND = HeadedArchive("a behaviour record", "record.json", "embody-behaviour-record-1")
ARRAYS, TRIALS = "arrays/", "trials/"


def write(
    path: str | os.PathLike[str],
    arrays: Mapping[str, np.ndarray],
    trials: Mapping[str, np.ndarray],
    header: Mapping[str, Any],
) -> Path:
    """Write arrays, columns of trials and a JSON header as one .npz file, whole or not at all.

    Raises
    ------
    EmbodyError
        If the name does not end in .npz, or is that of a folder.
    """
    parts = {f"{ARRAYS}{name}.npy": array for name, array in arrays.items()}
    parts |= {f"{TRIALS}{name}.npy": column for name, column in trials.items()}
    return KIND.write(path, parts, header)


def read(
    path: str | os.PathLike[str],
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], dict[str, Any]]:
    """Return the arrays, the columns of trials and the header of a behaviour record.

    Raises
    ------
    EmbodyError
        If the file is missing, damaged, hostile or not a behaviour record.
    """
    with open_archive(path, KIND.what) as archive:
        header = KIND.read_header(path, archive)
        arrays, trials = (
            {
                name.removeprefix(folder).removesuffix(".npy"): read_array(archive, name)
                for name in archive.namelist()
                if name.startswith(folder) and name.endswith(".npy")
            }
            for folder in (ARRAYS, TRIALS)
        )
    return arrays, trials, header
