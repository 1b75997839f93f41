"""The text of a WCON file as JSON types; a long one is read piece by piece."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

from embody.comparison.archive import ZIP, open_archive
from embody.comparison.extra import required
from embody.comparison.readers.number_lists import MOST_NUMBERS, NumberLists
from embody.errors import EmbodyError

MOST_BYTES = 4 << 30
"""The longest text that is read [bytes]; longer experiments are split into chunks."""

READ_WHOLE_BYTES = 32 << 20
"""A text up to this long [bytes] is read whole, which needs no further library."""

_DEEPEST = 32
_MOST_OTHERS = 1 << 24
_PIECE_BYTES = 1 << 20
_NAN = re.compile(rb"(?<![^\[,:\s])NaN(?![^\s,\]}])")
_PIECES_WITHOUT_COMMA = 16 * _PIECE_BYTES
_NUMBERS_OF = "data"


def parse(path: Path) -> dict[str, Any]:
    """Return the content of a WCON file; the numbers of a long one are `NumberLists`.

    Raises
    ------
    EmbodyError
        If it is damaged, too long, or no JSON object.
    """
    try:
        with path.open("rb") as file:
            zipped = file.read(len(ZIP)) == ZIP
        if not zipped:
            with path.open("rb") as file:
                return _content(path, file, path.stat().st_size)
        with open_archive(path, "zipped WCON", MOST_BYTES) as archive:
            inside = [m for m in archive.infolist() if m.filename.endswith((".wcon", ".json"))]
            if len(inside) != 1:
                raise EmbodyError(f"{path} must hold one .wcon file, not {len(inside)}")
            with archive.open(inside[0]) as file:
                return _content(path, file, inside[0].file_size)  # pyright: ignore
    except OSError as error:
        raise EmbodyError(f"{path} cannot be read: {error.strerror or error}") from None


def _content(path: Path, file: BinaryIO, size: int) -> dict[str, Any]:
    if size > MOST_BYTES:
        raise EmbodyError(
            f"{path} holds {size} bytes of text, of which at most {MOST_BYTES} are read: split it "
            "into chunks"
        )
    try:
        content = _whole(file) if size <= READ_WHOLE_BYTES else _piecewise(file)
    except EmbodyError:
        raise
    except (ValueError, RecursionError) as error:
        told = str(error).split("\n")[0].strip()
        raise EmbodyError(f"{path} is damaged or not WCON: {told}") from None
    if not isinstance(content, dict):
        raise EmbodyError(f"{path} is not WCON: it must be one JSON object")
    return content


def _whole(file: BinaryIO) -> Any:
    return json.loads(file.read(READ_WHOLE_BYTES + 1), parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> float:
    if name == "NaN":  # many trackers write it, though JSON has no such number
        return float("nan")
    raise ValueError(f"{name} is no number of JSON; missing numbers are null")


def _piecewise(file: BinaryIO) -> Any:
    ijson = required("ijson", "long WCON files")
    try:
        return _built(ijson.basic_parse(_WithoutNaN(file), use_float=True, buf_size=_PIECE_BYTES))
    except (ijson.JSONError, OverflowError) as error:
        raise ValueError(str(error)) from None


class _WithoutNaN:
    """A file in which NaN is null, as JSON knows it; read in pieces that end behind a comma."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._kept = b""

    def read(self, size: int = -1) -> bytes:
        """Return the next piece, about as long as asked for; empty at the end."""
        if size == 0:
            return b""
        text, end = self._kept, 0
        while not end:
            piece = self._file.read(_PIECE_BYTES if size < 0 else size)
            text += piece
            end = text.rfind(b",") + 1 if piece and len(text) < _PIECES_WITHOUT_COMMA else len(text)
            if not piece:
                break
        text, self._kept = text[:end], text[end:]
        return _NAN.sub(b"null", text) if b"NaN" in text else text


def _built(events: Iterable[tuple[str, Any]]) -> Any:
    """Return the content from events; lists below "data" that hold numbers stay compact."""
    root: list[Any] = []
    open_: list[Any] = [root]
    keys: list[str] = [""]
    top: Any = root
    numbers = others = 0
    for event, value in events:
        if event == "number" and type(top) is NumberLists:
            numbers += 1
            top.flat.append(value)
            if top.lengths is not None:
                top.lengths.append(1)
            continue
        others += event != "end_array" and event != "start_array"
        numbers += event == "start_array"
        if numbers > MOST_NUMBERS or others > _MOST_OTHERS:
            raise ValueError(f"it holds more than {MOST_NUMBERS} numbers, or as many rows")
        if event == "map_key":
            keys[-1] = value
            continue
        if event in ("start_map", "start_array"):
            if len(open_) > _DEEPEST:
                raise ValueError(f"it is nested more than {_DEEPEST} deep")
            compact = event == "start_array" and len(open_) > 2 and keys[1] == _NUMBERS_OF
            top = {} if event == "start_map" else NumberLists() if compact else []
            open_.append(top)
            keys.append("")
            continue
        if event in ("end_map", "end_array"):
            value = open_.pop()
            keys.pop()
        top = _with(open_, keys[-1], value)
    return root[0] if root else None


def _with(open_: list[Any], key: str, value: Any) -> Any:
    """Put a value into the innermost open list or map, and return that."""
    top = open_[-1]
    if isinstance(top, NumberLists):
        try:
            if isinstance(value, NumberLists):
                top.add_row(value)
            else:
                top.add(value)
            return top
        except ValueError:
            top = open_[-1] = top.plain()
    if isinstance(top, dict):
        top[key] = value
    else:
        top.append(value)
    return top
