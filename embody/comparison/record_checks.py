"""What the parts of a behaviour record must be, each said in one sentence when it is not."""

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np

from embody.errors import EmbodyError, UnknownNameError, require_known

LABELLED = ("keypoints", "joint_angle", "modes")
"""The arrays whose second axis carries names."""

LENGTHS = ("position", "keypoints")
"""The arrays whose numbers are lengths."""

SHAPES = {
    "position": ("frames", "2 or 3"),
    "heading": ("frames",),
    "keypoints": ("frames", "keypoints", "2 or 3"),
    "joint_angle": ("frames", "joints"),
    "modes": ("frames", "modes"),
}
"""The arrays that a record can hold, and what their axes are."""

_FRAMES = 65536


def frames_at_a_time(count: int) -> Iterator[slice]:
    """Yield slices of so few frames that what is computed from them takes little memory."""
    return (slice(first, min(first + _FRAMES, count)) for first in range(0, count, _FRAMES))


def read_only_array(name: str, values: np.ndarray) -> np.ndarray:
    """Return an array of a record, not copied where it is of floating point, read-only.

    Raises
    ------
    EmbodyError
        If there is no such array, or it has another shape, other numbers, or infinite ones.
    """
    require_known("array of a behaviour record", [name], SHAPES)
    array = np.asarray(values)
    if array.dtype.kind in "iu":
        array = array.astype(float)
    if array.dtype not in (np.float32, np.float64):
        raise EmbodyError(f"{name!r} must be single or double precision numbers, not {array.dtype}")
    axes = SHAPES[name]
    if array.ndim != len(axes) or (name in LENGTHS and array.shape[-1] not in (2, 3)):
        raise EmbodyError(f"{name!r} has shape {array.shape}; right would be ({', '.join(axes)})")
    for part in frames_at_a_time(len(array)):
        if np.isinf(array[part]).any():
            raise EmbodyError(f"{name!r} holds infinite numbers; missing frames are NaN")
    return _locked(array)


def read_only_column(name: str, values: np.ndarray) -> np.ndarray:
    """Return a column of trials, read-only.

    Raises
    ------
    EmbodyError
        If it is not one row of numbers, truth values or texts.
    """
    column = np.asarray(values)
    if column.ndim != 1 or column.dtype.kind not in "biufU":
        raise EmbodyError(
            f"trial column {name!r} must be one row of numbers, truth values or texts, not "
            f"{column.dtype} of shape {column.shape}"
        )
    return _locked(column)


def frame_rate(rate: Any, has_frames: bool) -> float:
    """Return a frame rate [Hz]; without frames it may be 0.

    Raises
    ------
    EmbodyError
        If it is not a positive number.
    """
    if not _is_number(rate) or (rate <= 0 if has_frames else rate < 0):
        raise EmbodyError(f"a frame rate is a positive number of frames a second, not {rate!r}")
    return float(rate)


def body_length(length: Any) -> float | None:
    """Return the length of a body [mm], None if it is not known.

    Raises
    ------
    EmbodyError
        If it is not a positive number.
    """
    if length is not None and (not _is_number(length) or length <= 0):
        raise EmbodyError(f"the length of a body is a positive number of mm, not {length!r}")
    return None if length is None else float(length)


def require_one_length(
    individual: str, arrays: Mapping[str, np.ndarray], trials: Mapping[str, np.ndarray]
) -> None:
    """Refuse arrays, or columns of trials, that differ in length or are empty.

    Raises
    ------
    EmbodyError
        If they do, or there are neither.
    """
    for kind, group in (("arrays", arrays), ("trials", trials)):
        lengths = {name: len(array) for name, array in group.items()}
        if len(set(lengths.values())) > 1:
            told = ", ".join(f"{name} {length}" for name, length in lengths.items())
            raise EmbodyError(f"the {kind} of a record must have one length, not {told}")
        if 0 in lengths.values():
            raise EmbodyError(f"the record of {individual!r} is empty: it has no {kind}")
    if not arrays and not trials:
        raise EmbodyError(f"the record of {individual!r} is empty: no arrays, no trials")


def require_labels(arrays: Mapping[str, np.ndarray], names: Mapping[str, tuple[str, ...]]) -> None:
    """Refuse labelled arrays without as many different labels as columns.

    Raises
    ------
    EmbodyError
        If labels are missing, too many, too few or the same.
    """
    require_known("labelled array", names, LABELLED)
    for name in LABELLED:
        if (name in arrays) != (name in names):
            raise EmbodyError(f"{name!r} needs both an array and its names, or neither")
        if name not in names:
            continue
        labels, count = names[name], arrays[name].shape[1]
        if len(labels) != count or len(set(labels)) < count:
            raise EmbodyError(
                f"{name!r} has {count} columns and needs as many different names, not "
                f"{len(labels)} names of which {len(set(labels))} differ"
            )


def require_identity(kind: str, record: Any, sources: Sequence[str]) -> None:
    """Raise `EmbodyError` for a record that does not say whose it is and where it comes from."""
    for part in ("species", "individual", "session"):
        value = getattr(record, part)
        if not isinstance(value, str) or not value.strip():
            raise EmbodyError(f"a {kind} needs its {part}: a text, not {value!r}")
    if record.source not in sources:
        raise UnknownNameError(f"source of a {kind}", str(record.source), sources)


def individual_hash(record: Any) -> str:
    """Return the sha256 of species, dataset and individual of a record."""
    return identity_hash(
        record.species, str(record.provenance.get("dataset", "")), record.individual
    )


def identity_hash(species: str, dataset: str, individual: str) -> str:
    """Return the sha256 by which an individual is known."""
    return hashlib.sha256(json.dumps([species, dataset, individual]).encode()).hexdigest()


def require_names(names: Any) -> None:
    """Raise `EmbodyError` if the labels of arrays are not a list of texts for each."""
    if not isinstance(names, Mapping) or not all(
        isinstance(labels, Iterable) and not isinstance(labels, str) for labels in names.values()
    ):
        raise EmbodyError(f"the names of a record must list labels for arrays, not {names!r:.60}")


def require_json(part: str, content: Any) -> None:
    """Refuse what is no mapping, or what JSON cannot hold.

    Raises
    ------
    EmbodyError
        If it cannot.
    """
    if not isinstance(content, Mapping):
        raise EmbodyError(f"the {part} of a record must be names with values, not {content!r:.60}")
    try:
        json.dumps(content, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise EmbodyError(f"the {part} of a record must be JSON types: {error}") from None


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and math.isfinite(value)


def _locked(array: np.ndarray) -> np.ndarray:
    array = array.view()
    array.setflags(write=False)
    return array
