"""The results of a study as one HTML page without network."""

import html
import os
import re
from collections.abc import Iterable, Sequence
from importlib import resources
from pathlib import Path

from embody.atomic_file import write_text
from embody.comparison.judges.plots import confidence_plot, judges_plot, sequential_plot
from embody.comparison.judges.sample_size import trials_for_equivalence, trials_to_detect
from embody.comparison.judges.scoring import CATCH_RIGHT, MARGIN, JudgeScore, Score
from embody.comparison.judges.sequential import SequentialTest

_ASSETS = resources.files("embody.comparison.judges")
_TELLING_PAIRS = 8


def write_results(score: Score, path: str | os.PathLike[str]) -> Path:
    """Write the page: verdict, numbers, plots, judges, most telling clips, method.

    Returns
    -------
    pathlib.Path
        The page.
    """
    write_text(path, results_html(score))
    return Path(path)


def results_html(score: Score) -> str:
    """Return the page as text."""
    body, look = (
        _ASSETS.joinpath(name).read_text(encoding="utf-8")
        for name in ("results.html", "results.css")
    )
    parts = {
        "style": look,
        "verdict": score.verdict,
        "reason": html.escape(score.reason),
        "species": html.escape(str(score.design.get("species", ""))),
        "figures": _figures(score),
        "body": "\n".join([_plots(score), _judges(score), _telling(score), _method(score)]),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda place: parts[place[1]], body)


def _figures(score: Score) -> str:
    kept = sum(judge.kept for judge in score.judges)
    low, high = score.d_prime_interval
    tost = score.equivalence
    equal = f"p {max(tost.p_below, tost.p_above):.2g}" if tost else "-"
    figures = [
        (
            "Proportion correct",
            _decimal(score.proportion_correct),
            f"exact 95 % {_interval(score.interval)}",
        ),
        (
            "Over judges and clips",
            _interval(score.two_way),
            f"95 %; bootstrap {_interval(score.bootstrap)}",
        ),
        (
            "Sensitivity d′",
            _decimal(score.d_prime),
            f"95 % {_decimal(low, '−∞')} to {_decimal(high, '∞')}",
        ),
        (
            "Answers",
            f"{score.right} / {score.trials}",
            f"of {kept} judges; {len(score.judges) - kept} left out",
        ),
        (
            "Sequential test",
            {"detected": "told apart", "chance": "guessing"}.get(score.sequential, "undecided"),
            f"after {score.sequential_trials} answers",
        ),
        (
            f"Within 0.5 ± {MARGIN:.2f}",
            "yes" if tost and tost.equivalent else "not shown",
            f"two one-sided tests, {equal}",
        ),
    ]
    cells = (f"<div><dt>{a}</dt><dd>{b}<small>{c}</small></dd></div>" for a, b, c in figures)
    return f'<dl class="figures">{"".join(cells)}</dl>'


def _plots(score: Score) -> str:
    if not score.trials:
        return ""
    return (
        f'<h2>Judge by judge</h2><div class="plot">{judges_plot(score)}</div>'
        f'<h2>As the answers came, and how sure they were</h2><div class="two">'
        f'<div class="plot">{sequential_plot(score)}</div>'
        f'<div class="plot">{confidence_plot(score)}</div></div>'
    )


def _judges(score: Score) -> str:
    head = ("judge", "right", "95 %", "d′", "side bias", "catch trials", "median time", "")
    rows = ((_judge_row(judge), "" if judge.kept else "out") for judge in score.judges)
    return f'<h2>Judges</h2><div class="wide">{_table(head, rows)}</div>'


def _judge_row(judge: JudgeScore) -> Sequence[str]:
    able = judge.sensitivity
    return (
        f"<code>{judge.judge[:8]}</code>",
        f"{judge.right} / {judge.trials}",
        _interval(judge.interval),
        _decimal(able.d_prime if able else None),
        _decimal(able.bias if able else None),
        f"{judge.catch_right} / {judge.catch_trials}",
        f"{judge.median_response_s:.1f} s",
        "" if judge.kept else "left out",
    )


def _telling(score: Score) -> str:
    shown = score.pairs[:_TELLING_PAIRS]
    if not shown:
        return ""
    rows = (
        ((f"{pair.right} / {pair.trials}", html.escape(pair.real), html.escape(pair.other)), "")
        for pair in shown
    )
    table = _table(("told apart", "animal", "model"), rows)
    return f'<h2>The most telling clips</h2><div class="wide">{table}</div>'


def _method(score: Score) -> str:
    design = score.design
    test = SequentialTest()
    course = test.course(test.detected)
    needed = ", ".join(f"{pc:g}: {trials_to_detect(pc)}" for pc in (0.55, 0.6, 0.65, 0.7, 0.75))
    return f"""<h2>How it was done</h2>
<div class="fine">
<p>Two clips of {design.get("clip_seconds", 0):g} s side by side, one of an animal and one of the
model, both resampled to {design.get("frame_rate_hz", 0):g} Hz, scaled to the length of the body,
turned at random, matched for speed and drawn by the same code. Judges said which is real and how
sure they were; sides and order were drawn anew for each judge, and nobody was told the answer.
{design.get("catch_trials", 0)} of {design.get("trials", 0)} trials were catch trials; judges with
less than {CATCH_RIGHT:.0%} of these right are left out. The animal was the
faster one in {design.get("speed_cue", 0.5):.0%} of the pairs. Clips came from
{design.get("real_individuals", 0)} animals and {design.get("model_individuals", 0)} individuals of
the model.</p>
<p>Exact intervals after Clopper and Pearson treat all answers as independent; the interval over
judges and clips does not (Cameron, Gelbach and Miller 2011), and with one judge it speaks of that
judge alone. PASS: the 90 % interval over judges and clips and two exact one-sided tests (Schuirmann
1987) place the proportion correct within 0.5 ± {MARGIN:.2f}; with pure guessing that takes about
{trials_for_equivalence(MARGIN)} answers. FAIL: it lies outside, or the sequential test (Wald 1945;
0.5 against {test.detected:g}, error rates {test.alpha:g}; {course.mean_trials:.0f} answers on
average) detects and the 95 % interval excludes 0.5. Everything else is INCONCLUSIVE. d′ =
√2 z(proportion correct); for single judges d′ and side bias come from answers left and right.
Answers needed to beat chance (one-sided 0.05, power 0.8) by proportion correct: {needed}.</p>
<p>Study <code>{score.study}</code></p>
</div>"""


def _table(head: Sequence[str], rows: Iterable[tuple[Sequence[str], str]]) -> str:
    top = "".join(f"<th>{cell}</th>" for cell in head)
    body = "".join(
        f'<tr class="{kind}">{"".join(f"<td>{cell}</td>" for cell in row)}</tr>'
        for row, kind in rows
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _decimal(value: float | None, otherwise: str = "-") -> str:
    return otherwise if value is None else f"{value:.2f}".replace("-", "−")


def _interval(ends: tuple[float, float] | None) -> str:
    return "-" if ends is None else f"{ends[0]:.2f} to {ends[1]:.2f}"
