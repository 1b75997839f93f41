"""Findings: what they do to the verdict on a candidate, and where they are shown."""

import json

import numpy as np
import pytest

from embody.comparison.card.battery_results import load_results
from embody.comparison.finding import Finding, FindingPart, lowest_failed_tier, overall
from embody.comparison.report import report_html
from embody.comparison.text import markdown, not_asked, table_rows
from embody.finite_json import finite


def finding(tier="T5", verdict="FAIL", measure="perturbations"):
    parts = (
        FindingPart("AVA <ablated>", "less", -0.5, (-0.6, -0.4), True, "Chalfie et al. 1985"),
        FindingPart("AVB driven", "more", np.nan, (np.nan, np.nan), None, "Leifer 2011", "no AVB"),
    )
    controls = {"wrong neurons": (0.1, True)}
    return Finding(
        measure, tier, 1, 0.5, (0.3, 0.7), 0.75, verdict, "too few agree", 30, controls, parts
    )


@pytest.mark.parametrize(
    ("measured", "tier", "verdict", "wanted"),
    [
        ("PASS", "T5", "PASS", "PASS"),
        ("PASS", "T5", "FAIL", "FAIL"),
        ("PASS", "T6", "INCONCLUSIVE", "INCONCLUSIVE"),
        ("INCONCLUSIVE", "T7", "PASS", "INCONCLUSIVE"),
        ("FAIL", "T7", "PASS", "FAIL"),
        ("PASS", "C", "FAIL", "PASS"),
        ("PASS", "N1", "INCONCLUSIVE", "PASS"),
    ],
)
def test_it_counts_as_a_measure_does_unless_its_tier_is_no_rung(measured, tier, verdict, wanted):
    assert overall(measured, [finding(tier, verdict)]) == wanted


def test_the_lowest_failed_tier_is_the_lowest_of_both():
    assert lowest_failed_tier(None, [finding("T7"), finding("T6")]) == "T6"
    assert lowest_failed_tier("T2", [finding("T5")]) == "T2"
    assert lowest_failed_tier(None, [finding("C"), finding("T5", "INCONCLUSIVE")]) is None


def test_a_comparison_with_findings_is_one_in_lines_table_and_page(compared, tmp_path):
    found = compared(near=(0.0, 0.05), other=(0.0, 0.05))
    assert found.candidates["near"].overall == "PASS"
    done = found.with_findings({"near": [finding(), finding("C", "PASS", "wiring")]})
    result = done.candidates["near"]
    assert (result.overall, result.lowest_failed_tier) == ("FAIL", "T5")
    assert result.counts["FAIL"] == 1 and sum(result.counts.values()) == len(result.verdicts) + 1
    assert done.candidates["other"] == found.candidates["other"]
    path = tmp_path / "lines.jsonl"
    path.write_text("".join(json.dumps(finite(line)) + "\n" for line in done.lines()))
    read = load_results(path, "near", "Worm-Crawl-v0")
    assert (read.tier("T5"), read.tier("C"), read.lowest_failed_tier()) == ("FAIL", "PASS", "T5")
    header, *rows = table_rows(done)
    assert {len(row) for row in rows} == {len(header)}
    assert dict(zip(header, rows[0], strict=True))["perturbations"] == "FAIL 0.5"
    assert "Chalfie et al. 1985" in markdown(done)
    page = report_html(done)
    section = page[page.index("What was done to them") :]
    assert "AVA &lt;ablated&gt;" in section and "Chalfie et al. 1985" in section
    assert "wrong neurons" in section and "open" in section
    assert "What was done to them" not in report_html(found)


def test_who_was_not_asked_is_told(compared):
    found = compared(near=(0.0, 0.05), other=(0.0, 0.05))
    assert not_asked(found) == ""
    done = found.with_findings({"near": [finding()]})
    assert "other" in not_asked(done) and "near" not in not_asked(done)
    assert not_asked(done) in markdown(done) and "Nothing was done to other" in report_html(done)
    assert not_asked(done.with_findings({"other": [finding()]})) == ""


def test_the_reason_is_that_of_what_decided(compared):
    found = compared(near=(0.0, 0.05), far=(4.0, 0.05))
    near, far = found.candidates["near"], found.candidates["far"]
    assert near.with_findings([finding()]).reason == "perturbations: too few agree"
    assert near.with_findings([finding("C")]).reason == near.joint.reason
    assert far.with_findings([finding()]).reason == far.joint.reason
