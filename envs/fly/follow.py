"""Following another fly."""

import math
from typing import Any, ClassVar

import mujoco
import numpy as np

from embody.bodies.fly.fly_body import FlyBody
from embody.bodies.fly.fly_view import FlyView
from embody.bodies.fly.physics import FlyPhysics, set_options
from embody.bodies.fly.procedural import attach_fly, build_fly_spec
from embody.brains.fly.locomotion.walking import Walking
from embody.envs.fly.free_fly import require_free
from embody.envs.fly.sighted import SightedFlyEnv
from embody.envs.fly.worlds import add_flat_ground
from embody.errors import EmbodyError
from embody.recording import Signal

OTHER = "other/"
_NEAR_MM = 4.0  # nearer than this is no better: the flies are 2.5 mm long
_FADE_MM = 10.0
_TURN_TIME_S = 0.5
_TURN_SPREAD_RAD_S = 1.0
_OUT_OF_SIGHT = (0.0, 0.0, -1e3)  # below the ground, which hides it


def add_other_fly(spec: mujoco.MjSpec) -> tuple[str, ...]:
    """Add a floor and a second fly, which is carried along its path and touches nothing."""
    physics = FlyPhysics()
    set_options(spec, physics)
    fly = build_fly_spec(physics)
    for geom in fly.geoms:
        geom.contype = geom.conaffinity = 0
    attach_fly(spec, fly, OTHER, held=True)
    return add_flat_ground(spec)


