"""WCON: what worm trackers exchange, JSON, alone or in a zip.

Specification: Kerr, Brown, Currie & OpenWorm, github.com/openworm/tracker-commons, WCON_format.md.
"""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from embody.comparison import units
from embody.comparison.archive import ZIP, open_archive
from embody.comparison.even_sampling import to_even_frames
from embody.comparison.from_recording import worm_parts
from embody.comparison.readers.metadata import Metadata, make_record, require_observed
from embody.comparison.readers.number_lists import NumberLists
from embody.comparison.readers.wcon_text import parse
from embody.comparison.record import BehaviourRecord
from embody.errors import EmbodyError

_SIDES = {("L", "CW"): "left", ("L", "CCW"): "right", ("R", "CW"): "right", ("R", "CCW"): "left"}


class _Chunk(NamedTuple):
    time: np.ndarray
    x: np.ndarray
    y: np.ndarray


def recognises(path: Path, head: bytes) -> bool:
    """Whether a file looks like WCON: its name ends in .wcon, or it is JSON with units and data."""
    if path.suffix == ".wcon" or path.name.endswith(".wcon.zip"):
        return True
    if head.startswith(ZIP):
        with open_archive(path, "zipped WCON") as archive:
            return any(name.endswith((".wcon", ".json")) for name in archive.namelist())
    return head.lstrip()[:1] == b"{" and b'"units"' in head


def read(path: Path, metadata: Metadata) -> list[BehaviourRecord]:
    """Return one record for each animal of a WCON file.

    A spine becomes "keypoints" from head to tail, with the position, the heading and the
    amplitudes of the eigenworms that follow from it; where the dorsal side is on the right the
    amplitudes change sign, `provenance["dorsal"]` says "left", "right" or "unknown".

    Raises
    ------
    EmbodyError
        If it is not WCON, or does not fit together.
    """
    content = parse(path)
    told = content.get("units")
    if not isinstance(told, dict) or not {"t", "x", "y"} <= set(told):
        raise EmbodyError(f'{path} is not WCON: its "units" must name t, x and y')
    entries = content.get("data")
    entries = [entries] if isinstance(entries, dict) else entries
    if not isinstance(entries, list) or not entries:
        raise EmbodyError(f'{path} is empty: its "data" holds no animal')
    by_animal: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        if not isinstance(entry, dict) or not {"id", "t", "x", "y"} <= set(entry):
            raise EmbodyError(f"{path}: each entry of data needs id, t, x and y")
        by_animal.setdefault(str(entry["id"]), []).append(entry)
    about = content.get("metadata")
    about = about if isinstance(about, dict) else {}
    return [_animal(path, metadata, name, parts, told, about) for name, parts in by_animal.items()]


def _animal(
    path: Path,
    metadata: Metadata,
    name: str,
    entries: list[dict[str, Any]],
    told: Mapping[str, Any],
    about: Mapping[str, Any],
) -> BehaviourRecord:
    chunks = sorted((_chunk(path, entry, told) for entry in entries), key=lambda c: c.time[0])
    for one, following in pairwise(chunks):
        if following.time[0] <= one.time[-1]:
            raise EmbodyError(f"{path}: entries of animal {name!r} overlap in time")
    time = np.concatenate([chunk.time for chunk in chunks])
    spine = _spine(path, name, chunks)
    sides = {_orientation(entry) for entry in entries}
    head, ventral = sides.pop() if len(sides) == 1 else ("?", "?")
    if head == "R":
        spine = spine[:, ::-1]
    rate, even = to_even_frames(time, {"spine": spine}, metadata.frame_rate_hz)
    del spine
    require_observed(path, {"spine": even["spine"]})
    parts = _parts(even["spine"])
    dorsal = _SIDES.get((head, ventral), "unknown")
    if dorsal == "right" and "modes" in parts["arrays"]:
        parts["arrays"]["modes"] = -parts["arrays"]["modes"]
    provenance = {"head": "unknown" if head == "?" else "first", "dorsal": dorsal}
    software = about.get("software")
    if software:
        provenance["software"] = software
    return make_record(
        path,
        metadata,
        **{**parts, "species": _species(about) or parts["species"]},
        individual=name,
        session=str(about["id"]) if "id" in about else None,
        frame_rate_hz=rate,
        licence=_licence(about),
        arena={"metadata": {k: v for k, v in about.items() if k != "software"}},
        provenance=provenance,
        format="wcon",
    )


