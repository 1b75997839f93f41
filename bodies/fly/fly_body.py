"""The fly's body in MuJoCo: joint targets and adhesion in, posture, loads and motion out."""

import os
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import mujoco
import numpy as np

from embody.bodies.fly.detailed import build_detailed_fly_spec, set_air
from embody.bodies.fly.fly_view import FlyView
from embody.bodies.fly.physics import FlyPhysics, set_options
from embody.bodies.fly.procedural import attach_fly, build_fly_spec, make_ground
from embody.bodies.fly.worlds import BALL, add_ball, flat_world, hang_ball
from embody.bodies.mujoco_state import STATE, read_state, write_state
from embody.divergence import DivergenceError, read_dump, write_dump
from embody.errors import EmbodyError, require_known

Tether = Literal["fixed", "ball"]
BodyName = Literal["procedural", "flybody"]

CONTROL_PERIOD_S = 0.002

_FOOT_RADIUS_MM = 0.03
_LARGEST = 1e6  # positions [mm] and angles [rad] beyond this are a divergence


class FlyBody(FlyView):
    """A fly in a world, stepped by MuJoCo. Units are mm, g, s (force uN), angles rad.

    A pickled body continues with the same bits.

    Parameters
    ----------
    world
        The world as a MuJoCo spec, used up; an endless flat floor by default. It may already hold
        other flies (`procedural.attach_fly`).
    ground
        Names of the geoms that flies walk on and bump into; all that collide with anything by
        default.
    body
        "procedural", made of primitives and fast; or "flybody", the detailed one in air, which
        needs dm_control installed (see `detailed`).
    tether
        None for a free fly; "fixed" holds the thorax in the air; "ball" holds it over a ball that
        turns freely about its middle, and the world's ground does not reach it.
    wings
        Give the detailed body wings that beat: actuators `detailed.WING_JOINTS`, whose control is
        an angle [rad]. Their beat needs physics steps of 0.05 ms.
    physics
        Mechanical constants.
    prefix
        What the fly's names in the model begin with.
    control_period_s
        Time that `step` advances [s].
    grooming_contacts
        Let the front legs touch the head and each other.
    dump_path
        Where to write the state before a divergence; None to write nothing.

    Attributes
    ----------
    model, data
        The MuJoCo model and its state, for whoever wants all of it.

    Raises
    ------
    EmbodyError
        If the body, the tether, a ground geom or a period is not possible.
    """

    def __init__(
        self,
        world: mujoco.MjSpec | None = None,
        ground: Sequence[str] | None = None,
        *,
        body: BodyName = "procedural",
        tether: Tether | None = None,
        wings: bool = False,
        physics: FlyPhysics | None = None,
        prefix: str = "fly/",
        control_period_s: float = CONTROL_PERIOD_S,
        grooming_contacts: bool = False,
        dump_path: str | os.PathLike[str] | None = None,
    ) -> None:
        require_known("body", [body], ("procedural", "flybody"))
        if wings and body != "flybody":
            raise EmbodyError('only body="flybody" has wings that beat')
        if tether is not None:
            require_known("tether", [tether], ("fixed", "ball"))
        self.tether: Tether | None = tether
        self.physics = physics or FlyPhysics()
        self.control_period_s = control_period_s
        self.dump_path = dump_path
        self.physics_steps = _whole_steps(control_period_s, self.physics.timestep_s)
        if world is None:
            world = flat_world() if tether is None else mujoco.MjSpec()
        set_options(world, self.physics)
        make_ground(world, ground)
        if tether == "ball":
            add_ball(world, prefix)
        if body == "flybody":
            set_air(world)
            fly = build_detailed_fly_spec(self.physics, wings=wings)
        else:
            fly = build_fly_spec(self.physics, grooming_contacts=grooming_contacts)
        attach_fly(world, fly, prefix, held=tether is not None)
        model = world.compile()
        super().__init__(model, mujoco.MjData(model), prefix)
        self._before = np.zeros(mujoco.mj_stateSize(model, STATE))
        self.reset()

    def reset(
        self,
        position_mm: np.ndarray | Sequence[float] = (0.0, 0.0),
        heading_rad: float = 0.0,
        pose: np.ndarray | None = None,
        *,
        orientation: np.ndarray | Sequence[float] | None = None,
    ) -> None:
        """Put the fly down at rest, adhesion off, at time zero.

        Parameters
        ----------
        position_mm
            Origin of the thorax, shape (3,) [mm]; or its x and y, shape (2,), and the lowest claw
            is put on the plane z = 0.
        heading_rad
            Direction in which it looks, counterclockwise from x [rad].
        pose
            Angles of the actuated joints, shape (49,) or of the legs (42,) [rad]; standing by
            default. The servos are told to keep it.
        orientation
            Quaternion (w, x, y, z) of the thorax, instead of a heading.

        Raises
        ------
        EmbodyError
            If a shape is wrong or a number is not finite.
        """
        position = np.asarray(position_mm, dtype=float)
        if position.shape not in ((2,), (3,)):
            raise EmbodyError(f"a position has 2 or 3 coordinates, not shape {position.shape}")
        if orientation is None:
            turn = np.array([np.cos(heading_rad / 2), 0.0, 0.0, np.sin(heading_rad / 2)])
        else:
            turn = np.asarray(orientation, dtype=float)
        if turn.shape != (4,) or not np.isfinite(turn).all() or not turn.any():
            raise EmbodyError("an orientation is a quaternion of 4 finite numbers, not all zero")
        if len(position) == 2:
            position = np.append(position, self.standing_height(pose))
        mujoco.mj_resetData(self.model, self.data)
        self.place(position, turn / np.sqrt(turn.dot(turn)), pose)
        if self.tether == "ball":
            top = position - [0.0, 0.0, self.standing_height()]
            hang_ball(self.data, self.model, self.prefix, top)
        self._settle_readings()

    def standing_height(self, pose: np.ndarray | None = None) -> float:
        """Return how high the thorax is over the lowest claw of a posture when level [mm]."""
        trial = FlyView(self.model, mujoco.MjData(self.model), self.prefix)
        trial.place(np.zeros(3), np.array([1.0, 0.0, 0.0, 0.0]), pose)
        return float(_FOOT_RADIUS_MM - trial.claw_position()[:, 2].min())

    def step(
        self,
        joint_target: np.ndarray,
        adhesion: np.ndarray | None = None,
        substeps: int | None = None,
    ) -> None:
        """Advance by one control period.

        Parameters
        ----------
        joint_target, adhesion
            As for `command`.
        substeps
            Number of physics steps; a control period by default.

        Raises
        ------
        EmbodyError
            If a shape is wrong or a number is not finite.
        DivergenceError
            If the body's state is no longer finite.
        """
        mujoco.mj_getState(self.model, self.data, self._before, STATE)
        self.command(joint_target, adhesion)
        mujoco.mj_step(self.model, self.data, substeps or self.physics_steps)
        q = self.data.qpos
        if not q.dot(q) < _LARGEST**2:
            self._raise_divergence()

    @property
    def time_s(self) -> float:
        """Time since `reset` [s]."""
        return self.data.time

    def ball_motion(self) -> np.ndarray:
        """Return how the fly moves over its ball: forward, to the left [mm/s], turn left [rad/s].

        Raises
        ------
        EmbodyError
            If the fly is not on a ball.
        """
        if self.tether != "ball":
            raise EmbodyError('only a fly with tether="ball" moves a ball')
        first = self.model.joint(f"{self.prefix}ball").dofadr[0]
        body = self.model.body(f"{self.prefix}ball").id
        self.update_positions()
        spin = self.data.xmat[body].reshape(3, 3) @ self.data.qvel[first : first + 3]
        turn = spin @ self.thorax_rotation()
        return np.array([-turn[1] * BALL.radius_mm, turn[0] * BALL.radius_mm, -turn[2]])

    def get_state(self) -> np.ndarray:
        """Return all that the future depends on, as one vector for `set_state`."""
        return read_state(self.model, self.data)

    def set_state(self, state: np.ndarray) -> None:
        """Return to a state of this body or of one made alike: the future has the same bits.

        Raises
        ------
        EmbodyError
            If the state is of another kind of body.
        """
        write_state(self.model, self.data, state)
        self._settle_readings()

    @classmethod
    def from_dump(cls, path: str | os.PathLike[str]) -> tuple["FlyBody", np.ndarray]:
        """Return a body as it was before the step in which it diverged, and that step's controls.

        Raises
        ------
        EmbodyError
            If the file is not such a dump.
        """
        arrays, recipe = read_dump(path)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "model.mjb"
            file.write_bytes(arrays["model"].tobytes())
            model = mujoco.MjModel.from_binary_path(str(file))
        body = cls.__new__(cls)
        physics = FlyPhysics(**recipe.pop("physics"))
        body.__setstate__({**recipe, "physics": physics, "model": model, "state": arrays["state"]})
        return body, arrays["control"]

    def __getstate__(self) -> dict[str, Any]:
        return {**self._settings(), "model": self.model, "state": self.get_state()}

    def __setstate__(self, pickled: dict[str, Any]) -> None:
        model, prefix = pickled["model"], pickled["prefix"]
        super().__init__(model, mujoco.MjData(model), prefix)
        self.tether = pickled["tether"]
        self.physics = pickled["physics"]
        self.control_period_s = pickled["control_period_s"]
        self.physics_steps = _whole_steps(self.control_period_s, self.physics.timestep_s)
        self.dump_path = pickled["dump_path"]
        self._before = np.zeros(mujoco.mj_stateSize(model, STATE))
        self.set_state(pickled["state"])

    def _settings(self) -> dict[str, Any]:
        names = ("prefix", "tether", "physics", "control_period_s", "dump_path")
        return {name: getattr(self, name) for name in names}

    def _settle_readings(self) -> None:
        """Compute forces and positions of the state without changing what it starts from."""
        start = self.data.qacc_warmstart.copy()
        mujoco.mj_forward(self.model, self.data)
        self.data.qacc_warmstart[:] = start

    def _raise_divergence(self) -> None:
        model, data = self.model, self.data
        time_s, control = data.time, data.ctrl.copy()
        if self.dump_path is not None:
            image = np.zeros(mujoco.mj_sizeModel(model), dtype=np.uint8)
            mujoco.mj_saveModel(model, None, image)
            arrays = {"model": image, "state": self._before, "control": control}
            recipe = {**self._settings(), "physics": asdict(self.physics), "dump_path": None}
            write_dump(self.dump_path, arrays, recipe)
        raise DivergenceError(
            f"motion of {self._first_culprit(control)}",
            time_s,
            f"take a physics step shorter than {model.opt.timestep:g} s",
            self.dump_path,
        )

    def _first_culprit(self, control: np.ndarray) -> str:
        """Repeat the last control period step by step until a joint is no longer finite."""
        model, data = self.model, self.data
        mujoco.mj_setState(model, data, self._before, STATE)
        data.ctrl[:] = control
        for _ in range(self.physics_steps):
            bad = np.flatnonzero(~(np.abs(data.qvel) < _LARGEST))
            if bad.size:
                return model.joint(int(model.dof_jntid[bad[0]])).name
            mujoco.mj_step(model, data)
        return "the fly"


def _whole_steps(control_period_s: float, timestep_s: float) -> int:
    steps = round(control_period_s / timestep_s)
    if steps < 1 or abs(steps * timestep_s - control_period_s) > 1e-9:
        raise EmbodyError(
            f"the control period must be a whole number of physics steps of {timestep_s:g} s, "
            f"unlike {control_period_s:g} s"
        )
    return steps
