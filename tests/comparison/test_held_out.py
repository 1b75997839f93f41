"""Which animals a fit may see, and what follows if it has seen those of the test."""

import dataclasses
import json

import numpy as np
import pytest
from oscillators import records

from embody.command_line.main import main
from embody.comparison import batteries
from embody.comparison.batteries import BATTERIES
from embody.comparison.compare import compare
from embody.comparison.held_out import (
    SPLIT,
    contaminated,
    fitted_to,
    hashes_in,
    in_part,
    part_of,
)
from embody.comparison.leaderboard import collect, markdown_page, web_page
from embody.comparison.measures.dynamics import irreversibility, rhythm
from embody.comparison.measures.marginals import Marginals
from embody.comparison.report import report_html
from embody.comparison.text import markdown, parts_told, table_rows
from embody.errors import EmbodyError, UnknownNameError

ANIMALS = records(8, 100)
HASHES = tuple(animal.individual_hash for animal in ANIMALS)


@pytest.fixture(autouse=True)
def quick_battery(monkeypatch):
    quick = dataclasses.replace(
        BATTERIES["worm"],
        name="quick",
        measures=lambda: (Marginals(), rhythm(), irreversibility()),
    )
    monkeypatch.setitem(batteries.BATTERIES, "quick", quick)


def runs(*known, source="simulation", seed=102, nested=False):
    """Records of a controller whose fit record names individuals."""
    controller = {"name": "clone", "fitted_to": list(known)}
    controller = (
        {"name": "both", "worm": {"name": "x"}, "policy": controller} if nested else controller
    )
    return [
        dataclasses.replace(one, provenance={**one.provenance, "controller": controller})
        for one in records(6, seed, source=source)
    ]


def compared(reference, candidates, **options):
    return compare(reference, candidates, "quick", draws=20, workers=1, seed=100, **options)


def test_a_split_hangs_on_the_hash_alone_and_has_its_shares():
    random = np.random.default_rng(0)
    parts = [part_of(random.bytes(32).hex()) for _ in range(4000)]
    for part, share in SPLIT.items():
        assert parts.count(part) / len(parts) == pytest.approx(share, abs=0.025)
    assert sum(SPLIT.values()) == pytest.approx(1.0)


def test_parts_are_disjoint_whole_and_stay_when_animals_are_added():
    many = records(30, 100)
    parts = {part: in_part(many, part) for part in SPLIT}
    assert sum(map(len, parts.values())) == 30
    fewer = {r.individual_hash for r in in_part(many[:20], "test")}
    assert fewer <= {r.individual_hash for r in parts["test"]}
    with pytest.raises(UnknownNameError, match="dev, fit, test"):
        in_part(many, "train")
    with pytest.raises(EmbodyError, match="none of the 1 animals"):
        in_part(parts["fit"][:1], "test")


def test_a_fit_that_has_seen_animals_of_the_test_is_flagged_and_another_is_not():
    found = compared(
        ANIMALS,
        {
            "overlapping": runs(HASHES[2], "e" * 64),
            "nested": runs(HASHES[3], nested=True),
            "disjoint": runs("e" * 64),
            "of nobody": runs(),
            "silent": records(6, 103, source="simulation"),
            "told": records(6, 104, source="simulation"),
        },
        fitted_to={"told": [HASHES[5][:16]]},
    )
    known = {name: result.contaminated for name, result in found.candidates.items()}
    assert known == {
        "overlapping": (HASHES[2],),
        "nested": (HASHES[3],),
        "disjoint": (),
        "of nobody": (),
        "silent": (),
        "told": (HASHES[5],),
    }
    lines = {line["model"]: line for line in json.loads(json.dumps(found.lines()))}
    assert lines["overlapping"]["contaminated"] and not lines["disjoint"]["contaminated"]
    assert lines["overlapping"]["fitted_to"] == [HASHES[2], "e" * 64]
    assert lines["of nobody"]["fitted_to"] == [] and lines["silent"]["fitted_to"] is None


def test_a_fit_to_the_other_part_of_the_split_is_clean():
    animals = records(24, 100)
    seen = [r.individual_hash for r in in_part(animals, "fit")]
    model = {"model": runs(*seen)}
    assert compared(animals, model).candidates["model"].contaminated == tuple(seen)
    tested = compared(animals, model, split="test")
    assert tested.candidates["model"].contaminated == ()
    assert tested.animals == len(in_part(animals, "test"))
    assert {line["dataset"]["split"] for line in tested.lines()} == {"test"}


def test_stretches_of_few_animals_are_still_those_animals():
    few = records(3, 100, clips=6)
    found = compared(few, {"model": runs(few[0].individual_hash)})
    assert found.within
    assert found.candidates["model"].contaminated == (few[0].individual_hash,)


@pytest.mark.parametrize("source", ["replay", "surrogate"])
def test_what_is_made_from_the_animals_is_not_contaminated(source):
    made = runs(*HASHES, source=source)
    assert contaminated(HASHES, HASHES, made) == ()
    assert contaminated(HASHES, HASHES, runs()) == HASHES


