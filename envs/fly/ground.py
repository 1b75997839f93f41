"""What lies on the ground of a fly's task: odours, a plume, food, a nest.

Films, maps and pages draw it from the `scene()` of an env, which a recording keeps. All keys are
optional, all places are (x, y) in mm:

"odours"
    Name of an odorant -> parts of its field, as `embody.fields.field_from_json` reads them.
"valence"
    Name of an odorant -> positive where it attracts, negative where it repels.
"plume"
    The numbers of `PlumeParameters` and "seed"; with "source_mm", where it comes from.
"food"
    Drops, a list of {"place_mm", "radius_mm", "taste"}; the taste is a name, "sugar" or "bitter"
    for example. They stand in the world, so views show them without help; maps draw them from
    here. A snapshot may add "food_left", shape (drops,), how much of each is left, 0 to 1.
"nest_mm", "corners_mm"
    A nest, and the corners of the way that the fly is led out.
"arena_radius_mm", "half_width_mm"
    The rim of a round arena about (0, 0); the walls of an arena along x.
"warm_width_mm"
    How far from that rim, or those walls, the floor gets warm.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from embody.envs.fly.base import CONTROL_PERIOD_S
from embody.envs.fly.plume import Plume, PlumeParameters
from embody.fields import AbstractField, field_from_json
from embody.video.palette import Colour

PLUME_ODORANT = "vinegar"

_COLOURS: dict[str, Colour] = {
    "vinegar": (64, 178, 104),
    "geosmin": (196, 84, 168),
    "sugar": (240, 150, 60),
    "bitter": (110, 92, 190),
}
_OTHER_COLOURS: tuple[Colour, ...] = ((78, 160, 214), (226, 132, 72), (150, 190, 70))
_FIELD_SHARE, _PLUME_SHARE = 0.62, 0.8  # of the ground's colour that an odour replaces at most
_NEGLIGIBLE_SIGMAS = 3.5
_EDGE_MM = 0.05
_WARM_SHARE = 0.5
WARM_COLOUR: Colour = (222, 96, 52)
_NEST_COLOUR: Colour = (116, 74, 40)
_LINE_COLOUR: Colour = (70, 78, 86)
_CORNER_COLOUR: Colour = (120, 128, 136)


@dataclass(frozen=True)
class Mark:
    """Something drawn on the ground with a sharp edge.

    Attributes
    ----------
    kind
        "source", "nest", "corner" or "food".
    name
        What is written beside it; empty for nothing.
    place_mm
        Its middle (x, y) [mm].
    radius_mm
        How large it is drawn [mm].
    colour
        Of the mark.
    """

    kind: str
    name: str
    place_mm: tuple[float, float]
    radius_mm: float
    colour: Colour


class Ground:
    """What lies on the ground at one moment.

    Parameters
    ----------
    scene
        As `FlyEnv.scene` returns it.

    Attributes
    ----------
    colours
        Colour of every odorant, by name.
    marks
        Sources, nest, corners and drops of food.
    food_left
        How much of each drop of food is left, 0 to 1.
    changes
        Whether it looks different from one moment to the next.
    """

    def __init__(self, scene: Mapping[str, Any]) -> None:
        odours, valence = scene.get("odours") or {}, scene.get("valence") or {}
        self._fields: dict[str, AbstractField] = {
            name: field_from_json(odours[name])
            for name in sorted(odours, key=lambda name: -valence.get(name, 0.0))
        }
        self._laid: Mapping[str, Any] | None = scene.get("plume")
        self._source = _place(scene.get("source_mm") or (0.0, 0.0))
        self._plume: Plume | None = None
        self._steps = 0
        self._time_s = 0.0
        self.arena_radius_mm: float | None = scene.get("arena_radius_mm")
        self.half_width_mm: float | None = scene.get("half_width_mm")
        self._warm_width_mm: float | None = scene.get("warm_width_mm")
        names = [*self._fields, *([PLUME_ODORANT] if self._laid else [])]
        self.colours = {name: colour_of(name, row) for row, name in enumerate(names)}
        self._food = list(scene.get("food") or [])
        self.food_left = np.ones(len(self._food))
        self.marks = self._find_marks(scene)
        self.changes = self._laid is not None or bool(self._food)

    def __bool__(self) -> bool:
        """Whether there is anything to draw."""
        return bool(self.colours or self.marks or self.arena_radius_mm or self.half_width_mm)

    def show(self, time_s: float, snapshot: Mapping[str, np.ndarray]) -> None:
        """Take the state of a moment; going forward in time is cheapest.

        Parameters
        ----------
        time_s
            Time since the reset [s].
        snapshot
            As `FlyEnv.snapshot` returns it; "food_left" counts here.
        """
        self._time_s = time_s
        if "food_left" in snapshot:
            self.food_left = np.clip(snapshot["food_left"], 0.0, 1.0)
        if self._laid is not None:
            self._advance_plume(round(time_s / CONTROL_PERIOD_S))

    @property
    def wind_mm_s(self) -> np.ndarray | None:
        """Wind of this moment (x, y) [mm/s]; None where the air is still."""
        return None if self._plume is None else self._plume.wind_mm_s

    def strength(self, places: np.ndarray) -> dict[str, np.ndarray]:
        """Return how strongly every odorant colours places, 0 to 1, by name, repellents last.

        Parameters
        ----------
        places
            Shape (..., 2) [mm]; the arrays returned have the shape (...).
        """
        found = {
            name: _FIELD_SHARE * np.clip(field.concentration(places, self._time_s), 0.0, 1.0)
            for name, field in self._fields.items()
        }
        if self._plume is not None:
            puffs = _concentration(self._plume.puffs(), places)
            # The root shows what is faint: a tenth of the concentration is a third of the colour.
            found[PLUME_ODORANT] = _PLUME_SHARE * np.sqrt(np.clip(puffs, 0.0, 1.0))
        return found

    def wash(self, places: np.ndarray) -> np.ndarray:
        """Return by what the colour of the ground is multiplied, shape (..., 3).

        Parameters
        ----------
        places
            Shape (..., 2) [mm].
        """
        tint = np.ones((*places.shape[:-1], 3), np.float32)
        for name, strength in self.strength(places).items():
            _paint(tint, strength, self.colours[name])
        warmth, beyond = self.warmth(places), self._beyond_rim_mm(places)
        if warmth is not None:
            _paint(tint, _WARM_SHARE * warmth, WARM_COLOUR)
        if beyond is not None:
            _paint(tint, 0.7 * _band(np.abs(beyond) - 0.15), _LINE_COLOUR)
        for mark in self.marks:
            if mark.kind == "food":
                continue
            offset = places - np.array(mark.place_mm, np.float32)
            away = np.hypot(offset[..., 0], offset[..., 1]) - mark.radius_mm
            if mark.kind == "source":
                _paint(tint, 0.8 * _band(np.abs(away) - 0.1), mark.colour)
                _paint(tint, 0.8 * _band(away + mark.radius_mm - 0.15), mark.colour)
                continue
            _paint(tint, 0.75 * _band(away), mark.colour)
            _paint(tint, 0.6 * _band(np.abs(away) - 0.06), mark.colour)
        return tint

    def warmth(self, places: np.ndarray) -> np.ndarray | None:
        """Return how warm the floor is, 0 to 1 at the rim, (..., 2) to (...); None if nowhere."""
        beyond = self._beyond_rim_mm(places)
        if beyond is None or not self._warm_width_mm:
            return None
        return np.clip(1 + beyond / self._warm_width_mm, 0.0, 1.0)

    def _beyond_rim_mm(self, places: np.ndarray) -> np.ndarray | None:
        """Return how far places lie outside the rim, negative inside; None without a rim."""
        if self.arena_radius_mm:
            return np.hypot(places[..., 0], places[..., 1]) - self.arena_radius_mm
        return np.abs(places[..., 1]) - self.half_width_mm if self.half_width_mm else None

    def _find_marks(self, scene: Mapping[str, Any]) -> tuple[Mark, ...]:
        marks = [
            Mark("source", name, _place(part["peak_mm"]), 1.0, _darker(self.colours[name]))
            for name in self._fields
            for part in scene["odours"][name]
            if part["kind"] == "gaussian" and not self._food
        ]
        if self._laid is not None:
            colour = _darker(self.colours[PLUME_ODORANT])
            marks.append(Mark("source", PLUME_ODORANT, self._source, 1.0, colour))
        for corner in scene.get("corners_mm") or []:
            marks.append(Mark("corner", "way out", _place(corner), 0.4, _CORNER_COLOUR))
        if scene.get("nest_mm"):
            marks.append(Mark("nest", "nest", _place(scene["nest_mm"]), 1.2, _NEST_COLOUR))
        for row, drop in enumerate(self._food):
            name, place = drop["taste"], _place(drop["place_mm"])
            marks.append(Mark("food", name, place, drop["radius_mm"], colour_of(name, row)))
        return tuple(marks)

    def _advance_plume(self, steps: int) -> None:
        """Lay the very puffs of the episode: they come from a generator of their own."""
        if self._plume is None or steps < self._steps:
            laid = dict(self._laid or {})
            random = np.random.default_rng(laid.pop("seed"))
            self._plume, self._steps = Plume(PlumeParameters(**laid), random), 0
            self._plume.source_mm[:] = self._source
            self._plume.develop()
        for _ in range(steps - self._steps):
            self._plume.advance(CONTROL_PERIOD_S)
        self._steps = steps


def colour_of(name: str, row: int = 0) -> Colour:
    """Return the colour of a substance; one that is not known takes it from its place in a list."""
    return _COLOURS.get(name, _OTHER_COLOURS[row % len(_OTHER_COLOURS)])


def _place(place: Sequence[float]) -> tuple[float, float]:
    x, y = place
    return float(x), float(y)


def _concentration(puffs: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Concentration of puffs (x, y, sigma, peak) at places, as `Plume.concentration` has it.

    Puffs are skipped where they are negligible, for pictures have very many places.
    """
    found = np.zeros(places.shape[:-1], np.float32)
    x, y = places[..., 0], places[..., 1]
    seen = np.array([[x.min(), y.min()], [x.max(), y.max()]])
    for place_x, place_y, sigma, peak in puffs.tolist():
        reach = _NEGLIGIBLE_SIGMAS * sigma
        if not (
            seen[0, 0] - reach < place_x < seen[1, 0] + reach
            and seen[0, 1] - reach < place_y < seen[1, 1] + reach
        ):
            continue
        away = (x - place_x) ** 2 + (y - place_y) ** 2
        near = away < reach**2
        found[near] += peak * np.exp(-0.5 / sigma**2 * away[near])
    return found


def _paint(tint: np.ndarray, share: np.ndarray, colour: Colour) -> None:
    """Replace a share of a tint by a colour, in place."""
    light = np.array(colour, np.float32) / 255
    tint += np.asarray(share, np.float32)[..., None] * (light - tint)


def _band(outside_mm: np.ndarray) -> np.ndarray:
    """Return 1 inside, 0 outside, by how far places lie outside, with a soft edge."""
    return np.clip(0.5 - outside_mm / (2 * _EDGE_MM), 0.0, 1.0)


def _darker(colour: Colour) -> Colour:
    red, green, blue = (round(0.55 * level) for level in colour)
    return red, green, blue
