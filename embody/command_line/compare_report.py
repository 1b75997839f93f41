"""The report that `embody compare --out` writes: how to repeat the run, and what people said."""

import argparse
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embody.command_line import compare_beyond, compare_records
from embody.errors import EmbodyError, require_known

if TYPE_CHECKING:
    from embody.comparison import BehaviourRecord
    from embody.comparison.results import Comparison

REPORT = "report.html"

_REPEATED = (
    "battery",
    "env",
    "individuals",
    "seconds",
    "controller_option",
    "read",
    "read_candidate",
    "draws",
    "seed",
    "split",
    "fitted_to",
    "people",
    *compare_beyond.REPEATED,
    "no_experiments",
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what only the report needs."""
    parser.add_argument(
        "--people", action="append", default=[], metavar="CANDIDATE=STUDY",
        help="what human judges said: a folder of embody judge, for the report",
    )  # fmt: skip


def scores_of_people(arguments: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """Return the scores of the studies named, by candidate.

    Raises
    ------
    EmbodyError
        If there is no such candidate or study.
    """
    from embody.comparison.judges import score_study

    names = [compare_records.split_name(text)[0] for text in arguments.candidates]
    scores = {}
    for text in arguments.people:
        name, equals, study = text.partition("=")
        if not equals or not study:
            raise EmbodyError(f"--people {text!r} must be written CANDIDATE=STUDY")
        require_known("candidate that people judged:", [name], names)
        scores[name] = score_study(study).as_json()
    return scores


def command(arguments: argparse.Namespace) -> str:
    """Return the command that repeats a run, with all that its numbers depend on."""
    words = ["embody", "compare", arguments.reference, *arguments.candidates]
    for name in _REPEATED:
        given = getattr(arguments, name)
        for value in given if isinstance(given, list) else [given]:
            if value is True:
                words.append(f"--{name.replace('_', '-')}")
            elif value is not None and value is not False:
                words += [f"--{name.replace('_', '-')}", str(value)]
    return shlex.join(words)


def write(
    found: "Comparison",
    folder: Path,
    reference: Sequence["BehaviourRecord"],
    candidates: Mapping[str, Sequence["BehaviourRecord"]],
    people: Mapping[str, Mapping[str, Any]],
    arguments: argparse.Namespace,
) -> str:
    """Write the report into a folder and return its path."""
    from embody.comparison.report import write_report

    path = write_report(
        found,
        folder / REPORT,
        reference=reference,
        candidates=candidates,
        people=people,
        command=command(argparse.Namespace(**{**vars(arguments), "draws": found.draws})),
    )
    return str(path)
