"""WCON: what worm trackers exchange, JSON, alone or in a zip.

Specification: Kerr, Brown, Currie & OpenWorm, github.com/openworm/tracker-commons, WCON_format.md.
"""

import json
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from embody.comparison import units
from embody.comparison.archive import ZIP, open_archive, read_member
from embody.comparison.even_sampling import to_even_frames
from embody.comparison.from_recording import worm_parts
from embody.comparison.readers.metadata import Metadata, make_record, require_observed
from embody.comparison.record import BehaviourRecord
from embody.errors import EmbodyError

MOST_BYTES = 4 << 30
"""The longest text that is read [bytes]; longer experiments are split into chunks."""

_SIDES = {("L", "CW"): "left", ("L", "CCW"): "right", ("R", "CW"): "right", ("R", "CCW"): "left"}


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
    content = _parse(path)
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


def _parse(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            zipped = file.read(len(ZIP)) == ZIP
        if zipped:
            with open_archive(path, "zipped WCON") as archive:
                names = [n for n in archive.namelist() if n.endswith((".wcon", ".json"))]
                if len(names) != 1:
                    raise EmbodyError(f"{path} must hold one .wcon file, not {len(names)}")
                text = read_member(archive, names[0], MOST_BYTES)
        else:
            size = path.stat().st_size
            if size > MOST_BYTES:
                raise EmbodyError(f"{path} is {size} bytes long; at most {MOST_BYTES} are read")
            text = path.read_bytes()
        content = json.loads(text, parse_constant=_refuse_constant)
    except OSError as error:
        raise EmbodyError(f"{path} cannot be read: {error.strerror}") from None
    except EmbodyError:
        raise
    except (ValueError, RecursionError) as error:
        raise EmbodyError(f"{path} is damaged or not WCON: {error}") from None
    if not isinstance(content, dict):
        raise EmbodyError(f"{path} is not WCON: it must be one JSON object")
    return content


def _refuse_constant(name: str) -> float:
    if name == "NaN":  # many trackers write it, though JSON has no such number
        return float("nan")
    raise ValueError(f"{name} is no number of JSON; missing numbers are null")


def _animal(
    path: Path,
    metadata: Metadata,
    name: str,
    entries: list[dict[str, Any]],
    told: Mapping[str, Any],
    about: Mapping[str, Any],
) -> BehaviourRecord:
    chunks = sorted((_chunk(path, entry, told) for entry in entries), key=lambda c: c[0][0])
    for (time, _), (following, _) in pairwise(chunks):
        if following[0] <= time[-1]:
            raise EmbodyError(f"{path}: entries of animal {name!r} overlap in time")
    points = max(chunk.shape[1] for _, chunk in chunks)
    if any(chunk.shape[1] not in (1, points) for _, chunk in chunks):
        raise EmbodyError(f"{path}: the spine of animal {name!r} changes its number of points")
    spine = np.concatenate(
        [
            chunk if chunk.shape[1] == points else np.repeat(chunk * np.nan, points, axis=1)
            for _, chunk in chunks
        ]
    )
    sides = {_orientation(entry) for entry in entries}
    head, ventral = sides.pop() if len(sides) == 1 else ("?", "?")
    if head == "R":
        spine = spine[:, ::-1]
    rate, even = to_even_frames(
        np.concatenate([time for time, _ in chunks]), {"spine": spine}, metadata.frame_rate_hz
    )
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


def _chunk(
    path: Path, entry: Mapping[str, Any], told: Mapping[str, Any]
) -> tuple[np.ndarray, np.ndarray]:
    time = np.atleast_1d(_numbers(path, "t", entry["t"])).ravel() * units.factor(
        str(told["t"]), "time"
    )
    columns = {}
    for axis in ("x", "y"):
        values = _table(path, axis, entry[axis], len(time))
        columns[axis] = values * units.factor(str(told[axis]), "length")
        origin = entry.get(f"o{axis}")
        if origin is not None:
            shift = np.atleast_1d(_numbers(path, f"o{axis}", origin))
            if shift.shape not in ((1,), time.shape):
                raise EmbodyError(f"{path}: o{axis} must have one number for each time")
            unit = str(told.get(f"o{axis}", told[axis]))
            columns[axis] = columns[axis] + shift[:, None] * units.factor(unit, "length")
    if columns["x"].shape != columns["y"].shape:
        raise EmbodyError(f"{path}: x and y of an animal differ in shape")
    if len(time) == 0:
        raise EmbodyError(f"{path} is empty: an animal has no times")
    return time, np.stack([columns["x"], columns["y"]], axis=2)


def _table(path: Path, name: str, values: Any, frames: int) -> np.ndarray:
    if not isinstance(values, list):
        values = [values]
    if not any(isinstance(row, list) for row in values):
        flat = _numbers(path, name, values)
        if len(flat) == frames:
            return flat[:, None]
        if frames == 1 and len(flat):
            return flat[None, :]
        raise EmbodyError(f"{path}: {name} has {len(flat)} entries for {frames} times")
    if len(values) != frames:
        raise EmbodyError(f"{path}: {name} has {len(values)} entries for {frames} times")
    points = max((len(row) for row in values if isinstance(row, list)), default=0)
    table = np.full((frames, points), np.nan)
    for i, row in enumerate(values):
        row = _numbers(path, name, row if isinstance(row, list) else [row])
        if len(row) == points:
            table[i] = row
        elif np.isfinite(row).any():
            raise EmbodyError(f"{path}: {name} has rows of {points} and of {len(row)} points")
    return table


def _numbers(path: Path, name: str, values: Any) -> np.ndarray:
    try:
        numbers = np.array(values, dtype=float)  # null becomes NaN
    except (TypeError, ValueError):
        raise EmbodyError(f"{path}: {name} must be numbers") from None
    if np.isinf(numbers).any():
        raise EmbodyError(f"{path}: {name} holds infinite numbers")
    return numbers


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