class FlyFollow(SightedFlyEnv):
    """A second fly walks along a winding path; the reward is for keeping close and facing it.

    The other fly is carried along a path of constant speed whose rate of turning is an
    Ornstein-Uhlenbeck process (0.5 s, 1 rad/s), its legs stepping as they would; the two do not
    touch. The reward of a step is the time of it [s], times closeness, which is 1 up to 4 mm and
    falls by 1/e every 10 mm beyond, times the cosine of the bearing of the other fly where that is
    positive.

    `info` holds "distance_mm", between the two thoraces; "bearing_rad", where the other fly is,
    positive to the left; and "following", the mean reward rate so far, 0 to 1.

    Parameters
    ----------
    speed_mm_s
        Of the other fly [mm/s].
    distance_mm
        How far ahead it starts [mm], up to 40 degrees to either side.
    visible
        Whether it can be seen; False leaves all else of the task as it is.
    **options
        Those of `FlyEnv`; the fly is free.

    Raises
    ------
    EmbodyError
        If an option is out of range.

    References
    ----------
    Coen et al. (2016), Neuron 89, 629; Ribeiro et al. (2018), Cell 174, 607: males track females
    by sight.
    """

    steering: ClassVar[str] = "follow"
    _view: FlyView | None = None
    snapshot_signals: ClassVar[tuple[Signal, ...]] = (
        *SightedFlyEnv.snapshot_signals,
        Signal(
            "other_fly",
            ("time", "property"),
            ("x", "y", "z", "w", "i", "j", "k", *(f"leg_{number}" for number in range(42))),
            "1",
            "the other fly: thorax [mm], quaternion, leg joints [rad]",
        ),
    )

    def __init__(
        self,
        *,
        speed_mm_s: float = 10.0,
        distance_mm: float = 8.0,
        visible: bool = True,
        **options: Any,
    ) -> None:
        require_free(options)
        if not 0 <= speed_mm_s <= 50:
            raise EmbodyError(f"speed_mm_s is {speed_mm_s}, it has to lie in 0..50")
        if not 3 <= distance_mm <= 100:
            raise EmbodyError(f"distance_mm is {distance_mm}, it has to lie in 3..100")
        self.speed_mm_s, self.distance_mm, self.visible = speed_mm_s, distance_mm, bool(visible)
        super().__init__(**options)
        self._walking = Walking()
        self._drive = np.full(2, min(1.5, speed_mm_s / 20.0))

    def snapshot(self) -> dict[str, np.ndarray]:
        """Return what a recording keeps of this moment; "other_fly" (49,) is added."""
        other = self._other()
        return {
            **super().snapshot(),
            "other_fly": np.concatenate([*other.thorax_pose(), other.joint_angle()]),
        }

    def background(self) -> np.ndarray:
        """Return what both eyes would see now without the other fly, left first, (2, 721)."""
        place, body = self.body.data.mocap_pos[self._other().indexing.mocap], self.body
        was = place.copy()
        place[:] = _OUT_OF_SIGHT
        seen = super()._look()
        place[:] = was
        mujoco.mj_kinematics(body.model, body.data)
        return seen

    def _look(self) -> np.ndarray:
        return super()._look() if self.visible else self.background()

    def _world(self) -> dict[str, Any]:
        return {"name": "pair"}

    def _other(self) -> FlyView:
        if self._view is None:
            self._view = FlyView(self.body.model, self.body.data, OTHER)
        return self._view

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "_view": None}

    def _begin(self, info: dict[str, Any]) -> None:
        heading = math.atan2(self._forward[1], self._forward[0])
        bearing = heading + math.radians(self.np_random.uniform(-40.0, 40.0))
        x, y = self._place
        self._path = (
            x + self.distance_mm * math.cos(bearing),
            y + self.distance_mm * math.sin(bearing),
            heading + math.radians(self.np_random.uniform(-60.0, 60.0)),
        )
        self._turn_rad_s = 0.0
        self._legs = self._walking.init(2.0 * math.pi * self.np_random.random())
        other = self._other()
        other.place(*self._pose())
        mujoco.mj_forward(self.body.model, self.body.data)
        self._gained = 0.0
        self._report(info)

    def _evaluate(self, info: dict[str, Any]) -> float:
        dt = self.control_period_s
        kept = math.exp(-dt / _TURN_TIME_S)
        noise = _TURN_SPREAD_RAD_S * math.sqrt(1.0 - kept * kept)
        self._turn_rad_s = kept * self._turn_rad_s + noise * float(self.np_random.standard_normal())
        x, y, heading = self._path
        self._path = (
            x + self.speed_mm_s * dt * math.cos(heading),
            y + self.speed_mm_s * dt * math.sin(heading),
            heading + self._turn_rad_s * dt,
        )
        other, data = self._other(), self.body.data
        place, orientation = self._pose()
        data.mocap_pos[other.indexing.mocap] = place
        data.mocap_quat[other.indexing.mocap] = orientation
        self._legs, command = self._walking.step(self._legs, self._drive, np.zeros(6), dt)
        other.command(command.joint_target)
        reward = dt * self._report(info)
        self._gained += reward
        info["following"] = self._gained / (self._steps * dt)
        return reward

    def _pose(self) -> tuple[np.ndarray, np.ndarray]:
        """Return place and orientation of the other fly."""
        x, y, heading = self._path
        height = self.body.standing_height()
        turn = np.array([math.cos(0.5 * heading), 0.0, 0.0, math.sin(0.5 * heading)])
        return np.array([x, y, height]), turn

    def _report(self, info: dict[str, Any]) -> float:
        """Put distance and bearing into the info and return closeness times facing."""
        dx, dy = self._path[0] - self._place[0], self._path[1] - self._place[1]
        distance = math.hypot(dx, dy)
        bearing = math.atan2(dy, dx) - math.atan2(self._forward[1], self._forward[0])
        info["distance_mm"] = distance
        info["bearing_rad"] = math.remainder(bearing, 2.0 * math.pi)
        info["following"] = 0.0
        closeness = math.exp(-max(0.0, distance - _NEAR_MM) / _FADE_MM)
        return closeness * max(0.0, math.cos(bearing))


def show_other_fly(body: FlyBody, other_fly: np.ndarray) -> None:
    """Put the other fly of a stage where a recording says, its legs as they were."""
    FlyView(body.model, body.data, OTHER).place(other_fly[:3], other_fly[3:7], other_fly[7:])
