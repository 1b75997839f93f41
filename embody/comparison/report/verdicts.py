"""The verdicts: one sentence, one line for each candidate, one table with all numbers."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from embody.comparison.finding import Finding, decides
from embody.comparison.report.floors import NOT_TOLD, TOLD
from embody.comparison.report.marks import mark, tier, verdict
from embody.comparison.report.words import (
    NOTHING,
    among_themselves,
    count,
    listed,
    number,
    span,
    text,
)
from embody.comparison.text import finding_names
from embody.comparison.verdict import FAIL, INCONCLUSIVE, PASS, Verdict

if TYPE_CHECKING:
    from embody.comparison.results import CandidateResult, Comparison

People = Mapping[str, Mapping[str, Any]]
"""What human judges said of each candidate: `Score.as_json()` by its name."""

_SENTENCES = (
    (PASS, "cannot tell", "from the animals"),
    (FAIL, "tells", "from the animals"),
    (INCONCLUSIVE, "leaves open whether", "can be told from the animals"),
)


def all_verdicts(result: "CandidateResult") -> tuple[Verdict, ...]:
    """Return the verdict of the battery as one, and of each measure."""
    return (result.joint, *result.verdicts)


def headline(comparison: "Comparison") -> str:
    """Return what came out in one sentence, and in a second what the battery did not see."""
    of_verdict: dict[str, list[str]] = {}
    for name, found in comparison.candidates.items():
        of_verdict.setdefault(found.overall, []).append(name)
    many = len(comparison.candidates)
    said = []
    for word, before, after in _SENTENCES:
        names = of_verdict.get(word, [])
        if names:
            who = listed(names)
            if len(names) == many > 1:
                who = f"{'all' if word == FAIL else 'any'} of its {many} candidates"
            said.append(f"{before} {who} {after}".rstrip())
    one = next(iter(comparison.candidates.values()))
    missed = [n for n, (_, was) in comparison.controls[one.joint.measure].items() if not was]
    blind = f" Nobody could pass: {listed(missed)} fakes were not told apart." if missed else ""
    return f"The battery {'; it '.join(said)}.{blind}"


def glance(comparison: "Comparison", people: People) -> str:
    """Return one line for each candidate: verdict, first failure, score with its counts."""
    lines = "".join(
        _line(name, result, comparison, people.get(name))
        for name, result in comparison.candidates.items()
    )
    return f'<ol class="glance">{lines}</ol>'


def verdict_table(comparison: "Comparison", people: People) -> str:
    """Return the table of candidates, controls and the animals themselves by measures."""
    one = next(iter(comparison.candidates.values()))
    heads = [
        f'<th scope="col">{tier(found.tier)}{text(found.measure)}</th>'
        for found in all_verdicts(one)
    ]
    heads += [
        f'<th scope="col">{tier(asked)}{text(name)}</th>'
        for name, asked in _asked(comparison).items()
    ]
    if people:
        heads.append(f'<th scope="col">{tier("T8")}people</th>')
    width = len(heads) + 1
    found = finding_names(comparison)
    rows = [_floor_row(one, people, found, comparison.within), _section("Candidates", width)]
    rows += [
        _candidate_row(name, result, people, found)
        for name, result in comparison.candidates.items()
    ]
    rows.append(_section("Controls: fakes made from the animals’ own recordings", width))
    rows += [_control_row(name, comparison, one, people) for name in _controls(comparison)]
    return (
        '<div class="wide" tabindex="0"><table class="verdicts"><thead><tr><td></td>'
        f"{''.join(heads)}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
        '<p class="fine">In each cell: verdict, mean distance from the animals, and its one-sided '
        "95 % bounds. A control that a measure must tell apart and did not is set in red: the "
        "measure then lets nobody pass.</p>"
    )


def score_line(result: "CandidateResult") -> str:
    """Return the mean score, never without the counts of verdicts."""
    scored = [found for found in result.verdicts if found.score is not None]
    counts = ", ".join(f"{many} {word.lower()}" for word, many in result.counts.items())
    further = [found.measure for found in result.findings if decides(found.tier)]
    counts += f", {listed(further)} counted" if further else ""
    of = f"{len(scored)} of " if len(scored) < len(result.verdicts) else ""
    return (
        f"mean score <b>{number(result.score)}</b> over {of}"
        f"{count(len(result.verdicts), 'measure')}: {counts}"
    )


def _line(
    name: str,
    result: "CandidateResult",
    comparison: "Comparison",
    judged: Mapping[str, Any] | None,
) -> str:
    first = next((v for v in all_verdicts(result) if v.verdict == FAIL), None)
    failed = ""
    if result.lowest_failed_tier is not None:
        at = [
            found.measure
            for found in (*result.verdicts, *result.findings)
            if found.verdict == FAIL and found.tier == result.lowest_failed_tier
        ]
        failed = f"lowest failed tier <b>{text(result.lowest_failed_tier)}</b>"
        failed += f" ({text(listed(at))})" if at else ""
    elif first is not None:
        failed = f"fails only {text(first.measure)}"
    else:
        open_ = result.overall == INCONCLUSIVE and result.joint.verdict == INCONCLUSIVE
        failed = f"no tier failed: {text(result.joint.reason)}" if open_ else "no tier failed"
    notes = [failed, score_line(result)]
    if result.nuisance.artefact:
        notes.append(f"<b>artefact</b>: told apart by {text(result.nuisance.tell)}")
    if result.contaminated:
        notes.append(
            f'<b class="alarm">contaminated: fitted to {len(result.contaminated)} of the '
            f"{count(comparison.animals, 'animal')}</b>"
        )
    if judged is not None:
        notes.append(f"people: {text(judged.get('verdict', NOTHING))}".lower())
    shown = "".join(f"<span>{note}</span>" for note in notes)
    ladder = "".join(mark(found.verdict) for found in (*result.verdicts, *result.findings))
    return (
        f'<li><a class="name" href="#{anchor(name, comparison)}">{text(name)}</a>'
        f'<span class="word">{verdict(result.overall)}</span>'
        f'<span class="ladder" aria-hidden="true">{ladder}</span>'
        f'<span class="notes">{shown}</span></li>'
    )


def anchor(name: str, comparison: "Comparison") -> str:
    """Return where on the page a candidate has its section."""
    return f"candidate-{list(comparison.candidates).index(name) + 1}"


def _asked(comparison: "Comparison") -> dict[str, str]:
    tiers = {f.measure: f.tier for r in comparison.candidates.values() for f in r.findings}
    return {name: tiers[name] for name in finding_names(comparison)}


def _controls(comparison: "Comparison") -> list[str]:
    names: dict[str, None] = {}
    for of_measure in comparison.controls.values():
        names.update(dict.fromkeys(of_measure))
    return list(names)


def must_reject(comparison: "Comparison") -> dict[str, tuple[str, ...]]:
    """Return of each measure the controls that it has to tell from the animals."""
    required = {
        measure.identifier: measure.must_reject for measure in comparison.battery.measures()
    }
    one = next(iter(comparison.candidates.values()))
    return {**required, one.joint.measure: comparison.battery.surrogates}


def _section(title: str, width: int) -> str:
    return (
        f'<tr class="section"><th colspan="{width}" scope="colgroup"><span>{title}</span></th></tr>'
    )


def _floor_row(one: "CandidateResult", people: People, asked: Sequence[str], within: bool) -> str:
    cells = [
        f"<td><b>{number(found.floor[1])}</b>"
        f"<small>{span(found.floor[0], found.floor[2])}</small>"
        f"<small>edge {number(found.edge)}</small></td>"
        for found in all_verdicts(one)
    ]
    cells += ['<td class="none"></td>'] * len(asked)
    return _row(
        f'<span class="name">{among_themselves(within)}</span><small>median, 5th to 95th '
        "percentile</small>",
        cells,
        people,
        "floor-row",
    )


def _candidate_row(
    name: str, result: "CandidateResult", people: People, asked: Sequence[str]
) -> str:
    cells = [
        f'<td class="{text(found.verdict)}">{verdict(found.verdict)}<b>{number(found.distance)}</b>'
        f"<small>{span(*found.interval)}</small></td>"
        for found in all_verdicts(result)
    ]
    found_of = {found.measure: found for found in result.findings}
    cells += [_finding_cell(found_of.get(measure)) for measure in asked]
    if people:
        cells.append(_people_cell(people.get(name)))
    title = f'<span class="name">{text(name)}</span>{verdict(result.overall)}'
    if result.contaminated:
        title += '<small class="alarm">contaminated</small>'
    return _row(title, cells, {}, "")


def _finding_cell(found: Finding | None) -> str:
    if found is None:
        return f'<td class="none">{NOTHING}</td>'
    return (
        f'<td class="{text(found.verdict)}">{verdict(found.verdict)}<b>{number(found.value)}</b>'
        f"<small>{span(*found.interval)}</small></td>"
    )


def _people_cell(judged: Mapping[str, Any] | None) -> str:
    if judged is None:
        return f'<td class="none">{NOTHING}</td>'
    return (
        f'<td class="{text(judged["verdict"])}">{verdict(str(judged["verdict"]))}'
        f"<b>{number(judged['proportion_correct'])}</b><small>right</small></td>"
    )


def _control_row(
    name: str, comparison: "Comparison", one: "CandidateResult", people: People
) -> str:
    required = must_reject(comparison)
    cells = []
    asked = finding_names(comparison)
    for found in all_verdicts(one):
        of_measure = comparison.controls.get(found.measure, {})
        if name not in of_measure:
            cells.append(f'<td class="none">{NOTHING}</td>')
            continue
        distance, rejected = of_measure[name]
        must = name in required.get(found.measure, ())
        kind = "missed" if must and not rejected else "must" if must else "may"
        asked = "<small>must be</small>" if must else ""
        cells.append(
            f'<td class="{kind}">{asked}<span class="outcome">{TOLD if rejected else NOT_TOLD}'
            f"</span><b>{number(distance)}</b></td>"
        )
    cells += ['<td class="none"></td>'] * len(asked)
    return _row(f'<span class="name">{text(name)}</span>', cells, people, "control-row")


def _row(title: str, cells: Sequence[str], people: People, kind: str) -> str:
    empty = '<td class="none"></td>' if people else ""
    return f'<tr class="{kind}"><th scope="row">{title}</th>{"".join(cells)}{empty}</tr>'
