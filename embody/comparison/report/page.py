"""The page as a whole: verdict first, then what shows it, then how it was done."""

import base64
import hashlib
import html
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from embody.atomic_file import write_text
from embody.comparison.record import BehaviourRecord
from embody.comparison.report.clips import Gallery, gallery
from embody.comparison.report.findings import done_links, done_section
from embody.comparison.report.floors import floor_panel
from embody.comparison.report.giveaway import giveaways, overview, strongest
from embody.comparison.report.marks import mark, symbols, verdict
from embody.comparison.report.method import hashes, method
from embody.comparison.report.people import people_section
from embody.comparison.report.verdicts import (
    People,
    all_verdicts,
    anchor,
    glance,
    headline,
    must_reject,
    score_line,
    verdict_table,
)
from embody.comparison.report.words import count, number, text
from embody.comparison.text import contamination
from embody.comparison.verdict import FAIL, INCONCLUSIVE, PASS
from embody.errors import require_known
from embody.finite_json import finite

if TYPE_CHECKING:
    from embody.comparison.results import CandidateResult, Comparison

_ASSETS = resources.files("embody.comparison.report")
_JUDGES = resources.files("embody.comparison.judges")


def write_report(
    comparison: "Comparison",
    path: str | os.PathLike[str],
    *,
    reference: Sequence[BehaviourRecord] = (),
    candidates: Mapping[str, Iterable[BehaviourRecord]] | None = None,
    title: str = "",
    people: People | None = None,
    command: str = "",
    mode_basis: np.ndarray | None = None,
) -> Path:
    """Write the report of a comparison: one HTML file that needs no network.

    Parameters
    ----------
    comparison
        What was found.
    path
        The file.
    reference, candidates
        The records that were compared, for the clips; without them there are none.
    title
        Heading of the page.
    people
        What human judges said of candidates: `Score.as_json()` by the candidate's name.
    command
        The command that repeats the run.
    mode_basis
        For worms of which there is nothing but modes, if they are not those of the shipped
        eigenworms; see `embody.comparison.judges.drawing.drawn_points`.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    EmbodyError
        If the records are not those that were compared, or people judged another candidate.

    Examples
    --------
    >>> comparison = compare(animals, {"crawler": runs}, "worm")  # doctest: +SKIP
    >>> write_report(comparison, "report.html", reference=animals,
    ...              candidates={"crawler": runs})  # doctest: +SKIP
    """
    page = report_html(
        comparison,
        reference=reference,
        candidates=candidates,
        title=title,
        people=people,
        command=command,
        mode_basis=mode_basis,
    )
    write_text(path, page)
    return Path(path)


def report_html(
    comparison: "Comparison",
    *,
    reference: Sequence[BehaviourRecord] = (),
    candidates: Mapping[str, Iterable[BehaviourRecord]] | None = None,
    title: str = "",
    people: People | None = None,
    command: str = "",
    mode_basis: np.ndarray | None = None,
) -> str:
    """Return the page as text; see `write_report`."""
    people = people or {}
    require_known("candidate that people judged:", people, comparison.candidates)
    require_known("candidate with records:", candidates or {}, comparison.candidates)
    shown = gallery(comparison, list(reference), candidates or {}, mode_basis)
    title = title or "Can it be told from the animal?"
    template, style = (_asset(_ASSETS, name) for name in ("report.html", "report.css"))
    script = _asset(_JUDGES, "renderer.js") + _asset(_ASSETS, "report.js")
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )
    moving = ""
    if shown.study is not None:
        policy += f"; script-src '{_digest(script)}'"
        content = json.dumps(shown.study, separators=(",", ":"), allow_nan=False)
        content = content.replace("<", "\\u003c")
        moving = (
            f'<script type="application/json" id="study">{content}</script>\n'
            f"<script>{script}</script>"
        )
    parts = {
        "policy": html.escape(policy, quote=False),
        "style": style,
        "title": text(title),
        "symbols": symbols(),
        "eyebrow": _eyebrow(comparison),
        "headline": text(headline(comparison)),
        "glance": glance(comparison, people),
        "table": verdict_table(comparison, people),
        "legend": _legend(),
        "floors": _floors(comparison),
        "candidates": _candidates(comparison, shown),
        "done": done_section(comparison),
        "done_links": done_links(comparison),
        "people": people_section(people),
        "method": method(comparison),
        "repeat": _repeat(comparison, command),
        "moving": moving,
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda place: parts[place[1]], template)


