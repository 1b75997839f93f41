"""What was done to candidates, and what they did: perturbations, learning, novelty, wiring."""

import math
from typing import TYPE_CHECKING, NamedTuple

from embody.comparison.finding import Finding, FindingPart, bound, decides
from embody.comparison.report.marks import mark, tier, verdict
from embody.comparison.report.words import number, span, table, text
from embody.comparison.text import not_asked
from embody.comparison.verdict import FAIL, INCONCLUSIVE, PASS

if TYPE_CHECKING:
    from embody.comparison.results import Comparison

_AGREES = {
    True: f"<span>{mark(PASS)} agrees</span>",
    False: f"<span>{mark(FAIL)} does not</span>",
    None: f"<span>{mark(INCONCLUSIVE)} open</span>",
}


class _Section(NamedTuple):
    """A heading, what it is about, and what the columns of its tables are called."""

    tiers: tuple[str, ...]
    anchor: str
    title: str
    lead: str
    head: tuple[str, str, str, str, str]


_SECTIONS = (
    _Section(
        ("T5", "T7"),
        "done",
        "What was done to them",
        "Posture alone does not tell why an animal moves. So each candidate was also treated as "
        "animals have been, and what it did is set beside what was published of them.",
        ("what was done", "expected", "found", "95 % interval", "published in"),
    ),
    _Section(
        ("T6",),
        "elsewhere",
        "Somewhere else",
        "A model may copy what it was shown. So the same measures were taken in an environment in "
        "which it was not fitted, against animals that were recorded there. Nobody passes unless "
        "the animals of the familiar environment are told from those there: else it asks for "
        "nothing new.",
        ("measure, there", "passes", "distance", "one-sided 95 % bounds", "where from"),
    ),
    _Section(
        ("C",),
        "wiring",
        "Does the wiring matter?",
        "Where partners are exchanged at random and everything is fitted anew, with the same "
        "effort, a score that stays shows that the wiring did not make it. Score: 1 as close as "
        "animals to each other, 0 as far as the controls. Told beside the verdict, no part of it.",
        ("rewired", "expected", "difference of scores", "one-sided 95 % bounds", "effort"),
    ),
    _Section(
        ("N1",),
        "neurons",
        "Neurons",
        "What a neural benchmark found of the same candidate, beside its baselines and nulls. "
        "Told beside the verdict, no part of it.",
        ("compared with", "expected", "distance", "bounds", "where from"),
    ),
)


def done_section(comparison: "Comparison") -> str:
    """Return a section for each kind of finding, one row for each experiment; empty without any."""
    return "".join(_section(comparison, one) for one in _SECTIONS)


def done_links(comparison: "Comparison") -> str:
    """Return links to those sections that there are."""
    tiers = {found.tier for one in comparison.candidates.values() for found in one.findings}
    return " ".join(
        f'<a href="#{section.anchor}">{section.title}</a>'
        for section in _SECTIONS
        if tiers & set(section.tiers)
    )


def _section(comparison: "Comparison", section: _Section) -> str:
    shown = "".join(
        _finding(name, found, section.head)
        for name, result in comparison.candidates.items()
        for found in result.findings
        if found.tier in section.tiers
    )
    if not shown:
        return ""
    unasked = not_asked(comparison) if "T5" in section.tiers else ""
    return (
        f'<section id="{section.anchor}"><h2>{section.title}</h2><p class="lead">{section.lead}'
        f"</p>{shown}{f'<p>{text(unasked)}</p>' if unasked else ''}</section>"
    )


def _finding(name: str, found: Finding, head: tuple[str, ...]) -> str:
    counts = "" if decides(found.tier) else "; reported beside the verdict"
    needed = "" if found.needed is None else f" About {found.needed} would probably decide."
    controls = "; ".join(
        f"{text(control)} {number(value)}, {'rejected' if rejected else 'not rejected'}"
        for control, (value, rejected) in found.controls.items()
    )
    notes = "".join(f'<p class="fine">{text(note)}</p>' for note in found.notes)
    return (
        f"<h3>{tier(found.tier)} {text(name)}: {text(found.measure)} {verdict(found.verdict)}</h3>"
        f"<p>{_value(found)}{counts}. {text(_sentence(found.reason))}.{needed}"
        f"{f' Controls: {controls}.' if controls else ''}</p>{notes}" + _experiments(found, head)
    )


def _value(found: Finding) -> str:
    wanted = f"wanted: {bound(found)} {number(found.wanted)}"
    if not math.isfinite(found.value):
        return f"Nothing to measure, {wanted}"
    return f"<b>{number(found.value)}</b> ({span(*found.interval)}), {wanted}"


def _sentence(reason: str) -> str:
    return reason[:1].upper() + reason[1:]


def _experiments(found: Finding, head: tuple[str, ...]) -> str:
    if not found.parts:
        return ""
    sourced = any(part.source for part in found.parts)
    columns = [*head[:4], "", *head[4:]] if sourced else [*head[:4], ""]
    return table(columns, [_row(part, sourced) for part in found.parts], "words")


def _row(part: FindingPart, sourced: bool) -> tuple[str, ...]:
    note = f"<small>{text(part.note)}</small>" if part.note else ""
    return (
        f"{text(part.name)}{note}",
        text(part.expected),
        number(part.value),
        span(*part.interval) if math.isfinite(part.value) else "",
        _AGREES[part.agrees],
        *((text(part.source),) if sourced else ()),
    )
