"""Recordings on disk: a zip of plain arrays and one JSON header, never a pickle."""

import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from embody import atomic_file
from embody.errors import EmbodyError

FORMAT = "embody-recording-1"
HEADER = "header"
PARTIAL_SUFFIX = ".partial"
PARTIAL_HEADER = "header.json"

_FIRST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)  # a date of its own would give every file other bytes
_UNIX = 3


def write(
    path: str | os.PathLike[str], arrays: Mapping[str, np.ndarray], header: Mapping[str, Any]
) -> Path:
    """Write arrays and a JSON header as one .npz file, whole or not at all.

    Raises
    ------
    EmbodyError
        If the name does not end in .npz.
    """
    path = checked_path(path)
    entries = {HEADER: np.frombuffer(header_text(header), np.uint8), **arrays}
    with atomic_file.replacing(path) as file, zipfile.ZipFile(file, "w") as archive:
        for name, array in entries.items():
            info = zipfile.ZipInfo(f"{name}.npy", _FIRST_ZIP_DATE)
            info.create_system = _UNIX
            with archive.open(info, "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.ascontiguousarray(array), allow_pickle=False)
    return path


def read(path: str | os.PathLike[str]) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Read the arrays and the header of a recording or of a `.partial` folder.

    Raises
    ------
    EmbodyError
        If the file is missing, damaged, or not a recording.
    """
    path = Path(path)
    if path.is_dir():
        return _read_partial(path)
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name.removesuffix(".npy") for name in archive.namelist()]
            if HEADER not in names:
                raise EmbodyError(f"{path} is not a recording: it has no header")
            arrays = {name: _read_member(archive, name) for name in names}
    except FileNotFoundError:
        raise EmbodyError(f"there is no recording {path}") from None
    except EmbodyError:
        raise
    except Exception as error:  # a damaged zip can raise almost anything
        raise EmbodyError(f"{path} is damaged or not a recording: {error}") from None
    return arrays, _parse_header(path, arrays.pop(HEADER).tobytes())


def checked_path(path: str | os.PathLike[str]) -> Path:
    """Return the path of a recording to be written.

    Raises
    ------
    EmbodyError
        If the name does not end in .npz, or is that of a folder.
    """
    path = Path(path)
    if path.suffix != ".npz":
        raise EmbodyError(f"a recording's name ends in .npz, not {path.name!r}")
    if path.is_dir():
        raise EmbodyError(f"{path} is a folder, not a recording")
    return path


def header_text(header: Mapping[str, Any]) -> bytes:
    """Return the header as canonical JSON."""
    content = {"format": FORMAT, **header}
    return json.dumps(content, sort_keys=True, ensure_ascii=False, allow_nan=False).encode()


def _read_member(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    with archive.open(f"{name}.npy") as member:
        array = np.lib.format.read_array(member, allow_pickle=False)
        if member.read(1):
            raise ValueError(f"{name!r} is longer than it says")
        return array


def _parse_header(path: Path, text: bytes) -> dict[str, Any]:
    try:
        header = json.loads(text)
    except ValueError as error:
        raise EmbodyError(f"{path} is damaged: {error}") from None
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise EmbodyError(f'{path} is not a recording: its format must be "{FORMAT}"')
    return header


def _read_partial(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    try:
        header = _parse_header(path, (path / PARTIAL_HEADER).read_bytes())
        shapes = header.pop("shapes")
        raw = {
            name: np.fromfile(path / f"{name}.bin", dtype=np.dtype(shape["dtype"]))
            for name, shape in shapes.items()
        }
        sizes = {name: int(np.prod(shape["shape"])) for name, shape in shapes.items()}
        samples = min(len(raw[name]) // sizes[name] for name in shapes)
        arrays = {
            name: raw[name][: samples * sizes[name]].reshape(samples, *shapes[name]["shape"])
            for name in shapes
        }
    except EmbodyError:
        raise
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise EmbodyError(f"{path} is not an unfinished recording: {error}") from None
    header["meta"] = {**header["meta"], "interrupted": True, "end": "killed"}
    return arrays, header