def _eyebrow(comparison: "Comparison") -> str:
    battery = comparison.battery
    species = f" · <i>{text(battery.species[0])}</i>" if len(battery.species) == 1 else ""
    env = f" · {text(comparison.env)}" if comparison.env else ""
    return (
        f"Embodied Turing test · battery {text(battery.name)}{species}{env} · "
        f"{count(comparison.animals, 'animal')} · {count(len(comparison.candidates), 'candidate')}"
    )


def _legend() -> str:
    marks = "".join(f"<span>{verdict(word)}</span>" for word in (PASS, FAIL, INCONCLUSIVE))
    return (
        f'<p class="legend">{marks}<span>{mark("control")}control</span>'
        '<span><i class="swatch band"></i>5 to 95 % of draws of animals against animals</span>'
        '<span><i class="swatch median"></i>their median</span>'
        '<span><i class="swatch edge"></i>edge: what passes lies left of it</span></p>'
    )


def _titles(comparison: "Comparison") -> dict[str, str]:
    one = next(iter(comparison.candidates.values()))
    asked = {measure.identifier: measure.title for measure in comparison.battery.measures()}
    return {one.joint.measure: "How far out is the worst of all measures?", **asked}


def _floors(comparison: "Comparison") -> str:
    titles, required = _titles(comparison), must_reject(comparison)
    by_measure = zip(*map(all_verdicts, comparison.candidates.values()), strict=True)
    panels = (
        floor_panel(
            titles.get(found[0].measure, ""),
            dict(zip(comparison.candidates, found, strict=True)),
            comparison.controls.get(found[0].measure, {}),
            required.get(found[0].measure, ()),
            comparison.within,
        )
        for found in by_measure
    )
    return f'<div class="floors">{"".join(panels)}</div>'


def _candidates(comparison: "Comparison", shown: Gallery) -> str:
    titles = _titles(comparison)
    sections = []
    for name, result in comparison.candidates.items():
        clips = shown.figures.get(name, "")
        if clips:
            clips = f"<h4>The clips that give it away most</h4>{clips}"
        sections.append(
            f'<section class="candidate" id="{anchor(name, comparison)}">'
            f"<h3>{text(name)} {verdict(result.overall)}</h3>"
            f'<p class="lead">{text(strongest(result))}</p>{_alarm(comparison, result)}'
            f'<p class="soft">{score_line(result)}</p>'
            f"<h4>How far out each measure sees it</h4>{overview(result)}{clips}"
            f"<h4>Measure by measure, failures first</h4>{giveaways(result, titles)}</section>"
        )
    return (shown.explanation if shown.figures else "") + "".join(sections)


def _alarm(comparison: "Comparison", result: "CandidateResult") -> str:
    if not result.contaminated:
        return ""
    told = contamination(comparison, result)
    return f'<p class="alarm">{text(told[:1].upper() + told[1:])}.</p>'


def _repeat(comparison: "Comparison", command: str) -> str:
    lines = "".join(json.dumps(finite(line)) + "\n" for line in comparison.lines())
    address = base64.b64encode(lines.encode()).decode()
    versions = next(iter(comparison.lines()))["versions"]
    told = ", ".join(f"{text(name)} {text(version)}" for name, version in versions.items())
    again = f"<pre>{text(command)}</pre>" if command else ""
    return (
        f"{again}<p>Seed {comparison.seed}; {count(comparison.draws, 'draw')} of "
        f"{comparison.size} individuals on each side for each measure; {number(comparison.wall_s)} "
        f"s of computing. The same recordings, seed and versions give the same numbers. {told}.</p>"
        f'<p><a class="download" download="comparison.jsonl" '
        f'href="data:application/x-ndjson;base64,{address}">All numbers as lines of JSON</a></p>'
        f"<details><summary>Who was compared: the first 16 digits of the hash of each individual"
        f"</summary>{hashes(comparison)}</details>"
    )


def _asset(folder: Any, name: str) -> str:
    return folder.joinpath(name).read_text(encoding="utf-8")


def _digest(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