def test_what_a_file_says_of_its_fit_is_read_with_care():
    odd = [{"fitted_to": 7}, {"fitted_to": ["a", 3, None]}, ["x"], None, "fitted_to"]
    one = dataclasses.replace(ANIMALS[0], provenance={"controller": {"each": odd}})
    assert fitted_to([one]) == ("a",)
    assert fitted_to(ANIMALS) is None


def test_hashes_are_whole_or_as_long_as_reports_show_them():
    assert hashes_in(f"{HASHES[0]}, {HASHES[1][:16].upper()},") == (HASHES[0], HASHES[1][:16])
    for wrong in ("worm1.npz", HASHES[0][:15], HASHES[0] + "0"):
        with pytest.raises(EmbodyError, match="first 16 or more"):
            hashes_in(wrong)


def test_contamination_is_said_in_words_wherever_results_are_read(tmp_path):
    found = compared(ANIMALS, {"clone": runs(HASHES[0], HASHES[1]), "clean": runs("e" * 64)})
    rows = {row[0]: row for row in table_rows(found)}
    assert "(contaminated)" in " ".join(rows["clone"])
    assert "contaminated" not in " ".join(rows["clean"])
    assert markdown(found).count("fitted to 2 of the 8 animals") == 1
    page = report_html(found)
    assert page.count('class="alarm">Contaminated: it was fitted to 2 of the 8 animals') == 1
    assert "fitted to 1 individual, none of them of these animals" in page
    (tmp_path / "lines.jsonl").write_text(
        "".join(json.dumps(line) + "\n" for line in found.lines()), "utf-8"
    )
    entries = collect(tmp_path)
    assert web_page(entries).count('class="alarm">yes: fitted to 2 of 8 animals') == 1
    assert markdown_page(entries).count("yes: fitted to 2 of 8 animals") == 1


def test_parts_stand_beside_how_far_animals_are_apart_in_them():
    found = compared(ANIMALS, {"fast": records(8, 102, shift=6.0)})
    for verdict in found.candidates["fast"].verdicts:
        assert set(verdict.part_floors) == set(verdict.parts)
        for middle, high in verdict.part_floors.values():
            assert 0.0 <= middle <= high
    rhythm_of = {v.measure: v for v in found.candidates["fast"].verdicts}["rhythm"]
    name, value = next(iter(rhythm_of.parts.items()))
    middle, high = rhythm_of.part_floors[name]
    assert value > 2.0 * high
    told = f"{name} {value:.3g} (animals {middle:.3g}, at most {high:.3g})"
    assert told in markdown(found)
    assert parts_told(rhythm_of)[0] == told
    assert "at most" in report_html(found)
    line = json.loads(json.dumps(found.lines()))[0]
    test = next(test for test in line["tests"] if test["id"] == "rhythm")
    assert test["part_floors"][name] == [middle, high]


def test_other_animals_are_as_far_apart_in_a_part_as_its_floor_says():
    found = compared(records(24, 100), {"others": records(24, 101)})
    verdict = {v.measure: v for v in found.candidates["others"].verdicts}["rhythm"]
    inside = [value <= verdict.part_floors[name][1] for name, value in verdict.parts.items()]
    assert np.mean(inside) > 0.9


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder, made in (("real", records(12, 100)), ("model", runs("e" * 64))):
        (tmp_path / folder).mkdir()
        for record in made:
            record.save(tmp_path / folder / f"{record.individual}.npz")
    return tmp_path


def test_the_command_is_told_whom_a_candidate_was_fitted_to(files, capsys):
    asked = ("compare", "real", "model", "--battery", "quick", "--draws", "20", "--workers", "1")
    animals = records(12, 100)
    test = in_part(animals, "test")[0]
    one = f"real/{test.individual}.npz"
    assert main([*asked, "--fitted-to", f"model={one}", "--split", "test", "--json"]) == 0
    (line,) = json.loads(capsys.readouterr().out)["lines"]
    assert line["contaminated_with"] == [test.individual_hash]
    assert set(line["fitted_to"]) == {test.individual_hash, "e" * 64}
    assert line["dataset"]["animals"] == len(in_part(animals, "test"))
    fit = in_part(animals, "fit")[0].individual_hash[:16]
    assert main([*asked, "--fitted-to", f"model={fit}", "--out", "out"]) == 0
    assert "contaminated: it was fitted to 1 of the 12 animals" in capsys.readouterr().out
    assert f"--fitted-to model={fit}" in (files / "out" / "report.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--fitted-to", "model"), "must be written CANDIDATE=HASHES"),
        (("--fitted-to", "other=real"), "candidate that was fitted"),
        (("--fitted-to", "model=nowhere.npz"), "neither a file of records nor the hash"),
        (("--fitted-to", "surrogate:shuffled=real"), "made from the animals themselves"),
        (("--split", "half"), "dev, fit, test"),
    ],
)
def test_wrong_words_about_fits_are_one_sentence(files, capsys, words, message):
    asked = ("compare", "real", "model", "surrogate:shuffled", "--battery", "quick")
    assert main([*asked, *words]) == 2
    told = capsys.readouterr().err
    assert message in told and told.count("\n") == 1
