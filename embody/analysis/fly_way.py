"""The panel that shows a fly's way over what lies on the ground of its task."""

from typing import TYPE_CHECKING, Any

import numpy as np

from embody.analysis.fly_signals import track
from embody.analysis.panel_style import FAINT, INK
from embody.analysis.path_panel import Extent, draw_way, extent_of, frame_way
from embody.analysis.source import RecordingLike, scene
from embody.registry import load_entry_point

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_GROUND = "embody.envs.fly.ground:Ground"  # odours, plume, nest and food of a scene
_POINTS = 2000
_LEAST_HALF_MM = 1.5
_RATIO = 1.7  # width over height of the panel
_GRID = 240
_OPACITY = 0.9
_OTHER_FLY_COLOUR, _BALL_COLOUR = "#d98a1f", "#c8553d"
_APPEARED_MM = -100.0  # a ball below it is not there yet


def draw_fly_way(axes: "Axes", recording: RecordingLike) -> None:
    """Draw the way, coloured by time, over odours, plume, nest and food, and what else moved.

    Parameters
    ----------
    axes
        Where to draw.
    recording
        One episode of a fly.
    """
    arrays = recording.arrays
    time = np.asarray(arrays["time"], float)
    keep = np.unique(np.linspace(0, len(time) - 1, _POINTS).round().astype(int))
    path = track(recording)[0]
    ground = load_entry_point(_GROUND)(scene(recording))
    ground.show(float(time[-1]), {name: values[-1] for name, values in arrays.items()})
    others = _other_ways(recording)
    sides = np.array([[-1, -1], [1, 1]])
    marks = np.array([mark.place_mm + mark.radius_mm * sides for mark in ground.marks])
    extent = extent_of(
        np.concatenate([path, marks.reshape(-1, 2), *others.values()]), _LEAST_HALF_MM, _RATIO
    )
    _draw_odours(axes, ground, extent)
    _draw_rims(axes, ground)
    _draw_marks(axes, ground)
    if ground.wind_mm_s is not None:
        _draw_wind(axes, ground.wind_mm_s)
    _draw_others(axes, recording, others)
    draw_way(axes, path[keep], time[keep])
    axes.plot(*path[0], "o", mfc="white", mec=INK, ms=5, zorder=4)
    axes.plot(*path[-1], "o", color=INK, ms=5, zorder=4)
    frame_way(axes, extent)
    axes.set_anchor("W")
    where = "over the ball" if "ball_motion" in arrays else "of the thorax"
    now = "; plume: at the end" if ground.wind_mm_s is not None else ""
    axes.set_title(f"Way {where} (white: start, black: end{now})")


def _other_ways(recording: RecordingLike) -> dict[str, np.ndarray]:
    """Return the way of what else moves, by name, shapes (n, 2) [mm]."""
    arrays, found = recording.arrays, {}
    if "other_fly" in arrays:
        found["other fly"] = np.asarray(arrays["other_fly"], float)[:, :2]
    if "predator" in arrays:
        ball = np.asarray(arrays["predator"], float)
        there = ball[ball[:, 2] > _APPEARED_MM, :2]
        if len(there):
            found["ball, at the end"] = there
    return found


def _draw_others(axes: "Axes", recording: RecordingLike, others: dict[str, np.ndarray]) -> None:
    from matplotlib.patches import Circle

    for name, way in others.items():
        is_fly = name == "other fly"
        colour = _OTHER_FLY_COLOUR if is_fly else _BALL_COLOUR
        axes.plot(*way.T, color=colour, lw=1.2, label=name, zorder=1.5)
        axes.plot(*way[-1], "o", color=colour, ms=5, zorder=1.5)
        if not is_fly:
            radius = float(scene(recording)["world"]["radius_mm"])
            axes.add_patch(Circle(way[-1].tolist(), radius, color=colour, alpha=0.35, lw=0))
    if others:
        axes.legend(loc="upper right")


def _draw_odours(axes: "Axes", ground: Any, extent: Extent) -> None:
    x, y = np.linspace(*extent[:2], _GRID), np.linspace(*extent[2:], _GRID)
    for name, strength in ground.strength(np.stack(np.meshgrid(x, y), axis=-1)).items():
        image = np.empty((*strength.shape, 4))
        image[..., :3], image[..., 3] = _rgb(ground.colours[name]), _OPACITY * strength
        axes.imshow(image, extent=extent, origin="lower", zorder=0)


def _draw_rims(axes: "Axes", ground: Any) -> None:
    from matplotlib.patches import Circle

    if ground.arena_radius_mm:
        axes.add_patch(Circle((0, 0), ground.arena_radius_mm, fill=False, ec=FAINT, lw=1.2))
    if ground.half_width_mm:
        for side in (-1, 1):
            axes.axhline(side * ground.half_width_mm, color=FAINT, lw=1.2)


def _draw_marks(axes: "Axes", ground: Any) -> None:
    from matplotlib.patches import Circle

    marks, left = ground.marks, iter(ground.food_left)
    corners = np.array([mark.place_mm for mark in marks if mark.kind == "corner"]).reshape(-1, 2)
    axes.plot(*corners.T, "o--", color=FAINT, ms=4, lw=0.8, zorder=1)
    named = set()
    for mark in (mark for mark in marks if mark.kind != "corner"):
        colour, (x, y) = _rgb(mark.colour), mark.place_mm
        filled = mark.kind != "source"
        opacity = 0.1 + 0.9 * float(next(left)) if mark.kind == "food" else 1.0
        face = (*colour, opacity) if filled else "none"
        axes.add_patch(Circle((x, y), mark.radius_mm, fc=face, ec=colour, lw=1.5, zorder=1))
        if not filled:
            axes.plot(x, y, "+", color=INK, ms=8, mew=1.4, zorder=3)
        if mark.name not in named:
            edge = (x + 0.75 * mark.radius_mm, y + 0.75 * mark.radius_mm)
            axes.annotate(mark.name, edge, (4, 4), textcoords="offset points", zorder=5)
        named.add(mark.name)


def _draw_wind(axes: "Axes", wind_mm_s: np.ndarray) -> None:
    x, y = (0.12 * wind_mm_s / np.linalg.norm(wind_mm_s)).tolist()
    arrow = {"arrowstyle": "-|>", "color": INK, "lw": 1.5}
    axes.annotate(
        "", (0.06 + x, 0.9 + y), (0.06, 0.9), "axes fraction", "axes fraction", arrowprops=arrow
    )
    axes.text(0.06, 0.93, "wind", transform=axes.transAxes)


def _rgb(colour: tuple[int, int, int]) -> tuple[float, float, float]:
    red, green, blue = (level / 255 for level in colour)
    return red, green, blue
