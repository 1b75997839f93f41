"""Neural records on disk: a zip of one plain array and one JSON header, never a pickle."""

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

FORMAT = "embody-neural-record-1"
HEADER = "neural.json"
ACTIVITY = "activity.npy"

_MOST_HEADER_BYTES = 16 << 20
_FIRST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)  # a date of its own would give every file other bytes
_UNIX = 3


def write(path: str | os.PathLike[str], activity: np.ndarray, header: Mapping[str, Any]) -> Path:
    """Write activity and a JSON header as one .npz file, whole or not at all.

    Raises
    ------
    EmbodyError
        If the name does not end in .npz, or is that of a folder.
    """
    path = Path(path)
    if path.suffix != ".npz" or path.is_dir():
        raise EmbodyError(f"a neural record is a file whose name ends in .npz, not {path.name!r}")
    with atomic_file.replacing(path) as file, zipfile.ZipFile(file, "w") as archive:
        archive.writestr(_entry(HEADER), header_text(header))
        with archive.open(_entry(ACTIVITY), "w", force_zip64=True) as member:
            np.lib.format.write_array(member, np.asarray(activity, order="C"), allow_pickle=False)
    return path


def read(path: str | os.PathLike[str]) -> tuple[np.ndarray, dict[str, Any]]:
    """Return the activity and the header of a neural record.

    Raises
    ------
    EmbodyError
        If the file is missing, damaged, hostile or not a neural record.
    """
    with open_archive(path, "a neural record") as archive:
        if HEADER not in archive.namelist():
            raise EmbodyError(f"{path} is not a neural record: it has no {HEADER}")
        text = read_member(archive, HEADER, _MOST_HEADER_BYTES)
        activity = read_array(archive, ACTIVITY)
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise EmbodyError(f"{path} is damaged: {error}") from None
    if not isinstance(header, dict) or header.pop("format", None) != FORMAT:
        raise EmbodyError(f'{path} is not a neural record: its format must be "{FORMAT}"')
    return activity, header


def header_text(header: Mapping[str, Any]) -> bytes:
    """Return the header as canonical JSON."""
    content = {"format": FORMAT, **header}
    return json.dumps(content, sort_keys=True, ensure_ascii=False, allow_nan=False).encode()


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _FIRST_ZIP_DATE)
    info.create_system = _UNIX
    return info
