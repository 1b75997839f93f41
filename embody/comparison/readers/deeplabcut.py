"""DeepLabCut: keypoints of one or several animals, as .csv or as the .h5 of a pandas table.

Format: Mathis et al. 2018, Nature Neuroscience 21:1281; multi-animal files have a row
"individuals" more (Lauer et al. 2022, Nature Methods 19:496).
"""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from embody.comparison.hdf5 import open_hdf5, read_dataset
from embody.comparison.readers.literals import plain_literals
from embody.comparison.readers.metadata import Metadata, make_record
from embody.comparison.record import BehaviourRecord
from embody.errors import EmbodyError

_LEVELS = ("scorer", "individuals", "bodyparts", "coords")
_FRAMES_AT_A_TIME = 4096

Column = tuple[str, ...]


def recognises(path: Path, head: bytes) -> bool:
    """Whether a file looks like DeepLabCut's."""
    if head.startswith(b"scorer,"):
        return True
    if head.startswith(b"\x89HDF\r\n"):
        with open_hdf5(path, "an HDF5 file") as file:
            return any("pandas_type" in file[name].attrs for name in file)
    return False


def read(path: Path, metadata: Metadata) -> list[BehaviourRecord]:
    """Return one record for each animal of a DeepLabCut file.

    Keypoints that the network is less sure of than `least_likelihood` are missing. The file is in
    pixels and has no times: `frame_rate_hz` and either `mm_per_unit` or `body_from_to` are needed.

    Raises
    ------
    EmbodyError
        If the file is not DeepLabCut's, or one of these was not given.
    """
    hdf5 = path.suffix in (".h5", ".hdf5")
    columns, values = _read_hdf5(path) if hdf5 else _read_csv(path)
    rate = metadata.rate(path)
    animals: dict[str, dict[str, dict[str, int]]] = {}
    for i, column in enumerate(columns):
        animal = column[1] if len(column) == 4 else path.stem
        animals.setdefault(animal, {}).setdefault(column[-2], {})[column[-1]] = i
    return [
        make_record(
            path,
            metadata,
            {"keypoints": _keypoints(path, values, parts, metadata.least_likelihood)},
            {"keypoints": tuple(parts)},
            individual=animal,
            frame_rate_hz=rate,
            provenance={"length_unit": "pixel", "scorer": columns[0][0]},
            format="deeplabcut",
        )
        for animal, parts in animals.items()
    ]


def _keypoints(
    path: Path, values: np.ndarray, parts: dict[str, dict[str, int]], least: float
) -> np.ndarray:
    axes = ("x", "y", "z") if all("z" in part for part in parts.values()) else ("x", "y")
    points = np.empty((len(values), len(parts), len(axes)))
    for i, (name, part) in enumerate(parts.items()):
        if not set(axes) <= set(part):
            raise EmbodyError(f"{path}: keypoint {name!r} must have the columns x and y")
        points[:, i] = values[:, [part[axis] for axis in axes]]
        if "likelihood" in part:
            points[~(values[:, part["likelihood"]] >= least), i] = np.nan
    points[np.isnan(points).any(axis=2)] = np.nan
    return points


def _read_csv(path: Path) -> tuple[list[Column], np.ndarray]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = csv.reader(file)
            header: dict[str, list[str]] = {}
            for row in rows:
                header[row[0] if row else ""] = row[1:]
                if row and row[0] == "coords":
                    break
                if len(header) == len(_LEVELS):
                    break
            levels = [header[level] for level in _LEVELS if level in header]
            if not {"scorer", "bodyparts", "coords"} <= set(header):
                raise EmbodyError(
                    f"{path} is not DeepLabCut's: its first rows must be scorer, bodyparts, coords"
                )
            if len({len(level) for level in levels}) > 1:
                raise EmbodyError(f"{path} is damaged: its first rows are not equally long")
            columns = list(zip(*levels, strict=True))
            values = _csv_values(path, rows, len(columns))
    except (UnicodeDecodeError, csv.Error, ValueError) as error:
        if isinstance(error, EmbodyError):
            raise
        raise EmbodyError(f"{path} is damaged or not DeepLabCut's: {error}") from None
    return columns, values


def _csv_values(path: Path, rows: Any, width: int) -> np.ndarray:
    chunks: list[np.ndarray] = []
    waiting: list[list[float]] = []
    for number, row in enumerate(rows):
        if len(row) != width + 1:
            raise EmbodyError(
                f"{path} is truncated: frame {number} has {len(row) - 1} numbers, not {width}"
            )
        waiting.append([float(cell) if cell.strip() else np.nan for cell in row[1:]])
        if len(waiting) == _FRAMES_AT_A_TIME:
            chunks.append(np.array(waiting))
            waiting = []
    if waiting:
        chunks.append(np.array(waiting))
    if not chunks:
        raise EmbodyError(f"{path} is empty: it has no frames")
    return np.concatenate(chunks)


def _read_hdf5(path: Path) -> tuple[list[Column], np.ndarray]:
    with open_hdf5(path, "a DeepLabCut file") as file:
        tables = [file[name] for name in file if "pandas_type" in file[name].attrs]
        if len(tables) != 1:
            raise EmbodyError(f"{path} must hold one pandas table, not {len(tables)}")
        group = tables[0]
        if "table" in group:
            columns, values = _pandas_table(path, group)
        else:
            columns, values = _pandas_fixed(group)
    if values.ndim != 2 or len(columns) != values.shape[1]:
        raise EmbodyError(f"{path}: {len(columns)} columns are named, {values.shape} numbers held")
    if not all(len(column) in (3, 4) and column[-1] for column in columns):
        raise EmbodyError(f"{path}: columns must be named by {', '.join(_LEVELS)}")
    return columns, values


def _pandas_table(path: Path, group: Any) -> tuple[list[Column], np.ndarray]:
    table = read_dataset(group, "table")
    if table.dtype.names is None or "values_block_0" not in table.dtype.names:
        raise EmbodyError(f"{path}: its table has no values_block_0")
    named = plain_literals(bytes(group["table"].attrs["values_block_0_kind"]))
    if not isinstance(named, list) or not all(isinstance(column, tuple) for column in named):
        raise EmbodyError(f"{path}: the names of its columns are not a list of tuples")
    return [tuple(map(str, column)) for column in named], np.asarray(table["values_block_0"], float)


def _pandas_fixed(group: Any) -> tuple[list[Column], np.ndarray]:
    levels = []
    for i in range(int(group.attrs["block0_items_nlevels"])):
        labels = _texts(read_dataset(group, f"block0_items_level{i}"))
        places = read_dataset(group, f"block0_items_label{i}")
        if not all(0 <= k < len(labels) for k in places):
            raise EmbodyError(f"{group.file.filename} is damaged: columns without a name")
        levels.append([labels[k] for k in places])
    return list(zip(*levels, strict=True)), np.asarray(read_dataset(group, "block0_values"), float)


def _texts(values: np.ndarray) -> Sequence[str]:
    return [v.decode() if isinstance(v, bytes) else str(v) for v in values]
