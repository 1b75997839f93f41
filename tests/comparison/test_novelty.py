"""Novel environments, on made-up animals that change their rhythm there."""

import dataclasses
import json

import pytest
from oscillators import records

from embody.comparison import batteries
from embody.comparison.batteries import BATTERIES
from embody.comparison.card import BatteryResults
from embody.comparison.card.battery_results import load_results
from embody.comparison.card.behaviour import read_level
from embody.comparison.compare import compare
from embody.comparison.measures.classifiers import linear_judge
from embody.comparison.measures.dynamics import irreversibility, rhythm
from embody.comparison.measures.marginals import Marginals
from embody.comparison.novelty import (
    UNCHANGED,
    NovelEnvironment,
    fitted_in,
    novel_findings,
    unchanged,
)
from embody.errors import EmbodyError

pytest.importorskip("sklearn")
QUICK = dataclasses.replace(
    BATTERIES["worm"],
    name="quick",
    measures=lambda: (Marginals(), rhythm(), irreversibility(), linear_judge()),
    surrogates=("time-reversed", "shuffled"),
)
FASTER = 6.0
COUNT, FEW = 18, 8


@pytest.fixture(scope="module", autouse=True)
def quick_battery():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(batteries.BATTERIES, "quick", QUICK)
        yield


def runs(seed, shift=0.0, name="run", count=COUNT):
    return records(count, seed, shift=shift, name=name, source="simulation")


def compared(novel, draws=80, count=COUNT, **options):
    return compare(
        records(count, 100),
        {"adapts": runs(101, count=count), "copies": runs(102, count=count)},
        "quick",
        novel=novel,
        draws=draws,
        workers=1,
        seed=100,
        **options,
    )


@pytest.fixture(scope="module")
def found():
    there = NovelEnvironment(
        "warm plate",
        records(COUNT, 103, shift=FASTER),
        {"adapts": runs(104, FASTER), "copies": runs(105)},
    )
    return compared([there])


def finding(found, name):
    (one,) = found.candidates[name].findings
    return one


def test_equal_animals_pass_and_a_copy_of_the_familiar_ones_fails(found):
    assert finding(found, "adapts").verdict == "PASS"
    assert finding(found, "copies").verdict == "FAIL"
    assert finding(found, "copies").interval[0] > finding(found, "copies").wanted


def test_a_copy_fails_there_alone(found):
    copies = found.candidates["copies"]
    assert all(one.verdict != "FAIL" for one in copies.verdicts)
    assert copies.overall == "FAIL"
    assert copies.lowest_failed_tier == "T6"
    assert "change -" in finding(found, "copies").notes[0]


def test_controls_are_rejected_there(found):
    controls = finding(found, "adapts").controls
    assert set(controls) == {*QUICK.surrogates, UNCHANGED}
    assert all(rejected for _, rejected in controls.values())


def test_an_env_in_which_animals_behave_as_ever_asks_for_nothing_new():
    there = NovelEnvironment("same again", records(COUNT, 103), {"adapts": runs(104)})
    found = finding(compared([there], draws=40), "adapts")
    assert found.verdict == "INCONCLUSIVE"
    assert "as they do in the familiar" in found.reason
    assert not found.controls[UNCHANGED][1]


def test_the_same_animals_may_be_recorded_in_both_and_never_meet_themselves():
    again = [
        dataclasses.replace(record, individual=first.individual, session="2")
        for record, first in zip(records(FEW, 103, shift=FASTER), records(FEW, 100), strict=True)
    ]
    there = NovelEnvironment("warm plate", again, {"copies": runs(105, count=FEW)})
    found = finding(compared([there], draws=20, count=FEW), "copies")
    assert found.verdict == "FAIL"
    assert found.controls[UNCHANGED][1]


@pytest.fixture(scope="module")
def there():
    """The comparison on the warm plate, of candidates that pass there."""
    warm = NovelEnvironment("warm plate", records(FEW, 103, shift=FASTER), {"adapts": ()})
    candidates = {
        "adapts": runs(104, FASTER, count=FEW),
        UNCHANGED: unchanged(records(FEW, 100)),
    }
    return warm, compare(warm.reference, candidates, "quick", draws=20, workers=1, seed=100)


def judged(there, seen_by=None, **changes):
    """The finding where results there are other than they were."""
    warm, comparison = there
    results = dict(comparison.candidates)
    for name, change in changes.items():
        results[name.replace("_", " ")] = dataclasses.replace(
            results[name.replace("_", " ")], **change
        )
    warm = dataclasses.replace(warm, seen_by=seen_by or {})
    comparison = dataclasses.replace(comparison, candidates=results)
    familiar = {"adapts": comparison.candidates["adapts"]}
    return novel_findings(familiar, comparison, warm)["adapts"][0]


def test_what_a_fit_has_seen_is_not_novel(there):
    passed = judged(there, adapts={"overall": "PASS"})
    assert passed.verdict == "PASS"
    seen = judged(there, {"adapts": "embody fit Worm-Crawl-v0"}, adapts={"overall": "PASS"})
    assert seen.verdict == "INCONCLUSIVE"
    assert "its fit has seen it (embody fit Worm-Crawl-v0)" in seen.reason


def test_nor_is_one_whose_animals_it_was_fitted_to(there):
    found = judged(there, adapts={"overall": "PASS", "contaminated": ("f" * 64,)})
    assert found.verdict == "INCONCLUSIVE"
    assert "fitted to 1 of the animals there" in found.reason


def test_an_artefact_does_not_count_as_telling_the_familiar_animals(there):
    nuisance = there[1].candidates[UNCHANGED].nuisance
    artefact = dataclasses.replace(nuisance, artefact=True)
    changes = {UNCHANGED.replace(" ", "_"): {"nuisance": artefact}}
    found = judged(there, adapts={"overall": "PASS"}, **changes)
    assert found.verdict == "INCONCLUSIVE"
    assert not found.controls[UNCHANGED][1]


def test_the_line_reaches_the_card(found, tmp_path):
    path = tmp_path / "lines.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in found.lines()))
    adapts: BatteryResults = load_results(path, "adapts")
    assert adapts.tier("T6") == "PASS"
    assert load_results(path, "copies").lowest_failed_tier() == "T6"
    told = read_level("A3", load_results(path, "copies"))
    assert "T6 FAIL" in told.sentence


def test_records_of_the_familiar_environment_are_refused():
    with pytest.raises(EmbodyError, match="those of the familiar environment"):
        compared([NovelEnvironment("there", records(COUNT, 100), {"copies": runs(105)})])
    there = NovelEnvironment("there", records(COUNT, 103), {"copies": runs(105)})
    with pytest.raises(EmbodyError, match="given twice"):
        compared([there, there])
    with pytest.raises(EmbodyError, match="candidate in there"):
        compared([NovelEnvironment("there", records(COUNT, 103), {"nobody": runs(105)})])


def test_the_description_of_a_controller_tells_where_it_was_fitted():
    def made(**description):
        told = {"controller": {"name": "policy", **description}}
        return [dataclasses.replace(records(1, 100)[0], provenance=told)]

    command = "embody fit Fly-Terrain-v0 --seed 3 --out runs/terrain"
    assert fitted_in(made(fit=command)) == {"Fly-Terrain-v0": command}
    assert set(fitted_in(made(fitted_in="Worm-Crawl-v0"))) == {"Worm-Crawl-v0"}
    assert set(fitted_in(made(inner={"fitted_in": ["A-v0", "B-v1"]}))) == {"A-v0", "B-v1"}
    assert fitted_in(made()) == fitted_in(records(1, 100)) == {}
