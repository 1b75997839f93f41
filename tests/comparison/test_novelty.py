"""Novel environments, on made-up animals that change their rhythm there."""

import dataclasses
import json

import pytest
from oscillators import records

from embody.comparison import battery as batteries
from embody.comparison.battery import BATTERIES
from embody.comparison.card import BatteryResults
from embody.comparison.card.battery_results import load_results
from embody.comparison.card.behaviour import read_level
from embody.comparison.compare import compare
from embody.comparison.measures.classifiers import linear_judge
from embody.comparison.measures.dynamics import irreversibility, rhythm
from embody.comparison.measures.marginals import Marginals
from embody.comparison.novelty import UNCHANGED, NovelEnvironment, fitted_in
from embody.errors import EmbodyError

pytest.importorskip("sklearn")
QUICK = dataclasses.replace(
    BATTERIES["worm"],
    name="quick",
    measures=lambda: (Marginals(), rhythm(), irreversibility(), linear_judge()),
    surrogates=("time-reversed", "shuffled"),
)
FASTER = 6.0
COUNT = 18


@pytest.fixture(scope="module", autouse=True)
def quick_battery():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(batteries.BATTERIES, "quick", QUICK)
        yield


def runs(seed, shift=0.0, name="run"):
    return records(COUNT, seed, shift=shift, name=name, source="simulation")


def compared(novel, draws=80, **options):
    return compare(
        records(COUNT, 100),
        {"adapts": runs(101), "copies": runs(102)},
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
        for record, first in zip(
            records(COUNT, 103, shift=FASTER), records(COUNT, 100), strict=True
        )
    ]
    there = NovelEnvironment("warm plate", again, {"copies": runs(105)})
    found = finding(compared([there], draws=20), "copies")
    assert found.verdict == "FAIL"
    assert found.controls[UNCHANGED][1]


def test_what_a_fit_has_seen_is_not_novel():
    there = NovelEnvironment(
        "warm plate",
        records(COUNT, 103, shift=FASTER),
        {"copies": runs(105)},
        {"copies": "embody fit Worm-Crawl-v0"},
    )
    result = compared([there], draws=20).candidates["copies"]
    assert result.findings[0].verdict == "INCONCLUSIVE"
    assert "its fit has seen it" in result.findings[0].reason
    assert result.overall == "INCONCLUSIVE"


def test_nor_is_one_whose_animals_it_was_fitted_to():
    animals = records(COUNT, 103, shift=FASTER)
    there = NovelEnvironment("warm plate", animals, {"copies": runs(105)})
    fitted = {"copies": [animals[0].individual_hash]}
    result = compared([there], draws=20, fitted_to=fitted).candidates["copies"]
    assert result.findings[0].verdict == "INCONCLUSIVE"
    assert "fitted to 1 of the animals there" in result.findings[0].reason


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
