"""Many worms stepped together on the threads of MuJoCo's batch, each with the bits of one alone."""

from typing import Any

import numpy as np
from mujoco import batch

from embody.bodies.worm.geometry import place_nodes
from embody.bodies.worm.mujoco_body import LARGEST, NANONEWTON_PER_MICRONEWTON, WormBody
from embody.divergence import DivergenceError
from embody.errors import EmbodyError


class WormBodies:
    """The bodies of b worms in one medium, each in a dish of its own or on an endless plane.

    Arrays have the worm first; units are those of `WormBody`.

    Parameters
    ----------
    one
        The body that all are copies of.
    count
        Number of worms, b.
    threads
        Number of threads that step them; 0 takes all the cores this process may use.

    Raises
    ------
    EmbodyError
        If there is no worm, or fewer than no threads.
    """

    def __init__(self, one: WormBody, count: int, threads: int = 0) -> None:
        if count < 1:
            raise EmbodyError(f"a batch holds at least one worm, not {count}")
        if threads < 0:
            raise EmbodyError(f"threads is {threads}, it has to be 0 (all cores) or more")
        self.one = one
        self.count = count
        self.threads = threads
        self._open()

    def _open(self) -> None:
        one = self.one
        self._batch: Any = batch.Batch(one.model, self.count, nthread=self.threads)
        self._state: dict[str, np.ndarray] = {
            name: self._batch.bind(name) for name in ("time", "qpos", "qvel", "act")
        }
        self._command = self._batch.bind("ctrl")[:, : one.indexing.commands]
        self._push = self._batch.bind("xfrc_applied")
        self._nodes: np.ndarray | None = None

    def copy_from(self, worm: int, body: WormBody) -> None:
        """Put a worm into the state of another body of this kind."""
        for name, rows in self._state.items():
            rows[worm] = getattr(body.data, name)
        self._command[worm] = body.data.ctrl[: self._command.shape[1]]
        self._push[worm] = body.data.xfrc_applied
        self._nodes = None

    def step(self, command: np.ndarray) -> None:
        """Advance all worms by one control period.

        Parameters
        ----------
        command
            Activation that every muscle is told to reach, shape (b, 95).

        Raises
        ------
        EmbodyError
            If the commands have another shape or are not finite.
        DivergenceError
            If the state of a body is no longer finite.
        """
        if np.shape(command) != self._command.shape:
            raise EmbodyError(f"commands have shape {self._command.shape}, not {np.shape(command)}")
        self._command[:] = command
        if not np.isfinite(self._command).all():
            raise EmbodyError("every entry of a command must be finite")
        self._batch.step(nstep=self.one.physics_steps)
        self._nodes = None
        if not np.abs(self._state["qpos"]).max() < LARGEST:
            away = ~(np.abs(self._state["qpos"]).max(axis=1) < LARGEST)
            raise DivergenceError(
                f"posture of worm {int(away.argmax())}",
                float(self._state["time"].max()),
                "take a weaker command, or run that worm alone to see what goes first",
                None,
            )

    def joint_angle(self) -> np.ndarray:
        """Return the angle of every joint, positive to dorsal, shape (b, 24) [rad]."""
        return self._state["qpos"][:, self.one.indexing.joint_q]

    def activation(self) -> np.ndarray:
        """Return the activation of every muscle, 0 to 1, shape (b, 95)."""
        return self._state["act"].copy()

    def nodes(self) -> np.ndarray:
        """Return the 26 nodes from head to tail, shape (b, 26, 2) [mm]."""
        if self._nodes is None:
            q, parts = self._state["qpos"], self.one.indexing
            root, angle = q[:, parts.root_q], q[:, parts.joint_q]
            self._nodes = place_nodes(root, angle, self.one.geometry.rod_length_mm)
        return self._nodes

    def contact_force(self, which: np.ndarray) -> np.ndarray:
        """Return the force of the wall and of pushes on the rods of worms, shape (k, 25) [uN].

        Parameters
        ----------
        which
            Numbers of these worms, shape (k,).
        """
        push = self._push[which][:, self.one.indexing.rod_body, :2]
        force = np.hypot(push[..., 0], push[..., 1])
        if self.one.dish_radius_mm is not None:
            force += self.one.wall_force(self.nodes()[which])
        return force / NANONEWTON_PER_MICRONEWTON

    def get_state(self) -> dict[str, np.ndarray]:
        """Return all that the future depends on."""
        state = {name: rows.copy() for name, rows in self._state.items()}
        return {**state, "push": self._push.copy(), "command": self._command.copy()}

    def set_state(self, state: dict[str, np.ndarray]) -> None:
        """Return to a state of as many worms of this kind.

        Raises
        ------
        EmbodyError
            If the state is of another batch.
        """
        rows = {**self._state, "push": self._push, "command": self._command}
        for name, row in rows.items():
            if name not in state or np.shape(state[name]) != row.shape:
                raise EmbodyError(f"a state of {self.count} such worms has {name} {row.shape}")
            row[:] = state[name]
        self._nodes = None

    def __getstate__(self) -> dict[str, Any]:
        return {
            "one": self.one,
            "count": self.count,
            "threads": self.threads,
            "state": self.get_state(),
        }

    def __setstate__(self, pickled: dict[str, Any]) -> None:
        state = pickled.pop("state")
        self.__dict__.update(pickled)
        self._open()
        self.set_state(state)
