"""The pictures of an evaluation."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from embody.analysis import Relation
from embody.analysis.odour import concentration
from embody.analysis.panel_style import ACCENT, FAINT, INK, WARM, style
from embody.envs.worm.evaluation_trial import Outcome

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PATH_COLUMNS = 5
_VIEW_X, _VIEW_Y = (-25.0, 29.0), (-27.0, 27.0)
_PEAK_MM = 10.0
_PAPER = "#dfe7ea"


def draw_gait(measures: Sequence[tuple[str, Sequence[float], float, float]]) -> "Figure":
    """Draw each measure's episodes over the band that is wanted: label, values, low, high."""
    with _figure(9.5, 4.6) as figure:
        axes = figure.subplots(2, (len(measures) + 1) // 2, squeeze=False).ravel()
        for axis in axes[len(measures) :]:
            axis.set_axis_off()
        for axis, (label, values, low, high) in zip(axes, measures, strict=False):
            axis.axhspan(low, high, color=ACCENT, alpha=0.15, lw=0)
            axis.plot(_jitter(len(values)), values, "o", color=INK, ms=3.5, alpha=0.6)
            axis.plot([-0.3, 0.3], [np.nanmedian(values)] * 2, color=WARM, lw=2)
            axis.set_title(label.replace(" [", "\n["), fontsize=8)
            axis.set(xlim=(-0.6, 0.6), xticks=[])
            axis.margins(y=0.3)
        _caption(figure, "dots: episodes; red: median; green: band wanted")
        return figure


def draw_lesions(speeds: Mapping[str, tuple[float, float]]) -> "Figure":
    """Draw forward speed, and speed with AVA driven, of every lesion [mm/s]."""
    with _figure(8.0, 0.34 * len(speeds) + 1.2) as figure:
        axis = figure.subplots()
        place = np.arange(len(speeds))[::-1]
        forward, reverse = np.array(list(speeds.values())).T
        axis.barh(place + 0.18, forward, 0.34, color=ACCENT, label="undriven")
        axis.barh(place - 0.18, reverse, 0.34, color=WARM, label="AVA driven")
        axis.axvline(0.25 * forward[0], color=ACCENT, lw=0.8, ls=":")
        axis.axvline(0.75 * forward[0], color=ACCENT, lw=0.8, ls=":")
        axis.axvline(0, color=INK, lw=0.8)
        axis.set_yticks(place, list(speeds))
        axis.set(xlabel="speed [mm/s], forward positive", title="Lesions")
        axis.legend(loc="lower left", bbox_to_anchor=(0.75, 1.0), ncols=2)
        _caption(figure, "dotted: 25 % and 75 % of intact forward speed")
        return figure


def draw_switching(speeds: Mapping[str, np.ndarray]) -> "Figure":
    """Draw speed over time of each protocol, shape (episodes, seconds) [mm/s]."""
    with _figure(8.0, 1.45 * len(speeds) + 0.6) as figure:
        axes = figure.subplots(len(speeds), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
        for axis, (label, episodes) in zip(axes, speeds.items(), strict=True):
            seconds = np.arange(episodes.shape[1]) + 0.5
            axis.axhline(0, color=INK, lw=0.6)
            axis.plot(seconds, episodes.T, color=FAINT, lw=0.6)
            axis.plot(seconds, np.median(episodes, axis=0), color=ACCENT, lw=1.8)
            for edge in (episodes.shape[1] / 3, 2 * episodes.shape[1] / 3):
                axis.axvline(edge, color=WARM, lw=0.8, ls="--")
            axis.set_title(label, fontsize=9)
            axis.set_ylabel("mm/s")
        axes[-1].set_xlabel("time [s]; dashed: what is driven changes")
        return figure


def draw_wiring(ratios: Mapping[str, Sequence[Mapping[str, float]]], matters: float) -> "Figure":
    """Draw what every damage leaves of speed and steering; a dot for each draw."""
    measures = list(next(iter(ratios.values()))[0])
    with _figure(9.5, 0.4 * len(ratios) + 1.1) as figure:
        axes = figure.subplots(1, len(measures), sharey=True, squeeze=False)[0]
        place = np.arange(len(ratios))[::-1]
        for axis, measure in zip(axes, measures, strict=True):
            for y, draws in zip(place, ratios.values(), strict=True):
                values = [draw[measure] for draw in draws]
                axis.barh(y, np.median(values), 0.6, color=ACCENT, alpha=0.75)
                if len(values) > 1:
                    axis.plot(values, [y] * len(values), "o", color=INK, ms=3)
            axis.axvline(matters, color=WARM, lw=0.9, ls="--")
            axis.axvline(0, color=INK, lw=0.8)
            axis.set_title(measure)
            axis.set_xlabel("over intact")
        axes[0].set_yticks(place, list(ratios))
        return figure


def draw_media(gaits: Mapping[float, Mapping[str, float]]) -> "Figure":
    """Draw the gait along the scale from water (0) to agar (1)."""
    labels = {
        "frequency_hz": "frequency [Hz]",
        "wavelength_body": "wavelength [body]",
        "speed_mm_s": "speed [mm/s]",
        "curvature_amplitude_per_mm": "curvature [1/mm]",
    }
    with _figure(9.5, 2.4) as figure:
        axes = figure.subplots(1, len(labels), squeeze=False)[0]
        for axis, (key, label) in zip(axes, labels.items(), strict=True):
            axis.plot(list(gaits), [g[key] for g in gaits.values()], "o-", color=ACCENT)
            axis.set_title(label)
            low, high = axis.get_ylim()
            axis.set_ylim(min(0.0, low), 1.05 * high)
            axis.set_xticks([0, 0.5, 1], ["water", "", "agar"])
        return figure


def draw_touch(speeds: Mapping[str, np.ndarray], at_s: float) -> "Figure":
    """Draw speed around the touch, shape (episodes, seconds) [mm/s]."""
    with _figure(11.0, 2.4) as figure:
        axes = figure.subplots(1, len(speeds), sharey=True, squeeze=False)[0]
        for axis, (label, episodes) in zip(axes, speeds.items(), strict=True):
            seconds = np.arange(episodes.shape[1]) + 0.5
            axis.axhline(0, color=INK, lw=0.6)
            axis.axvline(at_s, color=WARM, lw=0.9, ls="--")
            axis.plot(seconds, episodes.T, color=FAINT, lw=0.6)
            axis.plot(seconds, np.median(episodes, axis=0), color=ACCENT, lw=1.8)
            axis.set(xlabel="time [s]", xlim=(at_s - 8, at_s + 12))
            axis.set_title(label, fontsize=9)
        axes[0].set_ylabel("speed [mm/s]")
        return figure


def draw_indices(indices: Mapping[str, np.ndarray], wanted: float) -> "Figure":
    """Draw the chemotaxis index of every episode of every controller."""
    with _figure(8.0, 0.32 * len(indices) + 1.2) as figure:
        axis = figure.subplots()
        place = np.arange(len(indices))[::-1]
        boxes = axis.boxplot(
            list(indices.values()),
            positions=place,
            orientation="horizontal",
            widths=0.6,
            showfliers=False,
            patch_artist=True,
            manage_ticks=False,
        )
        for index, box in enumerate(boxes["boxes"]):
            box.set(facecolor=ACCENT if index == 0 else _PAPER, alpha=0.6, edgecolor=FAINT)
        for line in boxes["medians"]:
            line.set(color=WARM, lw=2)
        for y, values in zip(place, indices.values(), strict=True):
            axis.plot(values, y + 0.6 * _jitter(len(values)), "o", color=INK, ms=2.5, alpha=0.6)
        axis.axvline(0, color=INK, lw=0.8)
        axis.axvline(wanted, color=WARM, lw=0.9, ls="--")
        axis.set_yticks(place, list(indices))
        axis.set(xlabel="chemotaxis index", title="Chemotaxis")
        _caption(figure, "dots: episodes; box: quartiles; red: median; dashed: wanted")
        return figure


def draw_paths(outcomes: Mapping[str, Sequence[Outcome]]) -> "Figure":
    """Draw the paths of every controller, turned so that the peak lies to the right of the start.

    A path of a two-peak field is turned so that one of the peaks lies there.
    """
    rows = -(-len(outcomes) // _PATH_COLUMNS)
    with _figure(2.1 * _PATH_COLUMNS, 2.25 * rows + 0.3) as figure:
        axes = figure.subplots(rows, _PATH_COLUMNS, squeeze=False).ravel()
        for axis in axes:
            axis.set_axis_off()
        for axis, (label, episodes) in zip(axes, outcomes.items(), strict=False):
            _draw_field(axis, episodes[0].scene)
            for outcome in episodes:
                path = path_from_start(outcome)
                axis.plot(*path.T, color=INK, lw=0.6, alpha=0.55)
                axis.plot(*path[-1], "o", color=WARM, ms=2.2, alpha=0.8)
            axis.plot(0, 0, "o", mfc="white", mec=INK, ms=4)
            axis.set(aspect="equal", xlim=_VIEW_X, ylim=_VIEW_Y)
            axis.set_title(label, fontsize=8)
        _caption(
            figure,
            "all paths from the circle, turned so that the nearest peak lies 10 mm to the right; "
            "red: where they end; kinks: the wall; bar: 10 mm",
        )
        axes[0].plot([-23, -13], [-23, -23], color=INK, lw=2)
        return figure


def draw_relations(
    panels: Sequence[tuple[str, str, str, Mapping[str, Relation]]],
) -> "Figure":
    """Draw binned curves and lines: title, x, y, and the relation of each controller."""
    with _figure(10.0, 3.2) as figure:
        axes = figure.subplots(1, len(panels), squeeze=False)[0]
        for axis, (title, x, y, relations) in zip(axes, panels, strict=True):
            for color, (label, relation) in zip((ACCENT, FAINT), relations.items(), strict=False):
                low, high = relation.slope_interval
                text = f"{label}: {relation.slope:.3g} ({low:.3g} to {high:.3g})"
                axis.errorbar(
                    relation.bin_centres,
                    relation.bin_means,
                    relation.bin_errors,
                    fmt="o",
                    ms=3.5,
                    color=color,
                )
                _draw_line(axis, relation, color, text)
            axis.set(title=title, xlabel=x, ylabel=y)
            axis.legend(loc="lower center", bbox_to_anchor=(0.5, 1.1), fontsize=7)
        return figure


def _draw_line(axis: Any, relation: Relation, color: str, label: str) -> None:
    if not len(relation.bin_centres) or not np.isfinite(relation.slope):
        axis.plot([], [], color=color, label=label)
        return
    counts = relation.bin_counts
    x_mean = np.average(relation.bin_centres, weights=counts)
    y_mean = np.average(relation.bin_means, weights=counts)
    ends = np.array([relation.bin_centres.min(), relation.bin_centres.max()])
    axis.plot(ends, y_mean + relation.slope * (ends - x_mean), color=color, lw=1.4, label=label)


def path_from_start(outcome: Outcome) -> np.ndarray:
    """Return the path, moved and turned so that it starts at 0 with the nearest peak along x."""
    path = outcome.path_mm
    uphill = _towards_peak(outcome.scene, path[0])
    cos, sin = np.cos(uphill), np.sin(uphill)
    return (path - path[0]) @ np.array([[cos, -sin], [sin, cos]])


def _towards_peak(scene: Mapping[str, Any], start: np.ndarray) -> float:
    field = min(
        scene["fields"], key=lambda f: float(np.linalg.norm(np.asarray(f["peak_mm"]) - start))
    )
    if field["kind"] == "linear":
        return float(field["uphill_rad"])
    x, y = np.asarray(field["peak_mm"]) - start
    return float(np.arctan2(y, x))


def _draw_field(axis: Any, scene: Mapping[str, Any]) -> None:
    """Draw the odour as every path sees it from its start, peak to the right."""
    grid = [np.linspace(*view, 101) for view in (_VIEW_X, _VIEW_Y)]
    points = np.stack(np.meshgrid(*grid), axis=-1)
    kinds = [field["kind"] for field in scene["fields"]]
    template = scene["fields"][0]
    if kinds == ["linear"]:
        seen = [{**template, "peak_mm": [_PEAK_MM, 0.0], "uphill_rad": 0.0}]
    else:
        sides = (1.0, -1.0)[: len(kinds)]
        seen = [{**template, "peak_mm": [side * _PEAK_MM, 0.0]} for side in sides]
    axis.imshow(
        concentration(seen, points),
        extent=(*_VIEW_X, *_VIEW_Y),
        origin="lower",
        cmap="Greens",
        vmin=0,
        vmax=1.6,
        interpolation="bilinear",
    )


def _jitter(count: int) -> np.ndarray:
    return 0.25 * (np.random.default_rng(0).random(count) - 0.5)


def _caption(figure: "Figure", text: str) -> None:
    figure.supxlabel(text, fontsize=7.5, color=FAINT)


@contextlib.contextmanager
def _figure(width: float, height: float) -> Iterator["Figure"]:
    from matplotlib.figure import Figure

    with style():
        yield Figure(figsize=(width, height), layout="constrained")
