"""One page of plots about a recording."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from embody import animals
from embody.analysis.source import RecordingLike, time_and_centreline
from embody.analysis.worm_summary import summarise_worm
from embody.atomic_file import replacing
from embody.errors import EmbodyError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_FORMATS = ("pdf", "png", "svg")


def plot_page(recording: RecordingLike, path: str | os.PathLike[str]) -> Path:
    """Draw a page of plots: of a worm path, posture, gait, neurons and navigation.

    Panels for which the recording is too short, or lacks the signal, say so.

    Parameters
    ----------
    recording
        One episode.
    path
        File to write; its ending chooses PNG, PDF or SVG.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    EmbodyError
        If the ending is none of these, or the recording is of no known animal.
    """
    path = Path(path)
    kind = path.suffix.lower().removeprefix(".")
    if kind not in _FORMATS:
        raise EmbodyError(f"a page of plots ends in .{', .'.join(_FORMATS)}, not {path.name!r}")
    figure = page_figure(recording)
    with replacing(path) as file:
        figure.savefig(file, format=kind, dpi=150)
    return path


def page_figure(recording: RecordingLike) -> "Figure":
    """Return the page as a matplotlib figure that belongs to no window.

    Raises
    ------
    EmbodyError
        If the recording is of no known animal.
    """
    return animals.load(recording, "page")(recording)


def worm_figure(recording: RecordingLike) -> "Figure":
    """Return the page of a worm: path, posture, gait, neurons and navigation.

    Raises
    ------
    EmbodyError
        If the recording is not one of a worm.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from embody.analysis import panels
    from embody.analysis.panel_style import describe_run, style

    time_and_centreline(recording)
    metrics = summarise_worm(recording)
    with style():
        neurons = 1.35 if "voltage" in recording.arrays else 0.1
        figure = Figure(figsize=(11.0, 11.65 + neurons), layout="constrained")
        FigureCanvasAgg(figure)
        grid = figure.add_gridspec(5, 6, height_ratios=(1.25, 1.25, 0.95, neurons, 1.15))
        panels.draw_path(figure.add_subplot(grid[0:2, 0:3]), recording)
        panels.draw_metrics(figure.add_subplot(grid[0, 3:6]), metrics)
        panels.draw_kymograph(figure.add_subplot(grid[1, 3:6]), recording)
        panels.draw_speed(figure.add_subplot(grid[2, 0:4]), recording)
        panels.draw_spectrum(figure.add_subplot(grid[2, 4:6]), recording)
        panels.draw_neurons(figure.add_subplot(grid[3, 0:6]), recording)
        panels.draw_eigenworms(figure.add_subplot(grid[4, 0:3]), recording)
        panels.draw_klinotaxis(figure.add_subplot(grid[4, 3:6]), recording)
        figure.suptitle(describe_run(recording), x=0.01, ha="left", fontsize=14, weight="bold")
    return figure
