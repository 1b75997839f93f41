"""T6: whether a candidate is like the animals where it was not fitted: in a novel environment."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from embody.comparison.finding import Finding, FindingPart
from embody.comparison.held_out import parts_of
from embody.comparison.record import BehaviourRecord
from embody.comparison.verdict import FAIL, INCONCLUSIVE, PASS, Verdict
from embody.errors import EmbodyError, require_known
from embody.parameters import ENV_ID

if TYPE_CHECKING:
    from embody.comparison.results import CandidateResult, Comparison

MEASURE = "novel environment"
TIER = "T6"
VERSION = 1

UNCHANGED = "animals of the familiar environment"
"""The control: who behaves as if nothing had changed has to be told from the animals there."""

FITTED_IN = "fitted_in"
"""Entry of a controller's description that names the envs of its fit."""

FIT = "fit"
"""Entry of a controller's description that holds the command of its fit."""

_AGREES = {PASS: True, FAIL: False, INCONCLUSIVE: None}


@dataclass(frozen=True)
class NovelEnvironment:
    """Animals in another environment, and candidates there.

    Attributes
    ----------
    name
        What it is called; the id of the env, where controllers act in it.
    reference
        Records of animals there; they may be the same individuals.
    candidates
        Records of candidates there, by the names that they have in the familiar environment.
        Of those left out nothing is found.
    seen_by
        Candidates to whom it is not novel, and what says so.
    """

    name: str
    reference: Sequence[BehaviourRecord]
    candidates: Mapping[str, Sequence[BehaviourRecord]]
    seen_by: Mapping[str, str] = field(default_factory=dict)


def require_novel(
    novel: Sequence[NovelEnvironment],
    reference: Sequence[BehaviourRecord],
    candidates: Sequence[str],
) -> None:
    """Raise if an environment is given twice, or is the familiar one.

    Raises
    ------
    EmbodyError
        If two have one name, or the animals' records are those of the familiar environment.
    UnknownNameError
        If it holds or names a candidate that there is not.
    """
    names = [one.name for one in novel]
    familiar = {record.hash() for record in reference} if novel else set()
    for one in novel:
        require_known(f"candidate in {one.name}:", [*one.candidates, *one.seen_by], candidates)
        if names.count(one.name) > 1:
            raise EmbodyError(f"the novel environment {one.name!r} is given twice")
        if any(record.hash() in familiar for record in one.reference):
            raise EmbodyError(
                f"records of animals in {one.name!r} are those of the familiar environment: "
                "give records of another one"
            )


def fitted_in(records: Iterable[BehaviourRecord]) -> dict[str, str]:
    """Return the envs that the makers of records were fitted in, and what says so.

    A recording holds the description of its controller, and that what its fit record names: envs,
    or the command of the fit, in which their ids stand.
    """
    found: dict[str, str] = {}
    for record in records:
        for part in parts_of(record.provenance.get("controller")):
            found.update(_envs_of(part))
    return found


def _envs_of(description: Mapping[str, Any]) -> dict[str, str]:
    envs, command = description.get(FITTED_IN), description.get(FIT)
    listed = [envs] if isinstance(envs, str) else envs if isinstance(envs, list | tuple) else []
    told = {env: "its fit record names this env" for env in listed if isinstance(env, str) and env}
    command = command if isinstance(command, str) else ""
    return {**told, **dict.fromkeys(ENV_ID.findall(command), command)}


def unchanged(reference: Sequence[BehaviourRecord]) -> list[BehaviourRecord]:
    """Return the familiar animals as a control that did not notice the environment.

    They count as made from the animals, so that no individual ever meets itself.
    """
    return [replace(record, source="surrogate") for record in reference]


def novel_findings(
    familiar: Mapping[str, "CandidateResult"],
    there: "Comparison",
    novel: NovelEnvironment,
    measure: str = MEASURE,
) -> dict[str, list[Finding]]:
    """Return the finding of each candidate that was in a novel environment.

    The verdict is that of the battery on records made there, with floor, edge and controls of the
    animals there. Nobody passes unless the familiar animals fail: where animals behave as ever,
    an environment asks for nothing new.

    Parameters
    ----------
    familiar
        Results in the familiar environment.
    there
        The comparison in the novel one, with `UNCHANGED` among its candidates.
    novel
        What was compared there.
    measure
        Name of the finding.
    """
    return {
        name: [_finding(familiar[name], there, name, novel, measure)] for name in novel.candidates
    }


def _finding(
    familiar: "CandidateResult",
    there: "Comparison",
    name: str,
    novel: NovelEnvironment,
    measure: str,
) -> Finding:
    found = there.candidates[name]
    told_apart, control = _control(there.candidates[UNCHANGED])
    verdict, reason, needed = found.overall, found.joint.reason, found.joint.needed
    failed = [one.measure for one in found.verdicts if one.verdict == FAIL]
    if verdict == FAIL and found.joint.verdict != FAIL:
        reason = f"told from the animals there by {' and '.join(failed)}"
    if verdict == PASS and not told_apart:
        verdict = INCONCLUSIVE
        reason = "the animals behave there as they do in the familiar environment"
    if found.contaminated:
        verdict, needed = INCONCLUSIVE, None
        reason = f"it was fitted to {len(found.contaminated)} of the animals there"
    if name in novel.seen_by:
        verdict, needed = INCONCLUSIVE, None
        reason = f"its fit has seen it ({novel.seen_by[name]})"
    return Finding(
        measure,
        TIER,
        VERSION,
        found.joint.distance,
        found.joint.interval,
        found.joint.edge,
        verdict,
        f"{novel.name}: {reason}",
        needed,
        {**there.controls[found.joint.measure], UNCHANGED: control},
        tuple(_part(one, familiar) for one in found.verdicts),
        notes=(
            f"score {found.score:.2f} in {novel.name}, {familiar.score:.2f} in the familiar "
            f"environment (change {found.score - familiar.score:+.2f}); {there.animals} animals "
            f"and {found.joint.individuals} individuals there, {there.draws} draws",
            "the value is how far out the worst measure is there: 0 at the median of the floor, "
            "1 at its 95th percentile",
        ),
    )


def _control(unchanged_animals: "CandidateResult") -> tuple[bool, tuple[float, bool]]:
    every = unchanged_animals.joint
    told = every.interval[0] > every.edge and not unchanged_animals.nuisance.artefact
    return told, (every.distance, told)


def _part(found: Verdict, familiar: "CandidateResult") -> FindingPart:
    before = next((one for one in familiar.verdicts if one.measure == found.measure), None)
    change = ""
    if before is not None:
        change = f"{_score(found)} there, {_score(before)} in the familiar environment"
    return FindingPart(
        f"{found.tier} {found.measure}",
        f"up to {found.edge:.3g}",
        found.distance,
        found.interval,
        _AGREES[found.verdict],
        "",
        change,
    )


def _score(found: Verdict) -> str:
    return "no score" if found.score is None else f"score {found.score:.2f}"
