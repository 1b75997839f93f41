"""Whom `embody compare` makes experiments on."""

import shlex

import pytest

from embody.command_line import compare_experiments, compare_report
from embody.command_line.compare_records import Simulated
from embody.command_line.main import build_parser
from embody.comparison import experiments

SIMULATED = Simulated("Worm-Crawl-v0", 7, 30.0, 100, 1, {})


def parsed(*words):
    return build_parser().parse_args(["compare", "worms", *words])


@pytest.fixture
def asked(monkeypatch):
    calls = {}

    def run_many(asked, battery, **options):
        calls.update({name: (battery, list(one.seeds)) for name, one in asked.items()})
        return dict.fromkeys(asked, ("finding",))

    monkeypatch.setattr(experiments, "run_many", run_many)
    return calls


def test_controllers_are_asked_in_the_seeds_they_were_recorded_in(asked, tmp_path):
    candidates = ("open-loop", "replay", "surrogate:shuffled", f"mutants={tmp_path}")
    found = compare_experiments.findings(parsed(*candidates, "--battery", "worm"), SIMULATED, False)
    assert found == {"open-loop": ("finding",)}
    assert asked == {"open-loop": ("worm", list(range(100, 107)))}


def test_nobody_is_asked_without_experiments_or_when_told_so(asked):
    for words in (("--battery", "worm", "--no-experiments"), ("--battery", "fly")):
        assert not compare_experiments.findings(parsed("open-loop", *words), SIMULATED, False)
    assert not asked


def test_the_command_that_repeats_a_run_says_whether_they_were_left_out():
    for words in ((), ("--no-experiments",)):
        told = compare_report.command(parsed("open-loop", "--battery", "worm", *words))
        assert ("--no-experiments" in told) is bool(words)
        assert build_parser().parse_args(shlex.split(told)[1:]).no_experiments is bool(words)
