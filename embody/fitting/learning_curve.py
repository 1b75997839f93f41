"""A picture of how a fit went."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

from embody import atomic_file


def draw_learning_curve(
    lines: Sequence[Mapping[str, Any]],
    path: str | os.PathLike[str],
    unit: str,
    title: str = "",
) -> None:
    """Draw cost and best cost over the budget spent, and over the time worked.

    Parameters
    ----------
    lines
        Lines of the log.
    unit
        What the budget counts.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    cost = [_drawn(line["cost"]) for line in lines]
    best = [_drawn(line["best"]) for line in lines]
    for axes, key, label in zip(panels, ("spent", "wall_s"), (unit, "time [s]"), strict=True):
        along = [line[key] for line in lines]
        axes.plot(along, cost, color="0.7", linewidth=1.0, label="this step")
        axes.plot(along, best, color="#1f5fa8", linewidth=1.8, label="best so far")
        axes.set_xlabel(label)
        axes.spines[["top", "right"]].set_visible(False)
    finite = [value for value in (*cost, *best) if value == value]
    if finite and min(finite) > 0.0:
        panels[0].set_yscale("log")
    panels[0].set_ylabel("cost")
    panels[0].legend(frameon=False)
    figure.suptitle(title)
    with atomic_file.replacing(path) as file:
        figure.savefig(file, dpi=120, format=str(path).rpartition(".")[2])


def _drawn(value: float | None) -> float:
    return float("nan") if value is None else value
