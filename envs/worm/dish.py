"""Where the odour and the worm lie in a dish at the start of an assay."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from embody.errors import EmbodyError, require_known
from embody.fields import AbstractField, GaussianField, LinearField, SumField

DISH_RADIUS_MM = 17.5
"""Inner radius of a 35 mm Petri dish [mm]."""

MARGIN_MM = 2.0
"""Least distance of start and peaks from the wall [mm]: twice the length of the worm."""


@dataclass(frozen=True)
class Assay:
    """One arrangement of odour and worm.

    Attributes
    ----------
    field
        The odour.
    start_mm
        Where the centre of the worm begins (x, y) [mm]; the middle of the dish is (0, 0).
    """

    field: AbstractField
    start_mm: tuple[float, float]


@dataclass(frozen=True)
class AssayRecipe:
    """How an assay is drawn: the kind of field and its size.

    Attributes
    ----------
    field
        "gaussian": one drop. "linear": a ramp, flat beyond its top. "two-peak": two equal drops,
        on opposite sides of the start.
    distance_mm
        Distance from the start to the peak, or to each peak [mm].
    sigma_mm
        Standard deviation of a drop [mm]; a ramp is twice as long as `distance_mm`.

    Raises
    ------
    UnknownNameError
        If there is no field of that name.
    EmbodyError
        If a length is out of range.
    """

    field: str
    distance_mm: float
    sigma_mm: float

    def __post_init__(self) -> None:
        require_known("field", [self.field], FIELDS)
        room = DISH_RADIUS_MM - MARGIN_MM
        if not 0 < self.distance_mm <= room:
            raise EmbodyError(
                f"distance_mm is {self.distance_mm}, it has to lie above 0 and up to {room:g}"
            )
        if not self.sigma_mm > 0:
            raise EmbodyError(f"sigma_mm is {self.sigma_mm}, it has to be positive")
        if self.field == "two-peak" and not self.sigma_mm < self.distance_mm:
            raise EmbodyError(
                f"sigma_mm is {self.sigma_mm}, with two peaks it has to be below distance_mm "
                f"({self.distance_mm:g}), or they merge into one"
            )

    def draw(self, random: np.random.Generator) -> Assay:
        """Return an assay in which start and peaks lie in the dish, at least a margin inside."""
        return FIELDS[self.field](self, random)


def _point_in_disc(random: np.random.Generator, radius: float) -> tuple[float, float]:
    """Return a point drawn evenly from a disc around (0, 0)."""
    distance, angle = radius * math.sqrt(random.random()), 2 * math.pi * random.random()
    return distance * math.cos(angle), distance * math.sin(angle)


def _peak_and_start(
    recipe: AssayRecipe, random: np.random.Generator
) -> tuple[tuple[float, float], tuple[float, float], float]:
    """Return a peak, a start and the direction from start to peak [rad], all within the dish."""
    room = DISH_RADIUS_MM - MARGIN_MM
    while True:  # at least 39 % of the draws fit: two discs, centres at most a radius apart
        x, y = _point_in_disc(random, room)
        uphill = 2 * math.pi * random.random()
        start = (
            x - recipe.distance_mm * math.cos(uphill),
            y - recipe.distance_mm * math.sin(uphill),
        )
        if math.hypot(*start) <= room:
            return (x, y), start, uphill


def _one_drop(recipe: AssayRecipe, random: np.random.Generator) -> Assay:
    peak, start, _ = _peak_and_start(recipe, random)
    return Assay(GaussianField(peak, recipe.sigma_mm), start)


def _ramp(recipe: AssayRecipe, random: np.random.Generator) -> Assay:
    peak, start, uphill = _peak_and_start(recipe, random)
    return Assay(LinearField(peak, uphill, 2 * recipe.distance_mm), start)


def _two_drops(recipe: AssayRecipe, random: np.random.Generator) -> Assay:
    x, y = _point_in_disc(random, DISH_RADIUS_MM - MARGIN_MM - recipe.distance_mm)
    axis = 2 * math.pi * random.random()
    dx, dy = recipe.distance_mm * math.cos(axis), recipe.distance_mm * math.sin(axis)
    overlap = math.exp(-0.5 * (2 * recipe.distance_mm / recipe.sigma_mm) ** 2)
    weight = 1.0 / (1.0 + overlap)  # so that the concentration at each peak is 1
    drops = (
        GaussianField((x + dx, y + dy), recipe.sigma_mm, weight),
        GaussianField((x - dx, y - dy), recipe.sigma_mm, weight),
    )
    return Assay(SumField(drops), (x, y))


FIELDS: dict[str, Callable[[AssayRecipe, np.random.Generator], Assay]] = {
    "gaussian": _one_drop,
    "linear": _ramp,
    "two-peak": _two_drops,
}
"""How each kind of field is laid out."""
