"""Path integration: a fly adds up its own steps and turns, and walks back along the sum."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import gymnasium
import numpy as np

from embody.bodies.fly.geometry import LEGS
from embody.bodies.fly.kinematics import claw_position
from embody.envs.fly.steering import AbstractSteering, SteeredWalker, turning_drive
from embody.envs.fly.wandering import Wander, on_the_spot, start_wandering, turn_and_go, wander
from embody.errors import EmbodyError

_SLOWED_MM = 8.0
_SEARCHED_MM, _WIDENS_MM_S = 1.5, 0.2
_SEARCH_DRIVE = 0.5


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
