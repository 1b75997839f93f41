"""Amplitudes of posture modes over time, as .npz or as .csv."""

import csv
from pathlib import Path

import numpy as np

from embody.analysis.eigenworms import eigenworm_basis
from embody.comparison.mode_basis import as_eigenworms, load_mode_basis
from embody.comparison.readers.metadata import Metadata, make_record
from embody.comparison.readers.plain_npz import members, read_plain_npz, require_numbers, scalar
from embody.comparison.record import BehaviourRecord
from embody.errors import EmbodyError

_KEYS = ("modes", "tangent_angles")


def recognises(path: Path, head: bytes) -> bool:
    """Whether a file looks like mode amplitudes: an .npz with "modes", a .csv of columns a1, a2."""
    if members(path, head) & set(_KEYS):
        return True
    return path.suffix == ".csv" and _mode_columns(head.split(b"\n")[0].decode("utf-8", "replace"))


def read(path: Path, metadata: Metadata) -> list[BehaviourRecord]:
    """Return one record for each animal.

    An .npz holds "modes" (frames, modes) or (animals, frames, modes), and "frame_rate_hz" unless
    that is given; or "tangent_angles" (frames, 48) [rad], which are projected on the eigenworms.
    With `mode_basis` they become amplitudes of the shipped eigenworms, which is what simulated
    worms are recorded in. A .csv has columns a1, a2, ... and perhaps "time_s" and "individual".

    Raises
    ------
    EmbodyError
        If the arrays have other shapes, or the frame rate is not known.
    """
    if path.suffix == ".csv":
        animals, rate = _from_csv(path, metadata)
    else:
        animals, rate = _from_npz(path, metadata)
    label = "a"
    if metadata.mode_basis is not None:
        basis = metadata.mode_basis
        basis = basis if isinstance(basis, np.ndarray) else load_mode_basis(basis)
        animals = {name: as_eigenworms(modes, basis) for name, modes in animals.items()}
        label = "eigenworm"
    labels = [f"{label}{i + 1}" for i in range(next(iter(animals.values())).shape[1])]
    return [
        make_record(
            path,
            metadata if len(animals) == 1 else _own_name(metadata),
            {"modes": modes},
            {"modes": labels},
            species="C. elegans",
            individual=name,
            frame_rate_hz=rate,
            provenance={"dorsal": "unknown"},
            format="modes",
        )
        for name, modes in animals.items()
    ]


def _own_name(metadata: Metadata) -> Metadata:
    if metadata.individual is not None:
        raise EmbodyError("the file holds several animals: one individual cannot name them all")
    return metadata


def _from_npz(path: Path, metadata: Metadata) -> tuple[dict[str, np.ndarray], float]:
    content = read_plain_npz(path)
    if "modes" in content:
        modes = content["modes"]
    else:
        require_numbers(path, content, "tangent_angles")
        angles = np.atleast_2d(content["tangent_angles"])
        basis = eigenworm_basis()
        if angles.shape[-1] != len(basis):
            raise EmbodyError(
                f"{path}: tangent_angles have {angles.shape[-1]} columns, not {len(basis)}"
            )
        modes = (angles - angles.mean(axis=-1, keepdims=True)) @ basis
    if modes.ndim not in (2, 3) or modes.dtype.kind not in "iuf" or modes.size == 0:
        raise EmbodyError(
            f"{path}: modes have shape {modes.shape}; right would be (frames, modes) or "
            "(animals, frames, modes)"
        )
    rate = metadata.frame_rate_hz or scalar(path, content, "frame_rate_hz") or metadata.rate(path)
    if modes.ndim == 2:
        return {path.stem: modes}, rate
    return {f"{path.stem}-{i + 1:02d}": animal for i, animal in enumerate(modes)}, rate


def _from_csv(path: Path, metadata: Metadata) -> tuple[dict[str, np.ndarray], float]:
    by_animal: dict[str, list[list[float]]] = {}
    times: dict[str, list[float]] = {}
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = csv.DictReader(file, strict=True)
            columns = [name for name in rows.fieldnames or () if _is_mode(name)]
            if not columns:
                raise EmbodyError(f"{path} has no columns a1, a2, ...")
            for number, row in enumerate(rows):
                if None in row or None in row.values():
                    raise EmbodyError(f"{path} is truncated: row {number + 1} is not whole")
                animal = row.get("individual", path.stem)
                amplitudes = [float(row[name] or "nan") for name in columns]
                by_animal.setdefault(animal, []).append(amplitudes)
                if "time_s" in row:
                    times.setdefault(animal, []).append(float(row["time_s"]))
    except (UnicodeDecodeError, csv.Error, ValueError) as error:
        if isinstance(error, EmbodyError):
            raise
        raise EmbodyError(f"{path} is damaged: {error}") from None
    if not by_animal:
        raise EmbodyError(f"{path} is empty: it has no rows")
    rate = metadata.frame_rate_hz
    if rate is None and times:
        steps = np.concatenate([np.diff(t) for t in times.values()])
        even = len(steps) and np.abs(steps - np.median(steps)).max() <= 0.01 * np.median(steps)
        if not even or not np.median(steps) > 0:
            raise EmbodyError(f"{path}: time_s must rise evenly")
        rate = round(float(1.0 / np.median(steps)), 6)
    return {name: np.array(rows) for name, rows in by_animal.items()}, rate or metadata.rate(path)


def _is_mode(name: str) -> bool:
    return name[:1] == "a" and name[1:].isdigit()


def _mode_columns(line: str) -> bool:
    return sum(_is_mode(cell.strip()) for cell in line.split(",")) >= 2
