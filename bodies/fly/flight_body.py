"""A flying fly in MuJoCo: how its wings beat goes in, attitude and motion come out."""

import math
from collections.abc import Sequence
from typing import Any

import mujoco
import numpy as np

from embody.bodies.fly.detailed import WING_JOINTS
from embody.bodies.fly.flight_spec import FLIGHT_PHYSICS, build_flight_spec
from embody.bodies.fly.physics import FlyPhysics
from embody.bodies.fly.wing_beat import STROKE_PLANE_RAD
from embody.bodies.fly.wing_pattern import FREQUENCY_HZ, WingPattern
from embody.bodies.fly.worlds import flat_world
from embody.bodies.mujoco_state import read_state, write_state
from embody.divergence import DivergenceError
from embody.errors import EmbodyError

TICK_S = 2e-4
"""Time between two targets of the wing servos [s], 23 in a beat, as in flybody."""

BEAT_TICKS = 23
"""Ticks over which halteres and antennae average: a beat of 218 Hz."""

Vector = Sequence[float] | np.ndarray

WINGS = len(WING_JOINTS)

HOVER = (FREQUENCY_HZ, 1.05, 1.05, 0.0, 0.0, 0.0, 0.0)
"""The command of a hovering fly."""

_TRUNK_Q, _TRUNK_V = 7, 6  # the wings come after the trunk in qpos and qvel
_STROKE_AHEAD = np.array([math.cos(STROKE_PLANE_RAD), 0.0, -math.sin(STROKE_PLANE_RAD)])
_STROKE_NORMAL = np.array([math.sin(STROKE_PLANE_RAD), 0.0, math.cos(STROKE_PLANE_RAD)])
_LARGEST = 1e6  # positions [mm] and velocities beyond this are a divergence


