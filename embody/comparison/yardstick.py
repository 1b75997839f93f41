"""What a battery measures with on a set of animals: floors, edges, and the controls it rejects."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from embody.comparison import joint
from embody.comparison.battery import Battery
from embody.comparison.draws import (
    FLOOR_TIMES,
    Draws,
    Split,
    Task,
    candidate_splits,
    floor_splits,
    gathered,
    group_size,
)
from embody.comparison.joint import Scale
from embody.comparison.measures.classifiers import AREA, Judge
from embody.comparison.measures.measure import AbstractMeasure
from embody.comparison.nuisance import Nuisance
from embody.comparison.parallel import Found
from embody.comparison.results import CandidateResult
from embody.comparison.sample import Sample
from embody.comparison.telling import Telling
from embody.comparison.verdict import (
    FAIL,
    INCONCLUSIVE,
    PASS,
    Question,
    Verdict,
    is_rejected,
    judge,
)

SURROGATE = "surrogate:"

By = dict[str, Draws]
"""Draws by measure."""


@dataclass(frozen=True)
class Match:
    """Who is compared with whom.

    Attributes
    ----------
    animals, others
        Names of samples; None is that of all animals.
    splits
        The draws.
    counts
        How many individuals each of the two has.
    """

    animals: str | None
    others: str | None
    splits: list[Split]
    counts: tuple[int, int]

    def tasks(self, measures: Sequence[AbstractMeasure]) -> list[Task]:
        """Return the draws of all measures, measure by measure."""
        return [
            Task(measure.identifier, self.animals, self.others, split, number)
            for measure in measures
            for number, split in enumerate(self.splits)
        ]

    def draws(self, measures: Sequence[AbstractMeasure], found: Iterator[Found]) -> By:
        """Return what the tasks found, taken from an iterator over all of them."""
        drawn = {}
        for measure in measures:
            tasks = Match.tasks(self, [measure])
            drawn[measure.identifier] = gathered(tasks, [next(found) for _ in tasks], *self.counts)
        return drawn


def floor_matches(
    test: Battery, animals: Sample, draws: int, seed: int, size: int | None = None
) -> list[Match]:
    """Return animals against animals, then against each surrogate of the battery.

    Parameters
    ----------
    draws
        How often animals are drawn for each surrogate; for the floor `FLOOR_TIMES` as often.
    seed
        Of the draws.
    size
        How many are compared with how many; `group_size` of the animals if None.
    """
    count = len(animals.individuals)
    size = group_size(count) if size is None else size
    among_animals = floor_splits(count, size, FLOOR_TIMES * draws, seed)
    found = [Match(None, None, among_animals, (count, count))]
    for name in test.surrogates:
        splits = candidate_splits(count, range(count), size, draws, seed)
        found.append(Match(None, SURROGATE + name, splits, (count, count)))
    return found


@dataclass(frozen=True)
class Yardstick:
    """Floors and controls of one set of animals.

    Attributes
    ----------
    test
        The battery.
    floors
        Distances among animals, by measure and for all together.
    scales
        What makes distances of different measures comparable.
    edges
        Where the floor of each measure, and of all together, ends.
    controls
        Of each measure, and of all together, of each surrogate: mean distance, and whether it is
        rejected.
    surrogates
        Draws of the surrogates.
    """

    test: Battery
    floors: Mapping[str, Draws]
    scales: Mapping[str, Scale]
    edges: Mapping[str, float]
    controls: Mapping[str, Mapping[str, tuple[float, bool]]]
    surrogates: Mapping[str, By]

    @classmethod
    def made(cls, test: Battery, floor: By, surrogates: Mapping[str, By]) -> "Yardstick":
        """Return the yardstick from draws of animals, and of surrogates by name."""
        scales = joint.scales(floor)
        together = joint.together(floor, scales)
        edge = joint.edge(together)
        edges = {**joint.edges(scales, edge), joint.NAME: edge}
        drawn = {
            name: {**by, joint.NAME: joint.together(by, scales)} for name, by in surrogates.items()
        }
        controls = {
            measure: {
                name: (float(by[measure].value.mean()), is_rejected(by[measure], limit))
                for name, by in drawn.items()
            }
            for measure, limit in edges.items()
        }
        return cls(test, {**floor, joint.NAME: together}, scales, edges, controls, surrogates)

    def result(
        self,
        drawn: By,
        counts: tuple[int, int],
        nuisance: Nuisance,
        hashes: tuple[str, ...],
        contaminated: tuple[str, ...] = (),
        telling: tuple[Telling, ...] = (),
        within: bool = False,
    ) -> CandidateResult:
        """Return what the battery says of one candidate.

        Parameters
        ----------
        drawn
            Its draws.
        counts
            How many animals and how many individuals of the candidate there are.
        nuisance, hashes, contaminated, telling
            As in `CandidateResult`.
        within
            Whether stretches of few animals stand for animals.
        """
        together = joint.together(drawn, self.scales)
        asked = Question(joint.NAME, "all", 1)
        every = self._judged(asked, together, self.test.surrogates, counts, within)
        verdicts = [
            self._verdict(measure, drawn, counts, within, every) for measure in self.test.measures()
        ]
        if nuisance.artefact:
            every, *verdicts = (_excused(verdict, nuisance) for verdict in (every, *verdicts))
        failed = [verdict for verdict in verdicts if verdict.verdict == FAIL]
        return CandidateResult(
            tuple(verdicts),
            every,
            nuisance,
            FAIL if failed else every.verdict,
            min((verdict.tier for verdict in failed), default=None),
            contaminated,
            hashes,
            telling,
        )

    def _verdict(
        self,
        measure: AbstractMeasure,
        drawn: By,
        counts: tuple[int, int],
        within: bool,
        every: Verdict,
    ) -> Verdict:
        name = measure.identifier
        asked = Question(name, measure.tier, measure.version)
        verdict = self._judged(asked, drawn[name], measure.must_reject, counts, within)
        if isinstance(measure, Judge):  # what another judge went by is no distance
            area = {part: v for part, v in verdict.part_floors.items() if part == AREA}
            verdict = verdict._replace(part_floors=area)
        missed = [fake for fake in measure.must_reject if not self.controls[name][fake][1]]
        if verdict.verdict == INCONCLUSIVE and every.verdict == PASS and not missed:
            reason = "all measures together lie within the floor"
            return verdict._replace(verdict=PASS, needed=None, reason=reason)
        return verdict

    def _judged(
        self,
        asked: Question,
        drawn: Draws,
        must_reject: tuple[str, ...],
        counts: tuple[int, int],
        within: bool,
    ) -> Verdict:
        name = asked.measure
        return judge(
            asked,
            self.floors[name],
            drawn,
            self.edges[name],
            self.controls[name],
            must_reject,
            counts,
            within,
        )


def _excused(verdict: Verdict, nuisance: Nuisance) -> Verdict:
    if verdict.verdict != FAIL:
        return verdict
    return verdict._replace(
        verdict=INCONCLUSIVE,
        reason=f"it can be told apart by what is not behaviour ({nuisance.tell})",
    )
