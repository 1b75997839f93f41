"""The verdicts of a comparison as a table."""

from embody.comparison import joint
from embody.comparison.results import Comparison
from embody.comparison.verdict import FAIL, INCONCLUSIVE, PASS, Verdict

SHORT = {PASS: "PASS", FAIL: "FAIL", INCONCLUSIVE: "incl."}


def table_rows(found: Comparison) -> list[list[str]]:
    """Return header and rows: candidates by measures, then the floor and the controls.

    Each cell holds verdict and score; a control's whether the measure rejects it.
    """
    measures = [measure.identifier for measure in found.battery.measures()]
    rows = [["candidate", *measures, joint.NAME, "verdict", "lowest failed", "score"]]
    for name, result in found.candidates.items():
        cells = [_cell(verdict) for verdict in (*result.verdicts, result.joint)]
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
    rows.append(["edge of the floor", *map(_number, edges), "", "", ""])
    for control in found.battery.surrogates:
        told = [found.controls[measure][control][1] for measure in (*measures, joint.NAME)]
        cells = ["rejected" if was else "missed" for was in told]
        rows.append([f"control: {control}", *cells, "", "", ""])
    return rows


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
        f"{found.draws} draws of {found.size} against {found.size}, seed {found.seed}. Cells: "
        "verdict and score (1: as close as animals among themselves, 0: as far as the controls).",
    ]
    if found.within:
        lines += ["", "Too few animals: the floor is that within individuals, too tight."]
    for name, result in found.candidates.items():
        lines += [
            "",
            f"## {name}: {result.overall}",
            "",
            f"{result.joint.reason.capitalize()}.",
            "",
        ]
        for verdict in result.verdicts:
            told = "; ".join(f"{part} {value:.3g}" for part, value in [*verdict.parts.items()][:3])
            low, high = verdict.interval
            lines.append(
                f"- {verdict.tier} {verdict.measure}: {verdict.verdict}, distance "
                f"{verdict.distance:.3g} ({low:.3g} to {high:.3g}), edge {verdict.edge:.3g}; "
                f"{verdict.reason}. {told}"
            )
    return "\n".join(lines) + "\n"


def _cell(verdict: Verdict) -> str:
    score = "" if verdict.score is None else f" {verdict.score:.2f}"
    return SHORT[verdict.verdict] + score


def _number(value: float) -> str:
    return "-" if value != value else f"{value:.3g}"
