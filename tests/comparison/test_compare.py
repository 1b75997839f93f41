"""Comparisons from end to end, on made-up animals of which everything is known."""

import dataclasses
import json
import tracemalloc

import numpy as np
import pytest
from oscillators import records, sample

from embody.command_line.main import main
from embody.comparison import batteries
from embody.comparison.batteries import BATTERIES
from embody.comparison.card import load_results
from embody.comparison.compare import compare
from embody.comparison.drawing import drawn_with_yardstick
from embody.comparison.draws import NO_KIN, candidate_splits
from embody.comparison.leaderboard import collect, markdown_page, web_page
from embody.comparison.measures.classifiers import forest_judge, linear_judge
from embody.comparison.measures.dynamics import irreversibility, rhythm
from embody.comparison.measures.marginals import Marginals
from embody.comparison.observed import observed, unjudged
from embody.comparison.surrogates import mixed, surrogate
from embody.comparison.telling import most_telling
from embody.comparison.text import markdown
from embody.comparison.yardstick import Match
from embody.errors import EmbodyError, UnknownNameError

pytest.importorskip("sklearn")
QUICK = dataclasses.replace(
    BATTERIES["worm"],
    name="quick",
    measures=lambda: (Marginals(), rhythm(), irreversibility(), linear_judge()),
)


@pytest.fixture(autouse=True)
def quick_battery(monkeypatch):
    monkeypatch.setitem(batteries.BATTERIES, "quick", QUICK)


def compared(reference, candidates, **options):
    return compare(reference, candidates, "quick", draws=20, workers=1, seed=100, **options)


@pytest.fixture(scope="module")
def found():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(batteries.BATTERIES, "quick", QUICK)
        return compared(
            records(12, 100),
            {"real": records(12, 101), "fast": records(12, 102, shift=6.0, source="simulation")},
            surrogates=("time-reversed",),
            fitted_to={"fast": [records(12, 100)[3].individual_hash, "f" * 64]},
        )


def test_real_animals_do_not_fail_and_others_do(found):
    assert found.candidates["real"].overall in ("PASS", "INCONCLUSIVE")
    assert found.candidates["real"].counts["FAIL"] == 0
    assert found.candidates["fast"].overall == "FAIL"
    assert found.candidates["fast"].lowest_failed_tier == "T1"
    assert found.candidates["real"].score > found.candidates["fast"].score + 0.3


def test_every_surrogate_is_rejected_by_all_measures_together(found):
    assert all(rejected for _, rejected in found.controls["all together"].values())
    backwards = found.candidates["surrogate:time-reversed"]
    assert backwards.overall == "FAIL"
    assert {v.measure: v.verdict for v in backwards.verdicts}["irreversibility"] == "FAIL"


def test_what_gives_a_candidate_away_comes_first(found):
    verdicts = {v.measure: v for v in found.candidates["fast"].verdicts}
    assert "speed" in next(iter(verdicts["marginals"].parts)) or "phase" in next(
        iter(verdicts["marginals"].parts)
    )


def test_fitting_to_the_animals_of_the_test_is_said(found):
    assert len(found.candidates["fast"].contaminated) == 1
    assert found.candidates["real"].contaminated == ()


def test_the_lines_are_what_cards_read(found, tmp_path):
    path = tmp_path / "lines.jsonl"
    lines = [json.loads(json.dumps(line)) for line in found.lines()]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    results = load_results(path, "fast")
    assert results.contaminated
    assert results.lowest_failed_tier() == "T1"
    assert set(results.animal_hashes) == {r.individual_hash for r in records(12, 100)}
    assert {t.id for t in results.tests} == {m.identifier for m in QUICK.measures()}
    assert not load_results(path, "real").contaminated


def test_tables_never_show_a_score_without_counts(found, tmp_path):
    (tmp_path / "a").mkdir()
    text = "".join(json.dumps(line) + "\n" for line in found.lines())
    (tmp_path / "a" / "lines.jsonl").write_text(text)
    entries = collect(tmp_path)
    assert next(entry["model"] for entry in entries) == "real"
    for page in (markdown_page(entries), web_page(entries)):
        assert all(word in page for word in ("PASS", "FAIL", "INCONCLUSIVE", "fast"))
    assert "edge of the floor" in markdown(found)


def test_a_leaderboard_of_something_else_is_refused(tmp_path):
    with pytest.raises(EmbodyError, match=r"no lines\.jsonl"):
        collect(tmp_path)
    (tmp_path / "lines.jsonl").write_text('{"model": "<script>"}\n')
    with pytest.raises(EmbodyError, match="no lines of embody compare"):
        collect(tmp_path)
    with pytest.raises(EmbodyError, match="no folder"):
        collect(tmp_path / "none")


