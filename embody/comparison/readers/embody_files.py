"""Files of this project: behaviour records, and recordings of simulated animals."""

from pathlib import Path

from embody.comparison import record_file
from embody.comparison.archive import ZIP, open_archive
from embody.comparison.readers.metadata import Metadata, require_observed
from embody.comparison.readers.plain_npz import members
from embody.comparison.record import BehaviourRecord
from embody.errors import EmbodyError
from embody.recording import Recording
from embody.recording_file import HEADER, PARTIAL_HEADER, PARTIAL_SUFFIX

_GIVEN = ("species", "individual", "session", "source", "licence", "body_length_mm")


def recognises_record(path: Path, head: bytes) -> bool:
    """Whether a file is a behaviour record."""
    if not head.startswith(ZIP):
        return False
    with open_archive(path, "a behaviour record") as archive:
        return record_file.KIND.header in archive.namelist()


def recognises_recording(path: Path, head: bytes) -> bool:
    """Whether a file, or the folder that a killed run left, is a recording."""
    if path.is_dir():
        return path.suffix == PARTIAL_SUFFIX and (path / PARTIAL_HEADER).exists()
    return HEADER in members(path, head)


def read_record(path: Path, metadata: Metadata) -> list[BehaviourRecord]:
    """Return the one record of a file.

    Raises
    ------
    EmbodyError
        If it is damaged, or metadata was given: the record has its own.
    """
    for name in _GIVEN:
        if getattr(metadata, name) is not None:
            raise EmbodyError(f"{path} is a behaviour record and has a {name} of its own")
    record = BehaviourRecord.load(path)
    require_observed(path, record.arrays)
    return [record]


def read_recording(path: Path, metadata: Metadata) -> list[BehaviourRecord]:
    """Return the behaviour in a recording of a simulated animal.

    Raises
    ------
    EmbodyError
        If it is damaged, or shows no posture.
    """
    if path.is_file():
        with open_archive(path, "a recording"):
            pass  # a look at what it declares
    record = BehaviourRecord.from_recording(
        Recording.load(path), metadata.individual, metadata.session or path.stem
    )
    require_observed(path, record.arrays)
    return [record]
