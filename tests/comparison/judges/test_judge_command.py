"""`embody judge`, from records on disk to the page of results."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import numpy as np
import pytest

from embody.command_line.main import main
from embody.comparison.judges import SimulatedJudges
from embody.comparison.judges.answers import write_lines
from embody.comparison.judges.study import PAGE, load_study


@pytest.fixture
def records(worm, tmp_path: Path) -> dict[str, list[str]]:
    """Files of two animals, two models and a control."""
    files: dict[str, list[str]] = {}
    for source, numbers in (("animal", (0, 1)), ("simulation", (2, 3)), ("surrogate", (4,))):
        for number in numbers:
            path = worm(number, source).save(tmp_path / f"{source}-{number}.npz")
            files.setdefault(source, []).append(str(path))
    return files


def build(records: dict[str, list[str]], out: Path, *more: str) -> int:
    files = [*records["animal"], "--model", *records["simulation"], "--out", str(out)]
    return main(["judge", "build", *files, "--trials", "20", "--seconds", "2", *more])


def result_of(capsys, *arguments: str) -> dict:
    assert main(["judge", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def refused(capsys, *arguments: str) -> str:
    try:
        status = main(["judge", *arguments])
    except SystemExit as stop:
        status = stop.code
    told = capsys.readouterr().err
    assert status == 2
    assert told.startswith("embody: ") and told.count("\n") == 1
    return told


def test_from_records_to_verdict(records, tmp_path: Path, capsys) -> None:
    out = tmp_path / "study"
    assert build(records, out, "--controls", *records["surrogate"], "--seed", "7") == 0
    told = capsys.readouterr().out
    assert str(out / PAGE) in told and "private" in told
    study = load_study(out)
    assert study.design["seed"] == 7
    sent = tmp_path / "answers.ndjson"
    sent.write_bytes(write_lines(SimulatedJudges(3.0).answer(study, 4, 100)))
    result = result_of(capsys, "score", str(out), str(sent))
    assert result["verdict"] == "FAIL"
    assert result["tier"] == "T8"
    assert result["judges_kept"] == 4
    assert result["files"] == [str(out / "results.html")]
    assert (out / "results.html").exists()
    assert main(["judge", "score", str(out), str(sent)]) == 0
    assert capsys.readouterr().out.startswith("FAIL: ")


def test_rehearsal_keeps_nothing(records, tmp_path: Path, capsys) -> None:
    out = tmp_path / "study"
    build(records, out)
    capsys.readouterr()
    before = sorted(path for path in out.rglob("*"))
    able = result_of(capsys, "rehearse", str(out), "--d-prime", "2.5", "--judges", "5")
    guessing = result_of(capsys, "rehearse", str(out), "--judges", "40", "--bias", "0.5")
    assert (able["verdict"], guessing["verdict"]) == ("FAIL", "PASS")
    assert sorted(path for path in out.rglob("*")) == before


def test_plan(capsys) -> None:
    plan = result_of(capsys, "plan")
    assert plan["detect"] == {"0.55": 620, "0.6": 158, "0.65": 69, "0.7": 37, "0.75": 23}
    assert plan["equivalence"]["0.1"] == pytest.approx(275, rel=0.05)
    assert plan["sequential"]["0.65"]["mean"] == pytest.approx(60, rel=0.05)
    assert main(["judge", "plan"]) == 0
    assert "sequential test against 0.5" in capsys.readouterr().out


def test_server_ends_well_with_ctrl_c(records, tmp_path: Path) -> None:
    out = tmp_path / "study"
    build(records, out)
    command = [sys.executable, "-m", "embody.command_line", "judge", "serve", str(out)]
    ours = signal.signal(signal.SIGINT, signal.default_int_handler)  # a job may be started deaf
    try:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    finally:
        signal.signal(signal.SIGINT, ours)
    with process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().split()[1]
            assert url.startswith("http://127.0.0.1:")
            with urllib.request.urlopen(url, timeout=20) as reply:
                assert reply.read() == (out / PAGE).read_bytes()
            os.kill(process.pid, signal.SIGINT)
            assert process.wait(timeout=20) == 0
        finally:
            process.kill()


def test_what_is_wrong_is_said_in_one_line(records, tmp_path: Path, capsys) -> None:
    real, model = records["animal"][0], records["simulation"][0]
    out = str(tmp_path / "out")
    basic = ("build", real, "--model", model, "--out", out, "--trials", "20", "--seconds", "2")
    assert "at most" in refused(capsys, *basic[:-4], "--trials", "900")
    assert "A-B" in refused(capsys, *basic, "--edge", "nose")
    assert "no mode basis" in refused(capsys, *basic, "--mode-basis", "none.csv")
    assert "none.npz" in refused(capsys, "build", "none.npz", "--model", model, "--out", out)
    assert "not an animal" in refused(capsys, "build", model, "--model", model, "--out", out)
    assert "holds no study" in refused(capsys, "serve", str(tmp_path))
    assert "holds no study" in refused(capsys, "score", str(tmp_path))
    assert "STEP" in refused(capsys)
    junk = tmp_path / "junk.csv"
    junk.write_text("a,b\nc,d\n")
    assert "no table of numbers" in refused(capsys, *basic, "--mode-basis", str(junk))
    assert not Path(out).exists()


def test_mode_basis_with_and_without_header(records, worm, tmp_path: Path, capsys) -> None:
    basis = np.linalg.qr(np.random.default_rng(100).normal(size=(40, 4)))[0]
    for name, header in (("plain.csv", ""), ("headed.csv", "a,b,c,d\n")):
        file = tmp_path / name
        rows = "\n".join(",".join(map(str, row)) for row in basis)
        file.write_text(header + rows + "\n")
        assert build(records, tmp_path / f"study-{name}", "--mode-basis", str(file)) == 0
