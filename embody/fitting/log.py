"""The log of a fit: one JSON line for each step."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from embody import atomic_file
from embody.fitting.method import Report


def shortened(path: Path, iteration: int) -> list[dict[str, Any]]:
    """Drop the lines after an iteration, and half a line at the end; return those left."""
    if not path.exists():
        return []
    text = path.read_text(encoding="utf-8")
    lines = list(_entries(text))
    kept = [line for line in lines if line["iteration"] <= iteration]
    whole = "".join(json.dumps(line) + "\n" for line in kept)
    if whole != text:
        atomic_file.write_text(path, whole)
    return kept


def read(path: Path) -> list[dict[str, Any]]:
    """Return the whole lines of a log."""
    return list(_entries(path.read_text(encoding="utf-8")))


def append(file: TextIO, iteration: int, report: Report, wall_s: float) -> dict[str, Any]:
    """Write the line of one step, and return it; what is not finite becomes null."""
    numbers = {"cost": report.cost, "best": report.best, **report.figures}
    entry = {"iteration": iteration, "spent": report.spent}
    entry |= {name: _finite(value) for name, value in numbers.items()}
    entry |= {"wall_s": round(wall_s, 3)}
    file.write(json.dumps(entry) + "\n")
    file.flush()
    return entry


def _entries(text: str) -> Iterator[dict[str, Any]]:
    for line in text.rpartition("\n")[0].splitlines():
        yield json.loads(line)


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
