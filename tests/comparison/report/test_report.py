"""The report of a comparison: every number from the comparison, nothing from the network."""

import base64
import json
import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embody.comparison.finding import Finding, FindingPart
from embody.comparison.record import BehaviourRecord, Source
from embody.comparison.report import report_html, write_report
from embody.comparison.report.parts import telling_parts, told
from embody.comparison.report.skeleton import skeleton
from embody.comparison.report.verdicts import all_verdicts
from embody.comparison.report.words import number
from embody.comparison.results import Comparison
from embody.comparison.telling import Telling
from embody.comparison.verdict import FAIL, INCONCLUSIVE, PASS
from embody.errors import EmbodyError, UnknownNameError

HOSTILE = "<script>alert(1)</script>\"'&{{method}}</script><img src=x onerror=alert(1)>"
MOST_BYTES = 5_000_000

SIX = {
    "connectome": (0.3, 0.2), "rewired": (1.2, 1.0), "open-loop": (4.0, 1.0),
    "no-sense": (9.0, 1.5), "random": (60.0, 4.0), "stimulated": (0.9, 1.2),
}  # fmt: skip


class Elements(HTMLParser):
    """All elements of a page with their attributes, and its text."""

    VOID = ("meta", "input", "br", "img", "link", "circle", "path", "rect", "line", "use")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def people(verdict: str = "FAIL") -> dict[str, Any]:
    return {
        "verdict": verdict, "reason": "87 of 110 answers were right (79 %).", "study": "ab" * 32,
        "proportion_correct": 87 / 110, "two_way": (0.612, 0.871), "d_prime": 1.1434, "right": 87,
        "trials": 110, "judges_kept": 7, "judges_left_out": 1,
    }  # fmt: skip


@pytest.fixture
def six(compared: Callable[..., Comparison]) -> Comparison:
    return compared(**SIX)


@pytest.fixture
def whole(six: Comparison, worms: Callable[..., list[BehaviourRecord]]) -> str:
    records = {name: worms(name, 4, 0.2 + 0.2 * k) for k, name in enumerate(SIX)}
    return report_html(
        six,
        reference=worms("worm", 12, 0.5, "animal"),
        candidates=records,
        title="Six worms",
        people={"connectome": people()},
        command="embody compare worms connectome --battery worm",
    )


def test_every_number_of_the_comparison_is_told(six: Comparison, whole: str) -> None:
    told = Elements(whole).text
    for name, result in six.candidates.items():
        assert name in told
        assert number(result.score) in told
        for found in all_verdicts(result):
            numbers = (found.distance, *found.interval, *found.floor, found.edge)
            missing = [value for value in numbers if number(value) not in told]
            assert not missing, (name, found.measure)
    for of_measure in six.controls.values():
        assert all(number(distance) in told for distance, _ in of_measure.values())


def test_another_comparison_gives_other_numbers(six: Comparison) -> None:
    name, result = next(iter(six.candidates.items()))
    other = result.verdicts[1]._replace(distance=0.876543, interval=(0.765432, 0.987654))
    verdicts = (result.verdicts[0], other, *result.verdicts[2:])
    changed = replace(six, candidates={**six.candidates, name: replace(result, verdicts=verdicts)})
    for shown in ("<b>0.877</b>", "0.765 to 0.988"):
        assert shown in report_html(changed)
        assert shown not in report_html(six)


def test_score_never_stands_without_counts(six: Comparison, whole: str) -> None:
    told = Elements(whole).text
    for result in six.candidates.values():
        counts = ", ".join(f"{result.counts[w]} {w.lower()}" for w in (PASS, FAIL, INCONCLUSIVE))
        assert f"mean score {number(result.score)} over 9 measures : {counts}" in told.replace(
            " measures: ", " measures : "
        )
    assert told.count("mean score") == 2 * len(six.candidates)


