"""The embodied Turing test: recordings of animals and of models in, verdicts out."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from embody.comparison import held_out
from embody.comparison.batteries import find_battery
from embody.comparison.battery import Battery
from embody.comparison.drawing import all_drawn
from embody.comparison.draws import group_size
from embody.comparison.measures.classifiers import Judge
from embody.comparison.novelty import (
    MEASURE,
    UNCHANGED,
    NovelEnvironment,
    novel_findings,
    require_novel,
    unchanged,
)
from embody.comparison.observed import observed, unjudged
from embody.comparison.reading import one_species
from embody.comparison.record import BehaviourRecord
from embody.comparison.results import CandidateResult, Comparison
from embody.comparison.sample import Sample
from embody.comparison.telling import Telling, most_telling
from embody.comparison.yardstick import SURROGATE
from embody.errors import EmbodyError, require_known

DRAWS = 200
FEWEST_DRAWS = 20
TELLING_JUDGE = "forest judge"

__all__ = ["CandidateResult", "Comparison", "compare"]


def compare(
    reference: Iterable[BehaviourRecord],
    candidates: Mapping[str, Iterable[BehaviourRecord]],
    battery: str | Battery,
    *,
    surrogates: Sequence[str] = (),
    draws: int = DRAWS,
    seed: int = 0,
    workers: int | None = None,
    fitted_to: Mapping[str, Sequence[str]] | None = None,
    env: str = "",
    split: str = "",
    novel: Sequence[NovelEnvironment] = (),
    progress: bool = False,
) -> Comparison:
    """Compare models, or other animals, with animals.

    Parameters
    ----------
    reference
        Records of the animals.
    candidates
        Records of each candidate, by its name.
    battery
        Its name, or one of your own.
    surrogates
        Names of surrogates that are candidates too; as controls all of the battery's are run.
    draws
        How often animals are drawn for each measure.
    seed
        Seed of draws, surrogates and judges.
    workers
        Processes; all cores if None.
    fitted_to
        Hashes of the individuals that each candidate was fitted to, besides those that its
        records name; with any of them among the animals it is marked as contaminated.
    env
        Id of the env in which controllers ran, for the record.
    split
        "fit", "dev" or "test": only the animals of that part are compared with, see
        `embody.comparison.held_out`; all if empty.
    novel
        Animals and candidates in other environments; each candidate there gets a finding of tier
        T6, see `embody.comparison.novelty`.
    progress
        Whether to show a bar.

    Raises
    ------
    UnknownNameError
        If there is no such battery or surrogate.
    EmbodyError
        If the records cannot be compared, or are too few to tell any distance.

    Examples
    --------
    >>> found = compare(worms, {"connectome": runs}, "worm")  # doctest: +SKIP
    >>> found.candidates["connectome"].overall  # doctest: +SKIP
    """
    begun = time.monotonic()
    if draws < FEWEST_DRAWS:
        raise EmbodyError(f"a comparison needs {FEWEST_DRAWS} draws or more, not {draws}")
    reference = held_out.in_part(reference, split) if split else list(reference)
    others = {name: list(records) for name, records in candidates.items()}
    if not others and not surrogates:
        raise EmbodyError("there is no candidate to compare with the animals")
    for name, records in others.items():
        if not records:
            raise EmbodyError(f"candidate {name!r} has no record")
    require_novel(novel, reference, list(others))
    test = find_battery(battery, one_species([*reference, *chain(*others.values())]))
    require_known("surrogate", surrogates, test.surrogates)
    seen = observed(test, reference, others, seed)
    yardstick, drawn, fakes = all_drawn(test, seen, draws, seed, workers, progress)
    count = len(seen.animals.individuals)
    results = {}
    for name, sample in seen.candidates.items():
        known = held_out.together((fitted_to or {}).get(name), held_out.fitted_to(others[name]))
        result = yardstick.result(
            drawn[name],
            (seen.animal_count, seen.counts[name]),
            seen.nuisances[name],
            sample.individuals,
            held_out.contaminated(seen.animals.whole_individuals, known, others[name]),
            _telling(test, seen.animals, sample, seen.kin[name], seed),
            seen.within,
        )
        results[name] = replace(result, fitted_to=known)
    for name in surrogates:
        results[SURROGATE + name] = yardstick.result(
            yardstick.surrogates[name],
            (seen.animal_count, seen.animal_count),
            unjudged(seen.animal_count, seen.animal_count),
            fakes[name].individuals,
            (),
            _telling(test, seen.animals, fakes[name], range(count), seed),
            seen.within,
        )
    found = Comparison(
        test,
        results,
        yardstick.controls,
        seen.observation,
        seen.animal_count,
        seen.animals.individuals,
        draws,
        group_size(count),
        seed,
        time.monotonic() - begun,
        seen.within,
        env,
        split,
    )
    for other in novel:
        there = compare(
            other.reference,
            {**other.candidates, UNCHANGED: unchanged(reference)},
            battery,
            draws=draws,
            seed=seed,
            workers=workers,
            fitted_to=fitted_to,
            env=other.name,
            split=split,
            progress=progress,
        )
        measure = MEASURE if len(novel) == 1 else f"{MEASURE} {other.name}"
        found = found.with_findings(novel_findings(results, there, other, measure))
    return replace(found, wall_s=time.monotonic() - begun)


def _telling(
    test: Battery, animals: Sample, sample: Sample, kin: Sequence[int], seed: int
) -> tuple[Telling, ...]:
    judges = [m for m in test.measures() if isinstance(m, Judge) and m.identifier == TELLING_JUDGE]
    return most_telling(judges[0], animals, sample, kin, seed) if judges else ()
