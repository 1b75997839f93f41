"""One format for what an animal did and for what a model did."""

import hashlib
import json
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from embody.comparison import record_file
from embody.errors import EmbodyError, UnknownNameError, require_known
from embody.recording import Recording

Source = Literal["animal", "simulation", "replay", "surrogate"]

SOURCES: tuple[str, ...] = get_args(Source)
"""Where a record can come from: a living animal, a model, real posture through a simulated body,
or real data with its structure destroyed."""

LABELLED = ("keypoints", "joint_angle", "modes")
"""The arrays whose second axis carries names."""

BODY_LENGTHS = "body length"
"""What `provenance["length_unit"]` says where lengths are multiples of the body's."""

_DIMENSIONS = {"position": 2, "heading": 1, "keypoints": 3, "joint_angle": 2, "modes": 2}
_LENGTHS = ("position", "keypoints")
_CHECKED_FRAMES = 65536


@dataclass(frozen=True)
class Stimulus:
    """Something that was done to the animal.

    Attributes
    ----------
    name
        What it was, e.g. "tap", "light".
    start_s, stop_s
        When it began and ended [s] after the first frame; equal for an instant.
    value, unit
        How strong it was.
    """

    name: str
    start_s: float
    stop_s: float
    value: float = 1.0
    unit: str = "1"

    def __post_init__(self) -> None:
        numbers = (self.start_s, self.stop_s, self.value)
        if not all(math.isfinite(number) for number in numbers) or self.stop_s < self.start_s:
            raise EmbodyError(
                f"stimulus {self.name!r} must have a finite value and end after it begins, not "
                f"{self.value} from {self.start_s} s to {self.stop_s} s"
            )


