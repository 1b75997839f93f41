"""Draw what a fly that follows another sees, what its optic lobes make of it, and where it goes.

python tools/plot_optic_lobe_following.py --seed 0 --out docs/figures/fly-optic-lobe-follow.png
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from tqdm import tqdm

from embody import atomic_file
from embody.analysis.panel_style import ACCENT, FAINT, INK, WARM, style
from embody.bodies.fly.eyes import lattice
from embody.brains.fly.optic_lobe.object_detectors import load_empty_world, release_at_rest
from embody.envs.fly.follow import FlyFollow
from embody.envs.fly.optic_lobe_eyes import LONGEST_STEP_S, adapted_lobe
from embody.envs.fly.optic_lobe_following import OpticLobeFollow
from embody.envs.fly.sighted import EYE_PERIOD_STEPS
from embody.envs.fly.steering import SteeredWalker
from embody.envs.fly.visual_steering import look_at

SHOWN = "T5a"
CONTRAST = 0.04
"""Difference in brightness that the other fly makes where it is seen."""

_SHOWN_ROWS = 10.5  # above and below the middle of the eye

MOMENTS = (0.15, 0.5, 0.9)
"""When the eyes are shown, in shares of the walk."""


class Walk(NamedTuple):
    """What happened at every image, (images, ...).

    Attributes
    ----------
    time_s
        (images,).
    place, other
        Where both flies are [mm], (images, 2).
    bearing_rad, distance_mm
        Where the other fly is, (images,).
    shown_rad, azimuth_rad
        Middle of what is seen of it, and where the lobes say it is; nan for none, (images,).
    seen, change, response
        Brightness, what T5a releases beyond the empty world, detectors; (images, 2, 721).
    """

    time_s: np.ndarray
    place: np.ndarray
    other: np.ndarray
    bearing_rad: np.ndarray
    distance_mm: np.ndarray
    shown_rad: np.ndarray
    azimuth_rad: np.ndarray
    seen: np.ndarray
    change: np.ndarray
    response: np.ndarray


def walk(seed: int, duration_s: float) -> Walk:
    """Return an episode of Fly-Follow-v0 with the optic lobes."""
    env, rule = FlyFollow(), OpticLobeFollow()
    controller = SteeredWalker(env, rule)
    lobe, _ = adapted_lobe(rule.wiring, rule.wiring_seed)
    shown = lobe.wiring.index(SHOWN)
    empty = release_at_rest(lobe, load_empty_world(), LONGEST_STEP_S)[shown]
    observation, info = env.reset(seed=seed)
    state = controller.init(seed)
    found: list[tuple[Any, ...]] = []
    for step in tqdm(range(round(duration_s / env.control_period_s)), desc="walk"):
        if step % EYE_PERIOD_STEPS == 0:
            snapshot, voltage = env.snapshot(), state.memory.voltage
            response = rule.respond(voltage)
            seen = np.stack([snapshot["eye_left"], snapshot["eye_right"]])
            found.append(
                (
                    info["time_s"],
                    snapshot["position"][:2],
                    snapshot["other_fly"][:2],
                    info["bearing_rad"],
                    info["distance_mm"],
                    _azimuth(np.abs(seen - env.background()) > CONTRAST),
                    _azimuth(response) if step else np.nan,
                    seen,
                    np.maximum(voltage[:, shown], 0.0) - empty,
                    response,
                )
            )
        state, action = controller.step(state, observation)
        observation, _, _, _, info = env.step(action)
    env.close()
    return Walk(*(np.array(column) for column in zip(*found, strict=True)))


def _azimuth(weight: np.ndarray) -> float:
    """Return the azimuth of what is seen [rad], nan for nothing."""
    sight = look_at(weight.astype(np.float64))
    return sight.azimuth_rad if sight else np.nan


def draw(found: Walk, title: str) -> Figure:
    """Return the figure."""
    with style():
        figure = Figure(figsize=(11.0, 7.0), layout="constrained")
        FigureCanvasAgg(figure)
        grid = figure.add_gridspec(3, 4, height_ratios=(0.9, 0.9, 1.0), width_ratios=(1, 1, 1, 1))
        _draw_paths(figure.add_subplot(grid[0:2, 0]), found)
        frames = [round(share * (len(found.time_s) - 1)) for share in MOMENTS]
        _draw_eyes(figure.add_subplot(grid[0:2, 1:4]), found, frames)
        _draw_azimuth(figure.add_subplot(grid[2, 0:3]), found, frames)
        _draw_distance(figure.add_subplot(grid[2, 3]), found)
        figure.suptitle(title, x=0.01, ha="left", fontsize=13, weight="bold")
    return figure


def _draw_paths(axes: Axes, found: Walk) -> None:
    axes.set_title("Way of both flies")
    axes.plot(*found.other.T, color=WARM, label="other fly")
    axes.plot(*found.place.T, color=ACCENT, label="follower")
    for way, colour in ((found.other, WARM), (found.place, ACCENT)):
        axes.plot(*way[0], "o", color="white", markeredgecolor=colour, markersize=5)
        axes.plot(*way[-1], "o", color=colour, markersize=5)
    axes.set_aspect("equal", adjustable="datalim")
    axes.set_xlabel("x [mm]")
    axes.set_ylabel("y [mm]")
    axes.legend(loc="best")


def _draw_eyes(axes: Axes, found: Walk, frames: Sequence[int]) -> None:
    front, up = lattice.plane_coordinates().T
    inside = np.abs(up) < _SHOWN_ROWS
    width, height = 4.0 * front.max() + 6.0, 2.0 * _SHOWN_ROWS + 3.5
    reach = float(np.percentile(np.abs(found.change), 99.9))
    most = max(float(np.percentile(found.response, 99.9)), 1e-9)
    panels = (
        ("what both eyes see", found.seen, "gray", 0.0, 1.0),
        (f"{SHOWN} against the empty world", found.change, "RdBu_r", -reach, reach),
        ("detectors", found.response, "magma", 0.0, most),
    )
    for row, (name, values, colours, low, high) in enumerate(panels):
        axes.text(-0.5 * width, -row * height + _SHOWN_ROWS + 0.8, name, fontsize=9)
        for column, frame in enumerate(frames):
            for sign, value in zip((1.0, -1.0), values[frame], strict=True):
                x = column * width + sign * (front - front.max() - 1.0)  # fronts face each other
                axes.scatter(
                    x[inside],
                    up[inside] - row * height,
                    c=value[inside],
                    s=7,
                    marker="h",
                    cmap=colours,
                    vmin=low,
                    vmax=high,
                    linewidth=0,
                )
    for column, frame in enumerate(frames):
        place = (column * width, _SHOWN_ROWS + 3.5)
        axes.text(*place, f"{found.time_s[frame]:.2f} s", ha="center", weight="bold")
    axes.set_aspect("equal")
    axes.set_axis_off()


def _draw_azimuth(axes: Axes, found: Walk, frames: Sequence[int]) -> None:
    axes.set_title("Where the other fly is, and where the optic lobes say it is")
    axes.axhline(0.0, color=FAINT, linewidth=0.6)
    for frame in frames:
        axes.axvline(found.time_s[frame], color=FAINT, linewidth=0.6, linestyle=":")
    for azimuth, colour, label in (
        (found.bearing_rad, FAINT, "its thorax"),
        (found.shown_rad, WARM, "middle of what is seen of it"),
        (found.azimuth_rad, ACCENT, "decoded"),
    ):
        axes.plot(found.time_s, np.degrees(azimuth), color=colour, linewidth=1.2, label=label)
    axes.margins(x=0.01)
    axes.set_ylim(-60.0, 60.0)  # the first images, after grey, say nothing
    axes.set_xlabel("time [s]")
    axes.set_ylabel("azimuth [degrees, left]")
    axes.legend(loc="upper right", ncols=3)


def _draw_distance(axes: Axes, found: Walk) -> None:
    axes.set_title("Distance")
    axes.plot(found.time_s, found.distance_mm, color=INK)
    axes.set_ylim(0.0)
    axes.set_xlabel("time [s]")
    axes.set_ylabel("mm")


def main(arguments: Sequence[str] | None = None) -> int:
    """Walk, and write the figure."""
    description, _, epilog = (__doc__ or "").partition("\n")
    parser = argparse.ArgumentParser(
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seed", type=int, default=0, help="of the episode")
    parser.add_argument("--seconds", type=float, default=4.0, help="length of the episode")
    parser.add_argument("--out", type=Path, required=True, help="PNG to write")
    given = parser.parse_args(arguments)
    title = f"Fly-Follow-v0  ·  optic-lobe  ·  seed {given.seed}"
    figure = draw(walk(given.seed, given.seconds), title)
    with atomic_file.replacing(given.out) as file:
        figure.savefig(file, format="png", dpi=110)
    return 0


if __name__ == "__main__":
    sys.exit(main())
