"""Fits in general: stopped or killed they go on with the same bits; bad input loses nothing."""

import errno
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import embody
from embody import registry
from embody.command_line.main import main
from embody.errors import EmbodyError, UnknownNameError
from embody.fitting import FreeParameters, log, run
from embody.parameters import Parameter, ParameterSet
from embody.testing import MethodContract

pytest.importorskip("jax")
pytest.importorskip("cma")

from toy_fit import PRIOR, NoisyDescent

HERE = Path(__file__).parent


class TestNoisyDescent(MethodContract):
    def make_method(self, seed=0):
        return NoisyDescent(seed)


def fitted(folder, budget=40, seed=0):
    return run(NoisyDescent(seed), budget, folder, seed, progress=False, checkpoint_every_s=0.0)


def without_time(folder):
    lines = log.read(folder / "log.jsonl")
    return [{k: v for k, v in line.items() if k != "wall_s"} for line in lines]


@pytest.fixture
def toy_way(monkeypatch):
    entry = registry.Entry("toy", "toy_fit:EVOLUTION", "a toy")
    monkeypatch.setitem(registry._ENTRIES["fit"], "toy", entry)


def test_a_larger_budget_goes_on(tmp_path):
    fitted(tmp_path / "parts", budget=13)
    fitted(tmp_path / "parts")
    fitted(tmp_path / "whole")
    assert without_time(tmp_path / "parts") == without_time(tmp_path / "whole")
    places = [(tmp_path / name / "place.txt").read_text() for name in ("parts", "whole")]
    assert places[0] == places[1]


def test_lines_after_the_checkpoint_and_half_lines_are_dropped(tmp_path):
    fitted(tmp_path / "torn", budget=10)
    path = tmp_path / "torn" / "log.jsonl"
    path.write_text(path.read_text() + '{"iteration": 11, "spent": 11}\n{"iterati')
    fitted(tmp_path / "torn")
    fitted(tmp_path / "whole")
    assert without_time(tmp_path / "torn") == without_time(tmp_path / "whole")


def test_half_written_files_of_a_killed_fit_are_removed(tmp_path):
    fitted(tmp_path, budget=10)
    half = tmp_path / ".checkpoint.npz.0123abcd.tmp"
    half.write_bytes(b"half")
    fitted(tmp_path)
    assert not half.exists()


CHILD = """
import sys
from pathlib import Path
sys.path.insert(0, {here!r})
from toy_fit import NoisyDescent
from embody.fitting import run
run(NoisyDescent(5, pause_s=0.005), 150, Path({out!r}), progress=False, checkpoint_every_s=0.01)
"""


@pytest.mark.slow
def test_killed_five_times_it_comes_to_the_same_result(tmp_path):
    run(NoisyDescent(5), 150, tmp_path / "whole", progress=False)
    out = tmp_path / "killed"
    command = [sys.executable, "-c", CHILD.format(here=str(HERE), out=str(out))]
    moments = random.Random(0)
    killed = 0
    while killed < 5:
        steps = len((out / "log.jsonl").read_bytes().splitlines()) if killed else 0
        child = subprocess.Popen(command)
        goal = steps + moments.randint(1, 25)
        while child.poll() is None:
            path = out / "log.jsonl"
            if path.exists() and len(path.read_bytes().splitlines()) >= goal:
                child.send_signal(signal.SIGKILL)
                break
            time.sleep(0.002)
        assert child.wait() == -signal.SIGKILL
        killed += 1
    subprocess.run(command, check=True)
    assert without_time(out) == without_time(tmp_path / "whole")
    assert (out / "place.txt").read_text() == (tmp_path / "whole" / "place.txt").read_text()


def test_another_fit_in_the_folder_is_refused_and_kept(tmp_path):
    fitted(tmp_path, seed=1)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(EmbodyError, match=r"another fit .*seed"):
        fitted(tmp_path, seed=2)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("content", [b"", b"nonsense", b"PK\x03\x04"])
def test_a_damaged_checkpoint_is_named(tmp_path, content):
    fitted(tmp_path)
    (tmp_path / "checkpoint.npz").write_bytes(content)
    with pytest.raises(EmbodyError, match="damaged"):
        fitted(tmp_path, budget=80)


def test_a_checkpoint_with_an_object_inside_is_not_unpickled(tmp_path):
    fitted(tmp_path)
    with (tmp_path / "checkpoint.npz").open("wb") as file:
        np.savez(file, heading=np.array([{}], dtype=object))
    with pytest.raises(EmbodyError, match="damaged"):
        fitted(tmp_path, budget=80)


@pytest.mark.parametrize("budget", [0, -3])
def test_a_budget_of_nothing_is_refused(tmp_path, budget):
    with pytest.raises(EmbodyError, match="at least 1"):
        fitted(tmp_path / "new", budget=budget)
    assert not (tmp_path / "new").exists()


