"""What a camera and a tracker would have made of it: the same for animals and for models.

A judge that tells a model by its frame rate, its missing tracking error or its unit of length has
learnt nothing about behaviour. So everything is brought to one frame rate, one set of keypoints
or modes, body lengths, one smoothing, and records with less tracking error get more.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from embody.comparison.mirror import mirrored
from embody.comparison.record import BehaviourRecord
from embody.comparison.record_checks import LABELLED, LENGTHS
from embody.comparison.resampling import PASSED, complete_frames, low_pass, resample, runs
from embody.comparison.tracking_noise import estimate_tracking_noise, noise_levels
from embody.errors import EmbodyError, require_known


@dataclass(frozen=True)
class ObservationModel:
    """What is left of a record when it is looked at.

    Attributes
    ----------
    frame_rate_hz
        Frames a second [Hz].
    names
        The arrays that are kept -> which of their names, in which order; empty for "position" and
        "heading".
    smoothing_s
        Movement faster than one cycle in this time [s] is filtered out; 0 keeps what lies below
        0.8 of half the frame rate, at which all records are cut off.
    tracking_noise
        Error of the tracker for each array, one number for each name [rad, body lengths, or the
        unit of the modes]; records with less get as much as they lack.
    clip_seconds
        Length of clips [s]; None for whole records.
    body_length
        Whether lengths are told in body lengths.
    mirror
        Whether each record is looked at from both sides: for trackers that cannot tell the sides
        of the animal.

    Raises
    ------
    EmbodyError
        If a number is out of range.
    """

    frame_rate_hz: float
    names: Mapping[str, tuple[str, ...]]
    smoothing_s: float = 0.0
    tracking_noise: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    clip_seconds: float | None = None
    body_length: bool = True
    mirror: bool = False

    def __post_init__(self) -> None:
        positive = (self.frame_rate_hz, self.clip_seconds or 1.0)
        if not all(math.isfinite(value) and value > 0 for value in positive):
            raise EmbodyError("an observation needs a positive frame rate and length of clips")
        if not 0 <= self.smoothing_s < math.inf:
            raise EmbodyError(f"smoothing takes 0 s or more, not {self.smoothing_s}")
        require_known("array with tracking noise", self.tracking_noise, self.names)
        for name, levels in self.tracking_noise.items():
            wanted = len(self.names[name]) if name in LABELLED else 1
            if len(levels) != wanted or not all(0 <= level < math.inf for level in levels):
                raise EmbodyError(f"tracking noise of {name!r} needs {wanted} numbers of 0 or more")
        if self.clip_seconds is not None and self.clip_frames < 1:
            raise EmbodyError("clips must be longer than a frame")

    @property
    def clip_frames(self) -> int:
        """Frames of a clip; 0 for whole records."""
        return 0 if self.clip_seconds is None else round(self.clip_seconds * self.frame_rate_hz)

    @property
    def cutoff(self) -> float:
        """What is filtered out is faster than this share of half the frame rate."""
        if self.smoothing_s == 0:
            return PASSED
        return min(PASSED, 2.0 / (self.smoothing_s * self.frame_rate_hz))

    def observe(self, record: BehaviourRecord, seed: int = 0) -> BehaviourRecord:
        """Return the record as the common camera and tracker would have given it.

        Selected, in body lengths, resampled without aliasing, with tracking error and smoothed;
        from the side that was recorded. Gaps stay gaps. `provenance["observation"]` keeps this
        model.

        Parameters
        ----------
        record
            Of an animal or of a model.
        seed
            Of the tracking error.

        Raises
        ------
        EmbodyError
            If the record lacks what is looked at, or has too few frames.
        """
        random = np.random.default_rng([seed, int(record.hash()[:8], 16)])
        record = self._sampled(record)
        arrays = {}
        for name, array in record.arrays.items():
            seen = complete_frames(array)
            arrays[name] = low_pass(self._with_error(name, array, seen, random), seen, self.cutoff)
        return replace(
            record,
            arrays=arrays,
            provenance={**record.provenance, "observation": self.as_json()},
        )

    def views(self, observed: BehaviourRecord) -> tuple[BehaviourRecord, ...]:
        """Return an observed record from each side that it may have been seen from."""
        return (observed, mirrored(observed)) if self.mirror else (observed,)

    def error_of(self, record: BehaviourRecord) -> dict[str, tuple[float, ...]]:
        """Return the record's own tracking error at the common frame rate, before smoothing.

        Raises
        ------
        EmbodyError
            If the record lacks what is looked at, or has too few frames.
        """
        return estimate_tracking_noise(self._sampled(record))

    def clips(self, record: BehaviourRecord, seed: int = 0) -> Iterator[BehaviourRecord]:
        """Yield the complete clips of a record as observed, one after the other, view by view.

        Raises
        ------
        EmbodyError
            If the model has no length of clips, or the record does not fit.
        """
        if self.clip_seconds is None:
            raise EmbodyError("this observation has no length of clips: give clip_seconds")
        for view in self.views(self.observe(record, seed)):
            yield from view.windows(self.clip_seconds, most_missing=0.0)

    def as_json(self) -> dict[str, Any]:
        """Return the model as JSON types."""
        return {
            "frame_rate_hz": self.frame_rate_hz,
            "names": {name: list(labels) for name, labels in self.names.items()},
            "smoothing_s": self.smoothing_s,
            "tracking_noise": {name: list(levels) for name, levels in self.tracking_noise.items()},
            "clip_seconds": self.clip_seconds,
            "body_length": self.body_length,
            "mirror": self.mirror,
        }

    def _selected(self, record: BehaviourRecord) -> BehaviourRecord:
        require_known(f"array of the record of {record.individual!r}:", self.names, record.arrays)
        if self.body_length and any(name in LENGTHS for name in self.names):
            record = record.in_body_lengths()
        arrays, names = {}, {}
        for name, wanted in self.names.items():
            arrays[name] = record[name]
            if name in LABELLED:
                have = record.names[name]
                require_known(f"entry of {name!r}:", wanted, have)
                names[name] = wanted
                if wanted != have:
                    arrays[name] = record[name][:, [have.index(label) for label in wanted]]
        return replace(record, arrays=arrays, names=names)

    def _sampled(self, record: BehaviourRecord) -> BehaviourRecord:
        record = self._selected(record)
        if record.frame_rate_hz < self.frame_rate_hz * (1 - 1e-6):
            raise EmbodyError(
                f"the record of {record.individual!r} has {record.frame_rate_hz:g} frames a "
                f"second, fewer than the {self.frame_rate_hz:g} of the observation"
            )
        valid = record.valid
        arrays = {
            name: resample(
                _continuous(array, valid) if name == "heading" else array,
                valid,
                record.frame_rate_hz,
                self.frame_rate_hz,
            )
            for name, array in record.arrays.items()
        }
        return replace(record, frame_rate_hz=self.frame_rate_hz, arrays=arrays)

    def _with_error(
        self, name: str, values: np.ndarray, seen: np.ndarray, random: np.random.Generator
    ) -> np.ndarray:
        wanted = np.array(self.tracking_noise.get(name, (0.0,)))
        own = np.array(noise_levels(values, seen, name in LABELLED))
        lacking = np.sqrt(np.maximum(wanted**2 - own**2, 0.0))
        if not lacking.any():
            return values
        scale = lacking.reshape(-1, *[1] * (values.ndim - 2)) if values.ndim > 1 else lacking[0]
        return values + (random.standard_normal(values.shape) * scale).astype(values.dtype)


def _continuous(heading: np.ndarray, valid: np.ndarray) -> np.ndarray:
    continuous = heading.copy()
    for start, stop in runs(valid):
        continuous[start:stop] = np.unwrap(heading[start:stop])
    return continuous
