"""Files that appear whole or not at all."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a temporary file that takes the place of `path` when the block ends well.

    Parent folders are created. If the block raises, `path` is left as it was.

    Examples
    --------
    >>> with replacing("runs/note.txt") as file:  # doctest: +SKIP
    ...     file.write(b"whole or not at all")
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        _give_usual_permissions(temporary)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write a UTF-8 text file, whole or not at all."""
    with replacing(path) as file:
        file.write(text.encode())


def _give_usual_permissions(path: str) -> None:
    mask = os.umask(0)
    os.umask(mask)
    Path(path).chmod(0o666 & ~mask)