@dataclass(frozen=True, eq=False)
class BehaviourRecord:
    """What one animal, or one model, did in one session.

    Missing frames are rows of NaN. Arrays are views of what was given, made read-only.

    Attributes
    ----------
    species
        E.g. "C. elegans", "D. melanogaster", "M. musculus", "D. rerio".
    individual
        Which animal, unique within its dataset; for a model, which seed.
    session
        Which recording of that animal.
    source
        "animal", "simulation", "replay" or "surrogate".
    frame_rate_hz
        Frames a second [Hz]; 0 for a record that holds nothing but trials.
    arrays
        Time first, all of the same length; any of "position" (T, 2|3) [mm], "heading" (T,) [rad],
        "keypoints" (T, K, 2|3) [mm], "joint_angle" (T, J) [rad] and "modes" (T, M), amplitudes of
        postures [1].
    names
        The labels of the second axis of "keypoints", "joint_angle" and "modes".
    body_length_mm
        Length of the body [mm]; None if not known. 1 where lengths are in body lengths.
    stimuli
        What was done to the animal, in order of time.
    trials
        For tasks of choice: one array for each column, all of the same length.
    arena
        Where it happened, JSON types.
    licence
        On which terms the data may be used; "" if not known.
    provenance
        Where it came from, JSON types. "dataset" tells apart animals of the same name,
        "length_unit" is "body length" where lengths are multiples of the body's.

    Raises
    ------
    EmbodyError
        If the parts do not fit together.

    Examples
    --------
    >>> modes = np.zeros((40, 2))
    >>> record = BehaviourRecord("C. elegans", "n2-1", "1", "animal", 20.0, {"modes": modes},
    ...                          {"modes": ("a1", "a2")})
    >>> [len(window) for window in record.windows(1.0)]
    [20, 20]
    """

    species: str
    individual: str
    session: str
    source: Source
    frame_rate_hz: float
    arrays: Mapping[str, np.ndarray]
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    body_length_mm: float | None = None
    stimuli: tuple[Stimulus, ...] = ()
    trials: Mapping[str, np.ndarray] = field(default_factory=dict)
    arena: Mapping[str, Any] = field(default_factory=dict)
    licence: str = ""
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for part in ("species", "individual", "session"):
            value = getattr(self, part)
            if not isinstance(value, str) or not value.strip():
                raise EmbodyError(f"a behaviour record needs its {part}: a text, not {value!r}")
        if self.source not in SOURCES:
            raise UnknownNameError("source of a behaviour record", str(self.source), SOURCES)
        arrays = {name: _read_only(name, array) for name, array in self.arrays.items()}
        trials = {name: _trial_column(name, column) for name, column in self.trials.items()}
        object.__setattr__(self, "arrays", arrays)
        object.__setattr__(self, "trials", trials)
        object.__setattr__(self, "names", {k: tuple(map(str, v)) for k, v in self.names.items()})
        object.__setattr__(self, "stimuli", tuple(self.stimuli))
        self._require_same_length()
        self._require_labels()
        self._require_rate_and_length()
        for part in ("arena", "provenance"):
            try:
                json.dumps(getattr(self, part), allow_nan=False)
            except (TypeError, ValueError) as error:
                raise EmbodyError(f"the {part} of a record must be JSON types: {error}") from None

    def __len__(self) -> int:
        return len(next(iter(self.arrays.values()))) if self.arrays else 0

    def __getitem__(self, name: str) -> np.ndarray:
        """Return the array of that name, time first.

        Raises
        ------
        UnknownNameError
            If the record does not hold it.
        """
        require_known(f"array of the record of {self.individual!r}:", [name], self.arrays)
        return self.arrays[name]

    def __contains__(self, name: object) -> bool:
        return name in self.arrays

    @property
    def seconds(self) -> float:
        """How long it lasts [s]."""
        return len(self) / self.frame_rate_hz if len(self) else 0.0

    @cached_property
    def valid(self) -> np.ndarray:
        """Which frames are there, with nothing missing, shape (frames,), truth values."""
        mask = np.ones(len(self), bool)
        for array in self.arrays.values():
            for part in _frames_at_a_time(len(self)):
                missing = np.isnan(array[part])
                mask[part] &= ~missing.any(axis=tuple(range(1, missing.ndim)))
        mask.setflags(write=False)
        return mask

    def hash(self) -> str:
        """Return the sha256 of all content, hexadecimal; the same before saving and after."""
        digest = hashlib.sha256(record_file.header_text(self._header()))
        for group in (self.arrays, self.trials):
            for name in sorted(group):
                array = group[name]
                digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
                for part in _frames_at_a_time(len(array)):
                    digest.update(np.ascontiguousarray(array[part]).tobytes())
        return digest.hexdigest()

    @property
    def individual_hash(self) -> str:
        """The sha256 of species, dataset and individual: may not lie on both sides of a split."""
        identity = [self.species, str(self.provenance.get("dataset", "")), self.individual]
        return hashlib.sha256(json.dumps(identity).encode()).hexdigest()

    def clip(self, start_s: float, stop_s: float) -> "BehaviourRecord":
        """Return the part from `start_s` until just before `stop_s` [s], without copying.

        Stimuli that overlap are kept, with times that count from the part's first frame; trials
        carry no time and are left out.

        Raises
        ------
        EmbodyError
            If no frame lies in that interval.
        """
        if not (math.isfinite(start_s) and math.isfinite(stop_s)):
            raise EmbodyError(f"a clip needs finite times, not {start_s} to {stop_s} s")
        first = max(math.ceil(round(start_s * self.frame_rate_hz, 6)), 0)
        stop = min(math.ceil(round(stop_s * self.frame_rate_hz, 6)), len(self))
        if first >= stop:
            raise EmbodyError(
                f"no frame lies between {start_s:g} s and {stop_s:g} s: the record of "
                f"{self.individual!r} lasts {self.seconds:g} s"
            )
        return self._frames(first, stop)

    def windows(
        self, seconds: float, step_s: float | None = None, most_missing: float = 1.0
    ) -> Iterator["BehaviourRecord"]:
        """Yield parts of equal length one after the other, as views; what is left over is dropped.

        Parameters
        ----------
        seconds
            Length of a window [s].
        step_s
            From the start of one to the start of the next [s]; by default its length.
        most_missing
            Windows of which a larger share of frames is missing are left out; 0 keeps only those
            that are complete.

        Raises
        ------
        EmbodyError
            If a window or a step would be shorter than a frame.
        """
        length = round(seconds * self.frame_rate_hz)
        step = length if step_s is None else round(step_s * self.frame_rate_hz)
        if length < 1 or step < 1:
            raise EmbodyError(
                f"windows of {seconds:g} s in steps of {step_s or seconds:g} s are shorter than "
                f"one frame of 1/{self.frame_rate_hz:g} s"
            )
        for first in range(0, len(self) - length + 1, step):
            missing = length - np.count_nonzero(self.valid[first : first + length])
            if missing <= most_missing * length:
                yield self._frames(first, first + length)

    def in_body_lengths(self) -> "BehaviourRecord":
        """Return the record with positions and keypoints as multiples of the body's length.

        `provenance` keeps the length in mm; a record already in body lengths comes back as it is.

        Raises
        ------
        EmbodyError
            If the length of the body is not known.
        """
        if self.provenance.get("length_unit") == BODY_LENGTHS:
            return self
        if self.body_length_mm is None:
            raise EmbodyError(
                f"the length of the body of {self.individual!r} is not known: give body_length_mm"
            )
        scaled = {
            name: (array / array.dtype.type(self.body_length_mm)) if name in _LENGTHS else array
            for name, array in self.arrays.items()
        }
        told = {"length_unit": BODY_LENGTHS, "body_length_mm": self.body_length_mm}
        return replace(
            self, arrays=scaled, body_length_mm=1.0, provenance={**self.provenance, **told}
        )

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write one .npz file, whole or not at all; the same content gives the same bytes.

        Raises
        ------
        EmbodyError
            If the name does not end in .npz.
        """
        return record_file.write(path, self.arrays, self.trials, self._header())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "BehaviourRecord":
        """Read a record that `save` wrote.

        Raises
        ------
        EmbodyError
            If the file is missing, damaged, hostile or not a record.
        """
        arrays, trials, header = record_file.read(path)
        stimuli = header.pop("stimuli", ())
        try:
            parts = {**header, "stimuli": tuple(Stimulus(**entry) for entry in stimuli)}
            return cls(arrays=arrays, trials=trials, **parts)
        except (TypeError, ValueError, AttributeError) as error:
            raise EmbodyError(f"{path} is not a whole behaviour record: {error}") from None

    @classmethod
    def from_recording(
        cls, recording: Recording, individual: str | None = None, session: str = "1"
    ) -> "BehaviourRecord":
        """Return what a simulated animal did, in the terms of a living one.

        A worm gives keypoints along its centreline, the way of its centroid, the heading from tail
        to head and the amplitudes of the eigenworms; a fly its joint angles, position and heading.

        Parameters
        ----------
        recording
            One episode.
        individual
            Name of the animal; by default the controller and the seed.
        session
            Which recording of that animal.

        Raises
        ------
        EmbodyError
            If the recording shows no posture, or is not sampled evenly.
        """
        from embody.comparison.from_recording import behaviour_record

        return behaviour_record(recording, individual, session)

    def _frames(self, first: int, stop: int) -> "BehaviourRecord":
        start_s, stop_s = first / self.frame_rate_hz, stop / self.frame_rate_hz
        stimuli = tuple(
            replace(
                stimulus,
                start_s=max(stimulus.start_s, start_s) - start_s,
                stop_s=min(stimulus.stop_s, stop_s) - start_s,
            )
            for stimulus in self.stimuli
            if stimulus.start_s < stop_s and stimulus.stop_s >= start_s
        )
        arrays = {name: array[first:stop] for name, array in self.arrays.items()}
        return replace(self, arrays=arrays, stimuli=stimuli, trials={})

    def _header(self) -> dict[str, Any]:
        header = {
            part.name: getattr(self, part.name)
            for part in fields(self)
            if part.name not in ("arrays", "trials")
        }
        return {**header, "stimuli": [asdict(stimulus) for stimulus in self.stimuli]}

    def _require_same_length(self) -> None:
        for kind, group in (("arrays", self.arrays), ("trials", self.trials)):
            lengths = {name: len(array) for name, array in group.items()}
            if len(set(lengths.values())) > 1:
                told = ", ".join(f"{name} {length}" for name, length in lengths.items())
                raise EmbodyError(f"the {kind} of a record must have one length, not {told}")
            if 0 in lengths.values():
                raise EmbodyError(f"the record of {self.individual!r} is empty: it has no {kind}")
        if not self.arrays and not self.trials:
            raise EmbodyError(f"the record of {self.individual!r} is empty: no arrays, no trials")

    def _require_labels(self) -> None:
        require_known("labelled array", self.names, LABELLED)
        for name in LABELLED:
            if (name in self.arrays) != (name in self.names):
                raise EmbodyError(f"{name!r} needs both an array and its names, or neither")
            if name not in self.names:
                continue
            labels, count = self.names[name], self.arrays[name].shape[1]
            if len(labels) != count or len(set(labels)) < count:
                raise EmbodyError(
                    f"{name!r} has {count} columns and needs as many different names, not "
                    f"{len(labels)} names of which {len(set(labels))} differ"
                )

    def _require_rate_and_length(self) -> None:
        rate, length = self.frame_rate_hz, self.body_length_mm
        if not _is_number(rate) or (rate <= 0 if self.arrays else rate < 0):
            raise EmbodyError(f"a frame rate is a positive number of frames a second, not {rate!r}")
        if length is not None and (not _is_number(length) or length <= 0):
            raise EmbodyError(f"the length of a body is a positive number of mm, not {length!r}")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _frames_at_a_time(count: int) -> Iterator[slice]:
    return (slice(i, min(i + _CHECKED_FRAMES, count)) for i in range(0, count, _CHECKED_FRAMES))


def _read_only(name: str, values: np.ndarray) -> np.ndarray:
    require_known("array of a behaviour record", [name], _DIMENSIONS)
    array = np.asarray(values)
    if array.dtype.kind in "iu":
        array = array.astype(float)
    if array.dtype not in (np.float32, np.float64):
        raise EmbodyError(f"{name!r} must be single or double precision numbers, not {array.dtype}")
    if array.ndim != _DIMENSIONS[name] or (name in _LENGTHS and array.shape[-1] not in (2, 3)):
        raise EmbodyError(
            f"{name!r} has shape {array.shape}; right would be (frames"
            + {"position": ", 2 or 3)", "heading": ",)", "keypoints": ", keypoints, 2 or 3)"}.get(
                name, f", {name}s)".replace("modess", "modes")
            )
        )
    for part in _frames_at_a_time(len(array)):
        if np.isinf(array[part]).any():
            raise EmbodyError(f"{name!r} holds infinite numbers; missing frames are NaN")
    array = array.view()
    array.setflags(write=False)
    return array


def _trial_column(name: str, values: np.ndarray) -> np.ndarray:
    column = np.asarray(values)
    if column.ndim != 1 or column.dtype.kind not in "biufU":
        raise EmbodyError(
            f"trial column {name!r} must be one row of numbers, truth values or texts, not "
            f"{column.dtype} of shape {column.shape}"
        )
    column = column.view()
    column.setflags(write=False)
    return column
