"""Behaviour records of worms as WCON (specification: github.com/openworm/tracker-commons)."""

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from embody import atomic_file
from embody.comparison.record import BODY_LENGTHS, BehaviourRecord
from embody.errors import EmbodyError

_FRAMES_AT_A_TIME = 4096
_DIGITS = 9
_VENTRAL = {"left": "CW", "right": "CCW"}


def write_wcon(
    path: str | os.PathLike[str], records: BehaviourRecord | Iterable[BehaviourRecord]
) -> Path:
    """Write records of worms as one WCON file, whole or not at all.

    Keypoints are the spine, from head to tail; without keypoints the position is a single point.
    Missing frames are left out. Memory stays that of a few thousand frames, however long the
    record; the text takes about 20 bytes for each coordinate.

    Parameters
    ----------
    path
        Ends in .wcon.
    records
        One record, or several of different individuals.

    Raises
    ------
    EmbodyError
        If the name does not end in .wcon, or a record has no coordinates in mm in the plane.
    """
    path = Path(path)
    if path.suffix != ".wcon":
        raise EmbodyError(f"the name of a WCON file ends in .wcon, not {path.name!r}")
    records = [records] if isinstance(records, BehaviourRecord) else list(records)
    _require_writable(records)
    with atomic_file.replacing(path) as file:
        for text in _text(records):
            file.write(text.encode())
    return path


def _require_writable(records: list[BehaviourRecord]) -> None:
    if not records:
        raise EmbodyError("there is no record to write")
    names = [record.individual for record in records]
    if len(set(names)) < len(names):
        raise EmbodyError("a WCON file holds each individual once: name them apart")
    for record in records:
        array = _coordinates(record)
        if array.shape[-1] != 2:
            raise EmbodyError("WCON holds coordinates in the plane, not in space")
        if record.provenance.get("length_unit") == BODY_LENGTHS:
            raise EmbodyError("WCON needs lengths in mm, not in body lengths")


def _coordinates(record: BehaviourRecord) -> np.ndarray:
    for name in ("keypoints", "position"):
        if name in record:
            array = record[name]
            return array if name == "keypoints" else array[:, None]
    raise EmbodyError(f"the record of {record.individual!r} has neither keypoints nor position")


def _text(records: list[BehaviourRecord]) -> Iterator[str]:
    first = records[0]
    head = {
        "units": {"t": "s", "x": "mm", "y": "mm"},
        "metadata": {
            "id": first.session,
            "species": first.species,
            "licence": first.licence,
            "software": {"name": "embody", "featureID": "@embody"},
            "@embody": {"source": first.source, "arena": dict(first.arena)},
        },
    }
    yield _json(head)[:-1] + ', "data": [\n'
    separator = ""
    for record in records:
        for entry in _entries(record):
            yield separator + entry
            separator = ",\n"
    yield "\n]}\n"


def _entries(record: BehaviourRecord) -> Iterator[str]:
    array = _coordinates(record)
    about: dict[str, Any] = {"id": record.individual}
    if "keypoints" in record:
        unknown = record.provenance.get("head") == "unknown"
        about["head"] = "?" if unknown else "L"
        about["ventral"] = _VENTRAL.get(str(record.provenance.get("dorsal", "left")), "?")
    for first in range(0, len(array), _FRAMES_AT_A_TIME):
        part = array[first : first + _FRAMES_AT_A_TIME]
        seen = np.isfinite(part).all(axis=(1, 2))
        if not seen.any():
            continue
        time = (first + np.flatnonzero(seen)) / record.frame_rate_hz
        points = part[seen]
        entry = {
            **about,
            "t": _rounded(time),
            "x": [_rounded(row) for row in points[..., 0]],
            "y": [_rounded(row) for row in points[..., 1]],
        }
        yield _json(entry)


def _rounded(values: np.ndarray) -> list[float]:
    return [round(value, _DIGITS) for value in np.asarray(values, float).tolist()]


def _json(content: Any) -> str:
    return json.dumps(content, allow_nan=False, ensure_ascii=False)
