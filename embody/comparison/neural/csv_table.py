"""Neural activity in a table: a column of times and one for each neuron."""

import csv
from pathlib import Path
from typing import Any

import numpy as np

from embody.comparison.even_sampling import to_even_frames
from embody.errors import EmbodyError

TIME_NAMES = ("time", "time_s", "t", "t_s")
"""What the column of times [s] may be called."""


def read(path: Path) -> dict[str, Any]:
    """Return frame rate, activity and neurons of a .csv file; empty cells are missing.

    Raises
    ------
    EmbodyError
        If the first row names no time, or a row is not numbers.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise EmbodyError(f"{path} cannot be read as a table: {error}") from None
    header = [cell.strip() for cell in rows[0]] if rows else []
    if len(header) < 2 or header[0].lower() not in TIME_NAMES:
        raise EmbodyError(
            f"{path}: the first row must be time and the names of neurons, such as time,AVAL,AVAR"
        )
    values = np.array([_numbers(path, number, row, len(header))
                       for number, row in enumerate(rows[1:], 2) if row])  # fmt: skip
    if len(values) < 2:
        raise EmbodyError(f"{path} holds fewer than two frames")
    rate, arrays = to_even_frames(values[:, 0], {"activity": values[:, 1:]})
    return {"frame_rate_hz": rate, "activity": arrays["activity"], "neurons": tuple(header[1:])}


def _numbers(path: Path, number: int, row: list[str], length: int) -> list[float]:
    try:
        values = [float(cell) if cell.strip() else float("nan") for cell in row]
    except ValueError as error:
        raise EmbodyError(f"{path}, row {number}: {error}") from None
    if len(values) != length:
        raise EmbodyError(f"{path}, row {number} has {len(values)} cells instead of {length}")
    return values
