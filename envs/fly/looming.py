"""Escape from something dark that comes nearer."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import mujoco
import numpy as np

from embody.bodies.fly.fly_body import FlyBody
from embody.envs.fly.free_fly import require_free
from embody.envs.fly.sighted import SightedFlyEnv
from embody.envs.fly.worlds import add_flat_ground
from embody.errors import EmbodyError
from embody.recording import Signal

PREDATOR = "predator"
REACH_MM = 1.5
"""How far the fly reaches from the origin of its thorax, about half its length [mm]."""

HEIGHT_MM = 1.0


def add_predator(spec: mujoco.MjSpec, radius_mm: float) -> tuple[str, ...]:
    """Add a floor and a black ball without weight or contact, which the env moves."""
    predator = spec.worldbody.add_body(name=PREDATOR, mocap=True, pos=(0.0, 0.0, -1e3))
    predator.add_geom(
        name=PREDATOR,
        type=mujoco.mjtGeom.mjGEOM_SPHERE,
        size=(radius_mm, 0, 0),
        rgba=(0.02, 0.02, 0.02, 1.0),
        contype=0,
        conaffinity=0,
    )
    return add_flat_ground(spec)


class FlyLooming(SightedFlyEnv):
    """A dark ball comes straight at a fly, which does well to stand until then and to run in time.

    The ball appears at `start_mm`, from a direction drawn between 40 and 140 degrees to the left or
    right, after a while drawn between 0.2 and 0.6 s. It heads for where the fly is at that moment
    with constant speed, and goes on past that place: a looming disc of l / v = `radius_mm /
    speed_mm_s`.

    The reward of a step is minus 0.02 per mm walked. Where the ball touches the fly (its surface
    less than 1.5 mm from the origin of the thorax) it is minus 1, and the episode terminates; when
    the ball has passed without touching it is plus 1, and the episode terminates too.

    `info` holds "disc_angle_rad", the angle of the ball seen from the thorax; "gap_mm", the
    distance of its surface; "caught" and "escaped", 0 or 1.

    Parameters
    ----------
    radius_mm, speed_mm_s
        Of the ball [mm, mm/s].
    start_mm
        Distance at which it appears [mm].
    **options
        Those of `FlyEnv`; the fly is free.

    Raises
    ------
    EmbodyError
        If an option is out of range.

    References
    ----------
    Gabbiani, Krapp & Laurent (1999), J. Neurosci. 19, 1122: discs of constant l / v. Card &
    Dickinson (2008), Curr. Biol. 18, 1300: flies escape away from what looms. Zacarias et al.
    (2018), Nat. Commun. 9, 3697: walking flies run or freeze.
    """

    steering: ClassVar[str] = "escape"
    snapshot_signals: ClassVar[tuple[Signal, ...]] = (
        *SightedFlyEnv.snapshot_signals,
        Signal("predator", ("time", "axis"), ("x", "y", "z"), "mm", "middle of the dark ball"),
    )

    def __init__(
        self,
        *,
        radius_mm: float = 4.0,
        speed_mm_s: float = 30.0,
        start_mm: float = 45.0,
        **options: Any,
    ) -> None:
        require_free(options)
        if not 0 < radius_mm <= 20:
            raise EmbodyError(f"radius_mm is {radius_mm}, it has to lie above 0 and up to 20")
        if not 0 < speed_mm_s <= 1000:
            raise EmbodyError(f"speed_mm_s is {speed_mm_s}, it has to lie above 0 and up to 1000")
        if not radius_mm + 2.0 * REACH_MM < start_mm <= 500:
            raise EmbodyError(
                f"start_mm is {start_mm}, it has to lie between {radius_mm + 2.0 * REACH_MM:g} and "
                "500"
            )
        self.radius_mm, self.speed_mm_s, self.start_mm = radius_mm, speed_mm_s, start_mm
        super().__init__(**options)
        model = self.body.model
        self._mocap = int(model.body_mocapid[model.body(PREDATOR).id])

    def step(self, action: np.ndarray) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Advance by one control period, as `FlyEnv.step`; ends when the ball touches or passes."""
        observation, reward, terminated, truncated, info = super().step(action)
        ended = bool(info["caught"] or info["escaped"])
        return observation, reward, terminated or ended, truncated, info

    def snapshot(self) -> dict[str, np.ndarray]:
        """Return what a recording keeps of this moment; "predator" (3,) [mm] is added."""
        return {**super().snapshot(), PREDATOR: self.body.data.mocap_pos[self._mocap].copy()}

    def _world(self) -> dict[str, Any]:
        return {"name": "predator", "radius_mm": self.radius_mm}

    def _prepare_world(self, options: Mapping[str, Any]) -> None:
        side = 1.0 if self.np_random.random() < 0.5 else -1.0
        self._bearing = side * math.radians(self.np_random.uniform(40.0, 140.0))
        self._appears_s = float(self.np_random.uniform(0.2, 0.6))

    def _begin(self, info: dict[str, Any]) -> None:
        self._course: tuple[float, float, float, float] | None = None
        self._place_ball(None)
        self._report(info, None)

    def _evaluate(self, info: dict[str, Any]) -> float:
        time_s = self._steps * self.control_period_s
        if self._course is None and time_s >= self._appears_s:
            direction = math.atan2(self._forward[1], self._forward[0]) + self._bearing
            self._course = (*self._place, math.cos(direction), math.sin(direction))
        left = None
        if self._course is not None:
            left = self.start_mm - self.speed_mm_s * (time_s - self._appears_s)
        self._place_ball(left)
        self._report(info, left)
        effort = 0.02 * abs(self._progress_mm)
        return info["escaped"] - info["caught"] - effort

    def _place_ball(self, left_mm: float | None) -> None:
        """Put the ball so far before the place it heads for; out of sight if that is None."""
        if left_mm is None or self._course is None:
            self._ball = (0.0, 0.0, -1e3)
        else:
            x, y, forward, across = self._course
            self._ball = (x + left_mm * forward, y + left_mm * across, HEIGHT_MM)
        self.body.data.mocap_pos[self._mocap] = self._ball

    def _report(self, info: dict[str, Any], left_mm: float | None) -> None:
        far = self.start_mm if left_mm is None else math.dist(self._ball[:2], self._place)
        shown = left_mm is not None
        gap = far - self.radius_mm
        passed = shown and left_mm < -(self.radius_mm + REACH_MM)
        info["gap_mm"] = gap
        sine = min(1.0, self.radius_mm / max(far, 1e-9))
        info["disc_angle_rad"] = 2.0 * math.asin(sine) if shown else 0.0
        info["caught"] = float(shown and gap < REACH_MM)
        info["escaped"] = float(passed and not info["caught"])


def show_predator(body: FlyBody, place: np.ndarray) -> None:
    """Put the ball of a stage where a recording says."""
    model = body.model
    body.data.mocap_pos[model.body_mocapid[model.body(PREDATOR).id]] = place
