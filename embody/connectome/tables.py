"""Connectome tables as CSV: read with errors that name the row, written whole or not at all."""

import csv
import io
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources.abc import Traversable
from pathlib import Path

import numpy as np

from embody.errors import EmbodyError

Rows = Sequence[Mapping[str, object]]
Table = str | os.PathLike[str] | Traversable | Iterable[Mapping[str, object]]
"""A CSV file with a header, or its rows as mappings from column to value."""


def read_rows(table: Table, name: str, required: Sequence[str]) -> Rows:
    """Return the rows of a table.

    Raises
    ------
    EmbodyError
        If the file is missing or a required column is.
    """
    if isinstance(table, (str, os.PathLike)):
        table = Path(table)
    if isinstance(table, Traversable):
        try:
            text = table.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise EmbodyError(f"cannot read the {name} table {table}: {error}") from None
        reader = csv.DictReader(io.StringIO(text))
        rows, columns = list(reader), list(reader.fieldnames or ())
    else:
        rows = list(table)
        columns = [c for c in rows[0] if all(c in row for row in rows)] if rows else required
    missing = [column for column in required if column not in columns]
    if missing:
        raise EmbodyError(
            f"the {name} table needs the columns {', '.join(required)}; "
            f"it lacks {', '.join(missing)} and has {', '.join(map(str, columns))}"
        )
    return rows


def text_column(rows: Rows, column: str, default: str = "") -> list[str]:
    """Return a column as text; absent or empty cells become `default`."""
    return [str(row.get(column) or default).strip() for row in rows]


def number_column(rows: Rows, column: str, name: str, default: float = math.nan) -> np.ndarray:
    """Return a column as numbers; absent or empty cells become `default`.

    Raises
    ------
    EmbodyError
        If a cell is no number; the message gives its row, counted from 1 below the header.
    """
    numbers = np.full(len(rows), default, dtype=np.float64)
    for k, row in enumerate(rows):
        cell = row.get(column)
        if cell is None or cell == "":
            continue
        try:
            numbers[k] = float(cell)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            raise EmbodyError(
                f"row {k + 1} of the {name} table has {cell!r} in column {column}: not a number"
            ) from None
    return numbers


def as_text(columns: Mapping[str, Iterable[object]]) -> str:
    """Return columns of equal length as CSV text; numbers are written so that they come back."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in zip(*columns.values(), strict=True))
    return buffer.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, (float, np.floating)):
        number = float(value)
        return (
            "" if math.isnan(number) else str(int(number)) if number.is_integer() else repr(number)
        )
    return str(value)
