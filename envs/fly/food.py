"""Food on the floor: drops of sugar and of something bitter, which shrink as they are drunk."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import mujoco
import numpy as np

from embody.bodies.fly.fly_body import FlyBody
from embody.envs.fly.taste import ORGANS, REACH_MM, STRONGEST
from embody.envs.fly.worlds import add_flat_ground
from embody.errors import EmbodyError

SUGAR, BITTER = "sugar", "bitter"
TASTANTS = (SUGAR, BITTER)

PROBOSCIS = ORGANS.index("proboscis")
_COLOURS = {SUGAR: (0.94, 0.59, 0.24), BITTER: (0.43, 0.36, 0.75)}
_OTHER_COLOUR = (0.6, 0.3, 0.6)
_FULL_OPACITY, _EMPTY_OPACITY = 0.85, 0.12
_NL_IN_MM3 = 1000.0


@dataclass(frozen=True)
class Drop:
    """A drop of a solution on the floor: half a flat ellipsoid.

    Attributes
    ----------
    tastant
        What is dissolved in it.
    place_mm
        Its middle (x, y) [mm].
    radius_mm
        Radius of the area that it wets [mm].
    volume_nl
        Volume when full [nl].
    concentration
        Relative concentration of the tastant, 0 to 1, and above, where receptors saturate.

    Raises
    ------
    EmbodyError
        If radius or volume is not positive or the concentration negative.
    """

    tastant: str
    place_mm: tuple[float, float]
    radius_mm: float = 0.8
    volume_nl: float = 40.0
    concentration: float = 1.0

    def __post_init__(self) -> None:
        if not (self.radius_mm > 0 and self.volume_nl > 0 and self.concentration >= 0):
            raise EmbodyError(
                "radius_mm and volume_nl of a drop have to be positive, and its concentration "
                "cannot be negative"
            )
        object.__setattr__(self, "place_mm", tuple(map(float, self.place_mm)))

    @property
    def height_mm(self) -> float:
        """Height of its middle when full [mm]: volume 2/3 pi r^2 h."""
        return 1.5 * self.volume_nl / _NL_IN_MM3 / (math.pi * self.radius_mm**2)


class Food:
    """The drops of one episode, and what is left of them.

    A drop that is drunk from keeps the area that it wets and becomes flatter, as one that
    evaporates does while its edge is pinned.

    Parameters
    ----------
    drops
        All of them.
    tastants
        What can be tasted, in the order of `taste`.

    Attributes
    ----------
    left_nl
        Volume that is left of each drop, shape (drops,) [nl].

    Raises
    ------
    EmbodyError
        If a drop holds what is not among the tastants.

    Examples
    --------
    >>> food = Food([Drop("sugar", (0.0, 0.0), volume_nl=40.0)])
    >>> food.drink(np.zeros(3), 15.0)
    (15.0, 15.0)
    >>> food.left_nl
    array([25.])
    """

    def __init__(self, drops: Sequence[Drop], tastants: Sequence[str] = TASTANTS) -> None:
        self.drops, self.tastants = tuple(drops), tuple(tastants)
        unknown = {drop.tastant for drop in drops} - set(tastants)
        if unknown:
            raise EmbodyError(
                f"a drop holds {sorted(unknown)[0]!r}, only {', '.join(tastants)} can be tasted"
            )
        self.left_nl = np.array([drop.volume_nl for drop in drops])
        self._volume = self.left_nl.copy()
        self._place = np.array([drop.place_mm for drop in drops]).reshape(-1, 2)
        self._radius = np.array([drop.radius_mm for drop in drops])
        self._height = np.array([drop.height_mm for drop in drops])
        strength = np.array([min(drop.concentration, STRONGEST) for drop in drops])
        kind = [self.tastants.index(drop.tastant) for drop in drops]
        self._strength = np.zeros((len(drops), len(self.tastants)))
        self._strength[np.arange(len(drops)), kind] = strength
        self._sweet = np.array([drop.tastant == SUGAR for drop in drops], bool)

    @property
    def share_left(self) -> np.ndarray:
        """What is left of each drop, shape (drops,), 0 to 1."""
        return self.left_nl / self._volume

    @property
    def sugar_left_nl(self) -> float:
        """Volume that is left of all drops of sugar [nl]."""
        return float(self.left_nl[self._sweet].sum())

    def touches(self, organs: np.ndarray, reach_mm: np.ndarray) -> np.ndarray:
        """Return which organ touches which drop, shape (organs, drops), truth values.

        Parameters
        ----------
        organs
            Where they are, shape (organs, 3) [mm].
        reach_mm
            How far each reaches, shape (organs,) [mm].
        """
        apart = organs[:, None, :2] - self._place
        inside = 1.0 - (apart * apart).sum(axis=-1) / (self._radius * self._radius)
        surface = self._height * self.share_left * np.sqrt(np.maximum(inside, 0.0))
        lowest = (organs[:, 2] - reach_mm)[:, None]
        return (inside > 0.0) & (self.left_nl > 0.0) & (lowest <= surface)

    def taste(self, organs: np.ndarray) -> np.ndarray:
        """Return what the organs taste, tastant by tastant, shape (7 * tastants,), 0 to 1.

        Parameters
        ----------
        organs
            Where tarsi and labellum are, shape (7, 3) [mm], in the order `taste.ORGANS`.
        """
        touches = self.touches(organs, REACH_MM)
        if not touches.any():
            return np.zeros(len(self.tastants) * len(ORGANS))
        return (touches[..., None] * self._strength).max(axis=1).T.ravel()

    def drink(self, labellum: np.ndarray, most_nl: float) -> tuple[float, float]:
        """Drink from the drop of sugar that the labellum touches, if it does.

        Parameters
        ----------
        labellum
            Where it is, shape (3,) [mm].
        most_nl
            Volume that the pharynx can take [nl].

        Returns
        -------
        Volume drunk, and as much of the undiluted sugar as was in it [nl].
        """
        touched = self.touches(labellum[None], REACH_MM[PROBOSCIS:])[0] & self._sweet
        if not touched.any():
            return 0.0, 0.0
        drop = int(np.argmax(touched))
        before = float(self.left_nl[drop])
        self.left_nl[drop] = max(before - most_nl, 0.0)
        drunk = before - float(self.left_nl[drop])
        return drunk, drunk * float(self._strength[drop].max())

    def parts(self) -> list[dict[str, Any]]:
        """Return the drops as JSON objects."""
        return [{**asdict(drop), "place_mm": list(drop.place_mm)} for drop in self.drops]


def scatter(
    rng: np.random.Generator,
    patches: Mapping[str, int],
    *,
    drops_per_patch: int = 4,
    patch_radius_mm: float = 2.2,
    drop_radius_mm: float = 0.8,
    volume_nl: float = 40.0,
    concentration: float = 1.0,
    arena_radius_mm: float = 13.5,
    clear_mm: float = 5.0,
) -> list[Drop]:
    """Return drops in patches, drawn at random; none overlap.

    Parameters
    ----------
    rng
        Draws the places.
    patches
        Number of patches of each tastant.
    drops_per_patch, patch_radius_mm
        How many drops are in a patch, their middles within which radius [mm].
    drop_radius_mm, volume_nl, concentration
        Of each drop; see `Drop`.
    arena_radius_mm
        All drops lie within this distance of the origin [mm].
    clear_mm
        No drop is nearer to the origin, where the fly starts [mm].

    Raises
    ------
    EmbodyError
        If so many do not fit.
    """
    drop = {"radius_mm": drop_radius_mm, "volume_nl": volume_nl, "concentration": concentration}
    whole = patch_radius_mm + drop_radius_mm
    for _ in range(_LAYOUTS):
        middles = _apart(
            rng, sum(patches.values()), arena_radius_mm - whole, 2.0 * whole, clear_mm + whole
        )
        if middles is None:
            continue
        around = [
            _apart(rng, drops_per_patch, patch_radius_mm, 2.0 * drop_radius_mm + _GAP_MM, 0.0)
            for _ in middles
        ]
        if any(places is None for places in around):
            continue
        names = [name for name, count in patches.items() for _ in range(count)]
        return [
            Drop(name, (middle[0] + x, middle[1] + y), **drop)
            for name, middle, places in zip(names, middles, around, strict=True)
            for x, y in places or ()
        ]
    raise EmbodyError(
        "so many drops do not fit: ask for fewer or smaller patches, or a larger arena_radius_mm"
    )


_LAYOUTS, _TRIES = 50, 200
_GAP_MM = 0.1


def _apart(
    rng: np.random.Generator, count: int, radius: float, distance: float, clear: float
) -> list[tuple[float, float]] | None:
    """Return places within a circle, so far from each other and from its middle; None if stuck."""
    places: list[tuple[float, float]] = []
    for _ in range(_TRIES):
        if len(places) == count:
            break
        x, y = rng.uniform(-radius, radius, 2).tolist()
        if clear <= math.hypot(x, y) <= radius and all(
            math.dist((x, y), place) >= distance for place in places
        ):
            places.append((x, y))
    return places if len(places) == count else None


def add_food(spec: mujoco.MjSpec, drops: Sequence[Mapping[str, Any]] = ()) -> tuple[str, ...]:
    """Add a floor with drops, given as `Food.parts` returns them; nothing bumps into them."""
    for number, part in enumerate(drops):
        drop = Drop(**part)
        spec.worldbody.add_geom(
            name=_geom(number),
            type=mujoco.mjtGeom.mjGEOM_ELLIPSOID,
            pos=(*drop.place_mm, 0.0),
            size=(drop.radius_mm, drop.radius_mm, drop.height_mm),
            rgba=(*_COLOURS.get(drop.tastant, _OTHER_COLOUR), _FULL_OPACITY),
            contype=0,
            conaffinity=0,
        )
    return add_flat_ground(spec)


def place_food(body: FlyBody, drops: Sequence[Drop]) -> None:
    """Move the drops of a world that has as many, of the same tastants in the same order."""
    for number, drop in enumerate(drops):
        geom = body.model.geom(_geom(number))
        geom.pos[:2] = drop.place_mm
    show_food(body, np.ones(len(drops)))


def show_food(body: FlyBody, food_left: np.ndarray) -> None:
    """Show the drops as full as a recording says; those that are empty leave a stain."""
    for number, share in enumerate(np.atleast_1d(food_left).tolist()):
        geom = body.model.geom(_geom(number))
        geom.rgba[3] = _EMPTY_OPACITY + (_FULL_OPACITY - _EMPTY_OPACITY) * share


def _geom(number: int) -> str:
    return f"drop_{number}"
