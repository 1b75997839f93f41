"""A rule by which a fly finds sugar with its feet, brings its mouth there, drinks, and searches."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from embody.bodies.fly.geometry import LEGS
from embody.bodies.fly.kinematics import claw_position
from embody.brains.fly.locomotion import proboscis
from embody.brains.fly.locomotion.proboscis import ProboscisParameters, ProboscisState
from embody.envs.fly.food import BITTER, PROBOSCIS, SUGAR, TASTANTS
from embody.envs.fly.path_integration import advance, odometry, origin_in_frame
from embody.envs.fly.steering import AbstractSteering
from embody.envs.fly.taste import ORGANS
from embody.envs.fly.wandering import Wander, on_the_spot, start_wandering, turn_and_go, wander
from embody.errors import EmbodyError

LABELLUM_MM = np.array([0.6, 0.0])
"""Where the labellum meets the floor, in the frame of the thorax (x, y) [mm]."""

_NEVER_S = 1e6
_LEAST_LOAD_UN = 2.0
_ON_PLACE_MM = 0.25
_MEMORY_S = 1.5  # how long a taste is gone back to
_PROBE_S = 0.4
_APPROACH_S = 1.0
_TRIES = 4
_GIVES_UP_S = 1.0
_SHUN_S, _TURN_AWAY_S = 1.0, 0.3
_RUNS_PER_PROBE = 4
_NEAR_MM, _WIDENS_MM_S = 1.5, 0.4


class FeedingState(NamedTuple):
    """Where a `Feeding` stands.

    Attributes
    ----------
    wander
        The walk without a goal.
    proboscis
        How far the proboscis is out.
    reckoned
        Heading [rad] and place (x, y) [mm] of the fly, as it reckons by its steps, in a frame whose
        origin is where sugar was tasted last, shape (3,).
    claws, load
        Claws in the frame of the thorax, (6, 3) [mm], and load of the legs, (6,), one step ago.
    tasted_s
        Time since a foot or the mouth has tasted sugar [s].
    meal_s
        Time since it drank [s].
    drank
        Whether the place of the last taste has been drunk from.
    probe_s, walk_s
        Time until the proboscis goes back [s], and until the fly heeds sugar on its feet again,
        having tried in vain.
    approach_s
        For how long it has tried to bring its mouth to the place of the taste [s].
    tries
        How often it has come out for nothing.
    shun_s, shun_side
        Time for which it still leaves what is bitter [s], having turned to which side.
    probed_run
        Number of the run that ended with the proboscis put out for no reason.
    """

    wander: Wander
    proboscis: ProboscisState
    reckoned: np.ndarray
    claws: np.ndarray
    load: np.ndarray
    tasted_s: float
    meal_s: float
    drank: bool
    probe_s: float
    walk_s: float
    approach_s: float
    tries: int
    shun_s: float
    shun_side: float
    probed_run: int


class Feeding(AbstractSteering):
    """Walk about; stop where a foot tastes sugar; bring the mouth there; drink; search nearby.

    Sugar on a foot stops the fly, which puts its proboscis out; where the labellum then tastes none
    the fly steps towards the place of the foot's taste, which it keeps in mind by its own steps,
    and tries again. While the labellum tastes sugar the fly stands and drinks. When the drop is
    empty it searches close by, turning back whenever its steps tell that it has gone too far: the
    dance of a fly that has had a taste. From what is bitter to its front feet or its mouth it turns
    away and walks on. Every few runs the
    proboscis comes out for no reason, so that a fly without taste drinks too, by chance.

    Parameters
    ----------
    speed
        Drive while walking about.
    search_s
        For how long the search stays close to the last meal [s]; 0 to walk on at once.

    References
    ----------
    Dethier (1957), Science 125, 331: flies that have tasted sugar dance about the place. Dethier
    (1976), The Hungry Fly. Kim & Dickinson (2017), Curr. Biol. 27, 2227: walking flies search about
    a drop of food by path integration.
    """

    name = "feeding"
    senses = ("taste", "heat", "joint_angle", "leg_load", "gravity", "rotation")

    def __init__(self, speed: float = 0.7, search_s: float = 12.0) -> None:
        if not 0 < speed <= 1.5:
            raise EmbodyError(f"speed is {speed}, it has to lie between 0 and 1.5")
        if not search_s >= 0:
            raise EmbodyError(f"search_s is {search_s}, it cannot be negative")
        self.speed, self.search_s = speed, search_s
        self.parameters = ProboscisParameters()

    def init(self, seed: int) -> FeedingState:
        """Return the state of a fly that has not yet tasted anything."""
        return FeedingState(
            wander=start_wandering(seed),
            proboscis=proboscis.init(),
            reckoned=np.zeros(3),
            claws=np.zeros((len(LEGS), 3)),
            load=np.zeros(len(LEGS)),
            tasted_s=_NEVER_S,
            meal_s=_NEVER_S,
            drank=False,
            probe_s=0.0,
            walk_s=0.0,
            approach_s=0.0,
            tries=0,
            shun_s=0.0,
            shun_side=1.0,
            probed_run=0,
        )

    def step(
        self, state: FeedingState, senses: Mapping[str, np.ndarray], dt: float
    ) -> tuple[FeedingState, np.ndarray]:
        """Return the next state and the drive (left, right), shape (2,)."""
        state = _reckon(state, senses, dt)
        state = _notice(state, senses["taste"].reshape(len(TASTANTS), len(ORGANS)))
        state, drive = self._act(state, senses, dt)
        out, _ = proboscis.step(self.parameters, state.proboscis, np.array(state.probe_s > 0.0), dt)
        return state._replace(proboscis=out), drive

    def _act(
        self, state: FeedingState, senses: Mapping[str, np.ndarray], dt: float
    ) -> tuple[FeedingState, np.ndarray]:
        if state.shun_s > 0.0:
            state = state._replace(shun_s=state.shun_s - dt)
            if state.shun_s > _SHUN_S - _TURN_AWAY_S:
                return state, on_the_spot(state.shun_side)
            return self._search(state, senses, dt)
        if state.probe_s > 0.0:
            return _hold_out(state, dt), np.zeros(2)
        state = state._replace(walk_s=state.walk_s - dt)
        if state.tasted_s < _MEMORY_S and not state.drank and state.walk_s <= 0.0:
            return _approach(state, dt)
        return self._search(state, senses, dt)

    def _search(
        self, state: FeedingState, senses: Mapping[str, np.ndarray], dt: float
    ) -> tuple[FeedingState, np.ndarray]:
        """Walk about; after a meal close to its place."""
        walk, turn = wander(state.wander, dt, senses["heat"])
        state = state._replace(wander=walk)
        if walk.flees and turn is not None:
            return state, on_the_spot(turn)
        if walk.runs % _RUNS_PER_PROBE == 0 and walk.runs != state.probed_run:
            return state._replace(probed_run=walk.runs, probe_s=_PROBE_S), np.zeros(2)
        away = math.hypot(*state.reckoned[1:].tolist())
        if state.meal_s < self.search_s and away > _NEAR_MM + _WIDENS_MM_S * state.meal_s:
            ahead, left = origin_in_frame(state.reckoned).tolist()
            return state, turn_and_go(math.atan2(left, ahead), self.speed)
        return state, on_the_spot(turn) if turn else np.full(2, self.speed)

    def describe(self) -> dict[str, Any]:
        """Return the options."""
        return {"speed": self.speed, "search_s": self.search_s}


def _reckon(state: FeedingState, senses: Mapping[str, np.ndarray], dt: float) -> FeedingState:
    """Return the state after the fly has felt how far it has come since the last step."""
    claws = claw_position(senses["joint_angle"])
    load = senses["leg_load"].astype(np.float64)
    moved = odometry(state.claws, claws, state.load, senses, _LEAST_LOAD_UN, dt)
    return state._replace(
        reckoned=advance(state.reckoned, *moved),
        claws=claws,
        load=load,
        tasted_s=state.tasted_s + dt,
        meal_s=state.meal_s + dt,
    )


def _notice(state: FeedingState, taste: np.ndarray) -> FeedingState:
    """Return the state after the fly has noticed what it tastes, (tastants, 7)."""
    sugar, bitter = taste[TASTANTS.index(SUGAR)], taste[TASTANTS.index(BITTER)]
    if state.shun_s > 0.0:
        return state
    left, right, mouth = bitter[LEGS.index("LF")], bitter[LEGS.index("RF")], bitter[PROBOSCIS]
    if max(left, right, mouth) > sugar.max():
        side = state.shun_side if left == right else math.copysign(1.0, right - left)
        return state._replace(shun_s=_SHUN_S, shun_side=side, probe_s=0.0, tasted_s=_NEVER_S)
    if sugar[PROBOSCIS] > 0.0:
        place = LABELLUM_MM
        state = state._replace(drank=True, tries=0, meal_s=0.0, probe_s=_PROBE_S)
    elif sugar[: len(LEGS)].max() > 0.0:
        feet = state.claws[sugar[: len(LEGS)] > 0.0, :2]
        apart = np.linalg.norm(feet - LABELLUM_MM, axis=1)
        known = origin_in_frame(state.reckoned) - LABELLUM_MM
        sought = state.tasted_s < _MEMORY_S and not state.drank
        if sought and apart.min() > math.hypot(*known.tolist()):
            return state._replace(tasted_s=0.0)
        place = feet[int(np.argmin(apart))]
        state = state._replace(drank=state.drank and state.probe_s > 0.0)
    else:
        return state
    heading = float(state.reckoned[0])
    cosine, sine = math.cos(heading), math.sin(heading)
    x = -(cosine * place[0] - sine * place[1])
    y = -(sine * place[0] + cosine * place[1])
    return state._replace(reckoned=np.array([heading, x, y]), tasted_s=0.0)


def _hold_out(state: FeedingState, dt: float) -> FeedingState:
    """Return the state a step later, the proboscis out; it goes back where there is no sugar."""
    state = state._replace(probe_s=state.probe_s - dt)
    if state.probe_s > 0.0 or state.drank:
        return state
    tries = state.tries + 1
    if tries < _TRIES:
        return state._replace(tries=tries, approach_s=0.0, tasted_s=_NEVER_S)
    return state._replace(tries=0, approach_s=0.0, walk_s=_GIVES_UP_S)


def _approach(state: FeedingState, dt: float) -> tuple[FeedingState, np.ndarray]:
    """Return the next state and the drive that brings the labellum to the place of the taste."""
    ahead, left = (origin_in_frame(state.reckoned) - LABELLUM_MM).tolist()
    distance = math.hypot(ahead, left)
    if distance < _ON_PLACE_MM or state.approach_s > _APPROACH_S:
        return state._replace(probe_s=_PROBE_S), np.zeros(2)
    state = state._replace(approach_s=state.approach_s + dt)
    onwards, turn = _graded(ahead, 0.5), _graded(left, 0.6)
    return state, np.array([onwards - turn, onwards + turn])


def _graded(offset_mm: float, most: float) -> float:
    """Return the drive that makes up for an offset: weaker near the goal, none at it."""
    if abs(offset_mm) < 0.5 * _ON_PLACE_MM:
        return 0.0
    return math.copysign(min(most, 0.2 + 0.4 * abs(offset_mm)), offset_mm)
