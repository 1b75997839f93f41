"""What human judges said (T8), beside what the measures say."""

from collections.abc import Mapping
from typing import Any

from embody.comparison.report.marks import verdict
from embody.comparison.report.words import NOTHING, count, number, span, table, text


def people_section(people: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the section on human judges; empty without any.

    Parameters
    ----------
    people
        `Score.as_json()` of a study of each candidate, by its name.
    """
    if not people:
        return ""
    rows = [_row(name, score) for name, score in people.items()]
    head = (
        "candidate",
        "verdict",
        "right",
        "95 % interval",
        "d′",
        "answers",
        "judges",
    )
    reasons = "".join(
        f"<p><b>{text(name)}</b>: {text(score['reason'])} "
        f'<span class="soft">Study <code>{text(score["study"])[:16]}</code>.</span></p>'
        for name, score in people.items()
    )
    return (
        '<section id="people"><h2>Human judges</h2><p class="lead">People saw two clips side by '
        "side, one of an animal and one of the candidate, and said which is real. One right answer "
        "in two is guessing; the interval is over judges and clips.</p>"
        + table(head, rows)
        + reasons
        + "</section>"
    )


def _row(name: str, score: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        text(name),
        verdict(str(score["verdict"])),
        number(score["proportion_correct"]),
        _interval(score["two_way"]),
        number(score["d_prime"]),
        f"{score['right']:d} / {score['trials']:d}",
        f"{count(score['judges_kept'], 'judge')}, {score['judges_left_out']:d} left out",
    )


def _interval(ends: Any) -> str:
    return NOTHING if ends is None else span(ends[0], ends[1])