def test_each_verdict_has_its_word_and_its_shape(compared: Callable[..., Comparison]) -> None:
    found = compared(near=(0.2, 0.1), middling=(1.0, 2.0), far=(40.0, 1.0))
    overall = [result.overall for result in found.candidates.values()]
    assert overall == [PASS, INCONCLUSIVE, FAIL]
    page = report_html(found)
    for word in (PASS, FAIL, INCONCLUSIVE):
        assert f'<use href="#mark-{word}"/></svg>{word.lower()}</span>' in page
        assert page.count(f'<symbol id="mark-{word}"') == 1
    told = Elements(page).text
    assert (
        "The battery cannot tell near from the animals; it tells far from the animals; it leaves "
        "open whether middling can be told from the animals." in told
    )


def test_missed_control_is_said_where_it_must_be_refused(six: Comparison) -> None:
    assert 'class="missed"' not in report_html(six)
    forest = {**six.controls["forest judge"], "time-reversed": (0.01, False)}
    blind = replace(six, controls={**six.controls, "forest judge": forest})
    assert report_html(blind).count('class="missed"') == 1


def test_inconclusive_says_how_many_are_needed(compared: Callable[..., Comparison]) -> None:
    told = Elements(report_html(compared(middling=(1.0, 2.0)))).text
    assert "about 31 of each" in told
    assert "about 31 of each" not in Elements(report_html(compared(near=(0.2, 0.1)))).text


def test_features_are_told_in_words_and_judges_by_their_shares(six: Comparison) -> None:
    told = Elements(report_html(six)).text
    for shown in ("how strongly a1 moves at 0.5 to 1.2 Hz", "whether a2 drifts 0.400"):
        assert shown in told
    assert "area under the curve 0" not in told
    first = [name for name, result in six.candidates.items() if result.lowest_failed_tier]
    assert told.count("It is given away first at") == len(first)


def test_contamination_artefact_and_few_animals_are_said(six: Comparison) -> None:
    name, result = next(iter(six.candidates.items()))
    tainted = replace(
        result,
        contaminated=six.animal_hashes[:3],
        nuisance=replace(result.nuisance, artefact=True, tell="heavy tails of its error"),
    )
    page = report_html(
        replace(six, candidates={**six.candidates, name: tainted}, within=True, observation=None)
    )
    told = Elements(page).text
    assert "contaminated: fitted to 3 of the 12 animals" in told
    assert "artefact : told apart by heavy tails of its error" in told
    assert "stretches of one animal stand for animals" in told


def test_people_are_merged(whole: str, six: Comparison) -> None:
    told = Elements(whole).text
    for shown in ("T8", "0.791", "0.612 to 0.871", "87 / 110", "7 judges, 1 left out"):
        assert shown in told
    assert "T8" not in Elements(report_html(six)).text
    with pytest.raises(UnknownNameError, match="connectome"):
        report_html(six, people={"connectom": people()})


def test_lines_of_json_travel_with_the_page(six: Comparison, whole: str) -> None:
    links = [found for tag, found in Elements(whole).elements if tag == "a" and "download" in found]
    (link,) = links
    address = link["href"] or ""
    assert address.startswith("data:application/x-ndjson;base64,")
    lines = base64.b64decode(address.partition(",")[2]).decode().splitlines()
    expected = [json.loads(json.dumps(line)) for line in six.lines()]
    assert [json.loads(line) for line in lines] == expected


