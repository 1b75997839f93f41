"""The page of plots about a recording of a fly."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from embody.analysis.fly_signals import TaskSignal, task_signals, track, turned_rad
from embody.analysis.fly_summary import summarise_fly
from embody.analysis.fly_way import draw_fly_way
from embody.analysis.panel_style import ACCENT, FAINT, WARM, describe_run, style
from embody.analysis.posture import sampling_period, smooth
from embody.analysis.source import RecordingLike

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEGS = ("LF", "LM", "LH", "RF", "RM", "RH")
_LEAST_LOAD_UN = 1.0
_SHOWN_S = 1.0
_SPEED_WINDOW_S = 0.1
_COLOURS = {"L": "#d98a1f", "R": "#2e86b7"}
_LINES = (ACCENT, WARM, "#7a5195", "#8a98a3")
_METRICS = {
    "speed_mm_s": "forward speed [mm/s]",
    "heading_drift_deg_s": "turning [degrees/s]",
    "step_frequency_hz": "steps [1/s]",
    "tripod_coordination": "tripod coordination, 0 to 1",
    "stance_duration_ms": "stance [ms]",
    "swing_duration_ms": "swing [ms]",
    "duty_factor": "share of a step on the ground",
    "legs_in_stance": "legs on the ground",
    "distance_mm": "length of the way [mm]",
    "displacement_mm": "displacement [mm]",
    "upright_fraction": "share of time upright",
}
_UNITS = {
    "_mm_s": " [mm/s]", "_mm": " [mm]", "_rad_s": " [rad/s]", "_rad": " [rad]", "_nl": " [nl]",
    "_deg": " [degrees]", "_s": " [s]",
}  # fmt: skip


def fly_figure(recording: RecordingLike) -> "Figure":
    """Return the page of a fly: its way, what its task is about, speed, footfalls, joints.

    Raises
    ------
    EmbodyError
        If the recording is not one of a fly, or is empty.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    metrics = summarise_fly(recording)
    signals = task_signals(recording)
    with style():
        heights = [2.4, *[1.0] * len(signals), 1.0, 1.1, 1.1]
        figure = Figure(figsize=(11.0, 2.2 + 1.7 * sum(heights)), layout="constrained")
        FigureCanvasAgg(figure)
        grid = figure.add_gridspec(len(heights), 6, height_ratios=heights)
        draw_fly_way(figure.add_subplot(grid[0, 0:4]), recording)
        _draw_metrics(figure.add_subplot(grid[0, 4:6]), metrics)
        row = 1
        for row, signal in enumerate(signals, start=1):
            _draw_signal(figure.add_subplot(grid[row, 0:6]), recording, signal)
        row = len(signals) + 1
        _draw_speed(figure.add_subplot(grid[row, 0:3]), recording)
        _draw_heading(figure.add_subplot(grid[row, 3:6]), recording)
        _draw_footfalls(figure.add_subplot(grid[row + 1, 0:6]), recording)
        _draw_joints(figure.add_subplot(grid[row + 2, 0:6]), recording)
        figure.suptitle(describe_run(recording), x=0.01, ha="left", fontsize=14, weight="bold")
    return figure


def _draw_metrics(axes: "Axes", metrics: Mapping[str, float]) -> None:
    axes.set_title("Summary")
    axes.set_axis_off()
    for row, (name, value) in enumerate(metrics.items()):
        height = 0.97 - row * 0.97 / max(len(metrics), 14)
        axes.text(0.0, height, _metric_label(name), transform=axes.transAxes, va="top")
        told = f"{value:.3g}" if np.isfinite(value) else "-"
        axes.text(1.0, height, told, transform=axes.transAxes, va="top", ha="right", weight="bold")


def _metric_label(name: str) -> str:
    if name in _METRICS:
        return _METRICS[name]
    bare = name.removeprefix("final_")
    for ending, unit in _UNITS.items():
        if bare.endswith(ending):
            bare = bare.removesuffix(ending).replace("_", " ") + unit
            break
    else:
        bare = bare.replace("_", " ")
    return f"at the end: {bare}" if name.startswith("final_") else bare


def _draw_signal(axes: "Axes", recording: RecordingLike, signal: TaskSignal) -> None:
    time = np.asarray(recording.arrays["time"], float)
    unit = "" if signal.unit == "1" else signal.unit
    axes.set_title(f"{signal.title} [{unit}]" if unit else signal.title)
    for colour, (name, values) in zip(_cycle(len(signal.lines)), signal.lines.items(), strict=True):
        axes.plot(time, values, color=colour, lw=1.1, label=name)
    if len(signal.lines) > 1:
        _legend(axes, len(signal.lines))
    every = np.concatenate(list(signal.lines.values()))
    if np.isfinite(every).any() and np.nanmin(every) >= 0:
        axes.set_ylim(bottom=0)
    _time_axis(axes, time)


def _cycle(count: int) -> list[str]:
    return [_LINES[row % len(_LINES)] for row in range(count)]


def _draw_speed(axes: "Axes", recording: RecordingLike) -> None:
    time = np.asarray(recording.arrays["time"], float)
    axes.set_title("Forward speed over 0.1 s [mm/s]")
    if len(time) > 2:
        window = max(1, round(_SPEED_WINDOW_S / sampling_period(time)))
        axes.plot(time, smooth(track(recording)[1], window), color=ACCENT, lw=1.0)
    axes.axhline(0, color=FAINT, lw=0.6)
    _time_axis(axes, time)


def _draw_heading(axes: "Axes", recording: RecordingLike) -> None:
    time = np.asarray(recording.arrays["time"], float)
    axes.set_title("Heading, left positive [degrees]")
    axes.plot(time, np.degrees(turned_rad(recording)), color=ACCENT, lw=1.0)
    _time_axis(axes, time)


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
    _time_axis(axes, time)


def _draw_joints(axes: "Axes", recording: RecordingLike) -> None:
    time, angle = _last(recording, "joint_angle")
    axes.set_title("Femur-tibia angles, last second [degrees]")
    for row, leg in enumerate(LEGS):
        dofs = angle.shape[1] // len(LEGS)
        axes.plot(
            time, np.degrees(angle[:, row * dofs + 5]), color=_COLOURS[leg[0]],
            ls=("-", "--", ":")[row % 3], lw=1.0, label=leg,
        )  # fmt: skip
    _legend(axes, len(LEGS))
    _time_axis(axes, time)


def _legend(axes: "Axes", columns: int) -> None:
    """Put the key above the panel, where it hides nothing."""
    axes.legend(ncol=columns, loc="lower right", bbox_to_anchor=(1.0, 0.97), borderaxespad=0.2)


def _time_axis(axes: "Axes", time: np.ndarray) -> None:
    axes.set_xlabel("time [s]")
    if len(time) > 1:
        axes.set_xlim(time[0], time[-1])


def _last(recording: RecordingLike, name: str) -> tuple[np.ndarray, np.ndarray]:
    time = np.asarray(recording.arrays["time"], float)
    shown = time >= time[-1] - _SHOWN_S
    return time[shown], np.asarray(recording.arrays[name], float)[shown]
