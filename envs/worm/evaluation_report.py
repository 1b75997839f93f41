"""Tables, figures and numbers of an evaluation, and the files they become."""

import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from embody import atomic_file
from embody.envs.worm.evaluation_trial import without_nan

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PASS, FAIL = "pass", "falls short"


@dataclass(frozen=True)
class Table:
    """A table of text.

    Attributes
    ----------
    title
        What it shows.
    header, rows
        Names of the columns; the cells.
    note
        What a reader has to know; may be empty.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""

    def markdown(self) -> str:
        """Return the table as Markdown."""
        lines = [f"**{self.title}**", "", _line(self.header), _line(["---"] * len(self.header))]
        lines += [_line(row) for row in self.rows]
        return "\n".join([*lines, *(["", self.note] if self.note else []), ""])


@dataclass(frozen=True)
class Chapter:
    """What one study found.

    Attributes
    ----------
    name, title
        Name of its files; heading.
    tables
        In the order in which they are printed.
    numbers
        The same and more, as JSON types.
    figures
        By the name of the file without its ending.
    """

    name: str
    title: str
    tables: tuple[Table, ...]
    numbers: Mapping[str, Any]
    figures: Mapping[str, "Figure"] = field(default_factory=dict)

    def markdown(self) -> str:
        """Return heading, tables and links to the figures."""
        pictures = [f"![{name}]({name}.png)\n" for name in self.figures]
        return "\n".join([f"## {self.title}\n", *(t.markdown() for t in self.tables), *pictures])


def write_report(
    folder: Path, name: str, chapters: Sequence[Chapter], provenance: Mapping[str, Any]
) -> list[Path]:
    """Write `name`.md, `name`.json and the figures into a folder; return their paths."""
    text = "\n".join(chapter.markdown() for chapter in chapters)
    numbers = {
        "provenance": provenance,
        **{chapter.name: chapter.numbers for chapter in chapters},
    }
    paths = [folder / f"{name}.md", folder / f"{name}.json"]
    atomic_file.write_text(paths[0], text)
    atomic_file.write_text(
        paths[1], json.dumps(without_nan(numbers), indent=1, allow_nan=False) + "\n"
    )
    for chapter in chapters:
        for stem, figure in chapter.figures.items():
            picture = io.BytesIO()
            figure.savefig(picture, format="png", dpi=130)
            paths.append(folder / f"{stem}.png")
            with atomic_file.replacing(paths[-1]) as file:
                file.write(picture.getvalue())
    return paths


def median(values: Sequence[float] | np.ndarray) -> float:
    """Return the median of the finite values, NaN if there is none."""
    finite = np.asarray(values, dtype=float)
    finite = finite[np.isfinite(finite)]
    return float(np.median(finite)) if len(finite) else math.nan


def number(value: float, digits: int = 2) -> str:
    """Return a number with so many decimals, a dash for NaN."""
    if not math.isfinite(value):
        return "-"
    text = f"{value:.{digits}f}"
    return text.replace("-", "") if float(text) == 0.0 else text


def ratio(value: float, intact: float) -> float:
    """Return a value over that of the intact animal, NaN where that is 0."""
    return value / intact if intact != 0.0 else math.nan


def verdict(holds: bool) -> str:
    """Return the word for a target that is or is not met."""
    return PASS if holds else FAIL


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
