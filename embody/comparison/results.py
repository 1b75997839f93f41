"""What a comparison found, for people and for machines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from embody.comparison import finding as whole
from embody.comparison import joint
from embody.comparison.battery import VERSION, Battery
from embody.comparison.draws import FLOOR_TIMES
from embody.comparison.finding import Finding
from embody.comparison.nuisance import Nuisance
from embody.comparison.observation import ObservationModel
from embody.comparison.telling import Telling
from embody.comparison.verdict import FAIL, INCONCLUSIVE, PASS, Verdict
from embody.provenance import versions

PACKAGES = ("embody-sim", "numpy", "scipy", "scikit-learn")


@dataclass(frozen=True)
class CandidateResult:
    """What the battery says of one candidate.

    Attributes
    ----------
    verdicts
        One for each measure.
    joint
        The verdict of all measures as one; see `embody.comparison.joint`.
    nuisance
        How well it can be told apart by what is not behaviour.
    overall
        "FAIL" if all together, any measure or any finding fails; "PASS" if all together and all
        findings pass; else "INCONCLUSIVE". Findings of tier C and N1 do not count.
    lowest_failed_tier
        The lowest tier with a failure; None without.
    contaminated
        Individuals that it was fitted to and is compared with.
    hashes
        Hashes of its individuals.
    telling
        Its clips that gave it away most to the forest judge, who had not seen their individuals.
    findings
        What was found by doing something to it; see `with_findings`.
    fitted_to
        Hashes of the individuals that it was fitted to; None if nobody says.
    """

    verdicts: tuple[Verdict, ...]
    joint: Verdict
    nuisance: Nuisance
    overall: str
    lowest_failed_tier: str | None
    contaminated: tuple[str, ...]
    hashes: tuple[str, ...]
    telling: tuple[Telling, ...] = ()
    findings: tuple[Finding, ...] = ()
    fitted_to: tuple[str, ...] | None = None

    def with_findings(self, findings: Sequence[Finding]) -> "CandidateResult":
        """Return this result with further findings, which count for its verdict like measures."""
        return replace(
            self,
            overall=whole.overall(self.overall, findings),
            lowest_failed_tier=whole.lowest_failed_tier(self.lowest_failed_tier, findings),
            findings=(*self.findings, *findings),
        )

    @property
    def reason(self) -> str:
        """Why the verdict is what it is: of all measures, or of the finding that decided it."""
        if self.overall != self.joint.verdict and self.lowest_failed_tier not in self._measured:
            for found in self.findings:
                if whole.decides(found.tier) and found.verdict == self.overall:
                    return f"{found.measure}: {found.reason}"
        return self.joint.reason

    @property
    def _measured(self) -> set[str]:
        return {verdict.tier for verdict in self.verdicts if verdict.verdict == FAIL}

    @property
    def score(self) -> float:
        """Mean score of the measures that have one, 0 to 1."""
        scores = [verdict.score for verdict in self.verdicts if verdict.score is not None]
        return float(np.mean(scores)) if scores else float("nan")

    @property
    def counts(self) -> dict[str, int]:
        """How many measures, and findings that count, gave which verdict."""
        words = [verdict.verdict for verdict in self.verdicts]
        words += [found.verdict for found in self.findings if whole.decides(found.tier)]
        return {word: words.count(word) for word in (PASS, FAIL, INCONCLUSIVE)}


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
        Of each measure, and of "all together", of each surrogate: (mean distance, whether it was
        rejected).
    observation
        How all records were looked at; None for trials.
    animals, animal_hashes
        How many animals, and who.
    draws, size, seed
        How many draws of how many individuals on each side, from which seed.
    wall_s
        Time it took [s].
    within
        Whether there were so few that stretches of individuals stand for individuals.
    env
        Id of the env in which controllers ran; empty if none did.
    split
        Part of the animals that was compared with; empty for all.
    """

    battery: Battery
    candidates: Mapping[str, CandidateResult]
    controls: Mapping[str, Mapping[str, tuple[float, bool]]]
    observation: ObservationModel | None
    animals: int
    animal_hashes: tuple[str, ...]
    draws: int
    size: int
    seed: int
    wall_s: float
    within: bool = False
    env: str = ""
    split: str = ""

    def with_findings(self, findings: Mapping[str, Sequence[Finding]]) -> "Comparison":
        """Return this comparison with further findings about candidates, by name."""
        candidates = {
            name: result.with_findings(findings.get(name, ()))
            for name, result in self.candidates.items()
        }
        return replace(self, candidates=candidates)

    def lines(self) -> list[dict[str, Any]]:
        """Return one line of the leaderboard for each candidate, as JSON types."""
        return [self._line(name, result) for name, result in self.candidates.items()]

    def _line(self, name: str, result: CandidateResult) -> dict[str, Any]:
        return {
            "model": name,
            "env": self.env,
            "battery": self.battery.name,
            "battery_version": VERSION,
            "verdict": result.overall,
            "lowest_failed_tier": result.lowest_failed_tier,
            "score": result.score,
            "counts": result.counts,
            "tests": [
                *(self._test(verdict) for verdict in result.verdicts),
                *(_finding(found) for found in result.findings),
            ],
            "joint": {**self._test(result.joint), "id": joint.NAME},
            "nuisance": {
                "auc": result.nuisance.auc,
                "interval": [result.nuisance.low, result.nuisance.high],
                "artefact": result.nuisance.artefact,
                "tell": result.nuisance.tell,
            },
            "contaminated": bool(result.contaminated),
            "contaminated_with": list(result.contaminated),
            "fitted_to": None if result.fitted_to is None else list(result.fitted_to),
            "telling": [telling._asdict() for telling in result.telling],
            "dataset": {
                "animals": self.animals,
                "animal_hashes": list(self.animal_hashes),
                "split": self.split or None,
            },
            "within_individuals": self.within,
            "individuals": len(result.hashes),
            "observation": None if self.observation is None else self.observation.as_json(),
            "draws": self.draws,
            "floor_draws": FLOOR_TIMES * self.draws,
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


def _finding(found: Finding) -> dict[str, Any]:
    content = found.to_dict()
    return {"id": content.pop("measure"), **content}
