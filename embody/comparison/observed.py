"""Records become samples that can be compared: seen alike, cut alike, in the same units."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from embody.comparison.battery import Battery
from embody.comparison.channels import with_channels
from embody.comparison.draws import NO_KIN
from embody.comparison.nuisance import Nuisance, judge_nuisance
from embody.comparison.observation import ObservationModel
from embody.comparison.observation_match import match
from embody.comparison.record import BehaviourRecord
from embody.comparison.sample import Sample, require_strangers, sample_of
from embody.comparison.trial_sample import sample_of_trials
from embody.errors import EmbodyError

FEWEST_ANIMALS = 4
"""With fewer animals than two against two, stretches of them are compared instead."""

FEWEST_INDIVIDUALS = 3
"""A candidate with fewer is cut into stretches too: judges learn from one and are asked of two."""

FEWEST_FRAMES = 4
"""Fewer in the shortest clip of a battery show no movement."""

PARTS = 8
SHORTER = (1.0, 0.5, 0.25)
TRIALS = "trials"

NOT_JUDGED = "made from the animals' own frames"


@dataclass(frozen=True)
class Observed:
    """What is compared.

    Attributes
    ----------
    animals, candidates
        Samples, in standard deviations of the animals' frames.
    kin
        Of each candidate, which animal each individual was made from; `NO_KIN` for none.
    observation
        How records were looked at; None for trials.
    nuisances
        What is not behaviour and tells each candidate apart.
    counts
        How many individuals each candidate has.
    animal_count
        How many animals there are.
    within
        Whether individuals were too few, so that stretches of them stand for individuals.
    """

    animals: Sample
    candidates: Mapping[str, Sample]
    kin: Mapping[str, tuple[int, ...]]
    observation: ObservationModel | None
    nuisances: Mapping[str, Nuisance]
    counts: Mapping[str, int]
    animal_count: int
    within: bool


def observed(
    test: Battery,
    reference: Sequence[BehaviourRecord],
    others: Mapping[str, Sequence[BehaviourRecord]],
    seed: int,
) -> Observed:
    """Return reference and candidates as samples of one kind.

    Raises
    ------
    EmbodyError
        If they have nothing in common, or too little that is complete.
    """
    if test.arrays == (TRIALS,):
        return _samples(
            test,
            lambda records, length: sample_of_trials(records, int(length), test.clips_each, seed),
            reference,
            others,
            None,
            {name: _unjudged(reference, records) for name, records in others.items()},
            test.clip_seconds,
            scaled=False,
        )
    everyone = [*reference, *chain(*others.values())]
    array = next((a for a in test.arrays if all(a in record for record in everyone)), None)
    if array is None:
        raise EmbodyError(
            f"battery {test.name!r} looks at {' or '.join(test.arrays)}, which not all records hold"
        )
    for record in everyone:
        _require_time(test, record)
    reference = with_channels(reference, array)
    others = {name: with_channels(records, array) for name, records in others.items()}
    observation = match(reference, [*chain(*others.values())] or reference, arrays=(array,))
    seen = [observation.observe(r, seed + k) for k, r in enumerate(reference)]
    watched = {
        name: [observation.observe(r, seed + 1000 + k) for k, r in enumerate(records)]
        for name, records in others.items()
    }
    window_s = min(test.least_seconds, observation.clip_seconds or test.least_seconds)
    nuisances = {
        name: judge_nuisance(seen, records, seed, window_s) for name, records in watched.items()
    }

    def cut(records: Sequence[BehaviourRecord], seconds: float) -> Sample:
        views = zip(*(observation.views(record) for record in records), strict=True)
        sample, *images = (sample_of(view, seconds, array, test.clips_each, seed) for view in views)
        return sample.beside_mirror_images(*images) if images else sample

    return _samples(
        test,
        cut,
        seen,
        watched,
        observation,
        nuisances,
        min(test.clip_seconds, observation.clip_seconds or test.clip_seconds),
    )


def _require_time(test: Battery, record: BehaviourRecord) -> None:
    least = FEWEST_FRAMES / test.least_seconds
    if record.seconds < test.least_seconds or record.frame_rate_hz < least:
        raise EmbodyError(
            f"the record of {record.individual!r} lasts {record.seconds:.3g} s at "
            f"{record.frame_rate_hz:.3g} frames a second; battery {test.name!r} needs "
            f"{test.least_seconds:g} s and {least:g} frames a second (is its unit of time right?)"
        )


def _samples(
    test: Battery,
    cut: Callable[[Sequence[BehaviourRecord], float], Sample],
    reference: Sequence[BehaviourRecord],
    others: Mapping[str, Sequence[BehaviourRecord]],
    observation: ObservationModel | None,
    nuisances: Mapping[str, Nuisance],
    seconds: float,
    scaled: bool = True,
) -> Observed:
    if seconds < test.least_seconds:
        raise EmbodyError(
            f"battery {test.name!r} needs {test.least_seconds:g} s in a row with nothing missing "
            f"of every record; the least of these has {seconds:g} s"
        )
    count = len({record.individual_hash for record in reference})
    for share in SHORTER:
        length = max(seconds * share, test.least_seconds)
        animals = cut(reference, length)
        if count >= FEWEST_ANIMALS or animals.places >= PARTS:
            break
    samples = {name: cut(records, length) for name, records in others.items()}
    kin = {name: _kin(animals, sample, others[name]) for name, sample in samples.items()}
    counts = {name: len(sample.individuals) for name, sample in samples.items()}
    count = len(animals.individuals)
    within = count < FEWEST_ANIMALS
    if within:
        animals = animals.in_parts(-(-PARTS // count))
        if len(animals.individuals) < FEWEST_ANIMALS:
            raise EmbodyError(
                f"{count} animals with {animals.places} clips of {length:g} s are too little to "
                f"say how far animals are apart: at least {FEWEST_ANIMALS} animals are needed"
            )
    for name, sample in samples.items():
        if within or len(sample.individuals) < FEWEST_INDIVIDUALS:
            samples[name] = sample.in_parts(-(-PARTS // len(sample.individuals)))
            kin[name] = (NO_KIN,) * len(samples[name].individuals)
            if len(samples[name].individuals) < FEWEST_INDIVIDUALS:
                raise EmbodyError(
                    f"candidate {name!r} has {sample.places} clips of {length:g} s; at least "
                    f"{FEWEST_INDIVIDUALS} are needed"
                )
    if scaled:
        samples = {name: sample.standardised(animals) for name, sample in samples.items()}
        animals = animals.standardised(animals)
    return Observed(animals, samples, kin, observation, nuisances, counts, count, within)


def _kin(animals: Sample, sample: Sample, records: Sequence[BehaviourRecord]) -> tuple[int, ...]:
    if all(record.source in ("replay", "surrogate") for record in records):
        place = {who: number for number, who in enumerate(animals.individuals)}
        return tuple(place.get(who, NO_KIN) for who in sample.individuals)
    require_strangers(animals.individuals, sample.individuals)
    return (NO_KIN,) * len(sample.individuals)


def _unjudged(reference: Sequence[BehaviourRecord], records: Sequence[BehaviourRecord]) -> Nuisance:
    return unjudged(len(reference), len(records), "trials carry no trace of a tracker")


def unjudged(animals: int, individuals: int, why: str = NOT_JUDGED) -> Nuisance:
    """Return what stands where no nuisance could be judged."""
    return Nuisance(float("nan"), 0.0, 1.0, why, 0.0, False, (animals, individuals))