class FlightBody:
    """A fly in the air, its legs drawn in and its wings beating. Units are mm, g, s; angles rad.

    All but the wings is one rigid body (`flight_spec`). What halteres and antennae tell is the
    mean over the last beat: halteres beat with the wings, and within a beat the reaction of the
    wings rocks the thorax to and fro by some 20 rad/s.

    Parameters
    ----------
    world
        The world as a MuJoCo spec, used up; an endless floor by default.
    physics
        Mechanical constants; its step has to divide a tick of 0.2 ms.
    wind_mm_s
        Velocity of the air, shape (3,) [mm/s].

    Attributes
    ----------
    model, data
        The MuJoCo model and its state.
    pattern
        The wing-beat pattern generator, fitted to the servos.
    pose
        Angles of `ACTUATED_JOINTS` at which all but the wings is locked, shape (49,) [rad].

    Raises
    ------
    EmbodyError
        If dm_control is not installed, or the physics step does not divide a tick.
    """

    def __init__(
        self,
        world: mujoco.MjSpec | None = None,
        physics: FlyPhysics = FLIGHT_PHYSICS,
        wind_mm_s: Sequence[float] = (0.0, 0.0, 0.0),
    ) -> None:
        spec, self.pose = build_flight_spec(world or flat_world(), physics)
        self.model = spec.compile()
        self.model.opt.wind = wind_mm_s
        self._substeps = round(TICK_S / physics.timestep_s)
        if self._substeps < 1 or abs(self._substeps * physics.timestep_s - TICK_S) > 1e-9:
            raise EmbodyError(
                f"the physics step must divide {TICK_S:g} s, unlike {physics.timestep_s:g} s"
            )
        self.pattern = self._fit_pattern()
        self._make_data()
        self.reset()

    def reset(
        self,
        position_mm: Vector = (0.0, 0.0, 20.0),
        heading_rad: float = 0.0,
        tilt_rad: Vector = (0.0, 0.0),
        velocity_mm_s: Vector = (0.0, 0.0, 0.0),
        rotation_rad_s: Vector = (0.0, 0.0, 0.0),
        command: Vector | None = None,
        phase_rad: float = 0.0,
    ) -> None:
        """Put the fly into the air at time zero, wings beating.

        Parameters
        ----------
        position_mm
            Origin of the thorax, shape (3,) [mm].
        heading_rad
            Direction in which it looks, counterclockwise from x [rad].
        tilt_rad
            Roll to the right and pitch nose down by which its stroke plane is off the horizontal.
        velocity_mm_s
            Velocity of the thorax in the world, shape (3,) [mm/s].
        rotation_rad_s
            Angular velocity of the thorax in its own frame, shape (3,) [rad/s].
        command
            How its wings beat (`wing_pattern.STROKE_NAMES`), shape (7,); hovering by default.
        phase_rad
            Where in the beat they are [rad].
        """
        data = self.data
        mujoco.mj_resetData(self.model, data)
        data.qpos[:3] = position_mm
        data.qpos[3:7] = stroke_orientation(heading_rad, *tilt_rad)
        data.qvel[:3], data.qvel[3:6] = velocity_mm_s, rotation_rad_s
        self.beat = self.pattern.start(HOVER if command is None else command, phase_rad)
        data.qpos[_TRUNK_Q:] = self.pattern.angle(self.beat)
        data.qvel[_TRUNK_V:] = self.pattern.velocity(self.beat)
        data.ctrl[:] = self.pattern.target(self.beat)
        self._settle()
        self._felt[:] = self._feel()

    def step(self, command: Sequence[float], ticks: int = 5) -> None:
        """Beat the wings as told for some ticks of 0.2 ms.

        Parameters
        ----------
        command
            How the wings beat (`wing_pattern.STROKE_NAMES`), shape (7,).
        ticks
            How long.

        Raises
        ------
        EmbodyError
            If the command is not 7 finite numbers.
        DivergenceError
            If the state of the body is no longer finite.
        """
        pattern, half = self.pattern, 0.5 * TICK_S
        told = [float(number) for number in command]
        if len(told) != len(HOVER) or not math.isfinite(math.fsum(told)):
            raise EmbodyError(f"a command is {len(HOVER)} finite numbers, not {command}")
        for _ in range(ticks):
            # The servos hold a target for a tick: they are told that of its middle.
            middle = pattern.advance(self.beat, told, half)
            self.beat = pattern.advance(middle, told, half)
            self._tick(pattern.target(middle))

    def step_wings(self, angle_rad: np.ndarray, ticks: int = 1) -> None:
        """Drive the wing joints to angles for some ticks of 0.2 ms.

        Parameters
        ----------
        angle_rad
            Targets of `WING_JOINTS`, shape (6,) [rad]; clipped to the range of each joint.
        ticks
            How long.

        Raises
        ------
        DivergenceError
            If the state of the body is no longer finite.
        """
        for _ in range(ticks):
            self._tick(angle_rad)

    @property
    def time_s(self) -> float:
        """Time since `reset` [s]."""
        return self.data.time

    @property
    def wing_range(self) -> np.ndarray:
        """Lowest and highest angle of `WING_JOINTS`, shape (6, 2) [rad]."""
        return self.model.jnt_range[1 : 1 + WINGS].copy()

    def thorax_pose(self) -> tuple[np.ndarray, np.ndarray]:
        """Return position, shape (3,) [mm], and orientation, quaternion wxyz, of the thorax."""
        return self.data.qpos[:3].copy(), self.data.qpos[3:7].copy()

    def thorax_rotation(self) -> np.ndarray:
        """Return the matrix that turns vectors of the thorax frame into the world's, (3, 3)."""
        turn = np.empty(9)
        mujoco.mju_quat2Mat(turn, self.data.qpos[3:7])
        return turn.reshape(3, 3)

    def tilt(self) -> np.ndarray:
        """Return by how much the stroke plane leans right and forwards, shape (2,) [rad]."""
        forward, left, _ = self.heading_axes()
        normal = self.thorax_rotation() @ _STROKE_NORMAL
        return np.arcsin(np.clip((-(normal @ left), normal @ forward), -1.0, 1.0))

    def uprightness(self) -> float:
        """Return how much of the stroke plane's normal points up: 1 level, -1 upside down."""
        return float(self.thorax_rotation()[2] @ _STROKE_NORMAL)

    def heading_axes(self) -> np.ndarray:
        """Return the unit vectors forward, left and up of a level fly of this heading, (3, 3)."""
        ahead = self.thorax_rotation() @ _STROKE_AHEAD
        length = math.hypot(ahead[0], ahead[1]) or 1.0
        x, y = ahead[0] / length, ahead[1] / length
        return np.array([[x, y, 0.0], [-y, x, 0.0], [0.0, 0.0, 1.0]])

    def wing_angle(self) -> np.ndarray:
        """Return the angles of `WING_JOINTS`, shape (6,) [rad]."""
        return self.data.qpos[_TRUNK_Q:].copy()

    def gravity(self) -> np.ndarray:
        """Return the direction of gravity in the thorax frame, unit vector, shape (3,)."""
        return -self.thorax_rotation()[2]

    def rotation(self) -> np.ndarray:
        """Return the angular velocity in the thorax frame, mean of a beat, shape (3,) [rad/s]."""
        return self._felt[:, :3].mean(axis=0)

    def air_flow(self) -> np.ndarray:
        """Return how the air moves past the thorax in its frame, mean of a beat, (3,) [mm/s]."""
        wind = np.asarray(self.model.opt.wind) @ self.thorax_rotation()
        return wind - self._felt[:, 3:].mean(axis=0)

    def velocity(self) -> np.ndarray:
        """Return the velocity of the thorax in its frame, mean of a beat, shape (3,) [mm/s]."""
        return self._felt[:, 3:].mean(axis=0)

    def touches_ground(self) -> bool:
        """Whether the trunk touches anything."""
        return bool(self.data.ncon)

    def get_state(self) -> np.ndarray:
        """Return all that the future depends on, as one vector for `set_state`."""
        own = np.concatenate([self._felt.ravel(), self.beat])
        return np.concatenate([own, read_state(self.model, self.data)])

    def set_state(self, state: np.ndarray) -> None:
        """Return to a state: the future has the same bits.

        Raises
        ------
        EmbodyError
            If the state is of another kind of body.
        """
        felt = self._felt.size
        write_state(self.model, self.data, state[felt + 8 :])
        self._felt[:] = state[:felt].reshape(self._felt.shape)
        self.beat = state[felt : felt + 8].tolist()
        self._settle()

    def __getstate__(self) -> dict[str, Any]:
        return {
            "model": self.model, "pattern": self.pattern, "pose": self.pose,
            "substeps": self._substeps, "state": self.get_state(),
        }  # fmt: skip

    def __setstate__(self, pickled: dict[str, Any]) -> None:
        self.model, self.pattern, self.pose = (pickled[n] for n in ("model", "pattern", "pose"))
        self._substeps = pickled["substeps"]
        self._make_data()
        self.set_state(pickled["state"])

    def _fit_pattern(self) -> WingPattern:
        """Return a pattern generator that knows the servos of the wings."""
        model, data = self.model, mujoco.MjData(self.model)
        mujoco.mj_forward(model, data)
        wing = slice(_TRUNK_V, _TRUNK_V + WINGS // 2)
        gain = model.actuator_gainprm[: WINGS // 2, 0]
        numbers = (
            model.dof_M0[wing] / gain,
            model.dof_damping[wing] / gain,
            model.jnt_stiffness[1 : 1 + WINGS // 2] / gain,
            model.qpos_spring[_TRUNK_Q : _TRUNK_Q + WINGS // 2],
        )
        inertia, damping, spring, rest = (tuple(map(float, part)) for part in numbers)
        return WingPattern(
            inertia_s2=inertia,  # pyright: ignore[reportArgumentType]
            damping_s=damping,  # pyright: ignore[reportArgumentType]
            spring=spring,  # pyright: ignore[reportArgumentType]
            rest_rad=rest,  # pyright: ignore[reportArgumentType]
        )

    def _make_data(self) -> None:
        self.data = mujoco.MjData(self.model)
        self._felt = np.zeros((BEAT_TICKS, 6))
        self.beat: list[float] = [0.0] * 8

    def _tick(self, target: Sequence[float] | np.ndarray) -> None:
        model, data = self.model, self.data
        data.ctrl[:] = target
        mujoco.mj_step(model, data, self._substeps)
        speed = data.qvel
        if not speed.dot(speed) < _LARGEST**2:
            raise DivergenceError("motion of the flying fly", data.time, "take a shorter step")
        felt = self._felt
        felt[:-1] = felt[1:]
        felt[-1] = self._feel()

    def _feel(self) -> np.ndarray:
        """Return angular velocity and velocity of this moment in the thorax frame, shape (6,)."""
        speed = self.data.qvel
        return np.concatenate([speed[3:6], speed[:3] @ self.thorax_rotation()])

    def _settle(self) -> None:
        """Compute forces and positions of the state without changing what it starts from."""
        start = self.data.qacc_warmstart.copy()
        mujoco.mj_forward(self.model, self.data)
        self.data.qacc_warmstart[:] = start


def stroke_orientation(heading_rad: float, roll_rad: float, pitch_rad: float) -> np.ndarray:
    """Return the quaternion of the thorax for a heading and a tilt of its stroke plane.

    Parameters
    ----------
    heading_rad
        Counterclockwise from x [rad].
    roll_rad, pitch_rad
        By how much the stroke plane leans to the right, and forwards (nose down) [rad].
    """
    whole = np.array([1.0, 0.0, 0.0, 0.0])
    turns = ((2, heading_rad), (1, pitch_rad), (0, roll_rad), (1, -STROKE_PLANE_RAD))
    for axis, angle in turns:
        turn, both = np.zeros(4), np.zeros(4)
        mujoco.mju_axisAngle2Quat(turn, np.eye(3)[axis], angle)
        mujoco.mju_mulQuat(both, whole, turn)
        whole = both
    return whole