def test_hostile_names_stay_text(
    compared: Callable[..., Comparison], worms: Callable[..., list[BehaviourRecord]]
) -> None:
    found = compared(**{HOSTILE: (4.0, 1.0), "tame": (1.0, 2.0)})
    result = found.candidates[HOSTILE]
    verdicts = tuple(
        verdict._replace(parts={HOSTILE: 2.0, "b": 1.0}, reason=HOSTILE)
        for verdict in result.verdicts
    )
    nuisance = replace(result.nuisance, tell=HOSTILE)
    result = replace(
        result, verdicts=verdicts, nuisance=nuisance, hashes=(HOSTILE,), contaminated=(HOSTILE,)
    )
    controls = {
        name: {**of_measure, HOSTILE: (1.0, True)} for name, of_measure in found.controls.items()
    }
    found = replace(
        found, candidates={**found.candidates, HOSTILE: result}, controls=controls, env=HOSTILE
    )
    page = report_html(
        found,
        reference=worms(HOSTILE, 4, 0.5, "animal"),
        candidates={HOSTILE: worms(HOSTILE, 4, 1.0)},
        title=HOSTILE,
        command=HOSTILE,
        people={HOSTILE: {**people(), "reason": HOSTILE, "study": HOSTILE}},
    )
    parsed = Elements(page)
    tags = [tag for tag, _ in parsed.elements]
    assert tags.count("script") == 2
    assert "img" not in tags
    assert not [name for _, found in parsed.elements for name in found if name.startswith("on")]
    assert not parsed.open
    assert parsed.text.count(" ".join(HOSTILE.split())) > 20
    assert page.count('id="method"') == 1


