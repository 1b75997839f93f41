"""The verdicts of a comparison as a table."""

from embody.comparison import joint
from embody.comparison.draws import FLOOR_TIMES
from embody.comparison.finding import Finding, bound
from embody.comparison.results import CandidateResult, Comparison
from embody.comparison.verdict import FAIL, INCONCLUSIVE, PASS, Verdict

SHORT = {PASS: "PASS", FAIL: "FAIL", INCONCLUSIVE: "incl."}


def table_rows(found: Comparison) -> list[list[str]]:
    """Return header and rows: candidates by measures, then the floor and the controls.

    Each cell holds verdict and score; a control's whether the measure rejects it.
    """
    measures = [measure.identifier for measure in found.battery.measures()]
    asked = finding_names(found)
    rows = [["candidate", *measures, joint.NAME, *asked, "verdict", "lowest failed", "score"]]
    for name, result in found.candidates.items():
        cells = [_cell(verdict) for verdict in (*result.verdicts, result.joint)]
        of_candidate = {one.measure: one for one in result.findings}
        cells += [_finding_cell(of_candidate.get(name)) for name in asked]
        contaminated = " (contaminated)" if result.contaminated else ""
        rows.append(
            [
                name,
                *cells,
                result.overall + contaminated,
                result.lowest_failed_tier or "-",
                _number(result.score),
            ]
        )
    any_result = next(iter(found.candidates.values()))
    edges = [verdict.edge for verdict in (*any_result.verdicts, any_result.joint)]
    empty = [""] * (len(asked) + 3)
    rows.append(["edge of the floor", *map(_number, edges), *empty])
    for control in found.battery.surrogates:
        told = [found.controls[measure][control][1] for measure in (*measures, joint.NAME)]
        cells = ["rejected" if was else "missed" for was in told]
        rows.append([f"control: {control}", *cells, *empty])
    return rows


def finding_names(found: Comparison) -> list[str]:
    """Return what was asked of candidates beside the measures, in the order of tiers."""
    asked = {one.measure: one.tier for r in found.candidates.values() for one in r.findings}
    return sorted(asked, key=lambda name: asked[name])


def finding_lines(found: Finding) -> list[str]:
    """Return what was done to a candidate and what it did, one line each, without marks."""
    low, high = found.interval
    lines = [
        f"{found.tier} {found.measure}: {found.verdict}, {found.value:.3g} ({low:.3g} to "
        f"{high:.3g}), wanted: {bound(found)} {found.wanted:.3g}; {found.reason}"
    ]
    for part in found.parts:
        agrees = {True: "agrees", False: "disagrees", None: "open"}[part.agrees]
        low, high = part.interval
        told = "".join(f"; {text}" for text in (part.source, part.note) if text)
        lines.append(
            f"  {agrees}: {part.name}: expected {part.expected}, found {part.value:.3g} "
            f"({low:.3g} to {high:.3g}){told}"
        )
    for name, (value, rejected) in found.controls.items():
        lines.append(f"  control {name}: {value:.3g}, {'rejected' if rejected else 'missed'}")
    return [*lines, *(f"  {note}" for note in found.notes)]


def not_asked(found: Comparison) -> str:
    """Return on whom no experiments were made, as a sentence; empty if on all, or on nobody."""
    asked = {name: {one.tier for one in r.findings} for name, r in found.candidates.items()}
    if not any("T5" in tiers for tiers in asked.values()):
        return ""
    left = [name for name, tiers in asked.items() if "T5" not in tiers]
    if not left:
        return ""
    return (
        f"Nothing was done to {', '.join(left)}: of them there are only records, or they cannot "
        "act where the experiments are made."
    )


def parts_told(verdict: Verdict, most: int = 3) -> list[str]:
    """Return the parts furthest apart, each beside how far animals are apart in it.

    The latter in the median, and at most in 95 of 100 draws.
    """
    told = []
    for part, value in [*verdict.parts.items()][:most]:
        beside = ""
        if part in verdict.part_floors:
            middle, high = verdict.part_floors[part]
            beside = f" (animals {middle:.3g}, at most {high:.3g})"
        told.append(f"{part} {value:.3g}{beside}")
    return told


def contamination(found: Comparison, result: CandidateResult) -> str:
    """Return in words what it means that a candidate was fitted to animals of the test."""
    return (
        f"contaminated: it was fitted to {len(result.contaminated)} of the {found.animals} animals "
        "that it is compared with; how close it is to them says nothing about other animals"
    )


def markdown(found: Comparison) -> str:
    """Return the table in Markdown, what gives each candidate away, and what was compared."""
    header, *rows = table_rows(found)
    lines = [
        f"# Battery {found.battery.name}: {found.animals} animals",
        "",
        "| " + " | ".join(header) + " |",
        "|" + "---|" * len(header),
        *("| " + " | ".join(row) + " |" for row in rows),
        "",
        f"{found.draws} draws of {found.size} against {found.size}, {FLOOR_TIMES} times as many "
        f"for the floor, seed {found.seed}. Cells: verdict and score (1: as close as animals "
        "among themselves, 0: as far as the controls).",
    ]
    if found.within:
        lines += ["", "Too few animals: the floor is that within individuals, too tight."]
    for name, result in found.candidates.items():
        lines += [
            "",
            f"## {name}: {result.overall}",
            "",
            f"{result.reason.capitalize()}.",
            "",
        ]
        if result.contaminated:
            lines += [f"**{contamination(found, result).capitalize()}.**", ""]
        for verdict in result.verdicts:
            told = "; ".join(parts_told(verdict))
            low, high = verdict.interval
            lines.append(
                f"- {verdict.tier} {verdict.measure}: {verdict.verdict}, distance "
                f"{verdict.distance:.3g} ({low:.3g} to {high:.3g}), edge {verdict.edge:.3g}; "
                f"{verdict.reason}. {told}"
            )
        for one in result.findings:
            first, *others = finding_lines(one)
            lines += [f"- {first}", *(f"  - {line.strip()}" for line in others)]
    if unasked := not_asked(found):
        lines += ["", unasked]
    return "\n".join(lines) + "\n"


def _cell(verdict: Verdict) -> str:
    score = "" if verdict.score is None else f" {verdict.score:.2f}"
    return SHORT[verdict.verdict] + score


def _finding_cell(found: Finding | None) -> str:
    return "-" if found is None else f"{SHORT[found.verdict]} {_number(found.value)}"


def _number(value: float) -> str:
    return "-" if value != value else f"{value:.3g}"
