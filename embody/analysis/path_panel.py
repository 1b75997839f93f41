"""Parts of the panel that shows an animal's way: the way coloured by time, and a scale bar."""

from typing import TYPE_CHECKING

import numpy as np

from embody.analysis.panel_style import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Extent = tuple[float, float, float, float]
"""Left, right, bottom and top of what is shown [mm]."""


def extent_of(shown: np.ndarray, least_mm: float, ratio: float = 1.0) -> Extent:
    """Return a rectangle around places, shape (n, 2) [mm], with a margin.

    Parameters
    ----------
    shown
        What has to be in it.
    least_mm
        Least half of its height [mm].
    ratio
        Width over height.
    """
    middle = 0.5 * (shown.min(axis=0) + shown.max(axis=0))
    half = max(least_mm, 0.58 * float((np.ptp(shown, axis=0) / [ratio, 1.0]).max()))
    x, y = middle.tolist()
    return x - ratio * half, x + ratio * half, y - half, y + half


def draw_way(axes: "Axes", path: np.ndarray, time_s: np.ndarray) -> None:
    """Draw a way, shape (n, 2) [mm], coloured by time, shape (n,) [s], and the key to it."""
    from matplotlib.collections import LineCollection

    if len(path) < 2:
        return
    pieces = np.stack([path[:-1], path[1:]], axis=1)
    lines = LineCollection(list(pieces), cmap="plasma", array=time_s[:-1], lw=1.6, zorder=2)
    axes.add_collection(lines)
    axes.figure.colorbar(lines, ax=axes, label="time [s]", shrink=0.6, pad=0.01)


def frame_way(axes: "Axes", extent: Extent) -> None:
    """Give the panel its limits, without axes but with a scale bar."""
    axes.set(xlim=extent[:2], ylim=extent[2:], aspect="equal", xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set_visible(False)
    half = 0.5 * (extent[3] - extent[2])
    bar = _round_length(half / 2)
    left, bottom = extent[0] + 0.08 * half, extent[2] + 0.08 * half
    axes.plot([left, left + bar], [bottom, bottom], color=INK, lw=3, solid_capstyle="butt")
    axes.text(left + bar / 2, bottom + 0.03 * half, f"{bar:g} mm", ha="center", va="bottom")


def _round_length(length: float) -> float:
    decade = 10.0 ** np.floor(np.log10(length))
    return float(max(step * decade for step in (1, 2, 5) if step * decade <= length))
