"""A picture of how a fit went."""

import os
from collections.abc import Sequence

import numpy as np

from embody.fit.evolution import Generation


def draw_learning_curve(
    generations: Sequence[Generation], path: str | os.PathLike[str], title: str = ""
) -> None:
    """Draw best and median cost over evaluations."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    evaluations = [found.evaluations for found in generations]
    axes.semilogy(evaluations, [float(np.median(g.cost)) for g in generations], label="median")
    axes.semilogy(evaluations, [g.best_cost for g in generations], label="best so far")
    axes.set(xlabel="evaluations", ylabel="cost", title=title)
    axes.legend()
    figure.savefig(path, dpi=120)