def _parts(spine: np.ndarray) -> dict[str, Any]:
    if spine.shape[1] >= 3:
        return worm_parts(spine)
    position = spine.mean(axis=1)
    return {
        "species": "C. elegans",
        "arrays": {"position": position},
        "names": {},
        "body_length_mm": None,
    }


def _spine(path: Path, name: str, chunks: list[_Chunk]) -> np.ndarray:
    """Return the points of all chunks, (frames, points, 2); each gives up what it holds."""
    points = max(chunk.x.shape[1] for chunk in chunks)
    if any(chunk.x.shape[1] not in (1, points) for chunk in chunks):
        raise EmbodyError(f"{path}: the spine of animal {name!r} changes its number of points")
    spine = np.full((sum(len(chunk.time) for chunk in chunks), points, 2), np.nan)
    first = 0
    while chunks:
        time, *axes = chunks.pop(0)
        for axis, values in enumerate(axes):
            if values.shape[1] == points:
                spine[first : first + len(time), :, axis] = values
        first += len(time)
    return spine


def _chunk(path: Path, entry: dict[str, Any], told: Mapping[str, Any]) -> _Chunk:
    """Return what an entry of data holds, which gives up its coordinates."""
    time = _numbers(path, "t", entry["t"]).values() * units.factor(str(told["t"]), "time")
    columns = []
    for axis in ("x", "y"):
        values = _table(path, axis, entry.pop(axis), len(time))
        values = values * units.factor(str(told[axis]), "length")
        origin = entry.get(f"o{axis}")
        if origin is not None:
            shift = _numbers(path, f"o{axis}", origin).values()
            if shift.shape not in ((1,), time.shape):
                raise EmbodyError(f"{path}: o{axis} must have one number for each time")
            unit = str(told.get(f"o{axis}", told[axis]))
            values = values + shift[:, None] * units.factor(unit, "length")
        columns.append(values)
    x, y = columns
    if x.shape != y.shape:
        raise EmbodyError(f"{path}: x and y of an animal differ in shape")
    if len(time) == 0:
        raise EmbodyError(f"{path} is empty: an animal has no times")
    return _Chunk(time, x, y)


def _table(path: Path, name: str, told: Any, frames: int) -> np.ndarray:
    lists = _numbers(path, name, told)
    if lists.lengths is None and frames == 1 and len(lists):
        return lists.values()[None, :]
    if len(lists) != frames:
        raise EmbodyError(f"{path}: {name} has {len(lists)} entries for {frames} times")
    try:
        return lists.table()
    except ValueError as error:
        raise EmbodyError(f"{path}: {name} has {error}") from None


def _numbers(path: Path, name: str, told: Any) -> NumberLists:
    if not isinstance(told, NumberLists):
        try:
            told = NumberLists.of(told if isinstance(told, list) else [told])
        except ValueError:
            raise EmbodyError(f"{path}: {name} must be numbers") from None
    if np.isinf(told.values()).any():
        raise EmbodyError(f"{path}: {name} holds infinite numbers")
    return told


def _orientation(entry: Mapping[str, Any]) -> tuple[str, str]:
    def one(name: str) -> str:
        told = entry.get(name)
        told = {str(side) for side in told} if isinstance(told, list) else {str(told)}
        side = told.pop() if len(told) == 1 else "?"
        return side if side in ("L", "R", "CW", "CCW") else "?"

    return one("head"), one("ventral")


def _species(about: Mapping[str, Any]) -> str | None:
    species = about.get("species") or about.get("organism")
    return species if isinstance(species, str) else None


def _licence(about: Mapping[str, Any]) -> str | None:
    licence = about.get("license") or about.get("licence")
    return licence if isinstance(licence, str) else None
