"""Path integration: led away along a winding way, then home by the sense of one's own steps."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

import gymnasium
import numpy as np

from embody.bodies.fly.geometry import LEGS
from embody.bodies.fly.kinematics import claw_position
from embody.envs.fly.base import FlyEnv
from embody.envs.fly.steering import AbstractSteering, SteeredWalker, turning_drive
from embody.envs.fly.wandering import Wander, on_the_spot, start_wandering, turn_and_go, wander
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
_SLOWED_MM = 8.0
_SEARCHED_MM, _WIDENS_MM_S = 1.5, 0.2
_SEARCH_DRIVE = 0.5


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


class PathIntegrationState(NamedTuple):
    """Where a `PathIntegration` stands.

    Attributes
    ----------
    reckoned
        Heading [rad] and place (x, y) [mm] against the nest, by its steps and turns, shape (3,).
    claws, load
        Claws in the frame of the thorax, (6, 3) [mm], and load of the legs, (6,), one step ago.
    searched_s
        Time since it thought to be home [s]; below 0 before.
    wander
        Its search there.
    """

    reckoned: np.ndarray
    claws: np.ndarray
    load: np.ndarray
    searched_s: float
    wander: Wander


class PathIntegration(AbstractSteering):
    """Follows the guide out, adds up its own steps and turns, walks back along the sum, searches.

    The turn is that of the halteres' sense of rotation about the vertical. The step is that of
    the feet: a foot that bears load stands still on the ground, so the body moves by as much as
    the foot moves back in the frame of the thorax; the mean over all such feet is taken. Neither
    is calibrated.

    Where it takes the nest to be, it searches: at random, and back to the middle whenever it has
    gone too far by its own reckoning. A fly that feels neither steps nor turns takes itself to be
    home when the guide is gone, and searches at random from there.

    Parameters
    ----------
    home_mm
        Distance from the reckoned nest at which the search begins [mm].
    gain
        Turn asked for by a bearing of one radian.
    least_load
        Load from which a foot counts as standing [uN].

    References
    ----------
    Wehner & Srinivasan (1981), J. Comp. Physiol. A 142, 315: path integration and search. Wittmann
    & Schwegler (1995), Biol. Cybern. 73, 569: the home vector from steps and turns.
    """

    name = "path-integration"
    senses = ("joint_angle", "leg_load", "gravity", "rotation", "guide", "returning")

    def __init__(self, home_mm: float = 1.0, gain: float = 1.5, least_load: float = 2.0) -> None:
        if not home_mm >= 0:
            raise EmbodyError(f"home_mm is {home_mm}, it cannot be negative")
        self.home_mm, self.gain, self.least_load = home_mm, gain, least_load

    def init(self, seed: int) -> PathIntegrationState:
        """Return a fly at its nest, which has not yet felt its feet."""
        legs = len(LEGS)
        return PathIntegrationState(
            np.zeros(3), np.zeros((legs, 3)), np.zeros(legs), -1.0, start_wandering(seed)
        )

    def step(
        self, state: PathIntegrationState, senses: Mapping[str, np.ndarray], dt: float
    ) -> tuple[PathIntegrationState, np.ndarray]:
        """Return the next state and the drive (left, right), shape (2,)."""
        claws = claw_position(senses["joint_angle"])
        moved = odometry(state.claws, claws, state.load, senses, self.least_load, dt)
        reckoned = advance(state.reckoned, *moved)
        state = state._replace(reckoned=reckoned, claws=claws, load=senses["leg_load"].copy())
        if senses["returning"][0] < 0.5:
            return state, turning_drive(self.gain * float(senses["guide"][0]))
        ahead, left = origin_in_frame(reckoned).tolist()
        bearing, distance = math.atan2(left, ahead), math.hypot(ahead, left)
        if state.searched_s < 0.0 and distance > self.home_mm:
            speed = min(1.0, 0.4 + distance / _SLOWED_MM)
            return state, turning_drive(self.gain * bearing, speed)
        searched_s = max(state.searched_s, 0.0) + dt
        walk, turn = wander(state.wander, dt)
        state = state._replace(searched_s=searched_s, wander=walk)
        if distance > _SEARCHED_MM + _WIDENS_MM_S * searched_s:
            return state, turn_and_go(bearing, _SEARCH_DRIVE)
        return state, on_the_spot(turn) if turn else np.full(2, _SEARCH_DRIVE)

    def describe(self) -> dict[str, Any]:
        """Return the options."""
        return {"home_mm": self.home_mm, "gain": self.gain, "least_load": self.least_load}


def advance(reckoned: np.ndarray, forward: float, left: float, turn: float) -> np.ndarray:
    """Return heading [rad] and place (x, y) [mm] after a step, shape (3,).

    Parameters
    ----------
    reckoned
        Heading and place before, shape (3,).
    forward, left, turn
        What `odometry` returned.
    """
    heading, x, y = reckoned.tolist()
    middle = heading + 0.5 * turn
    x += forward * math.cos(middle) - left * math.sin(middle)
    y += forward * math.sin(middle) + left * math.cos(middle)
    return np.array([heading + turn, x, y])


def origin_in_frame(reckoned: np.ndarray) -> np.ndarray:
    """Return where the origin is for a fly of that heading and place: ahead, left, (2,) [mm]."""
    heading, x, y = reckoned.tolist()
    cosine, sine = math.cos(heading), math.sin(heading)
    return np.array([-cosine * x - sine * y, sine * x - cosine * y])


def odometry(
    before: np.ndarray,
    claws: np.ndarray,
    load_before: np.ndarray,
    senses: Mapping[str, np.ndarray],
    least_load: float,
    dt: float,
) -> tuple[float, float, float]:
    """Return by how much the fly went forward and to the left [mm] and turned left [rad].

    Parameters
    ----------
    before, claws
        Claws in the thorax frame at the step before and now, shape (6, 3) [mm].
    load_before
        Load of the feet at the step before, shape (6,) [uN].
    senses
        Those of now: "leg_load", "gravity", "rotation".
    least_load
        Load from which a foot counts as standing [uN].
    dt
        Time between the two [s].
    """
    down, spin = senses["gravity"].astype(float), senses["rotation"].astype(float)
    turn = -dt * float(spin @ down)
    standing = (load_before > least_load) & (senses["leg_load"] > least_load)
    if not standing.any():
        return 0.0, 0.0, turn
    middle = 0.5 * (before + claws)[standing]
    moved = -((claws - before)[standing] + dt * np.cross(spin, middle)).mean(axis=0)
    ahead = np.array([1.0, 0.0, 0.0]) - down[0] * down
    ahead /= np.linalg.norm(ahead) or 1.0
    return float(moved @ ahead), float(moved @ np.cross(-down, ahead)), turn


def make_path_integration(
    env: gymnasium.Env,
    home_mm: float = 1.0,
    gain: float = 1.5,
    least_load: float = 2.0,
    silence: Sequence[str] = (),
) -> SteeredWalker:
    """Return the `PathIntegration` controller for a `FlyHoming` env; options as there.

    Parameters
    ----------
    silence
        Senses that report nothing, e.g. "rotation" for a fly without halteres.
    """
    return SteeredWalker(env, PathIntegration(home_mm, gain, least_load), silence)
