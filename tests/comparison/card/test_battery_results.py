"""Files of results: what is malformed or about somebody else is refused in one sentence."""

import json
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from embody.comparison.card import load_results, results_below
from embody.comparison.card.behaviour import read_level
from embody.comparison.finding import Finding
from embody.errors import EmbodyError

TEST = {"id": "speed", "tier": "T1", "verdict": "PASS"}
LINE = {
    "model": "connectome",
    "env": "Worm-Crawl-v0",
    "tests": [TEST, {"id": "spectra", "tier": "T2", "verdict": "FAIL"}],
    "lowest_failed_tier": "T2",
    "dataset": {"animal_hashes": ["ab" * 32]},
}


def write(folder: Path, content: object) -> Path:
    path = folder / "results.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def load(path: Path):
    return load_results(path, "connectome", "Worm-Crawl-v0")


@pytest.mark.parametrize(
    "content",
    [
        LINE,
        {"lines": [LINE]},
        {**LINE, "tests": [{**test, "id": None, "measure": test["id"]} for test in LINE["tests"]]},
        [LINE],
        json.dumps(LINE) + "\n" + json.dumps({**LINE, "model": "rewired"}) + "\n",
        {**LINE, "env": {"id": "Worm-Crawl-v0"}},
        {key: value for key, value in LINE.items() if key != "env"},
    ],
)
def test_the_line_of_a_controller_is_found(tmp_path: Path, content: object) -> None:
    results = load(write(tmp_path, content))
    assert (results.tier("T1"), results.lowest_failed_tier()) == ("PASS", "T2")
    assert results.animal_hashes == ("ab" * 32,) and results.source == "results.json"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "not a file of battery results"),
        ("{", "not a file of battery results"),
        ("[" * 100_000, "not a file of battery results"),
        ("[]", "empty"),
        ("3", 'needs a list "tests"'),
        ({"model": "connectome", "tests": {}}, 'needs a list "tests"'),
        ({**LINE, "tests": []}, "hold no test"),
        ({**LINE, "tests": [3]}, "must be an object"),
        ({**LINE, "tests": [{**TEST, "id": ""}]}, 'no "id"'),
        ({**LINE, "tests": [{**TEST, "tier": "T9"}]}, "the tier of test 'speed' is 'T9'"),
        ({**LINE, "tests": [{**TEST, "tier": []}]}, "the tier of test"),
        ({**LINE, "tests": [{**TEST, "verdict": "pass"}]}, "valid: PASS, FAIL, INCONCLUSIVE"),
        ({**LINE, "tests": [{**TEST, "horizon_s": -1}]}, "horizon_s"),
        ({**LINE, "tests": [{**TEST, "icc_ci": [1, 0]}]}, "icc_ci"),
        ({**LINE, "tests": [{**TEST, "behaviours": "all"}]}, "behaviours"),
        ({**LINE, "model": None}, 'needs "model"'),
        ({**LINE, "model": "rewired"}, "holds results of rewired in Worm-Crawl-v0, not of conn"),
        ({**LINE, "env": "Fly-Walk-v0"}, "holds results of connectome in Fly-Walk-v0"),
        ({**LINE, "lowest_failed_tier": "T4"}, "names T4 as the lowest tier"),
        ({**LINE, "lowest_failed_tier": None}, "names no tier as the lowest tier"),
        ({**LINE, "dataset": {"animal_hashes": ["worm 1"]}}, "sha256"),
        ({**LINE, "dataset": 3}, "sha256"),
        ([LINE, LINE], "holds 2 lines"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    tmp_path: Path, content: object, message: str
) -> None:
    with pytest.raises(EmbodyError, match=message) as refused:
        load(write(tmp_path, content))
    assert "\n" not in str(refused.value)


def test_no_file_and_no_text(tmp_path: Path) -> None:
    with pytest.raises(EmbodyError, match="there is no file"):
        load(tmp_path / "nothing.json")
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(EmbodyError, match="not a file of battery results"):
        load(tmp_path / "bytes.json")
    with pytest.raises(EmbodyError, match="not a file of battery results"):
        load(tmp_path)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.sampled_from(["T1", "PASS"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["model", "env", "tests", "id", "tier", "verdict", "dataset"]), inner
        )
    ),
    max_leaves=12,
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(JSON)
def test_no_content_makes_it_stumble(tmp_path: Path, content: object) -> None:
    with pytest.raises(EmbodyError):
        load(write(tmp_path, content))


def test_all_lines_below_a_folder_go_by_controller_and_env(tmp_path: Path) -> None:
    for name, lines in (
        ("a", [LINE, {**LINE, "model": "rewired"}]),
        ("b/c", [{**LINE, "env": "Worm-Chemotaxis-v0"}, {**LINE, "model": "replay", "env": ""}]),
    ):
        (tmp_path / name).mkdir(parents=True)
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (tmp_path / name / "lines.jsonl").write_text(text)
    found = results_below(tmp_path)
    assert set(found) == {
        ("connectome", "Worm-Crawl-v0"),
        ("rewired", "Worm-Crawl-v0"),
        ("connectome", "Worm-Chemotaxis-v0"),
    }
    (tmp_path / "lines.jsonl").write_text(json.dumps(LINE))
    with pytest.raises(EmbodyError, match="keep one of them"):
        results_below(tmp_path)


def test_a_folder_without_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmbodyError, match=r"no lines\.jsonl"):
        results_below(tmp_path)
    with pytest.raises(EmbodyError, match="no folder"):
        results_below(tmp_path / "none")


def test_findings_of_a_comparison_reach_the_axes_of_behaviour(tmp_path: Path) -> None:
    """What `embody compare` writes of T5, T6 and T7 is what A1, A3 and A4 are read from."""

    def finding(measure: str, tier: str, **parts: object) -> dict[str, object]:
        wanted = (0.9, (0.8, 1.0), 0.75, "PASS", "", None, {}, ())
        found = Finding(measure, tier, 1, *wanted, **parts).to_dict()  # pyright: ignore
        return {"id": found.pop("measure"), **found}

    passed = [{"id": tier, "tier": tier, "verdict": "PASS"} for tier in ("T1", "T2", "T3", "T4")]
    found = [
        finding("perturbations", "T5", behaviours=("forward", "backward", "touch")),
        finding("novel environment", "T6"),
        finding("learning", "T7", horizon_s=300.0),
        {**finding("wiring", "C"), "verdict": "FAIL"},
    ]
    line = {**LINE, "tests": [*passed, *found], "lowest_failed_tier": None}
    results = load(write(tmp_path, line))
    levels = {axis: read_level(axis, results).level for axis in ("A1", "A2", "A3", "A4")}
    assert levels == {"A1": 3, "A2": None, "A3": 3, "A4": 1}