def test_a_full_disk_is_one_sentence_and_the_checkpoint_stays(tmp_path, monkeypatch):
    fitted(tmp_path, budget=10)
    before = (tmp_path / "checkpoint.npz").read_bytes()

    def full(file, *arguments, **arrays):
        file.write(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(np, "savez", full)
        with pytest.raises(EmbodyError, match="disk is full"):
            fitted(tmp_path)
    assert (tmp_path / "checkpoint.npz").read_bytes() == before
    assert not list(tmp_path.glob(".*"))
    fitted(tmp_path)
    fitted(tmp_path / "whole")
    assert without_time(tmp_path) == without_time(tmp_path / "whole")


def test_what_is_free_can_be_named():
    free = FreeParameters.choose(PRIOR, ["b", "[ac]"])
    assert free.names == ("a", "b", "c")
    assert free.values(free.start) == PRIOR.values()
    assert free.values(np.full(3, 2.0)) == {"a": 3.0, "b": 3.0, "c": 3.0}


@pytest.mark.parametrize(
    ("patterns", "message"),
    [([], "nothing is free"), (["d*"], "valid names: a, b, c"), (["fixed"], "no bounds")],
)
def test_nothing_to_fit_is_refused(patterns, message):
    fixed = Parameter("fixed", 1.0, "1", None, None, "measured", "a test")
    base = PRIOR if patterns != ["fixed"] else ParameterSet("toy", "", (*PRIOR, fixed))
    with pytest.raises(EmbodyError, match=message):
        FreeParameters.choose(base, patterns)


def test_reversed_bounds_are_named():
    with pytest.raises(EmbodyError, match="reversed: low is 2, high is 1"):
        Parameter("a", 1.5, "1", 2.0, 1.0, "calibrated", "a test")


def test_an_unknown_option_lists_those_there_are(tmp_path, toy_way):
    with pytest.raises(UnknownNameError, match="did you mean free"):
        embody.fit("Worm-Crawl-v0", "toy", out=tmp_path, fre="a")
    with pytest.raises(EmbodyError, match="of type int"):
        embody.fit("Worm-Crawl-v0", "toy", out=tmp_path, population="many")
    with pytest.raises(UnknownNameError, match="evolution"):
        embody.fit("Worm-Crawl-v0", "revolution", out=tmp_path)


def test_the_command_line_and_python_come_to_the_same(tmp_path, capsys, toy_way):
    words = ["Worm-Crawl-v0", "--method", "toy", "--seed", "2", "--workers", "1", "--free", "a,b"]
    assert main(["fit", *words, "--out", str(tmp_path / "words"), "--json"]) == 0
    assert '"cost_terms": {"a"' in capsys.readouterr().out
    options = {"seed": 2, "workers": 1, "free": "a,b", "note": None, "progress": False}
    here = embody.fit("Worm-Crawl-v0", "toy", out=tmp_path / "here", **options)
    there = ParameterSet.load(tmp_path / "words" / "parameters.json")
    assert there.values() == ParameterSet.load(here.files[0]).values()
    assert there["c"] == PRIOR["c"]
    assert here.record.command.startswith("embody fit Worm-Crawl-v0 --method toy --seed 2")
    assert here.record.command.endswith("--free a,b")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--budget", "0"], "at least 1"),
        (["--free", "zoom"], "unknown parameter 'zoom'"),
        (["--workers", "many"], "number or"),
        (["--seed", "-1"], "0 or more"),
        (["--speed", "3"], "unrecognized"),
    ],
)
def test_a_mistake_on_the_command_line_is_one_sentence(tmp_path, capsys, toy_way, words, message):
    words = ["fit", "Worm-Crawl-v0", "--method", "toy", "--out", str(tmp_path / "new"), *words]
    try:
        status = main(words)
    except SystemExit as leaving:
        status = leaving.code
    assert status == 2
    said = capsys.readouterr().err
    assert said.startswith("embody: ")
    assert said.count("\n") == 1
    assert message in said
    assert not (tmp_path / "new").exists()


LIMITED = """
import resource, sys
from pathlib import Path
sys.path.insert(0, {here!r})
from toy_fit import NoisyDescent
from embody.errors import EmbodyError
from embody.fitting import run
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
try:
    run(NoisyDescent(0), 40, Path({out!r}), progress=False, checkpoint_every_s=0.0)
except EmbodyError as error:
    print(error)
"""


@pytest.mark.parametrize("limit", [100, 2000, 3000])
def test_a_file_that_may_not_grow_is_one_sentence_wherever_it_happens(
    tmp_path, fresh_python, limit
):
    pytest.importorskip("resource")
    out = tmp_path / "limited"
    said = fresh_python(LIMITED.format(here=str(HERE), out=str(out), limit=limit))
    assert said.startswith("the disk is full")
    fitted(out)
    fitted(tmp_path / "whole")
    assert without_time(out) == without_time(tmp_path / "whole")