def test_page_asks_nothing_of_any_network(whole: str) -> None:
    assert not re.search(r"https?://|@import|url\(|srcset=|\ssrc=", whole)
    assert "unsafe-inline" not in whole
    policy = next(
        found["content"] or ""
        for tag, found in Elements(whole).elements
        if found.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'; ")
    addresses = [found["href"] or "" for _, found in Elements(whole).elements if "href" in found]
    assert all(address.startswith(("#", "data:application/x-ndjson")) for address in addresses)
    targets = {found["id"] for _, found in Elements(whole).elements if "id" in found}
    assert {address[1:] for address in addresses if address.startswith("#")} <= targets


def test_page_of_six_candidates_is_small(whole: str, tmp_path: Path, six: Comparison) -> None:
    assert len(whole.encode()) < MOST_BYTES / 5
    assert write_report(six, tmp_path / "deep" / "report.html").read_text() == report_html(six)


def test_clips_are_those_that_judges_were_surest_about(whole: str, six: Comparison) -> None:
    told = Elements(whole).text
    for name, result in six.candidates.items():
        for telling in result.telling[:3]:
            share = f"{100 * telling.rating:.0f} %"
            start = f"{telling.individual}, session 1, from {telling.start_s:g} s ["
            assert re.search(re.escape(start) + rf"[0-9a-f]{{16}}\] \({share}\)", told), name
    study = re.search(r'id="study">(.*?)</script>', whole, re.S)
    assert study
    content = json.loads(study[1])
    shown = set(" ".join(re.findall(r'data-clips="([^"]*)"', whole)).split())
    assert shown == set(content["clips"])
    values = np.frombuffer(base64.b64decode(content["clips"][min(shown)]), "<i2")
    assert values.size == content["frames"] * content["points"] * 2
    assert np.abs(values).max() > 1000


def test_records_that_were_not_compared_are_refused(
    six: Comparison, worms: Callable[..., list[BehaviourRecord]]
) -> None:
    animals = worms("worm", 4, 0.5, "animal")
    with pytest.raises(EmbodyError, match="of whom there is no record"):
        report_html(six, reference=animals, candidates={"random": worms("another", 4, 0.5)})
    with pytest.raises(UnknownNameError):
        report_html(six, reference=animals, candidates={"unheard": worms("another", 4, 0.5)})


def test_a_telling_clip_is_taken_from_its_own_session_of_its_own_animal(
    six: Comparison, worms: Callable[..., list[BehaviourRecord]]
) -> None:
    still, moving = worms("twin", 1, 0.0)[0], worms("twin", 1, 2.0)[0]
    moving = replace(moving, session="2")
    other = replace(moving, provenance={"dataset": "of another laboratory"})
    result = six.candidates["random"]
    telling = Telling("twin 0", 2.0, 0.9, "2", other.individual_hash)
    result = replace(result, telling=(telling,))
    (part,) = telling_parts(result, [still, moving, other], 2.0)
    assert part.record.provenance == other.provenance
    assert part.record.session == "2"
    assert told(part).startswith("twin 0, session 2, from 2 s [")
    with pytest.raises(EmbodyError, match="no record"):
        telling_parts(result, [still, moving], 2.0)


def test_joint_angles_are_drawn_as_traces(compared: Callable[..., Comparison]) -> None:
    found = compared(walker=(4.0, 1.0))
    result = found.candidates["walker"]
    telling = (Telling("walker 0", 1.0, 0.97),)
    found = replace(found, candidates={"walker": replace(result, telling=telling)})
    angles = np.random.default_rng(0).normal(size=(200, 2))

    def record(individual: str, source: Source) -> BehaviourRecord:
        return BehaviourRecord(
            "D. melanogaster", individual, "1", source, 20.0,
            {"joint_angle": angles}, {"joint_angle": ("left <knee>", "right knee")},
        )  # fmt: skip

    page = report_html(
        found,
        reference=[record(f"fly {k}", "animal") for k in range(3)],
        candidates={"walker": [record("walker 0", "simulation")]},
    )
    assert page.count("<polyline") == 4
    assert "left &lt;knee&gt;" in page
    assert "<script" not in page


def test_keypoints_are_joined_along_the_body() -> None:
    order = np.random.default_rng(1).permutation(7)
    place = np.empty((50, 7, 2))
    place[:, order, 0] = np.arange(7)
    place[:, order, 1] = np.sin(np.arange(7) + np.linspace(0, 6, 50)[:, None])
    place[3, 2] = np.nan
    along = {(min(pair), max(pair)) for pair in pairwise(order)}
    assert set(skeleton([place[:20], place[20:]])) == along


def test_without_records_there_are_no_clips(six: Comparison) -> None:
    page = report_html(six)
    assert "<canvas" not in page
    assert "<script" not in page
    assert "script-src" not in unescape(page)


def test_what_is_not_finite_is_a_dash(six: Comparison) -> None:
    name, result = next(iter(six.candidates.items()))
    nothing = float("nan")
    verdict = result.verdicts[0]._replace(
        distance=nothing, interval=(-np.inf, np.inf), score=None, null=None
    )
    changed = replace(result, verdicts=(verdict, *result.verdicts[1:]))
    page = report_html(replace(six, candidates={**six.candidates, name: changed}))
    assert "– to –" in page
    assert not re.search(r"(?<![a-z])(nan|inf)(?![a-z])", Elements(page).text)
    assert not re.search(r'="(nan|inf|-inf)', page)


def test_the_top_says_which_fakes_were_missed_and_why_it_is_open(
    compared: Callable[..., Comparison],
) -> None:
    seen = compared(near=(1.0, 2.0))
    joint = seen.controls["all together"]
    missed = {**joint, "shuffled": (0.1, False)}
    page = report_html(replace(seen, controls={**seen.controls, "all together": missed}))
    assert "Nobody could pass: shuffled fakes were not told apart." in page
    assert "Nobody could pass" not in report_html(
        replace(seen, controls={n: {"x": (9.0, True)} for n in seen.controls})
    )
    assert f"no tier failed: {seen.candidates['near'].joint.reason}" in page


def test_stretches_of_few_animals_are_called_so(compared: Callable[..., Comparison]) -> None:
    seen = compared(near=(0.3, 0.2))
    assert "Stretches of the same animal" not in report_html(seen)
    page = report_html(replace(seen, within=True))
    assert "Stretches of the same animal" in page
    assert "Animals among themselves" not in page


def test_sections_and_links_are_there_for_what_was_asked(
    compared: Callable[..., Comparison],
) -> None:
    seen = compared(near=(0.3, 0.2))
    assert 'href="#wiring"' not in report_html(seen)
    parts = (FindingPart("rewiring 0", "above 0", 0.1, (0.05, 0.15), True, "", "score 0.2"),)
    found = Finding("wiring", "C", 1, 0.1, (0.02, 0.2), 0.0, PASS, "closer", None, {}, parts)
    page = report_html(seen.with_findings({"near": [found]}))
    assert 'href="#wiring"' in page and '<section id="wiring">' in page
    assert "wanted: above 0" in page and "rewiring 0" in page
    assert '<section id="elsewhere">' not in page
