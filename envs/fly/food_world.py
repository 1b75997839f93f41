"""A floor with drops of food on it: where they lie, and how they are seen."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import mujoco
import numpy as np

from embody.bodies.fly.fly_body import FlyBody
from embody.envs.fly.food import BITTER, SUGAR, Drop
from embody.envs.fly.worlds import add_flat_ground
from embody.errors import EmbodyError

_COLOURS = {SUGAR: (0.94, 0.59, 0.24), BITTER: (0.43, 0.36, 0.75)}
_OTHER_COLOUR = (0.6, 0.3, 0.6)
_FULL_OPACITY, _EMPTY_OPACITY = 0.85, 0.12


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
