"""Homing: led away along a winding way, then home by the sense of one's own steps."""

import math
from typing import Any, ClassVar

import numpy as np

from embody.envs.fly.base import FlyEnv
from embody.errors import EmbodyError
from embody.layout import Channel

GUIDE = Channel(
    "guide",
    ("bearing",),
    "rad",
    -math.pi,
    math.pi,
    "direction to what leads the fly out, against its heading, left positive; 0 once it is gone",
)
RETURNING = Channel(
    "returning", ("returning",), "1", 0.0, 1.0, "0 on the way out, 1 when it is time to go home"
)

_REACHED_MM = 2.0
_SHARPEST_RAD = 2.0


class FlyHoming(FlyEnv):
    """A fly is led from its nest along a way of straight pieces, then has to find home.

    On the way out the observation holds the direction to the next corner of the way ("guide");
    after the last corner the guide is gone and "returning" is 1. Nothing then tells the fly where
    home is but its memory of its own steps and turns. The reward of a step is 0 on the way out,
    and on the way back the way made towards the nest [mm].

    `info` holds "returning", 0 or 1; "distance_mm", the distance to the nest; "home_bearing_rad",
    its direction against the heading, left positive; "closest_mm", the least distance since the
    return began (the distance then, before it); and "homing_index", the mean of 1 - d/d0 over the
    steps since, where d0 is the distance at which it began: 0 for a fly that stays there, near 1
    for one that is home at once and remains.

    Parameters
    ----------
    pieces
        Number of pieces of the way out.
    piece_mm
        Length of each [mm]; it turns by up to 2 rad, either way, from one to the next.
    **options
        Those of `FlyEnv`; the fly is free.

    Raises
    ------
    EmbodyError
        If an option is out of range.

    References
    ----------
    Kim & Dickinson (2017), Curr. Biol. 27, 2227: walking flies return to a drop of food by
    idiothetic path integration.
    """

    steering: ClassVar[str] = "path-integration"

    def __init__(self, *, pieces: int = 3, piece_mm: float = 8.0, **options: Any) -> None:
        if pieces < 1 or pieces != int(pieces):
            raise EmbodyError(f"pieces is {pieces}, it has to be a whole number from 1 on")
        if not 3 <= piece_mm <= 100:
            raise EmbodyError(f"piece_mm is {piece_mm}, it has to lie in 3..100")
        if options.get("tether") is not None:
            raise EmbodyError("a held fly has no way home: take Fly-Walk-v0")
        self.pieces, self.piece_mm = int(pieces), float(piece_mm)
        self._corners: list[tuple[float, float]] = []
        self._next = 0
        super().__init__(**options)

    def scene(self) -> dict[str, Any]:
        """Return what stays the same during an episode; "nest_mm" and "corners_mm" are added."""
        nest = list(self._nest) if self._corners else [0.0, 0.0]
        corners = [list(corner) for corner in self._corners]
        return {**super().scene(), "nest_mm": nest, "corners_mm": corners}

    def _extra_senses(self) -> tuple[Channel, ...]:
        return (GUIDE, RETURNING)

    def _begin(self, info: dict[str, Any]) -> None:
        self._nest = self._place
        x, y = self._nest
        way = math.atan2(self._forward[1], self._forward[0])
        self._corners = []
        for turn in self.np_random.uniform(-_SHARPEST_RAD, _SHARPEST_RAD, self.pieces).tolist():
            way += turn
            x, y = x + self.piece_mm * math.cos(way), y + self.piece_mm * math.sin(way)
            self._corners.append((x, y))
        self._next = 0
        self._distance = self._closest = 0.0
        self._turned_at = self._gained = 0.0
        self._steps_back = 0
        self._report(info)

    def _evaluate(self, info: dict[str, Any]) -> float:
        before, was_returning = self._distance, self._returning
        if not was_returning and math.dist(self._place, self._corners[self._next]) < _REACHED_MM:
            self._next += 1
        self._distance = math.dist(self._place, self._nest)
        self._closest = min(self._closest, self._distance) if was_returning else self._distance
        if was_returning:
            self._steps_back += 1
            self._gained += 1.0 - self._distance / self._turned_at
        else:
            self._turned_at = self._distance
        self._report(info)
        return before - self._distance if was_returning else 0.0

    def _report(self, info: dict[str, Any]) -> None:
        info["returning"] = float(self._returning)
        info["distance_mm"] = self._distance
        info["home_bearing_rad"] = self._bearing(self._nest)
        info["closest_mm"] = self._closest
        info["homing_index"] = self._gained / max(1, self._steps_back)

    @property
    def _returning(self) -> bool:
        return self._next >= len(self._corners)

    def _bearing(self, place: tuple[float, float]) -> float:
        x, y = place[0] - self._place[0], place[1] - self._place[1]
        cosine, sine = self._forward
        return math.atan2(cosine * y - sine * x, cosine * x + sine * y) if x or y else 0.0

    def _sense(self, observation: np.ndarray) -> None:
        guide = 0.0 if self._returning else self._bearing(self._corners[self._next])
        observation[self.observation_layout.slice(GUIDE.name)] = guide
        observation[self.observation_layout.slice(RETURNING.name)] = self._returning
