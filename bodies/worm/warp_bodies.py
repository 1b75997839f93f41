"""Many worms stepped together by MuJoCo Warp, in single precision, on a GPU or on the processor."""

import copy
from typing import Any

import mujoco
import mujoco_warp  # pyright: ignore[reportMissingImports]
import numpy as np
import warp  # pyright: ignore[reportMissingImports]

from embody.bodies.worm.geometry import place_nodes
from embody.bodies.worm.mujoco_body import LARGEST, NANONEWTON_PER_MICRONEWTON, WormBody
from embody.divergence import DivergenceError
from embody.errors import EmbodyError


class WarpBodies:
    """The bodies of b worms on the same MuJoCo model as `WormBodies`, in single precision.

    The first step compiles MuJoCo Warp's kernels, which it keeps for the next process. On a GPU a
    control period is one captured graph.

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

    References
    ----------
    MuJoCo Warp, https://github.com/google-deepmind/mujoco_warp.
    """

    def __init__(self, one: WormBody, count: int) -> None:
        if count < 1:
            raise EmbodyError(f"a batch holds at least one worm, not {count}")
        self.one = one
        self.count = count
        warp.config.log_level = max(warp.config.log_level, warp.LOG_WARNING)
        model = _without_autoreset(one.model)
        self._model: Any = mujoco_warp.put_model(model)
        # Room for one constraint that never comes: with none, Warp 4.0.0 leaves out the step.
        self._data: Any = mujoco_warp.put_data(
            model, mujoco.MjData(model), nworld=count, nconmax=0, njmax=1
        )
        self._graph: Any = None
        self._state: dict[str, np.ndarray] = {
            name: getattr(self._data, name).numpy().astype(np.float64)
            for name in ("qpos", "qvel", "act", "ctrl", "xfrc_applied")
        }
        self._command = self._state["ctrl"][:, : one.indexing.commands]
        self._moved_by_hand = False
        self._nodes: np.ndarray | None = None

    def copy_from(self, worm: int, body: WormBody) -> None:
        """Put a worm into the state of another body of this kind."""
        self._bring_home("qvel", "act")
        for name, rows in self._state.items():
            rows[worm] = getattr(body.data, name)
        self._moved_by_hand = True
        self._nodes = None

    def step(self, command: np.ndarray) -> None:
        """Advance all worms by one control period; see `WormBodies.step`."""
        if np.shape(command) != self._command.shape:
            raise EmbodyError(f"commands have shape {self._command.shape}, not {np.shape(command)}")
        if not np.isfinite(command).all():
            raise EmbodyError("every entry of a command must be finite")
        self._command[:] = command
        self._send("ctrl")
        if self._moved_by_hand:
            for name in ("qpos", "qvel", "act", "xfrc_applied"):
                self._send(name)
            self._moved_by_hand = False
        self._advance()
        self._bring_home("qpos")
        self._nodes = None
        if not np.abs(self._state["qpos"]).max() < LARGEST:
            away = ~(np.abs(self._state["qpos"]).max(axis=1) < LARGEST)
            raise DivergenceError(
                f"posture of worm {int(away.argmax())}", 0.0, "take a weaker command", None
            )

    def joint_angle(self) -> np.ndarray:
        """Return the angle of every joint, positive to dorsal, shape (b, 24) [rad]."""
        return self._state["qpos"][:, self.one.indexing.joint_q]

    def activation(self) -> np.ndarray:
        """Return the activation of every muscle, 0 to 1, shape (b, 95)."""
        self._bring_home("act")
        return self._state["act"].copy()

    def nodes(self) -> np.ndarray:
        """Return the 26 nodes from head to tail, shape (b, 26, 2) [mm]."""
        if self._nodes is None:
            q, parts = self._state["qpos"], self.one.indexing
            root, angle = q[:, parts.root_q], q[:, parts.joint_q]
            self._nodes = place_nodes(root, angle, self.one.geometry.rod_length_mm)
        return self._nodes

    def contact_force(self, which: np.ndarray) -> np.ndarray:
        """Return the force of the wall and of pushes on the rods of worms, shape (k, 25) [uN]."""
        push = self._state["xfrc_applied"][which][:, self.one.indexing.rod_body, :2]
        force = np.hypot(push[..., 0], push[..., 1])
        if self.one.dish_radius_mm is not None:
            force += self.one.wall_force(self.nodes()[which])
        return force / NANONEWTON_PER_MICRONEWTON

    def _advance(self) -> None:
        if not self._data.qpos.device.is_cuda:
            self._physics_steps()
        elif self._graph is None:
            self._physics_steps()  # compiles, which cannot happen within a capture
            with warp.ScopedCapture() as capture:
                self._physics_steps()
            self._graph = capture.graph
        else:
            warp.capture_launch(self._graph)

    def _physics_steps(self) -> None:
        for _ in range(self.one.physics_steps):
            mujoco_warp.step(self._model, self._data)

    def _send(self, name: str) -> None:
        getattr(self._data, name).assign(self._state[name].astype(np.float32))

    def _bring_home(self, *names: str) -> None:
        """Copy arrays from the device, unless what is here is newer."""
        if not self._moved_by_hand:
            for name in names:
                self._state[name][:] = getattr(self._data, name).numpy()


def _without_autoreset(model: mujoco.MjModel) -> mujoco.MjModel:
    """Return the model without a flag that MuJoCo Warp does not know, as it never resets itself."""
    model = copy.deepcopy(model)
    model.opt.disableflags &= ~int(mujoco.mjtDisableBit.mjDSBL_AUTORESET)
    return model
