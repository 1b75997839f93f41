"""The page of plots about a recording of a fly."""

from typing import TYPE_CHECKING

import numpy as np

from embody.analysis.fly_summary import heading, summarise_fly
from embody.analysis.panel_style import ACCENT, FAINT, WARM, describe_run, style
from embody.analysis.source import RecordingLike

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEGS = ("LF", "LM", "LH", "RF", "RM", "RH")
_LEAST_LOAD_UN = 1.0
_SHOWN_S = 1.0
_COLOURS = {"L": "#d98a1f", "R": "#2e86b7"}


def fly_figure(recording: RecordingLike) -> "Figure":
    """Return the page of a fly: its way, speed and heading, footfalls, joint angles, metrics.

    Raises
    ------
    EmbodyError
        If the recording is not one of a fly, or is empty.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    metrics = summarise_fly(recording)
    with style():
        figure = Figure(figsize=(11.0, 9.6), layout="constrained")
        FigureCanvasAgg(figure)
        grid = figure.add_gridspec(4, 6, height_ratios=(1.5, 0.9, 1.1, 1.1))
        _draw_path(figure.add_subplot(grid[0, 0:3]), recording)
        _draw_metrics(figure.add_subplot(grid[0, 3:6]), metrics)
        _draw_speed(figure.add_subplot(grid[1, 0:3]), recording)
        _draw_heading(figure.add_subplot(grid[1, 3:6]), recording)
        _draw_footfalls(figure.add_subplot(grid[2, 0:6]), recording)
        _draw_joints(figure.add_subplot(grid[3, 0:6]), recording)
        figure.suptitle(describe_run(recording), x=0.01, ha="left", fontsize=14, weight="bold")
    return figure


def _draw_path(axes: "Axes", recording: RecordingLike) -> None:
    place = np.asarray(recording.arrays["position"], float)
    axes.set_title("Way of the thorax, mm")
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


def _draw_speed(axes: "Axes", recording: RecordingLike) -> None:
    time = np.asarray(recording.arrays["time"], float)
    place = np.asarray(recording.arrays["position"], float)[:, :2]
    axes.set_title("Forward speed over 0.1 s, mm/s")
    if len(time) > 2:
        turned = heading(recording.arrays["orientation"])
        ahead = np.stack([np.cos(turned), np.sin(turned)], axis=1)
        speed = (np.gradient(place, time, axis=0) * ahead).sum(axis=1)
        width = min(len(time), max(1, round(0.1 / (time[1] - time[0]))))
        smooth = np.convolve(speed, np.ones(width) / width, mode="valid")
        middle = time[width // 2 : width // 2 + len(smooth)]
        axes.plot(middle, smooth, color=ACCENT, lw=1.0)
    axes.set_xlabel("time, s")


def _draw_heading(axes: "Axes", recording: RecordingLike) -> None:
    axes.set_title("Heading, degrees, left positive")
    turned = np.degrees(heading(recording.arrays["orientation"]))
    axes.plot(np.asarray(recording.arrays["time"], float), turned, color=ACCENT, lw=1.0)
    axes.set_xlabel("time, s")


def _draw_footfalls(axes: "Axes", recording: RecordingLike) -> None:
    time, load = _last(recording, "leg_load")
    axes.set_title("Feet on the ground, last second")
    for row, leg in enumerate(LEGS):
        standing = (load[:, row] > _LEAST_LOAD_UN).astype(float)
        axes.fill_between(
            time, row - 0.4, row - 0.4 + 0.8 * standing, where=standing > 0, step="post",
            color=_COLOURS[leg[0]], lw=0,
        )  # fmt: skip
    axes.set_yticks(range(len(LEGS)), LEGS)
    axes.set_ylim(len(LEGS) - 0.4, -0.6)
    axes.set_xlabel("time, s")


def _draw_joints(axes: "Axes", recording: RecordingLike) -> None:
    time, angle = _last(recording, "joint_angle")
    axes.set_title("Femur-tibia angles, last second, degrees")
    for row, leg in enumerate(LEGS):
        dofs = angle.shape[1] // len(LEGS)
        axes.plot(
            time, np.degrees(angle[:, row * dofs + 5]), color=_COLOURS[leg[0]],
            ls=("-", "--", ":")[row % 3], lw=1.0, label=leg,
        )  # fmt: skip
    axes.legend(ncol=6, loc="upper right")
    axes.set_xlabel("time, s")


def _last(recording: RecordingLike, name: str) -> tuple[np.ndarray, np.ndarray]:
    time = np.asarray(recording.arrays["time"], float)
    shown = time >= time[-1] - _SHOWN_S
    return time[shown], np.asarray(recording.arrays[name], float)[shown]
