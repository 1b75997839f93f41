"""The eleven axes of brain emulation, with the texts of their levels as the Report prints them."""

import functools
import json
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal

from embody.errors import UnknownNameError

Group = Literal["A", "B"]

LEVELS = (0, 1, 2, 3)


@dataclass(frozen=True)
class Axis:
    """One axis.

    Attributes
    ----------
    id
        "A1" to "A4" for what can be observed, "B1" to "B7" for how the brain is represented.
    group
        "A" or "B".
    title
        Its name.
    levels
        Text of the levels 0 to 3.
    """

    id: str
    group: Group
    title: str
    levels: tuple[str, str, str, str]


@dataclass(frozen=True)
class AxisGroup:
    """Axes that go together: what the levels 0 and 3 of all of them stand for."""

    id: Group
    title: str
    lowest: str
    highest: str


def read_asset(name: str) -> Any:
    """Return the content of a JSON file in the package's folder of emulation data."""
    file = resources.files("embody.assets") / "emulation" / f"{name}.json"
    return json.loads(file.read_text(encoding="utf-8"))


@functools.cache
def load_axes() -> tuple[Axis, ...]:
    """Return all eleven axes, A1 to A4 and B1 to B7.

    References
    ----------
    State of Brain Emulation Report 2025 (Zanichelli et al.); it speaks of ten and prints eleven.
    """
    return tuple(
        Axis(entry["id"], entry["group"], entry["title"], tuple(entry["levels"]))
        for entry in read_asset("axes")["axes"]
    )


@functools.cache
def load_groups() -> tuple[AxisGroup, ...]:
    """Return the two groups of axes."""
    return tuple(AxisGroup(**entry) for entry in read_asset("axes")["groups"])


def axis(name: str) -> Axis:
    """Return the axis of that id.

    Raises
    ------
    UnknownNameError
        If there is none.
    """
    for one in load_axes():
        if one.id == name:
            return one
    raise UnknownNameError("axis", name, [one.id for one in load_axes()])
