"""The embodied Turing test: recordings of animals and of models in, verdicts out."""

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from tqdm import tqdm

from embody.comparison.battery import VERSION, Battery, find_battery
from embody.comparison.channels import with_channels
from embody.comparison.draws import Draws, Task, gathered, planned, side
from embody.comparison.nuisance import Nuisance, judge_nuisance
from embody.comparison.observation import ObservationModel
from embody.comparison.observation_match import match
from embody.comparison.parallel import run_tasks
from embody.comparison.reading import one_species
from embody.comparison.record import BehaviourRecord
from embody.comparison.sample import Sample, sample_of
from embody.comparison.surrogates import SURROGATES, surrogate
from embody.comparison.verdict import FAIL, INCONCLUSIVE, PASS, Verdict, is_rejected, judge
from embody.errors import EmbodyError
from embody.provenance import versions

DRAWS = 60
PACKAGES = ("embody-sim", "numpy", "scipy", "scikit-learn")


@dataclass(frozen=True)
class CandidateResult:
    """What the battery says of one candidate.

    Attributes
    ----------
    verdicts
        One for each measure.
    nuisance
        How well it can be told apart by what is not behaviour.
    overall
        "FAIL" if any measure fails, "PASS" if all pass, else "INCONCLUSIVE".
    lowest_failed_tier
        The lowest tier with a failure; None without.
    contaminated
        Individuals that it was fitted to and is compared with.
    hashes
        Hashes of its individuals.
    """

    verdicts: tuple[Verdict, ...]
    nuisance: Nuisance
    overall: str
    lowest_failed_tier: str | None
    contaminated: tuple[str, ...]
    hashes: tuple[str, ...]

    @property
    def score(self) -> float:
        """Mean score of the measures that have one, 0 to 1."""
        scores = [verdict.score for verdict in self.verdicts if verdict.score is not None]
        return float(np.mean(scores)) if scores else float("nan")


@dataclass(frozen=True)
class Comparison:
    """All that was compared in one run.

    Attributes
    ----------
    battery
        Which battery.
    candidates
        Results by name, in the order given.
    controls
        Of each measure, of each surrogate: (mean distance, whether it was rejected).
    observation
        How all records were looked at.
    animals, animal_hashes
        How many animals, and who.
    draws, size, seed
        How many draws of how many individuals on each side, from which seed.
    wall_s
        Time it took [s].
    """

    battery: Battery
    candidates: Mapping[str, CandidateResult]
    controls: Mapping[str, Mapping[str, tuple[float, bool]]]
    observation: ObservationModel
    animals: int
    animal_hashes: tuple[str, ...]
    draws: int
    size: int
    seed: int
    wall_s: float

    def lines(self) -> list[dict[str, Any]]:
        """Return one line of the leaderboard for each candidate, as JSON types."""
        return [self._line(name, result) for name, result in self.candidates.items()]

    def _line(self, name: str, result: CandidateResult) -> dict[str, Any]:
        return {
            "model": name,
            "battery": self.battery.name,
            "battery_version": VERSION,
            "verdict": result.overall,
            "lowest_failed_tier": result.lowest_failed_tier,
            "score": result.score,
            "counts": {
                word: sum(v.verdict == word for v in result.verdicts)
                for word in (PASS, FAIL, INCONCLUSIVE)
            },
            "tests": [self._test(verdict) for verdict in result.verdicts],
            "nuisance": {
                "auc": result.nuisance.auc,
                "interval": [result.nuisance.low, result.nuisance.high],
                "artefact": result.nuisance.artefact,
                "tell": result.nuisance.tell,
            },
            "contaminated": list(result.contaminated),
            "animals": self.animals,
            "individuals": len(result.hashes),
            "animal_hashes": list(self.animal_hashes),
            "observation": self.observation.as_json(),
            "draws": self.draws,
            "individuals_on_each_side": self.size,
            "seed": self.seed,
            "versions": versions(PACKAGES),
            "cost": {"wall_s": self.wall_s, "device": "cpu"},
        }

    def _test(self, verdict: Verdict) -> dict[str, Any]:
        controls = {
            name: {"distance": distance, "rejected": rejected}
            for name, (distance, rejected) in self.controls[verdict.measure].items()
        }
        content = verdict.to_dict()
        return {"id": content.pop("measure"), **content, "controls": controls}


