"""Pictures of imitation: error over the time since release, and bending over body and time."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from embody import atomic_file
from embody.bodies.worm.geometry import JOINTS, RODS
from embody.bodies.worm.mujoco_body import CONTROL_PERIOD_S
from embody.envs.worm.fits.imitation_evaluation import Followed, mean_over_animals

COLOURS = ("#1f5fa8", "#d1662f", "#3a8f4d", "#8b5aa8", "0.35", "0.65", "#b03a5b", "#7a6a2f")
LARGEST_CURVATURE = 12.0
TIMES_DRAWN = 40


def draw_error(found: Mapping[str, Sequence[Followed]], path: Path) -> None:
    """Draw the posture error over the time since release, with 95 % intervals over animals."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 4.6), layout="constrained")
    axes = figure.subplots()
    for (name, followed), colour in zip(found.items(), COLOURS, strict=False):
        errors = np.array([one.error() for one in followed])
        who = [one.individual for one in followed]
        chosen = np.linspace(0, errors.shape[1] - 1, TIMES_DRAWN).astype(int)
        bounds = np.array([mean_over_animals(list(errors[:, k]), who) for k in chosen])
        time = (chosen + 1) * CONTROL_PERIOD_S
        axes.plot(time, bounds[:, 0], color=colour, label=name)
        axes.fill_between(time, bounds[:, 1], bounds[:, 2], color=colour, alpha=0.12, linewidth=0)
    axes.set_xlabel("time since release [s]")
    axes.set_ylabel("posture error [body lengths]")
    axes.set_ylim(bottom=0.0)
    axes.set_xlim(left=0.0)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize="small")
    _write(figure, path)


def draw_bending(rows: Mapping[str, np.ndarray], path: Path, title: str) -> None:
    """Draw curvature over body and time, one panel for each row of joint angles, (T, 24) [rad]."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.5, 1.25 * len(rows) + 0.8), layout="constrained")
    panels: Any = figure.subplots(len(rows), 1, sharex=True, squeeze=False)[:, 0]
    image: Any = None
    for axes, (name, angle) in zip(panels, rows.items(), strict=True):
        image = axes.imshow(
            angle.T * RODS,
            aspect="auto",
            cmap="RdBu_r",
            vmin=-LARGEST_CURVATURE,
            vmax=LARGEST_CURVATURE,
            extent=(0.0, len(angle) * CONTROL_PERIOD_S, JOINTS + 0.5, 0.5),
            interpolation="nearest",
        )
        axes.set_yticks([1, JOINTS], ["head", "tail"])
        axes.set_title(name, fontsize="small", loc="left", pad=2)
    panels[-1].set_xlabel("time [s]")
    figure.colorbar(image, ax=list(panels), label="curvature [1/body length]", shrink=0.8)
    figure.suptitle(title, fontsize="medium")
    _write(figure, path)


def _write(figure: Any, path: Path) -> None:
    with atomic_file.replacing(path) as file:
        figure.savefig(file, dpi=130, format="png")
