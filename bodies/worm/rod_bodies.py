"""Many worms without inertia, stepped together by JAX, on processor or accelerator."""

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from embody.bodies.worm import rod
from embody.bodies.worm.mujoco_body import LARGEST, NANONEWTON_PER_MICRONEWTON, WormBody
from embody.bodies.worm.mujoco_model import held_points, wall_reach, wall_stiffness
from embody.bodies.worm.rod_constants import balance_map, rod_parameters
from embody.divergence import DivergenceError
from embody.errors import EmbodyError


class Wall(NamedTuple):
    """The elastic wall of a round dish.

    Attributes
    ----------
    reach
        How far from the centre each rod may be, shape (rods,) [mm].
    stiffness
        Of the wall against one rod [nN/mm].
    """

    reach: Any
    stiffness: Any

    def force(self, nodes: Any, xp: Any) -> tuple[Any, Any]:
        """Return the size of the force on every rod, (..., rods) [nN], and where it acts."""
        points = held_points(nodes, xp)
        distance = xp.sqrt((points * points).sum(-1) + 1e-12)
        return self.stiffness * xp.maximum(distance - self.reach, 0.0), points / distance[..., None]


def wall_of(body: WormBody) -> Wall:
    """Return the wall of the dish that a body lies in.

    Raises
    ------
    EmbodyError
        If it lies in none.
    """
    if body.dish_radius_mm is None:
        raise EmbodyError("this worm lies in no dish: give the body a dish_radius_mm")
    step_s = body.control_period_s / body.physics_steps
    return Wall(
        wall_reach(body.geometry, body.dish_radius_mm).astype(np.float32),
        np.float32(wall_stiffness(body.geometry, body.medium, step_s)),
    )


class RodBodies:
    """The bodies of b worms without inertia, in single precision; otherwise as `WormBodies`.

    They stay within a few micrometres of those of MuJoCo over seconds, and follow their gait.

    Parameters
    ----------
    one
        The body that all are copies of.
    count
        Number of worms, b.

    Raises
    ------
    EmbodyError
        If there is no worm.
    """

    def __init__(self, one: WormBody, count: int) -> None:
        if count < 1:
            raise EmbodyError(f"a batch holds at least one worm, not {count}")
        self.one = one
        self.count = count
        model = jax.tree.map(np.float32, rod_parameters(one.medium, one.geometry))
        self._wall = None if one.dish_radius_mm is None else wall_of(one)
        self._advance = jax.jit(
            functools.partial(
                _advance,
                parameters=model,
                wall=self._wall,
                steps=one.physics_steps,
                dt=np.float32(one.control_period_s / one.physics_steps),
            )
        )
        self._balance = balance_map().astype(np.float32)
        size = len(one.geometry.rod_radius_mm)
        self._state = rod.RodState(
            np.zeros((count, 2), np.float32),
            np.zeros((count, size), np.float32),
            np.zeros((count, size - 1), np.float32),
        )
        self._activation = np.zeros((count, self._balance.shape[1]), np.float32)
        self._keep = np.float32(np.exp(-one.control_period_s / float(model.muscle_time_constant)))
        self._nodes = np.zeros((count, size + 1, 2))

    def copy_from(self, worm: int, body: WormBody) -> None:
        """Put a worm where another body lies, at rest, muscles as there."""
        nodes = body.centreline()
        towards = nodes[:-1] - nodes[1:]
        direction = np.arctan2(towards[:, 1], towards[:, 0])
        if not isinstance(self._state.head, np.ndarray):
            self._state = rod.RodState(*(np.array(part) for part in self._state))
        state = self._state
        state.head[worm] = nodes[0]
        state.direction[worm] = np.unwrap(direction)
        state.balance[worm] = self._balance @ body.activation()
        self._activation[worm] = body.activation()
        self._nodes[worm] = nodes

    def step(self, command: np.ndarray) -> None:
        """Advance all worms by one control period; see `WormBodies.step`."""
        if np.shape(command) != self._activation.shape:
            raise EmbodyError(
                f"commands have shape {self._activation.shape}, not {np.shape(command)}"
            )
        if not np.isfinite(command).all():
            raise EmbodyError("every entry of a command must be finite")
        command = np.clip(np.asarray(command, np.float32), 0.0, 1.0)
        self._state, nodes = self._advance(self._state, command @ self._balance.T)
        self._activation = command + (self._activation - command) * self._keep
        self._nodes = np.array(nodes, np.float64)
        if not np.abs(self._nodes).max() < LARGEST:
            away = ~(np.abs(self._nodes).max(axis=(1, 2)) < LARGEST)
            raise DivergenceError(
                f"posture of worm {int(away.argmax())}", 0.0, "take a weaker command", None
            )

    def joint_angle(self) -> np.ndarray:
        """Return the angle of every joint, positive to dorsal, shape (b, 24) [rad]."""
        return np.asarray(rod.joint_angle(self._state), np.float64)

    def activation(self) -> np.ndarray:
        """Return the activation of every muscle, 0 to 1, shape (b, 95)."""
        return self._activation.astype(np.float64)

    def nodes(self) -> np.ndarray:
        """Return the 26 nodes from head to tail, shape (b, 26, 2) [mm]."""
        return self._nodes

    def contact_force(self, which: np.ndarray) -> np.ndarray:
        """Return the force of the wall on the rods of worms, shape (k, 25) [uN]."""
        nodes = self._nodes[which]
        if self._wall is None:
            return np.zeros((len(nodes), nodes.shape[1] - 1))
        return self._wall.force(nodes, np)[0] / NANONEWTON_PER_MICRONEWTON


def _advance(
    state: rod.RodState,
    balance: Any,
    parameters: rod.RodParameters,
    wall: Wall | None,
    steps: int,
    dt: Any,
) -> tuple[rod.RodState, Any]:
    """Advance a batch by `steps` physics steps, and return it with its nodes."""

    def one(state: rod.RodState, balance: Any) -> rod.RodState:
        push = None
        if wall is not None:
            size, outwards = wall.force(rod.centreline(state, parameters.rod_length, jnp), jnp)
            push = -size[..., None] * outwards
        return rod.step(parameters, state, balance, dt, jnp, rod_force=push)

    def every(state: rod.RodState, _: Any) -> tuple[rod.RodState, None]:
        return jax.vmap(one)(state, balance), None

    state, _ = jax.lax.scan(every, state, None, length=steps)
    return state, rod.centreline(state, parameters.rod_length, jnp)