@pytest.mark.parametrize("count", [1, 3])
def test_few_animals_end_inconclusive_and_are_told_how_many_would_do(count):
    found = compared(records(count, 100, clips=6), {"fast": records(6, 101, shift=8.0)})
    result = found.candidates["fast"]
    assert result.overall == "INCONCLUSIVE"
    assert found.animals == count
    assert found.within
    for verdict in (*result.verdicts, result.joint):
        assert verdict.needed is not None and verdict.needed >= 6
        assert "against 6 are too few" in verdict.reason


def test_a_candidate_of_one_individual_ends_inconclusive():
    found = compared(records(8, 100), {"fast": records(1, 101, clips=6, shift=8.0)})
    assert found.candidates["fast"].overall == "INCONCLUSIVE"


def test_no_clip_for_a_floor_is_one_sentence():
    with pytest.raises(EmbodyError, match="at least 4 animals"):
        compared(
            [r.clip(0, 2.5) for r in records(1, 100)],
            {"b": [r.clip(0, 2.5) for r in records(6, 1)]},
        )


def test_the_score_falls_as_more_is_fake():
    animals, other = sample(12, 100), sample(12, 101)
    animals, other = animals.standardised(animals), other.standardised(animals)
    shares = (0.0, 0.05, 0.1, 0.25, 0.5, 1.0)
    backwards = surrogate("time-reversed", other, 0)
    pool = {str(share): mixed(other, backwards, share, 1) for share in shares}
    splits = candidate_splits(12, [NO_KIN] * 12, 2, 20, 0)
    matches = [Match(None, name, splits, (12, 12)) for name in pool]
    yardstick, drawn, _ = drawn_with_yardstick(QUICK, matches, animals, pool, 20, 0, workers=1)
    results = [
        yardstick.result(drawn[name], (12, 12), unjudged(12, 12), made.individuals)
        for name, made in pool.items()
    ]
    turned = [{v.measure: v for v in result.verdicts}["irreversibility"] for result in results]
    assert (np.diff([v.distance for v in turned])[1:] > 0).all()
    assert (np.diff([result.score for result in results]) < 0.02).all()
    assert results[-1].score < results[3].score < results[0].score + 0.02
    assert turned[-1].verdict == "FAIL"


@pytest.mark.parametrize("nuisance", ["frame rate", "jitter", "units"])
def test_what_is_no_behaviour_never_fails(nuisance):
    random = np.random.default_rng(5)
    fine = []
    for record in records(12, 103):
        modes = record["modes"]
        if nuisance == "jitter":
            modes = modes + random.normal(0, 0.3, modes.shape)
        elif nuisance == "units":
            modes = modes * 1.0
        rate = record.frame_rate_hz
        if nuisance == "frame rate":
            from scipy.interpolate import make_interp_spline

            time = np.arange(len(modes))
            modes = make_interp_spline(time, modes)(np.arange(0, len(modes) - 1, 1 / 3))
            rate *= 3
        fine.append(dataclasses.replace(record, arrays={"modes": modes}, frame_rate_hz=rate))
    reference = records(12, 100)
    if nuisance == "units":
        reference, fine = (
            [dataclasses.replace(r, arrays={"modes": 1000.0 * r["modes"]}) for r in side]
            for side in (reference, fine)
        )
    result = compared(reference, {"same": fine}).candidates["same"]
    assert result.overall in ("PASS", "INCONCLUSIVE")
    assert result.counts["FAIL"] == 0


