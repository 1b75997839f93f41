"""Behaviour records on disk: a zip of plain arrays and one JSON header, never a pickle."""

import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from embody import atomic_file
from embody.comparison.archive import open_archive, read_array, read_member
from embody.errors import EmbodyError

FORMAT = "embody-behaviour-record-1"
HEADER = "record.json"
ARRAYS, TRIALS = "arrays/", "trials/"

_MOST_HEADER_BYTES = 16 << 20
_FIRST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)  # a date of its own would give every file other bytes
_UNIX = 3


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
    path = Path(path)
    if path.suffix != ".npz" or path.is_dir():
        raise EmbodyError(
            f"a behaviour record is a file whose name ends in .npz, not {path.name!r}"
        )
    parts = {f"{ARRAYS}{name}": array for name, array in arrays.items()}
    parts |= {f"{TRIALS}{name}": column for name, column in trials.items()}
    with atomic_file.replacing(path) as file, zipfile.ZipFile(file, "w") as archive:
        archive.writestr(_entry(HEADER), header_text(header))
        for name, array in sorted(parts.items()):
            with archive.open(_entry(f"{name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asarray(array, order="C"), allow_pickle=False)
    return path


def read(
    path: str | os.PathLike[str],
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], dict[str, Any]]:
    """Return the arrays, the columns of trials and the header of a behaviour record.

    Raises
    ------
    EmbodyError
        If the file is missing, damaged, hostile or not a behaviour record.
    """
    with open_archive(path, "a behaviour record") as archive:
        names = archive.namelist()
        if HEADER not in names:
            raise EmbodyError(f"{path} is not a behaviour record: it has no {HEADER}")
        header = _parse(path, read_member(archive, HEADER, _MOST_HEADER_BYTES))
        arrays, trials = (
            {
                name.removeprefix(folder).removesuffix(".npy"): read_array(archive, name)
                for name in names
                if name.startswith(folder) and name.endswith(".npy")
            }
            for folder in (ARRAYS, TRIALS)
        )
    return arrays, trials, header


def header_text(header: Mapping[str, Any]) -> bytes:
    """Return the header as canonical JSON."""
    content = {"format": FORMAT, **header}
    return json.dumps(content, sort_keys=True, ensure_ascii=False, allow_nan=False).encode()


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _FIRST_ZIP_DATE)
    info.create_system = _UNIX
    return info


def _parse(path: str | os.PathLike[str], text: bytes) -> dict[str, Any]:
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise EmbodyError(f"{path} is damaged: {error}") from None
    if not isinstance(header, dict) or header.pop("format", None) != FORMAT:
        raise EmbodyError(f'{path} is not a behaviour record: its format must be "{FORMAT}"')
    return header
