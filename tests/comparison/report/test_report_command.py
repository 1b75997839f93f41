"""`embody compare --out` leaves a report that says how to repeat it."""

import argparse
import shlex

import pytest

from embody.command_line import compare_report
from embody.command_line.main import build_parser
from embody.errors import EmbodyError, UnknownNameError


def parsed(*words: str) -> argparse.Namespace:
    return build_parser().parse_args(["compare", *words])


def test_command_repeats_what_the_numbers_depend_on() -> None:
    given = parsed(
        "my worms", "fast=a;b.npz", "connectome", "--battery", "worm", "--seed", "103",
        "--read", "frame_rate_hz=25", "--read", "mode_basis=a b.csv", "--workers", "3",
        "--out", "o",
    )  # fmt: skip
    told = compare_report.command(given)
    again = build_parser().parse_args(shlex.split(told)[1:])
    for name in ("reference", "candidates", "battery", "seed", "read", "individuals", "seconds"):
        assert getattr(again, name) == getattr(given, name)
    assert "--workers" not in told
    assert "--out" not in told


def test_people_are_asked_for_before_hours_of_work() -> None:
    with pytest.raises(UnknownNameError, match="rewired"):
        compare_report.scores_of_people(parsed("worms", "rewired", "--people", "rewird=study"))
    with pytest.raises(EmbodyError, match="CANDIDATE=STUDY"):
        compare_report.scores_of_people(parsed("worms", "rewired", "--people", "rewired"))
    with pytest.raises(EmbodyError):
        compare_report.scores_of_people(parsed("worms", "rewired", "--people", "rewired=nowhere"))
