"""The best camera that could have made both sets of records."""

from collections.abc import Iterable, Sequence

import numpy as np

from embody.comparison.observation import ObservationModel
from embody.comparison.reading import one_species
from embody.comparison.record import BehaviourRecord
from embody.comparison.record_checks import LABELLED, LENGTHS
from embody.comparison.resampling import complete_frames, runs
from embody.errors import EmbodyError

LONGEST_CLIP_S = 10.0
"""Clips are as long as every record allows, up to this [s]."""

LOUD = 0.9
"""Nine of ten candidate records have less residual than what the common error is measured by, so
that one loud model among several is not told by its loudness."""

NOISE_MARGIN = 3.0
"""How many times that residual is what all records get: enough that at the end of the band
the common error drowns what is each side's own."""

_SIDES_UNKNOWN = "C. elegans"


def match(
    reference: Iterable[BehaviourRecord],
    candidate: Iterable[BehaviourRecord],
    *,
    smoothing_s: float = 0.0,
    clip_seconds: float | None = None,
    arrays: Sequence[str] | None = None,
    mirror: bool | None = None,
    noise_margin: float = NOISE_MARGIN,
) -> ObservationModel:
    """Return the observation under which two sets of records can be compared.

    The lowest frame rate of all, the names that all share, and a tracking error well above that of
    either side. An animal's track and a model's noiseless one differ in their fastest residual
    whatever they do; under a common error they no longer do, while movement, which is far larger,
    stays. A record with more error still keeps it, and the nuisance judge says so.

    Parameters
    ----------
    reference, candidate
        Records of one species, e.g. of animals and of a model.
    smoothing_s
        As in `ObservationModel`.
    clip_seconds
        Length of clips [s]; by default the longest that every record has without a gap, at most
        10 s.
    arrays
        What to look at; by default all that every record has.
    mirror
        Whether sides are taken for unknown; by default they are for worms whose dorsal side is not
        known in some record.
    noise_margin
        The tracking error of all, in multiples of the animals' median residual or of the
        candidates' ninth decile, whichever is larger.

    Raises
    ------
    EmbodyError
        If a set is empty, the species differ, or the records share nothing.
    """
    reference, candidate = list(reference), list(candidate)
    if not reference or not candidate:
        raise EmbodyError("a comparison needs records on both sides")
    records = [*reference, *candidate]
    species = one_species(records)
    if not all(len(record) for record in records):
        raise EmbodyError("records of trials alone have no posture to observe")
    rate = min(record.frame_rate_hz for record in records)
    names = _shared_names(records, arrays)
    body_length = any(name in LENGTHS for name in names)
    plain = ObservationModel(rate, names, smoothing_s, body_length=body_length)
    if clip_seconds is None:
        clip_seconds = min(_longest_run_s(record, names) for record in records)
        clip_seconds = max(int(clip_seconds * rate), 1) / rate
    if mirror is None:
        told = {str(record.provenance.get("dorsal", "left")) for record in records}
        mirror = species == _SIDES_UNKNOWN and "unknown" in told
    return ObservationModel(
        rate,
        names,
        smoothing_s,
        _common_error(plain, reference, candidate, noise_margin),
        clip_seconds,
        body_length,
        mirror and "joint_angle" not in names,
    )


def _shared_names(
    records: list[BehaviourRecord], arrays: Sequence[str] | None
) -> dict[str, tuple[str, ...]]:
    shared: dict[str, tuple[str, ...]] = {}
    for name in records[0].arrays if arrays is None else arrays:
        if not all(name in record for record in records):
            continue
        if name not in LABELLED:
            same = len({record[name].shape[1:] for record in records}) == 1
            shared |= {name: ()} if same else {}
            continue
        common = [
            label
            for label in records[0].names[name]
            if all(label in record.names[name] for record in records)
        ]
        if common:
            shared[name] = tuple(common)
    if any(record.body_length_mm is None for record in records):
        shared = {name: labels for name, labels in shared.items() if name not in LENGTHS}
    if not shared:
        held = sorted(
            {f"{n} {', '.join(r.names.get(n, ()))[:60]}" for r in records for n in r.arrays}
        )
        raise EmbodyError(
            f"the records share nothing to compare; they hold {'; '.join(held)} "
            "(amplitudes of another basis of postures need mode_basis, lengths body_length_mm)"
        )
    return shared


def _longest_run_s(record: BehaviourRecord, names: Iterable[str]) -> float:
    valid = np.ones(len(record), bool)
    for name in names:
        valid &= complete_frames(record[name])
    longest = max((stop - start for start, stop in runs(valid)), default=0)
    if not longest:
        raise EmbodyError(f"the record of {record.individual!r} has no complete frame")
    return min(longest / record.frame_rate_hz, LONGEST_CLIP_S)


def _common_error(
    plain: ObservationModel,
    reference: list[BehaviourRecord],
    candidate: list[BehaviourRecord],
    margin: float,
) -> dict[str, tuple[float, ...]]:
    animals, others = (
        [plain.error_of(record) for record in side] for side in (reference, candidate)
    )
    common = {}
    for name in plain.names:
        typical = np.median([error[name] for error in animals], axis=0)
        loud = np.quantile([error[name] for error in others], LOUD, axis=0)
        common[name] = tuple(float(margin * level) for level in np.maximum(typical, loud))
    return common