def test_ten_hours_take_little_more_memory_than_the_recording_itself():
    short = records(6, 100)
    hours = np.tile(short[0]["modes"], (1200, 1))
    long = dataclasses.replace(short[0], arrays={"modes": hours})
    tracemalloc.start()
    seen = observed(QUICK, [long, *short[1:]], {"other": records(6, 101)}, 0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert long.seconds == 36000.0
    assert peak < 10 * hours.nbytes
    assert np.bincount(seen.animals.owner).max() == QUICK.clips_each


def test_an_animal_on_both_sides_is_refused():
    animals = records(8, 100)
    with pytest.raises(EmbodyError, match="both sides"):
        compared(animals, {"same": animals[:3]})


def test_wrong_questions_are_one_sentence():
    animals, flies = (
        records(8, 100),
        [dataclasses.replace(r, species="D. melanogaster") for r in records(8, 101)],
    )
    for reference, candidates, options, message in (
        (animals, {}, {}, "no candidate"),
        (animals, {"flies": flies}, {}, "several species"),
        (animals, {"none": []}, {}, "no record"),
        (flies, {"flies": flies}, {}, "is for C. elegans"),
        (animals, {"b": records(8, 101)}, {"surrogates": ["nonsense"]}, "time-reversed"),
    ):
        with pytest.raises(EmbodyError, match=message):
            compared(reference, candidates, **options)
    with pytest.raises(EmbodyError, match="20 draws"):
        compare(animals, {"b": flies}, "quick", draws=3)
    with pytest.raises(UnknownNameError, match="worm"):
        compare(animals, {"b": records(8, 101)}, "sponge")


def refused(capsys, *arguments):
    try:
        status = main(["compare", *arguments])
    except SystemExit as stop:
        status = stop.code
    captured = capsys.readouterr()
    assert status == 2
    assert captured.out == ""
    assert captured.err.startswith("embody: ") and captured.err.count("\n") == 1
    return captured.err


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder, seed in (("real", 100), ("other", 101)):
        (tmp_path / folder).mkdir()
        for record in records(6, seed, clips=2):
            record.save(tmp_path / folder / f"{record.individual}.npz")
    return tmp_path


def test_bad_input_is_one_sentence(files, capsys):
    whole = next((files / "real").iterdir()).read_bytes()
    (files / "cut.npz").write_bytes(whole[: len(whole) // 2])
    (files / "empty.npz").write_bytes(b"")
    (files / "hollow").mkdir()
    nans = records(1, 5)[0]
    dataclasses.replace(nans, arrays={"modes": np.full((90, 4), np.nan)}).save(files / "nan.npz")
    dataclasses.replace(nans, species="M. musculus").save(files / "mouse.npz")
    worm = ("--battery", "worm")
    for candidate, message in (
        ("cut.npz", "cut.npz"),
        ("empty.npz", "empty"),
        ("hollow", "empty"),
        ("nan.npz", "is NaN"),
        ("mouse.npz", "several species"),
        ("missing.npz", "no file"),
        ("nobody", "controller"),
        ("surrogate:nonsense", "nonsense"),
    ):
        assert message in refused(capsys, "real", candidate, *worm)
    assert "battery" in refused(capsys, "real", "other")
    assert "worm" in refused(capsys, "real", "other", "--battery", "sponge")
    assert "candidate" in refused(capsys, "real", *worm)
    assert "both sides" in refused(capsys, "real", "copy=real", *worm)
    assert "twice" in refused(
        capsys, "real", "other", *worm, "--read", "dataset=a", "--read", "dataset=b"
    )
    assert "leaderboard" in refused(capsys, "real", "--leaderboard", "real")


def test_the_command_prints_lines_and_writes_them(files, capsys):
    arguments = ("real", "other", "surrogate:shuffled", "--battery", "quick", "--draws", "20")
    assert main(["compare", *arguments, "--workers", "1", "--out", "out", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert [line["model"] for line in printed["lines"]] == ["other", "surrogate:shuffled"]
    written = [
        json.loads(line) for line in (files / "out" / "lines.jsonl").read_text().splitlines()
    ]
    assert written == printed["lines"]
    assert main(["compare", *arguments, "--workers", "1"]) == 0
    assert "edge of the floor" in capsys.readouterr().out
    assert main(["compare", "--leaderboard", "out"]) == 0
    assert "other" in (files / "out" / "leaderboard.md").read_text()


def test_replays_of_the_animals_themselves_are_compared_with_others_and_show_telling_clips():
    animals, forest = sample(8, 100), forest_judge()
    turned = dataclasses.replace(animals, clips=animals.clips[:, ::-1])
    for made in (turned, surrogate("time-reversed", animals, 0)):
        found = most_telling(forest, animals, made, range(8), 0)
        assert found
        assert [t.rating for t in found] == sorted((t.rating for t in found), reverse=True)
        assert found[0].rating > 0.8
    assert most_telling(forest, animals, sample(2, 101), (NO_KIN, NO_KIN), 0) == ()
    replays = [dataclasses.replace(record, source="replay") for record in records(8, 100)]
    seen = observed(QUICK, records(8, 100), {"replay": replays}, 0)
    assert seen.kin["replay"] == tuple(range(8))


@pytest.mark.slow
def test_the_number_of_processes_changes_nothing():
    sides = records(6, 100, clips=2), {"other": records(6, 101, clips=2)}
    one, two = (compare(*sides, "worm", draws=20, workers=workers, seed=1) for workers in (1, 2))
    assert one.candidates["other"].verdicts == two.candidates["other"].verdicts
    assert one.candidates["other"].telling == two.candidates["other"].telling
    assert len(one.candidates["other"].telling) > 0
    telling = one.candidates["other"].telling[0]
    assert telling.individual.startswith("w101") and 0 <= telling.start_s <= 18
    assert 0 <= telling.rating <= 1 and telling.session == "1"
    assert telling.individual_hash in one.candidates["other"].hashes
