"""Food on the floor: drops of sugar and of something bitter, which shrink as they are drunk."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from embody.envs.fly.taste import ORGANS, REACH_MM, STRONGEST
from embody.errors import EmbodyError

SUGAR, BITTER = "sugar", "bitter"
TASTANTS = (SUGAR, BITTER)

PROBOSCIS = ORGANS.index("proboscis")
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
