"""Zip archives from outside: what they say about themselves is checked before anything is read."""

import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import numpy as np

from embody.errors import EmbodyError

ZIP = b"PK\x03\x04"
"""What the first part of an archive begins with."""

MOST_BYTES = 16 << 30
"""The most an archive may hold when unpacked [bytes]: 10 hours of 100 keypoints at 100 Hz."""

MOST_MEMBERS = 4096
"""The most files that an archive may hold."""

MOST_EXPANSION = 2000.0
"""The most that a file may grow when unpacked; deflate reaches 1032 on nothing but zeros."""

_SMALL_BYTES = 1 << 20
_HEADER_BYTES = 64 << 10


@contextmanager
def open_archive(
    path: str | os.PathLike[str], what: str, most_bytes: int = MOST_BYTES
) -> Iterator[zipfile.ZipFile]:
    """Open a zip archive whose directory holds nothing hostile; errors become one sentence.

    Parameters
    ----------
    path
        The file.
    what
        What it should be, for the message: "a behaviour record".
    most_bytes
        The most it may hold when unpacked.

    Raises
    ------
    EmbodyError
        If it is missing, damaged, too large when unpacked, or names files outside itself.
    """
    path = Path(path)
    try:
        with zipfile.ZipFile(path) as archive:
            _require_harmless(path, archive.infolist(), most_bytes)
            yield archive
    except FileNotFoundError:
        raise EmbodyError(f"there is no file {path}") from None
    except EmbodyError:
        raise
    except (OSError, zipfile.BadZipFile, ValueError, EOFError, NotImplementedError) as error:
        raise EmbodyError(f"{path} is damaged or not {what}: {error}") from None
    except (RuntimeError, zipfile.LargeZipFile) as error:  # a password, an unknown compression
        raise EmbodyError(f"{path} cannot be unpacked: {error}") from None
    except Exception as error:  # zlib, lzma and bz2 raise errors of their own
        if type(error).__module__ in ("zlib", "lzma", "_lzma", "bz2"):
            raise EmbodyError(f"{path} is damaged or not {what}: {error}") from None
        raise


def read_member(archive: zipfile.ZipFile, name: str, most_bytes: int = MOST_BYTES) -> bytes:
    """Return the content of one file of an archive.

    Raises
    ------
    EmbodyError
        If it is not there or larger than `most_bytes`.
    """
    info = _member(archive, name)
    if info.file_size > most_bytes:
        raise EmbodyError(
            f"{name!r} in {archive.filename} says that it is {info.file_size} bytes long; at most "
            f"{most_bytes} are read"
        )
    return archive.read(info)


def read_array(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    """Return one .npy file of an archive, whose declared shape must fit its length.

    Raises
    ------
    EmbodyError
        If it is not there, holds objects, or is shorter or longer than it declares.
    """
    info = _member(archive, name)
    with archive.open(info) as member:
        version = np.lib.format.read_magic(member)
        read_header = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }.get(version)
        if read_header is None:
            raise EmbodyError(f"{name!r} in {archive.filename} is of an unknown .npy version")
        shape, _, dtype = read_header(member)
        declared = dtype.itemsize * int(np.prod(shape, dtype=object))
    if dtype.hasobject:
        raise EmbodyError(
            f"{name!r} in {archive.filename} holds objects, which are never unpickled"
        )
    if not declared <= info.file_size <= declared + _HEADER_BYTES:
        raise EmbodyError(
            f"{name!r} in {archive.filename} declares {declared} bytes of numbers in a file of "
            f"{info.file_size}"
        )
    with archive.open(info) as member:
        return np.lib.format.read_array(member, allow_pickle=False)


def _member(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    try:
        return archive.getinfo(name)
    except KeyError:
        raise EmbodyError(f"{archive.filename} has no part {name!r}") from None


def _require_harmless(path: Path, members: list[zipfile.ZipInfo], most_bytes: int) -> None:
    if len(members) > MOST_MEMBERS:
        raise EmbodyError(f"{path} holds {len(members)} files; at most {MOST_MEMBERS} are read")
    total = sum(member.file_size for member in members)
    if total > most_bytes:
        raise EmbodyError(f"{path} would unpack to {total} bytes; at most {most_bytes} are read")
    for member in members:
        inside = PurePosixPath(member.filename.replace("\\", "/"))
        if inside.is_absolute() or ".." in inside.parts or ":" in member.filename:
            raise EmbodyError(f"{path} names a file outside itself: {member.filename!r}")
        if member.file_size > max(_SMALL_BYTES, MOST_EXPANSION * member.compress_size):
            raise EmbodyError(
                f"{member.filename!r} in {path} says that it grows from {member.compress_size} to "
                f"{member.file_size} bytes, which no recording does"
            )
