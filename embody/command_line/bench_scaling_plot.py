"""How speed and memory scale: a figure of the rows that have a place in a plot."""

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from embody import atomic_file
from embody.benchmark import Row


class _Panel(NamedTuple):
    title: str
    across: str
    up: str


PANELS = {
    "worms": _Panel("Whole loop", "worms", "worm-seconds per second"),
    "envs": _Panel("Envs alone", "worms", "env steps per second"),
    "bodies": _Panel("Bodies alone", "worms", "body steps per second"),
    "brains": _Panel("Brains of 302 neurons alone", "brains", "brain steps per second"),
    "neurons": _Panel("One network", "neurons", "steps per second"),
    "memory": _Panel("Memory", "worms", "MB more than one worm"),
}
PLOTS_WITH_PEERS = ("brains", "neurons")
"""Those in which a peer was measured at every size."""

MARKERS = "os^Dv<>P"
DASHES = ((4, 2), (1, 2), (6, 2, 1, 2))


def draw_scaling(rows: Sequence[Row], path: Path) -> bool:
    """Draw every plot that has rows, both axes logarithmic; return whether there was any."""
    drawn = [name for name in PANELS if _lines(rows, name)]
    if not drawn:
        return False
    from matplotlib.figure import Figure

    columns = min(3, len(drawn))
    figure = Figure(figsize=(4.6 * columns, 3.9 * -(-len(drawn) // columns)), layout="constrained")
    axes = figure.subplots(-(-len(drawn) // columns), columns, squeeze=False).ravel()
    for name, ax in itertools.zip_longest(drawn, axes):
        if name is None:
            ax.set_axis_off()
            continue
        lines, sizes = _lines(rows, name), set()
        for (line, points), marker in zip(lines.items(), itertools.cycle(MARKERS), strict=False):
            across, up = zip(*sorted(points), strict=True)
            ax.loglog(across, up, marker=marker, markersize=5, linewidth=1.5, label=line)
            sizes.update(across)
        for (peer, points), dashes in zip(_peers(rows, name).items(), DASHES, strict=False):
            ax.loglog(*zip(*sorted(points), strict=True), "k", dashes=dashes, lw=1, label=peer)
        panel = PANELS[name]
        ax.set_xticks(sorted(sizes), [f"{size:,}" for size in sorted(sizes)], rotation=30)
        ax.set_xticks([], minor=True)
        ax.set(title=panel.title, xlabel=panel.across, ylabel=panel.up)
        ax.grid(visible=True, which="major", alpha=0.3)
        ax.spines[["top", "right"]].set_visible(False)
        ax.legend(fontsize="x-small", framealpha=0.6, edgecolor="none")
    with atomic_file.replacing(path) as file:
        figure.savefig(file, format="png", dpi=150)
    return True


def _peers(rows: Sequence[Row], plot: str) -> dict[str, list[tuple[int, float]]]:
    """Return the points of every peer of a plot."""
    peers: dict[str, list[tuple[int, float]]] = {}
    for row in rows:
        if row.point is not None and row.point.plot == plot in PLOTS_WITH_PEERS and row.ratio:
            peers.setdefault(row.peer, []).append((row.point.size, row.value / row.ratio))
    return peers


def _lines(rows: Sequence[Row], plot: str) -> dict[str, list[tuple[int, float]]]:
    """Return the points of every line of a plot."""
    lines: dict[str, list[tuple[int, float]]] = {}
    for row in rows:
        if row.point is not None and row.point.plot == plot and row.value > 0:
            lines.setdefault(row.point.line, []).append((row.point.size, row.value))
    return lines
