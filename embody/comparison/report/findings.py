"""What was done to candidates, and what they did: perturbations, learning, novelty, wiring."""

from typing import TYPE_CHECKING

from embody.comparison.finding import Finding, FindingPart, decides
from embody.comparison.report.marks import mark, tier, verdict
from embody.comparison.report.words import number, plain, span, table, text
from embody.comparison.verdict import FAIL, INCONCLUSIVE, PASS

if TYPE_CHECKING:
    from embody.comparison.results import Comparison

_AGREES = {
    True: f"<span>{mark(PASS)} agrees</span>",
    False: f"<span>{mark(FAIL)} does not</span>",
    None: f"<span>{mark(INCONCLUSIVE)} open</span>",
}


def done_section(comparison: "Comparison") -> str:
    """Return the section with one row for each experiment; empty without any finding."""
    shown = "".join(
        _finding(name, found)
        for name, result in comparison.candidates.items()
        for found in result.findings
    )
    if not shown:
        return ""
    return (
        '<section id="done"><h2>What was done to them</h2><p class="lead">Posture alone does not '
        "tell why an animal moves. So each candidate was also treated as animals have been, and "
        "what it did is set beside what was published of them.</p>" + shown + "</section>"
    )


def _finding(name: str, found: Finding) -> str:
    counts = "" if decides(found.tier) else "; reported beside the verdict"
    needed = "" if found.needed is None else f" About {found.needed} would probably decide."
    controls = "; ".join(
        f"{text(control)} {number(value)}, {'rejected' if rejected else 'not rejected'}"
        for control, (value, rejected) in found.controls.items()
    )
    notes = "".join(f'<p class="fine">{text(note)}</p>' for note in found.notes)
    return (
        f"<h3>{tier(found.tier)} {text(name)}: {text(found.measure)} {verdict(found.verdict)}</h3>"
        f"<p><b>{number(found.value)}</b> ({span(*found.interval)}), wanted "
        f"{plain(found.wanted)}{counts}. {text(found.reason)}.{needed}"
        f"{f' Controls: {controls}.' if controls else ''}</p>{notes}" + _experiments(found)
    )


def _experiments(found: Finding) -> str:
    if not found.parts:
        return ""
    head = ("what was done", "expected", "found", "95 % interval", "", "published in")
    return table(head, [_row(part) for part in found.parts], "words")


def _row(part: FindingPart) -> tuple[str, ...]:
    note = f"<small>{text(part.note)}</small>" if part.note else ""
    return (
        f"{text(part.name)}{note}",
        text(part.expected),
        number(part.value),
        span(*part.interval),
        _AGREES[part.agrees],
        text(part.source),
    )
