"""One way to read what others recorded: the format is told from the file."""

import importlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embody.comparison.readers.metadata import Metadata
from embody.comparison.record import BehaviourRecord
from embody.errors import EmbodyError, require_known

_HEAD_BYTES = 65536


@dataclass(frozen=True)
class Format:
    """A kind of file.

    Attributes
    ----------
    description
        What it is, for people.
    module
        Which module reads it.
    recognises, read
        Names of that module's functions.
    """

    description: str
    module: str
    recognises: str = "recognises"
    read: str = "read"

    def function(self, name: str) -> Callable[..., Any]:
        """Return one of the reader's functions."""
        return getattr(importlib.import_module(f"embody.comparison.readers.{self.module}"), name)


FORMATS = {
    "record": Format("behaviour record (.npz)", "embody_files", "recognises_record", "read_record"),
    "recording": Format(
        "recording of a simulated animal (.npz)",
        "embody_files",
        "recognises_recording",
        "read_recording",
    ),
    "wcon": Format("WCON (.wcon, .json, .zip)", "wcon"),
    "deeplabcut": Format("DeepLabCut keypoints (.csv, .h5)", "deeplabcut"),
    "sleap": Format("SLEAP analysis (.h5)", "sleap"),
    "nwb": Format("Neurodata Without Borders (.nwb)", "nwb"),
    "minari": Format("Minari dataset (folder, main_data.hdf5)", "minari"),
    "deepmimic": Format("DeepMimic clip (.txt, .json)", "deepmimic"),
    "joint-angles": Format("joint angles of a fly in the manner of flygym (.npz)", "joint_angles"),
    "trials": Format("trials of choice, IBL (.ndjson, .csv, .npz)", "ibl_trials"),
    "modes": Format("posture modes over time (.npz, .csv)", "modes"),
    "tracks": Format("keypoints in a plain .npz", "tracks"),
}
"""Every format that can be read, in the order in which they are tried."""


def read(
    path: str | os.PathLike[str], format: str | None = None, **metadata: Any
) -> tuple[BehaviourRecord, ...]:
    """Return the behaviour records in a file, one for each animal or session.

    Parameters
    ----------
    path
        A file, or the folder of a dataset.
    format
        One of `FORMATS`; by default told from the content.
    metadata
        What the file does not say: `species`, `individual`, `frame_rate_hz`, `mm_per_unit`, ...
        (see `embody.comparison.readers.metadata.Metadata`).

    Raises
    ------
    EmbodyError
        If the file is missing, of no known format, damaged, hostile, empty, or its units cannot be
        right; the message is one sentence that says so.

    Examples
    --------
    >>> read("n2.wcon")  # doctest: +SKIP
    >>> read("mouse.h5", frame_rate_hz=30.0, mm_per_unit=0.8, species="mouse")  # doctest: +SKIP
    """
    path = Path(path)
    told = Metadata.from_options(metadata)
    if format is not None:
        require_known("format", [format], FORMATS)
    if not path.exists():
        raise EmbodyError(f"there is no file {path}")
    head = _head(path)
    name = format or _recognised(path, head)
    try:
        records = FORMATS[name].function(FORMATS[name].read)(path, told)
    except OSError as error:
        raise EmbodyError(f"{path} cannot be read: {error}") from None
    except EmbodyError as error:
        if type(error) is not EmbodyError or path.name in str(error):
            raise
        raise EmbodyError(f"{path}: {error}") from None
    return tuple(records)


def one_species(records: Sequence[BehaviourRecord]) -> str:
    """Return the species that all records share.

    Raises
    ------
    EmbodyError
        If there are none, or of several species.
    """
    if not records:
        raise EmbodyError("there are no behaviour records to compare")
    species = sorted({record.species for record in records})
    if len(species) > 1:
        raise EmbodyError(
            f"records of several species cannot be compared: {', '.join(species)}; "
            "give those of one"
        )
    return species[0]


def _head(path: Path) -> bytes:
    if path.is_dir():
        return b""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as error:
        raise EmbodyError(f"{path} cannot be read: {error.strerror}") from None
    if not head:
        raise EmbodyError(f"{path} is empty")
    return head


def _recognised(path: Path, head: bytes) -> str:
    for name, entry in FORMATS.items():
        if entry.function(entry.recognises)(path, head):
            return name
    known = "; ".join(f"{name}: {entry.description}" for name, entry in FORMATS.items())
    raise EmbodyError(f"{path} is of no known format; give format, one of: {known}")
