"""Files of ours: a zip of plain arrays and one JSON header, never a pickle."""

import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from embody import atomic_file
from embody.comparison.archive import read_member
from embody.errors import EmbodyError

_MOST_HEADER_BYTES = 16 << 20
_FIRST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)  # a date of its own would give every file other bytes
_UNIX = 3


class HeadedArchive(NamedTuple):
    """A kind of file.

    Attributes
    ----------
    what
        What one is, for messages: "a behaviour record".
    header
        Name of the header within the archive.
    format
        What the header says under "format".
    """

    what: str
    header: str
    format: str

    def write(
        self,
        path: str | os.PathLike[str],
        arrays: Mapping[str, np.ndarray],
        header: Mapping[str, Any],
    ) -> Path:
        """Write arrays, by the names of their members, and a header; whole or not at all.

        Raises
        ------
        EmbodyError
            If the name does not end in .npz, or is that of a folder.
        """
        path = Path(path)
        if path.suffix != ".npz" or path.is_dir():
            raise EmbodyError(f"{self.what} is a file whose name ends in .npz, not {path.name!r}")
        with atomic_file.replacing(path) as file, zipfile.ZipFile(file, "w") as archive:
            archive.writestr(_entry(self.header), self.header_text(header))
            for name, array in sorted(arrays.items()):
                with archive.open(_entry(name), "w", force_zip64=True) as member:
                    plain = np.asarray(array, order="C")
                    np.lib.format.write_array(member, plain, allow_pickle=False)
        return path

    def read_header(self, path: str | os.PathLike[str], archive: zipfile.ZipFile) -> dict[str, Any]:
        """Return the header of an open archive, without its format.

        Raises
        ------
        EmbodyError
            If it is missing, damaged or that of something else.
        """
        if self.header not in archive.namelist():
            raise EmbodyError(f"{path} is not {self.what}: it has no {self.header}")
        text = read_member(archive, self.header, _MOST_HEADER_BYTES)
        try:
            header = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise EmbodyError(f"{path} is damaged: {error}") from None
        if not isinstance(header, dict) or header.pop("format", None) != self.format:
            raise EmbodyError(f'{path} is not {self.what}: its format must be "{self.format}"')
        return header

    def header_text(self, header: Mapping[str, Any]) -> bytes:
        """Return the header as canonical JSON."""
        content = {"format": self.format, **header}
        return json.dumps(content, sort_keys=True, ensure_ascii=False, allow_nan=False).encode()


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _FIRST_ZIP_DATE)
    info.create_system = _UNIX
    return info
