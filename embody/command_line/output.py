"""Tables for people, one JSON object for machines."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from embody.errors import EmbodyError
from embody.finite_json import finite


def print_json(content: dict[str, Any]) -> None:
    """Print one JSON object; what is not finite becomes null."""
    print(json_text(content))


def json_text(content: dict[str, Any], indent: int | None = None) -> str:
    """Return one JSON object as text; what is not finite becomes null."""
    return json.dumps(finite(content), ensure_ascii=False, allow_nan=False, indent=indent)


def print_table(rows: Sequence[Sequence[str]], header: Sequence[str] = ()) -> None:
    """Print left-aligned columns."""
    lines = [header, *rows] if header else list(rows)
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join(cells).rstrip())


def number(value: float | None) -> str:
    """Return a number with four significant digits; a dash if there is none.

    Examples
    --------
    >>> number(0.21934), number(None)
    ('0.2193', '-')
    """
    return "-" if value is None or not math.isfinite(value) else f"{value:.4g}"


def checked_output(path: str | None, suffixes: tuple[str, ...], what: str) -> Path | None:
    """Return the path of a file to be written later; None if none is wanted.

    Raises
    ------
    EmbodyError
        If the ending is wrong or no folder can be made there: said before hours of work.
    """
    if path is None:
        return None
    target = Path(path)
    if target.suffix.lower() not in suffixes:
        raise EmbodyError(f"the {what} {path!r} must end in {' or '.join(suffixes)}")
    if target.is_dir():
        raise EmbodyError(f"the {what} {path!r} is a folder")
    require_folder(target.parent)
    return target


def require_folder(path: Path) -> None:
    """Raise `EmbodyError` if a file stands where a folder is needed."""
    for folder in (path, *path.parents):
        if folder.exists() and not folder.is_dir():
            raise EmbodyError(f"{str(folder)!r} is a file, not a folder")
