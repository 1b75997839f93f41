"""All models on all axes in one picture, as the Report draws them: pale is 0, dark is 3."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from embody import atomic_file
from embody.analysis.panel_style import FAINT, INK, style
from embody.comparison.card.axes import load_axes, load_groups
from embody.comparison.card.emulation_card import EmulationCard
from embody.comparison.card.published import PublishedModel
from embody.comparison.card.text import shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHADES = ("#edf2f2", "#a5cfcb", "#4a9b95", "#0a4f4b")
"""Colour of the levels 0 to 3."""

PUBLISHED = "Published models (external: read off the publications, not run here)"

_GAP = 0.4
_ROW_INCHES = 0.235


@dataclass(frozen=True)
class Row:
    """A model in the picture.

    Attributes
    ----------
    name
        What is written beside it.
    section
        Under which heading it stands.
    levels
        From axis to level; None where it is not known.
    external
        Whether others than this package's inspection and batteries gave the levels.
    """

    name: str
    section: str
    levels: Mapping[str, int | None]
    external: bool = False


def rows_of(cards: Iterable[EmulationCard], published: Iterable[PublishedModel]) -> list[Row]:
    """Return the rows of cards, by animal, and of published models below them."""
    rows = [
        Row(
            f"{card.controller} · {card.env}",
            f"This package: {card.animal or 'other'}",
            {level.axis: level.level for level in card.axes},
        )
        for card in cards
    ]
    rows += [
        Row(f"{model.name}{' (several)' if model.rough else ''}", PUBLISHED, model.levels, True)
        for model in published
    ]
    return rows


def sections(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Return rows by their heading, in the order in which headings first occur."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.section, []).append(row)
    return found


def heat_map(rows: Sequence[Row]) -> "Figure":
    """Return a figure with a row for each model and a column for each axis."""
    from matplotlib.figure import Figure

    grouped = sections(rows)
    height = sum(len(members) + 1.6 for members in grouped.values())
    with style():
        figure = Figure(figsize=(10.5, _ROW_INCHES * height + 2.6), layout="constrained")
        axes = figure.add_subplot()
        axes.set_axis_off()
        columns = _columns()
        right = max(columns.values()) + 1.0
        axes.set_xlim(-9.5, right + 0.1)
        axes.set_ylim(height + 1.6, -6.2)
        _write_header(axes, columns)
        y = 0.0
        for section, members in grouped.items():
            axes.text(-9.4, y + 0.8, section, weight="bold", va="center", color=INK)
            y += 1.4
            for row in members:
                _draw_row(axes, row, y, columns)
                y += 1.0
            y += 0.2
        _write_key(axes, y + 0.9)
    return figure


def save_heat_map(path: str | os.PathLike[str], rows: Sequence[Row]) -> None:
    """Draw the picture into a .png, .svg or .pdf file, whole or not at all."""
    with style():
        figure = heat_map(rows)
        with atomic_file.replacing(path) as file:
            figure.savefig(file, format=Path(path).suffix[1:], dpi=110)


def _columns() -> dict[str, float]:
    """Return the left edge of each axis's column; the groups stand apart."""
    first = load_groups()[0].id
    return {
        axis.id: number + (0.0 if axis.group == first else _GAP)
        for number, axis in enumerate(load_axes())
    }


def _write_header(axes: "Axes", columns: Mapping[str, float]) -> None:
    for axis in load_axes():
        title = f"{axis.id}  {axis.title}"
        axes.text(columns[axis.id] + 0.3, -0.1, title, rotation=52, ha="left", va="bottom", size=8)
    for group in load_groups():
        own = [columns[axis.id] for axis in load_axes() if axis.group == group.id]
        middle = (min(own) + max(own) + 1.0) / 2
        axes.text(middle, 0.55, group.title, ha="center", va="center", size=8, color=FAINT)


def _draw_row(axes: "Axes", row: Row, y: float, columns: Mapping[str, float]) -> None:
    axes.text(-0.25, y + 0.5, row.name, ha="right", va="center", size=8)
    for axis, x in columns.items():
        level = row.levels[axis]
        _draw_cell(axes, x, y, 0.94, 0.9, level)
        if level is None:
            continue
        ink = "white" if level >= 2 else INK
        slant = "italic" if row.external else "normal"
        axes.text(
            x + 0.47, y + 0.47, str(level), ha="center", va="center", size=7, color=ink, style=slant
        )


def _draw_cell(
    axes: "Axes", x: float, y: float, width: float, height: float, level: int | None
) -> None:
    from matplotlib.patches import Rectangle

    unknown = level is None
    axes.add_patch(
        Rectangle(
            (x, y),
            width,
            height,
            facecolor="white" if unknown else SHADES[level],
            edgecolor="#b8c4cb" if unknown else SHADES[level],
            hatch="/////" if unknown else "",
            linewidth=0.6,
        )
    )


def _write_key(axes: "Axes", y: float) -> None:
    for number, level in enumerate((0, 1, 2, 3, None)):
        x = -9.4 + 1.6 * number
        _draw_cell(axes, x, y, 0.7, 0.7, level)
        axes.text(x + 0.85, y + 0.35, shown(level), va="center", size=8)
