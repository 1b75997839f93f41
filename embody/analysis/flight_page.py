"""The page of plots about a recording of a flying fly."""

from typing import TYPE_CHECKING

import numpy as np

from embody.analysis.flight_summary import stroke_deg, summarise_flight
from embody.analysis.panel_style import ACCENT, FAINT, WARM, describe_run, style
from embody.analysis.source import RecordingLike

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LEFT, _RIGHT = "#d98a1f", "#2e86b7"
_SHOWN_S = 0.04


def flight_figure(recording: RecordingLike) -> "Figure":
    """Return the page of a flying fly: its way, what it missed, how its wings beat, metrics.

    Raises
    ------
    EmbodyError
        If the recording is not one of a flying fly, or is empty.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    metrics = summarise_flight(recording)
    arrays = {name: np.asarray(recording.arrays[name], float) for name in recording.arrays}
    time, beat, error = arrays["time"], arrays["wing_beat"], arrays["flight_error"]
    with style():
        figure = Figure(figsize=(11.0, 9.6), layout="constrained")
        FigureCanvasAgg(figure)
        grid = figure.add_gridspec(4, 2, height_ratios=(1.5, 1.0, 1.0, 1.0))
        _draw_way(figure.add_subplot(grid[0, 0]), arrays["position"])
        _draw_metrics(figure.add_subplot(grid[0, 1]), metrics)
        _draw_lines(figure.add_subplot(grid[1, 0]), "Height, mm", time, arrays["position"][:, 2:])
        title = "Wanted less actual speed, mm/s"
        _draw_lines(figure.add_subplot(grid[1, 1]), title, time, error[:, 1:2])
        title = "Tilt of the stroke plane, degrees"
        _draw_lines(figure.add_subplot(grid[2, 0]), title, time, np.degrees(error[:, 3:]))
        title = "Wanted less actual heading, degrees"
        _draw_lines(figure.add_subplot(grid[2, 1]), title, time, np.degrees(error[:, 2:3]))
        title = "Stroke from end to end, degrees: left, right"
        _draw_lines(figure.add_subplot(grid[3, 0]), title, time, np.degrees(2 * beat[:, 2:4]))
        late = np.linspace(max(time[0], time[-1] - _SHOWN_S), time[-1], 400)
        title = "Wings forwards, last beats, degrees: left, right"
        _draw_lines(figure.add_subplot(grid[3, 1]), title, late, stroke_deg(recording, late))
        figure.suptitle(describe_run(recording), x=0.01, ha="left", fontsize=14, weight="bold")
    return figure


def _draw_way(axes: "Axes", place: np.ndarray) -> None:
    axes.set_title("Way of the thorax from above, mm")
    axes.plot(place[:, 0], place[:, 1], color=ACCENT, lw=1.2)
    axes.plot(*place[0, :2], "o", color=FAINT, ms=5)
    axes.plot(*place[-1, :2], "o", color=WARM, ms=5)
    axes.set_aspect("equal", adjustable="datalim")


def _draw_metrics(axes: "Axes", metrics: dict[str, float]) -> None:
    axes.set_title("Metrics")
    axes.set_axis_off()
    for row, (name, value) in enumerate(metrics.items()):
        height = 0.97 - row * 0.97 / max(len(metrics), 10)
        axes.text(0.0, height, name, transform=axes.transAxes, va="top")
        told = f"{value:.3g}" if np.isfinite(value) else "-"
        axes.text(0.75, height, told, transform=axes.transAxes, va="top", weight="bold")


def _draw_lines(axes: "Axes", title: str, time: np.ndarray, values: np.ndarray) -> None:
    axes.set_title(title)
    colours = (ACCENT,) if values.shape[1] == 1 else (_LEFT, _RIGHT)
    for column, colour in zip(values.T, colours, strict=True):
        axes.plot(time, column, color=colour, lw=1.0)
    axes.set_xlabel("time, s")
