"""One format for what an animal did and for what a model did."""

import hashlib
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from embody.comparison import record_checks, record_file
from embody.comparison.record_checks import LENGTHS, frames_at_a_time
from embody.errors import EmbodyError, require_known
from embody.recording import Recording

Source = Literal["animal", "simulation", "replay", "surrogate"]

SOURCES: tuple[str, ...] = get_args(Source)
"""Where a record can come from: a living animal, a model, real posture through a simulated body,
or real data with its structure destroyed."""

_NEEDED = ("species", "individual", "session", "source", "frame_rate_hz")

BODY_LENGTHS = "body length"
"""What `provenance["length_unit"]` says where lengths are multiples of the body's."""


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
        record_checks.require_identity("behaviour record", self, SOURCES)
        record_checks.require_names(self.names)
        if not isinstance(self.licence, str):
            raise EmbodyError(f"the licence of a record must be a text, not {self.licence!r:.60}")
        for part in ("arena", "provenance"):
            record_checks.require_json(part, getattr(self, part))
        own = {
            "arrays": {n: record_checks.read_only_array(n, a) for n, a in self.arrays.items()},
            "trials": {n: record_checks.read_only_column(n, c) for n, c in self.trials.items()},
            "names": {n: tuple(map(str, labels)) for n, labels in self.names.items()},
            "stimuli": tuple(self.stimuli),
            "frame_rate_hz": record_checks.frame_rate(self.frame_rate_hz, bool(self.arrays)),
            "body_length_mm": record_checks.body_length(self.body_length_mm),
        }
        for name, part in own.items():
            object.__setattr__(self, name, part)
        record_checks.require_one_length(self.individual, self.arrays, self.trials)
        record_checks.require_labels(self.arrays, self.names)

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
            for part in frames_at_a_time(len(self)):
                missing = np.isnan(array[part])
                mask[part] &= ~missing.any(axis=tuple(range(1, missing.ndim)))
        mask.setflags(write=False)
        return mask

    def hash(self) -> str:
        """Return the sha256 of all content, hexadecimal; the same before saving and after."""
        digest = hashlib.sha256(record_file.KIND.header_text(self._header()))
        for group in (self.arrays, self.trials):
            for name in sorted(group):
                array = group[name]
                digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
                for part in frames_at_a_time(len(array)):
                    digest.update(np.ascontiguousarray(array[part]).tobytes())
        return digest.hexdigest()

    @property
    def individual_hash(self) -> str:
        """The sha256 of species, dataset and individual: may not lie on both sides of a split."""
        return record_checks.individual_hash(self)

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
            name: (array / array.dtype.type(self.body_length_mm)) if name in LENGTHS else array
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
        whole = f"{path} is not a whole behaviour record"
        known = {part.name for part in fields(cls)} - {"arrays", "trials"}
        if unknown := set(header) - known:
            raise EmbodyError(f"{whole}: nobody knows its {', '.join(sorted(unknown))}")
        if lacking := set(_NEEDED) - set(header):
            raise EmbodyError(f"{whole}: it lacks its {', '.join(sorted(lacking))}")
        try:
            stimuli = tuple(Stimulus(**entry) for entry in header.pop("stimuli", ()))
        except TypeError:
            parts = ", ".join(part.name for part in fields(Stimulus))
            raise EmbodyError(f"{whole}: each of its stimuli must have {parts}") from None
        except EmbodyError as error:
            raise EmbodyError(f"{whole}: {error}") from None
        try:
            return cls(arrays=arrays, trials=trials, stimuli=stimuli, **header)
        except (TypeError, ValueError, AttributeError) as error:
            raise EmbodyError(f"{whole}: {error}") from None

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
