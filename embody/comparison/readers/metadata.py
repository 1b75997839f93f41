"""What a reader is told about a file, and how a record is made from what it found."""

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from numbers import Integral, Real
from pathlib import Path
from typing import Any

import numpy as np

from embody.comparison.record import BODY_LENGTHS, BehaviourRecord, Stimulus
from embody.comparison.species import canonical_species, require_plausible_length
from embody.errors import EmbodyError, require_known

DTYPES = ("float64", "float32")
_MOST_JOINT_ANGLE_RAD = 2 * math.pi


@dataclass(frozen=True)
class Metadata:
    """What files of tracking software do not say, or say wrongly.

    Attributes
    ----------
    species, individual, session, source, licence, dataset
        As in `BehaviourRecord`; what is given here goes before what the file says.
    frame_rate_hz
        Frames a second [Hz], for files without times.
    mm_per_unit
        How many mm the file's unit of length is, e.g. the size of a pixel.
    body_length_mm
        Length of the body [mm].
    body_from_to
        Two keypoints, e.g. ("Nose", "Tail_base"), whose median distance is taken for the length of
        the body; without `mm_per_unit` all lengths become multiples of it.
    least_likelihood
        Keypoints that a tracker is less sure of are missing.
    columns
        For vectors of observations: which entry is which, {"joint_angle": {"knee": 3}, ...}.
    mode_basis
        The basis of postures that amplitudes belong to, a .csv file or an array (angles, modes);
        with it the modes of a worm become those of the shipped eigenworms.
    dtype
        "float64", or "float32" for half the memory.
    """

    species: str | None = None
    individual: str | None = None
    session: str | None = None
    source: str | None = None
    licence: str | None = None
    dataset: str | None = None
    frame_rate_hz: float | None = None
    mm_per_unit: float | None = None
    body_length_mm: float | None = None
    body_from_to: tuple[str, str] | None = None
    least_likelihood: float = 0.6
    columns: Mapping[str, Mapping[str, int]] | None = None
    mode_basis: str | os.PathLike[str] | np.ndarray | None = None
    dtype: str = "float64"

    def __post_init__(self) -> None:
        require_known("number type", [self.dtype], DTYPES)
        for name in ("frame_rate_hz", "mm_per_unit", "body_length_mm"):
            value = getattr(self, name)
            if value is not None and not (_is_number(value) and value > 0):
                raise EmbodyError(f"{name} must be a positive number, not {value!r:.60}")
        if not _is_number(self.least_likelihood):
            raise EmbodyError(f"least_likelihood must be a number, not {self.least_likelihood!r}")
        for name in ("species", "individual", "session", "source", "licence", "dataset"):
            value = getattr(self, name)
            if isinstance(value, int) and not isinstance(value, bool):
                object.__setattr__(self, name, str(value))
            elif value is not None and not isinstance(value, str):
                raise EmbodyError(f"{name} must be a text, not {value!r:.60}")
        if not isinstance(self.mode_basis, str | os.PathLike | np.ndarray | None):
            raise EmbodyError(f"mode_basis must be a file, not {self.mode_basis!r:.60}")
        ends = self.body_from_to
        if ends is not None and (isinstance(ends, str) or not _are_texts(ends) or len(ends) != 2):
            raise EmbodyError(
                'body_from_to must be two keypoints, such as ["Nose", "Tail_base"], not '
                f"{ends!r:.60}"
            )
        if self.columns is not None and not _are_columns(self.columns):
            raise EmbodyError(
                'columns must say which entry is which, such as {"joint_angle": {"knee": 3}}, not '
                f"{self.columns!r:.60}"
            )

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> "Metadata":
        """Return metadata from keywords.

        Raises
        ------
        UnknownNameError
            If there is no such keyword.
        """
        require_known("keyword for reading", options, [field.name for field in fields(cls)])
        return cls(**options)

    def rate(self, path: Path) -> float:
        """Return the frame rate for a file that does not know it.

        Raises
        ------
        EmbodyError
            If it was not given.
        """
        if self.frame_rate_hz is None:
            raise EmbodyError(f"{path} does not say its frame rate: give frame_rate_hz")
        return self.frame_rate_hz


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