def compare(
    reference: Iterable[BehaviourRecord],
    candidates: Mapping[str, Iterable[BehaviourRecord]],
    battery: str,
    draws: int = DRAWS,
    seed: int = 0,
    workers: int | None = None,
    fitted_to: Mapping[str, Sequence[str]] | None = None,
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
        Name of a battery.
    draws
        How often animals are drawn for each measure.
    seed
        Seed of draws, surrogates and judges.
    workers
        Processes; all cores if None.
    fitted_to
        Hashes of the individuals that each candidate was fitted to.
    progress
        Whether to show a bar.

    Raises
    ------
    UnknownNameError
        If there is no such battery.
    EmbodyError
        If there are fewer than four animals or two individuals of a candidate, or the records
        cannot be compared.
    """
    begun = time.monotonic()
    if draws < 10:
        raise EmbodyError(f"a comparison needs 10 draws or more, not {draws}")
    reference = list(reference)
    others = {name: list(records) for name, records in candidates.items()}
    if not others:
        raise EmbodyError("there is no candidate to compare with the animals")
    test = find_battery(battery, one_species([*reference, *chain(*others.values())]))
    animals, samples, observation, nuisances = _observed(test, reference, others, seed)
    size = side(len(animals.individuals))
    _require_enough(animals, samples, size)
    fakes = {name: surrogate(name, animals, seed) for name in SURROGATES}
    series = _series(test, animals, samples, size, draws, seed)
    tasks = [task for run in series.values() for task in run]
    found = list(
        tqdm(
            run_tasks(
                tasks, battery, animals, {**samples, **fakes}, workers or os.cpu_count() or 1
            ),
            total=len(tasks),
            unit=" draws",
            disable=not progress,
        )
    )
    drawn: dict[tuple[str, str | None], Draws] = {}
    for key, run in series.items():
        count = len(animals.individuals) if key[1] not in samples else 0
        count = count or len(samples[str(key[1])].individuals)
        drawn[key] = gathered(run, found[: len(run)], len(animals.individuals), count)
        del found[: len(run)]
    controls = {
        m.identifier: {
            name: (
                float(drawn[m.identifier, name].value.mean()),
                is_rejected(drawn[m.identifier, None], drawn[m.identifier, name]),
            )
            for name in SURROGATES
        }
        for m in test.measures()
    }
    results = {
        name: _result(
            test,
            name,
            drawn,
            controls,
            nuisances[name],
            animals,
            samples[name],
            (fitted_to or {}).get(name, ()),
        )
        for name in samples
    }
    return Comparison(
        test,
        results,
        controls,
        observation,
        len(animals.individuals),
        animals.individuals,
        draws,
        size,
        seed,
        time.monotonic() - begun,
    )


def _observed(
    test: Battery,
    reference: list[BehaviourRecord],
    others: dict[str, list[BehaviourRecord]],
    seed: int,
) -> tuple[Sample, dict[str, Sample], ObservationModel, dict[str, Nuisance]]:
    everyone = [*reference, *chain(*others.values())]
    array = next((a for a in test.arrays if all(a in record for record in everyone)), None)
    if array is None:
        raise EmbodyError(
            f"battery {test.name!r} looks at {' or '.join(test.arrays)}, which not all records hold"
        )
    reference, channel = with_channels(reference, array), "modes" if array == "modes" else array
    others = {name: with_channels(records, array) for name, records in others.items()}
    observation = match(
        reference,
        chain(*others.values()),
        clip_seconds=None,
        arrays=(channel,),
    )
    seconds = min(test.clip_seconds, observation.clip_seconds or test.clip_seconds)
    seen = [observation.observe(r, seed + k) for k, r in enumerate(reference)]
    watched = {
        name: [observation.observe(r, seed + 1000 + k) for k, r in enumerate(records)]
        for name, records in others.items()
    }
    nuisances = {name: judge_nuisance(seen, records, seed) for name, records in watched.items()}
    animals = sample_of(seen, seconds, channel, test.clips_each, seed)
    samples = {
        name: sample_of(records, seconds, channel, test.clips_each, seed)
        for name, records in watched.items()
    }
    return animals, samples, observation, nuisances


def _require_enough(animals: Sample, samples: Mapping[str, Sample], size: int) -> None:
    for name, sample in (("the animals", animals), *samples.items()):
        least = 2 * size if sample is animals else size
        if len(sample.individuals) < least:
            raise EmbodyError(
                f"{name}: {len(sample.individuals)} individuals with complete clips, at least "
                f"{least} are needed to compare {size} with {size}"
            )


def _series(
    test: Battery, animals: Sample, samples: Mapping[str, Sample], size: int, draws: int, seed: int
) -> dict[tuple[str, str | None], list[Task]]:
    count = len(animals.individuals)
    series: dict[tuple[str, str | None], list[Task]] = {}
    for measure in test.measures():
        name = measure.identifier
        series[name, None] = planned(name, None, count, count, size, draws, seed)
        for fake in SURROGATES:
            series[name, fake] = planned(name, fake, count, count, size, draws, seed, kin=True)
        for who, sample in samples.items():
            of_it = len(sample.individuals)
            series[name, who] = planned(name, who, count, of_it, size, draws, seed)
    return series


def _result(
    test: Battery,
    name: str,
    drawn: Mapping[tuple[str, str | None], Draws],
    controls: Mapping[str, Mapping[str, tuple[float, bool]]],
    nuisance: Nuisance,
    animals: Sample,
    sample: Sample,
    fitted_to: Sequence[str],
) -> CandidateResult:
    verdicts = []
    for measure in test.measures():
        of_measure = controls[measure.identifier]
        failed = [of_measure[control][0] for control in measure.must_reject]
        verdict = judge(
            measure.identifier,
            measure.tier,
            measure.version,
            drawn[measure.identifier, None],
            drawn[measure.identifier, name],
            {control: of_measure[control][1] for control in measure.must_reject},
            float(np.median(failed)) if failed else None,
        )
        if nuisance.artefact and verdict.verdict == FAIL:
            verdict = verdict._replace(
                verdict=INCONCLUSIVE,
                reason=f"it can be told apart by what is not behaviour ({nuisance.tell})",
            )
        verdicts.append(verdict)
    words = [verdict.verdict for verdict in verdicts]
    overall = FAIL if FAIL in words else PASS if set(words) == {PASS} else INCONCLUSIVE
    lowest = min((v.tier for v in verdicts if v.verdict == FAIL), default=None)
    known = set(animals.individuals)
    return CandidateResult(
        tuple(verdicts),
        nuisance,
        overall,
        lowest,
        tuple(who for who in fitted_to if who in known),
        sample.individuals,
    )
