"""The worm's body in MuJoCo: commands in, posture, activation and touch out."""

import os
from dataclasses import asdict
from typing import Any

import mujoco
import numpy as np

from embody.bodies.mujoco_state import STATE, read_state, write_state
from embody.bodies.worm.geometry import (
    JOINTS,
    MIDDLE_ROD,
    ROD_NAMES,
    RODS,
    WormGeometry,
    centreline,
    place_nodes,
    rod_directions,
)
from embody.bodies.worm.indexing import WormIndexing
from embody.bodies.worm.medium import Medium, medium
from embody.bodies.worm.mujoco_model import (
    build_worm_spec,
    held_points,
    wall_reach,
    wall_stiffness,
)
from embody.divergence import DivergenceError, read_dump, write_dump
from embody.errors import EmbodyError, require_known

__all__ = ["WormBody", "WormIndexing", "build_worm_spec"]

CONTROL_PERIOD_S = 0.005
NANONEWTON_PER_MICRONEWTON = 1000.0

LARGEST = 1e6
"""Positions [mm] and angles [rad] beyond this are a divergence."""


class WormBody:
    """A worm in a medium, with or without the wall of a dish, stepped by MuJoCo.

    Every accessor returns a copy. Units are mm, mg, s (force nN), angles rad; touch is in uN.
    A pickled body continues with the same bits.

    Parameters
    ----------
    medium
        Name, place between water (0) and agar (1), or a `Medium`.
    dish_radius_mm
        Radius of the round wall about the origin [mm]; None for an endless plane.
    control_period_s
        Time that `step` advances [s].
    physics_steps
        Physics steps in a control period; by default as many as the medium asks for.
    geometry
        Shape of the body.
    servo
        Prescribe joint angles through stiff servos instead of activating muscles.
    dump_path
        Where to write the state before a divergence; None to write nothing.

    Attributes
    ----------
    model, data
        The MuJoCo model and its state, for whoever wants all of it.
    indexing
        Where the named parts lie in them.

    Raises
    ------
    EmbodyError
        If the medium, the dish or a period is not possible.
    """

    def __init__(
        self,
        medium: str | float | Medium = "agar",
        dish_radius_mm: float | None = None,
        *,
        control_period_s: float = CONTROL_PERIOD_S,
        physics_steps: int | None = None,
        geometry: WormGeometry | None = None,
        servo: bool = False,
        dump_path: str | os.PathLike[str] | None = None,
    ) -> None:
        self.medium = _medium(medium)
        self.geometry = geometry or WormGeometry()
        self.dish_radius_mm = dish_radius_mm
        self.control_period_s = control_period_s
        if not control_period_s > 0:
            raise EmbodyError(
                f"the control period must be a positive number of seconds, not {control_period_s}"
            )
        if physics_steps is not None and physics_steps < 1:
            raise EmbodyError(
                f"a control period holds at least one physics step, not {physics_steps}"
            )
        self.physics_steps = physics_steps or self.medium.physics_steps(control_period_s)
        self.servo = servo
        self.dump_path = dump_path
        self._build()

    def _build(self) -> None:
        timestep_s = self.control_period_s / self.physics_steps
        self.model = build_worm_spec(
            self.geometry,
            self.medium,
            self.dish_radius_mm,
            timestep_s=timestep_s,
            servo=self.servo,
        ).compile()
        self.data = mujoco.MjData(self.model)
        self.indexing = WormIndexing.of(self.model)
        self._rod_length_mm = self.geometry.rod_length_mm
        self._command = self.data.ctrl[: self.indexing.commands]
        self._q = self.data.qpos
        self._before = np.zeros(mujoco.mj_stateSize(self.model, STATE))
        if self.dish_radius_mm is not None:
            self._wall_reach = wall_reach(self.geometry, self.dish_radius_mm)
            self._wall_stiffness = wall_stiffness(self.geometry, self.medium, timestep_s)
        self._nodes: np.ndarray | None = None

    def reset(
        self,
        position_mm: np.ndarray | tuple[float, float] = (0.0, 0.0),
        heading_rad: float = 0.0,
        joint_angle: np.ndarray | None = None,
    ) -> None:
        """Put the worm down at rest, muscles relaxed, untouched, at time zero.

        Parameters
        ----------
        position_mm
            Where the middle of the body (the mean of its 26 nodes) lies, shape (2,) [mm].
        heading_rad
            Direction from tail to nose [rad].
        joint_angle
            Posture, positive to dorsal, shape (24,) [rad]; straight by default.

        Raises
        ------
        EmbodyError
            If a number is not finite, or part of the body would lie outside the dish.
        """
        angle = np.zeros(JOINTS) if joint_angle is None else np.asarray(joint_angle, dtype=float)
        position = np.asarray(position_mm, dtype=float)
        if angle.shape != (JOINTS,) or position.shape != (2,):
            raise EmbodyError(
                f"a posture has {JOINTS} joint angles and a position 2 coordinates, "
                f"not {angle.shape} and {position.shape}"
            )
        if not (np.isfinite(angle).all() and np.isfinite([*position, heading_rad]).all()):
            raise EmbodyError("position, heading and joint angles must be finite")
        cosine, sine = np.cos(heading_rad), np.sin(heading_rad)
        nodes = centreline(angle, self.geometry.rod_length_mm) @ [[cosine, sine], [-sine, cosine]]
        nodes += position
        if self.dish_radius_mm is not None:
            reach = np.hypot(*nodes.T).max() + self.geometry.maximum_radius_mm
            if reach > self.dish_radius_mm:
                raise EmbodyError(
                    f"a worm at {position.tolist()} mm would reach {reach:.2f} mm from the centre "
                    f"of a dish of radius {self.dish_radius_mm:g} mm; put it further inside"
                )
        mujoco.mj_resetData(self.model, self.data)
        x_y = nodes[MIDDLE_ROD : MIDDLE_ROD + 2].mean(axis=0)
        direction = rod_directions(angle)[MIDDLE_ROD] + heading_rad
        self._q[self.indexing.root_q] = [*x_y, direction]
        self._q[self.indexing.joint_q] = angle
        self._nodes = None

    def step(self, command: np.ndarray) -> None:
        """Advance by one control period.

        Parameters
        ----------
        command
            Activation that every muscle is told to reach, 0 to 1 (beyond which it is clipped), in
            the order of `MUSCLES`, shape (95,). A servo body takes joint angles, shape (24,) [rad].

        Raises
        ------
        EmbodyError
            If the command has another shape or is not finite.
        DivergenceError
            If the body's state is no longer finite.
        """
        mujoco.mj_getState(self.model, self.data, self._before, STATE)
        try:
            self._command[:] = command
        except ValueError:
            shape = np.shape(command)
            raise EmbodyError(f"a command has shape {self._command.shape}, not {shape}") from None
        if not abs(self._command.sum()) < np.inf:
            raise EmbodyError("every entry of a command must be finite")
        mujoco.mj_step(self.model, self.data, self.physics_steps)
        self._nodes = None
        if not self._q.dot(self._q) < LARGEST**2:
            self._raise_divergence()

    @property
    def time_s(self) -> float:
        """Time since `reset` [s]."""
        return self.data.time

    def joint_angle(self) -> np.ndarray:
        """Return the angle of every joint, positive to dorsal, shape (24,) [rad]."""
        return self._q[self.indexing.joint_q]

    def joint_velocity(self) -> np.ndarray:
        """Return how fast every joint turns, shape (24,) [rad/s]."""
        return self.data.qvel[self.indexing.joint_q]

    def activation(self) -> np.ndarray:
        """Return the activation of every muscle, 0 to 1, shape (95,); a servo body has none."""
        return self.data.act.copy()

    def centreline(self) -> np.ndarray:
        """Return the 26 nodes from the tip of the head to that of the tail, shape (26, 2) [mm]."""
        return self._placed().copy()

    def nose(self) -> np.ndarray:
        """Return the tip of the head, shape (2,) [mm]."""
        return self._placed()[0].copy()

    def rod_positions(self) -> np.ndarray:
        """Return the middle of every rod, shape (25, 2) [mm]."""
        nodes = self._placed()
        return 0.5 * (nodes[:-1] + nodes[1:])

    def heading(self) -> float:
        """Return the direction from tail to nose [rad], -pi to pi."""
        nodes = self._placed()
        x, y = nodes[0] - nodes[-1]
        return float(np.arctan2(y, x))

    def poke(self, rod: str | int, force_nn: np.ndarray | tuple[float, float]) -> None:
        """Push a rod at its middle until the next `poke` of it or `reset`.

        Parameters
        ----------
        rod
            Name, "rod01" (head) to "rod25", or its place, 0 to 24.
        force_nn
            Force in the plane, shape (2,) [nN]; (0, 0) lets go.

        Raises
        ------
        UnknownNameError
            If there is no such rod.
        """
        if isinstance(rod, str):
            require_known("rod", [rod], ROD_NAMES)
            rod = ROD_NAMES.index(rod)
        require_known("rod number", [str(rod)], map(str, range(RODS)))
        if not np.isfinite(force_nn).all():
            raise EmbodyError("the force of a poke must be finite")
        self.data.xfrc_applied[self.indexing.rod_body[rod], :2] = force_nn

    def contact_force(self) -> np.ndarray:
        """Return the external force on every rod, of the wall and of pokes, shape (25,) [uN]."""
        force = np.hypot(*self.data.xfrc_applied[self.indexing.rod_body, :2].T)
        if self.dish_radius_mm is not None:
            force += self.wall_force(self._placed())
        return force / NANONEWTON_PER_MICRONEWTON

    def wall_force(self, nodes: np.ndarray) -> np.ndarray:
        """Return the force of the dish's wall on the rods of bodies, shape (..., 25) [nN].

        Parameters
        ----------
        nodes
            Nodes of bodies like this one, shape (..., 26, 2) [mm].
        """
        points = held_points(nodes)
        distance = np.hypot(points[..., 0], points[..., 1])
        return self._wall_stiffness * np.maximum(distance - self._wall_reach, 0.0)

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
        self._nodes = None

    def recipe(self) -> dict[str, Any]:
        """Return the arguments that make this body, as JSON types."""
        return {
            "medium": asdict(self.medium),
            "dish_radius_mm": self.dish_radius_mm,
            "control_period_s": self.control_period_s,
            "physics_steps": self.physics_steps,
            "geometry": asdict(self.geometry),
            "servo": self.servo,
        }

    @classmethod
    def from_recipe(cls, recipe: dict[str, Any]) -> "WormBody":
        """Return the body that a `recipe` describes."""
        parts = {
            "medium": Medium(**recipe["medium"]),
            "geometry": WormGeometry(**recipe["geometry"]),
        }
        return cls(**{**recipe, **parts})

    @classmethod
    def from_dump(cls, path: str | os.PathLike[str]) -> tuple["WormBody", np.ndarray]:
        """Return a body as it was before the step in which it diverged, and that step's command.

        Raises
        ------
        EmbodyError
            If the file is not such a dump.
        """
        arrays, recipe = read_dump(path)
        body = cls.from_recipe(recipe)
        body.set_state(arrays["state"])
        return body, arrays["command"]

    def __getstate__(self) -> dict[str, Any]:
        return {"recipe": self.recipe(), "dump_path": self.dump_path, "state": self.get_state()}

    def __setstate__(self, pickled: dict[str, Any]) -> None:
        self.__dict__.update(type(self).from_recipe(pickled["recipe"]).__dict__)
        self.dump_path = pickled["dump_path"]
        self.set_state(pickled["state"])

    def _placed(self) -> np.ndarray:
        """Return the nodes, (26, 2) [mm]; MuJoCo keeps those of the start of its last step."""
        if self._nodes is None:
            q, parts = self._q, self.indexing
            self._nodes = place_nodes(q[parts.root_q], q[parts.joint_q], self._rod_length_mm)
        return self._nodes

    def _raise_divergence(self) -> None:
        command = self._command.copy()
        if self.dump_path is not None:
            write_dump(self.dump_path, {"state": self._before, "command": command}, self.recipe())
        mujoco.mj_setState(self.model, self.data, self._before, STATE)
        self._command[:] = command
        culprit = self._first_culprit()
        for _ in range(self.physics_steps):
            if culprit:
                break
            mujoco.mj_step(self.model, self.data)
            culprit = self._first_culprit()
        raise DivergenceError(
            culprit or "posture",
            self.data.time,
            f"take a physics step shorter than {self.model.opt.timestep:g} s, or a weaker command",
            self.dump_path,
        )

    def _first_culprit(self) -> str | None:
        parts = (
            ("activation", self.data.act, self.model.actuator),
            ("velocity", self.data.qvel, self.model.joint),
            ("position", self.data.qpos, self.model.joint),
        )
        for kind, values, named in parts:
            bad = np.flatnonzero(~(np.abs(values) < LARGEST))
            if bad.size:
                return f"{kind} of {named(int(bad[0])).name}"
        return None


_medium = medium