def _is_whole(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _are_texts(values: Any) -> bool:
    return isinstance(values, list | tuple) and all(isinstance(value, str) for value in values)


def _are_columns(columns: Any) -> bool:
    return isinstance(columns, Mapping) and all(
        isinstance(places, Mapping) and all(_is_whole(place) for place in places.values())
        for places in columns.values()
    )


def make_record(
    path: Path,
    metadata: Metadata,
    arrays: Mapping[str, np.ndarray],
    names: Mapping[str, Sequence[str]] | None = None,
    *,
    species: str | None = None,
    individual: str | None = None,
    session: str | None = None,
    frame_rate_hz: float = 0.0,
    body_length_mm: float | None = None,
    stimuli: tuple[Stimulus, ...] = (),
    trials: Mapping[str, np.ndarray] | None = None,
    arena: Mapping[str, Any] | None = None,
    licence: str | None = None,
    provenance: Mapping[str, Any] | None = None,
    format: str,
) -> BehaviourRecord:
    """Return the record of what a reader found; lengths are in mm, or in units of the file.

    Raises
    ------
    EmbodyError
        If nothing was observed, or a unit must be wrong.
    """
    species = metadata.species or species
    if not species:
        raise EmbodyError(f"{path} does not say which animal it shows: give species")
    species = canonical_species(species)
    for name, array in arrays.items():
        if np.asarray(array).dtype.kind not in "biuf":
            raise EmbodyError(f"{path}: {name} must be numbers, not {np.asarray(array).dtype}")
    arrays = {name: np.asarray(array, metadata.dtype) for name, array in arrays.items()}
    told: dict[str, Any] = {"file": path.name, "format": format, **(provenance or {})}
    if metadata.dataset:
        told["dataset"] = metadata.dataset
    require_observed(path, arrays)
    arrays, length = _scaled(path, metadata, arrays, dict(names or {}), body_length_mm, told)
    if length is not None and told.get("length_unit") != BODY_LENGTHS:
        require_plausible_length(species, length)
    _require_radians(path, arrays)
    return BehaviourRecord(
        species=species,
        individual=metadata.individual or individual or path.stem,
        session=metadata.session or session or path.stem,
        source=metadata.source or "animal",  # pyright: ignore[reportArgumentType]
        frame_rate_hz=frame_rate_hz,
        arrays=arrays,
        names={name: tuple(labels) for name, labels in (names or {}).items()},
        body_length_mm=length,
        stimuli=stimuli,
        trials=trials or {},
        arena=arena or {},
        licence=metadata.licence or licence or "",
        provenance=told,
    )


def require_observed(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Refuse arrays without a single number.

    Raises
    ------
    EmbodyError
        If one is empty or nothing but NaN.
    """
    for name, array in arrays.items():
        if array.size == 0:
            raise EmbodyError(f"{path} is empty: it has no {name}")
        if not any(np.isfinite(array[i : i + 65536]).any() for i in range(0, len(array), 65536)):
            raise EmbodyError(f"{path} shows nothing: every number of its {name} is NaN")


def _scaled(
    path: Path,
    metadata: Metadata,
    arrays: dict[str, np.ndarray],
    names: dict[str, Sequence[str]],
    body_length_mm: float | None,
    told: dict[str, Any],
) -> tuple[dict[str, np.ndarray], float | None]:
    scale = metadata.mm_per_unit
    measured = None
    if metadata.body_from_to is not None:
        measured = _distance(path, arrays, names, metadata.body_from_to)
    if scale is None and measured is not None:
        scale = (
            1.0 / measured
            if metadata.body_length_mm is None
            else (metadata.body_length_mm / measured)
        )
        if metadata.body_length_mm is None:
            told["length_unit"] = BODY_LENGTHS
            told["body_length_file_units"] = measured
            body_length_mm, measured = 1.0, None
    if (
        told.get("length_unit") == "pixel"
        and scale is None
        and {"position", "keypoints"} & set(arrays)
    ):
        raise EmbodyError(
            f"{path} is in pixels: give mm_per_unit, or body_from_to with two keypoints "
            "to measure lengths by"
        )
    if scale is not None:
        for name in {"position", "keypoints"} & set(arrays):
            arrays[name] = arrays[name] * np.asarray(scale, metadata.dtype)
        if told.get("length_unit") == "pixel":
            del told["length_unit"]
        measured = None if measured is None else measured * scale
        body_length_mm = (
            body_length_mm
            if body_length_mm is None or told.get("length_unit") == BODY_LENGTHS
            else body_length_mm * scale
        )
    if told.get("length_unit") == BODY_LENGTHS:
        return arrays, 1.0
    return arrays, metadata.body_length_mm or measured or body_length_mm


def _distance(
    path: Path,
    arrays: Mapping[str, np.ndarray],
    names: Mapping[str, Sequence[str]],
    ends: tuple[str, str],
) -> float:
    if "keypoints" not in arrays:
        raise EmbodyError(f"{path} has no keypoints to measure a body by")
    labels = list(names["keypoints"])
    require_known("keypoint", ends, labels)
    first, last = (arrays["keypoints"][:, labels.index(end)] for end in ends)
    distance = np.linalg.norm(first - last, axis=-1)
    seen = np.isfinite(distance)
    if not seen.any() or np.median(distance[seen]) <= 0:
        raise EmbodyError(f"{path} never shows {ends[0]!r} and {ends[1]!r} apart")
    return float(np.median(distance[seen]))


def _require_radians(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    if "joint_angle" not in arrays:
        return
    angles = arrays["joint_angle"]
    largest = float(np.nanpercentile(np.abs(angles), 99))
    if largest > _MOST_JOINT_ANGLE_RAD:
        raise EmbodyError(
            f"joint angles of up to {largest:.3g} rad in {path} are more than a full turn: "
            "they must be in degrees; convert them to radians"
        )
