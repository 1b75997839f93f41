"""`embody compare --novel, --wirings, --neural` from the command line."""

import dataclasses
import json

import numpy as np
import pytest
from oscillators import records

from embody.command_line.main import main
from embody.comparison import batteries
from embody.comparison.batteries import BATTERIES
from embody.comparison.card import load_results
from embody.comparison.measures.dynamics import rhythm
from embody.comparison.measures.marginals import Marginals
from embody.comparison.neural.joined import neural_findings
from embody.comparison.neural.line import make_line
from embody.errors import EmbodyError, UnknownNameError

pytest.importorskip("sklearn")
QUICK = dataclasses.replace(
    BATTERIES["worm"],
    name="quick",
    measures=lambda: (Marginals(), rhythm()),
    surrogates=("shuffled",),
)
FEW = ("--battery", "quick", "--draws", "20", "--workers", "1", "--seed", "100")


@pytest.fixture(autouse=True)
def quick_battery(monkeypatch):
    monkeypatch.setitem(batteries.BATTERIES, "quick", QUICK)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("records")
    sets = {
        "worms": records(8, 100),
        "model": records(8, 101, source="simulation"),
        "warm": records(8, 102, shift=6.0),
        "model-warm": records(8, 103, source="simulation"),
    }
    for name, made in sets.items():
        (root / name).mkdir()
        for number, record in enumerate(made):
            record.save(root / name / f"{number}.npz")
    line = make_line(
        "network",
        "functional connectivity",
        "1 - correlation",
        0.4,
        np.random.default_rng(100).normal(0.4, 0.01, 200),
        np.full(50, 0.3),
        {"synapse counts": 0.7},
        {"rewired": np.random.default_rng(101).normal(0.9, 0.02, 99)},
        (5, 1),
        0.5,
    )
    (root / "neural.json").write_text(json.dumps({"lines": [line.to_dict()]}))
    return root


def lines(capsys):
    return [json.loads(capsys.readouterr().out)["lines"][0]]


def test_a_file_is_compared_elsewhere_with_animals_recorded_there(folder, capsys, tmp_path):
    words = [
        *("compare", str(folder / "worms"), f"model={folder / 'model'}", *FEW),
        *("--novel", f"{folder / 'warm'}@warm plate"),
        *("--novel-candidate", f"model={folder / 'model-warm'}@warm plate"),
        *("--neural", f"model={folder / 'neural.json'}", "--out", str(tmp_path), "--json"),
    ]
    assert main(words) == 0
    (line,) = lines(capsys)
    tests = {test["id"]: test for test in line["tests"]}
    assert tests["novel environment"]["verdict"] == "FAIL"
    assert tests["functional connectivity"]["tier"] == "N1"
    assert tests["functional connectivity"]["verdict"] == "PASS"
    assert line["lowest_failed_tier"] == "T6"
    assert load_results(tmp_path / "lines.jsonl", "model").tier("N1") == "PASS"
    for name in ("table.md", "report.html"):
        page = (tmp_path / name).read_text()
        assert "warm plate" in page
        assert "functional connectivity" in page


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--novel", "warm"], "must be written RECORDS@ENVIRONMENT"),
        (["--novel", "{root}/warm@there"], "give records with --novel-candidate"),
        (["--novel", "{root}/worms@there", "--novel-candidate", "model={root}/model-warm@there"],
         "those of the familiar environment"),
        (["--novel-candidate", "model={root}/warm@there"], "'there'"),
        (["--novel-candidate", "model={root}/warm"], "NAME=RECORDS@ENVIRONMENT"),
        (["--wirings", "5"], "--wirings asks about candidate 'connectome'"),
        (["--neural", "model"], "must be written CANDIDATE=FILE"),
        (["--neural", "other={root}/neural.json"], "'other'"),
        (["--neural", "model={root}/none.json"], "there is no file"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_said_in_one_sentence(words, told, folder, capsys):
    given = [word.format(root=folder) for word in words]
    candidates = [str(folder / "worms"), f"model={folder / 'model'}"]
    assert main(["compare", *candidates, *FEW, *given]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert "Traceback" not in error


def test_the_familiar_env_is_not_novel(folder, capsys):
    words = ["compare", str(folder / "worms"), "open-loop", "--battery", "worm"]
    assert main([*words, "--novel", f"{folder / 'warm'}@Worm-Crawl-v0"]) == 2
    assert "is not novel" in capsys.readouterr().err
    assert main([*words, "--novel", f"{folder / 'warm'}@Worm-Crowl-v0"]) == 2
    assert "Worm-Crowl-v0" in capsys.readouterr().err
    assert main([*words, "--wirings", "5"]) == 2
    assert "connectome" in capsys.readouterr().err


def test_a_neural_file_of_several_candidates_is_asked_for_the_one_of_that_name(folder, tmp_path):
    (line,) = json.loads((folder / "neural.json").read_text())["lines"]
    both = tmp_path / "both.json"
    both.write_text(json.dumps({"lines": [line, {**line, "candidate": "other"}]}))
    assert len(neural_findings(both, "other")) == 1
    with pytest.raises(UnknownNameError, match="'model'"):
        neural_findings(both, "model")


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"lines": []}', '{"lines": [3]}', '{"lines": [{"candidate": 1}]}']
)
def test_a_file_of_something_else_is_refused(text, tmp_path):
    path = tmp_path / "neural.json"
    path.write_text(text)
    with pytest.raises(EmbodyError, match=r"neural\.json"):
        neural_findings(path, "model")
