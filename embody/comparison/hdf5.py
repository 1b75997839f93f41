"""HDF5 files from outside: what they declare is checked before anything is read."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from embody.comparison.archive import MOST_BYTES, MOST_EXPANSION
from embody.comparison.extra import required
from embody.errors import EmbodyError

_SMALL_BYTES = 16 << 20
_MOST_OBJECTS = 20000


@contextmanager
def open_hdf5(path: str | os.PathLike[str], what: str) -> Iterator[Any]:
    """Open an HDF5 file that points to nothing outside itself; errors become one sentence.

    Parameters
    ----------
    path
        The file.
    what
        What it should be, for the message: "an NWB file".

    Yields
    ------
    h5py.File
        Open for reading; take datasets from it with `read_dataset`.

    Raises
    ------
    EmbodyError
        If it is missing, damaged, or refers to other files.
    """
    h5py = required("h5py", "HDF5 files")
    path = Path(path)
    if not path.is_file():
        raise EmbodyError(f"there is no file {path}")
    try:
        with h5py.File(path, "r") as file:
            _require_self_contained(h5py, file)
            yield file
    except EmbodyError:
        raise
    except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:
        raise EmbodyError(f"{path} is damaged or not {what}: {error}") from None


def read_dataset(group: Any, name: str, most_bytes: int = MOST_BYTES) -> np.ndarray:
    """Return a dataset that is as large as it says.

    Raises
    ------
    EmbodyError
        If it is not there, or declares more than it stores.
    """
    h5py = required("h5py", "HDF5 files")
    dataset = group.get(name)
    if not isinstance(dataset, h5py.Dataset):
        raise EmbodyError(f"{group.file.filename} has no dataset {group.name.rstrip('/')}/{name}")
    require_stored(dataset, most_bytes)
    return dataset[()]


def require_stored(dataset: Any, most_bytes: int = MOST_BYTES) -> None:
    """Refuse a dataset that declares far more numbers than its file holds.

    Raises
    ------
    EmbodyError
        If it does.
    """
    declared = int(np.prod(dataset.shape, dtype=object)) * dataset.dtype.itemsize
    stored = dataset.id.get_storage_size()
    if declared > most_bytes or declared > max(_SMALL_BYTES, MOST_EXPANSION * stored):
        raise EmbodyError(
            f"{dataset.name!r} in {dataset.file.filename} declares {declared} bytes and stores "
            f"{stored}; at most {most_bytes} are read"
        )


def _require_self_contained(h5py: Any, file: Any) -> None:
    waiting, seen = [file["/"]], 0
    while waiting:
        group = waiting.pop()
        for name in group:
            seen += 1
            link = group.get(name, getlink=True)
            if isinstance(link, h5py.ExternalLink):
                raise EmbodyError(f"{file.filename} refers to another file: {link.filename!r}")
            if seen > _MOST_OBJECTS:
                raise EmbodyError(f"{file.filename} holds more than {_MOST_OBJECTS} objects")
            if not isinstance(link, h5py.HardLink):
                continue
            entry = group[name]
            if isinstance(entry, h5py.Group):
                waiting.append(entry)
            elif isinstance(entry, h5py.Dataset) and (entry.external or entry.is_virtual):
                raise EmbodyError(f"{entry.name!r} in {file.filename} lies in another file")
