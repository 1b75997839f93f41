"""Plots of what judges could tell, as SVG that takes its colours from the page around it."""

import io
import re
from typing import TYPE_CHECKING

from embody.analysis.panel_style import ACCENT, FAINT, INK, WARM, style
from embody.comparison.judges.scoring import MARGIN, Score
from embody.comparison.judges.sequential import SequentialTest
from embody.comparison.judges.signal_detection import proportion_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_THEMED = {INK: "var(--ink)", FAINT: "var(--soft)", ACCENT: "var(--accent)", WARM: "var(--wrong)"}
_MOST_JUDGES = 60


def judges_plot(score: Score) -> str:
    """Return the proportion correct of every judge with its interval, and of all together."""
    shown = [judge for judge in score.judges if judge.interval is not None][:_MOST_JUDGES]
    figure, axes = _figure(1.1 + 0.24 * (len(shown) + 1))
    axes.axvspan(0.5 - MARGIN, 0.5 + MARGIN, color=ACCENT, alpha=0.13, lw=0)
    axes.axvline(0.5, color=FAINT, lw=0.8)
    labels = ["all that were kept"]
    if score.two_way and score.proportion_correct is not None:
        _interval(axes, 0, score.proportion_correct, score.two_way, ACCENT, "D")
    for place, judge in enumerate(shown, start=1):
        labels.append(f"{judge.judge[:8]}{'' if judge.kept else '  left out'}")
        if judge.interval is not None:
            share, colour = judge.right / judge.trials, INK if judge.kept else FAINT
            _interval(axes, place, share, judge.interval, colour, "o")
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.set_xlim(0, 1)
    axes.set_xlabel("proportion correct (band: cannot be told apart)")
    return _svg(figure)


def sequential_plot(score: Score, test: SequentialTest | None = None) -> str:
    """Return the sequential test until it stopped."""
    test = test or SequentialTest()
    figure, axes = _figure(2.6, width=3.4)
    low, high = test.bounds
    for level, text, colour in ((high, "told apart", WARM), (low, "guessing", ACCENT)):
        axes.axhline(level, color=colour, lw=1, ls="--")
        axes.annotate(
            text, (1, level), xycoords=("axes fraction", "data"), color=colour, ha="right",
            xytext=(0, 3 if level > 0 else -11), textcoords="offset points",
        )  # fmt: skip
    path = [0.0, *score.ratios[: score.sequential_trials]]
    axes.plot(range(len(path)), path, color=INK, lw=1.3)
    axes.plot(len(path) - 1, path[-1], "o", color=INK)
    axes.margins(y=0.15)
    axes.set_xlabel("answers")
    axes.set_ylabel("log likelihood ratio")
    return _svg(figure)


def confidence_plot(score: Score) -> str:
    """Return the proportion correct at each degree of confidence."""
    figure, axes = _figure(2.6, width=3.4)
    axes.axhline(0.5, color=FAINT, lw=0.8)
    for level in score.confidences:
        if level.trials:
            share = level.right / level.trials
            low, high = proportion_interval(level.right, level.trials)
            axes.plot([level.confidence] * 2, [low, high], color=INK, lw=1.2)
            axes.plot(level.confidence, share, "o", color=INK, ms=5)
    named = ("guess", "unsure", "fairly sure", "certain")
    axes.set_xticks(
        range(1, 5),
        [f"{name}\n{level.trials}" for name, level in zip(named, score.confidences, strict=True)],
    )
    axes.set_xlim(0.5, 4.5)
    axes.set_ylim(0, 1)
    axes.set_ylabel("proportion correct")
    return _svg(figure)


def _interval(
    axes: "Axes", place: int, share: float, ends: tuple[float, float], colour: str, marker: str
) -> None:
    axes.plot(ends, [place, place], color=colour, lw=1.4)
    axes.plot(share, place, marker, color=colour, ms=5)


def _figure(height: float, width: float = 6.4) -> "tuple[Figure, Axes]":
    from matplotlib.figure import Figure

    with style():
        figure = Figure(figsize=(width, height), layout="constrained")
        return figure, figure.add_subplot()


def _svg(figure: "Figure") -> str:
    with style():
        file = io.BytesIO()
        figure.savefig(file, format="svg", metadata={"Date": None}, transparent=True)
    drawing = file.getvalue().decode()
    drawing = drawing[drawing.index("<svg") :]
    for colour, variable in _THEMED.items():
        drawing = drawing.replace(colour, variable)
    return re.sub(r"<metadata>.*?</metadata>", "", drawing, flags=re.S)
