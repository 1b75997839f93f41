"""Many worms at once: the Gymnasium interface of a batch, without a Python loop over its worms."""

import abc
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from embody.bodies.worm.geometry import JOINTS, RODS, mean_of_nodes
from embody.bodies.worm.mujoco_body import WormBody
from embody.bodies.worm.worm_bodies import WormBodies
from embody.envs.worm.base import WormEnv
from embody.errors import EmbodyError, require_known

if TYPE_CHECKING:
    from embody.bodies.worm.rod_bodies import RodBodies
    from embody.bodies.worm.warp_bodies import WarpBodies

BACKENDS = ("mujoco", "jax", "warp")
_MODES = {mode.value: mode for mode in AutoresetMode}


class WormVectorEnv(VectorEnv[np.ndarray, np.ndarray, np.ndarray], abc.ABC):
    """A batch of the worms of one task.

    On MuJoCo every worm has the bits that it would have alone in `task`, with the same seed. A
    batch seeds worm i with `seed + i`, or with `seed[i]`.

    Parameters
    ----------
    num_envs
        Number of worms.
    max_episode_steps
        Control steps after which an episode is truncated; None or less than 1 for never.
    autoreset_mode
        When a worm whose episode is over begins anew: in the next step, whose action it ignores
        ("NextStep", as in Gymnasium's own batches); in the same step, the last observation being
        in `info["final_obs"]` ("SameStep"); or when told to by
        `reset(options={"reset_mask": mask})` ("Disabled").
    backend
        "mujoco", the reference: MuJoCo on the threads of this process. "jax": the reduced body,
        which has no inertia, in single precision on whatever JAX runs on; see `RodBodies`. "warp":
        the model of "mujoco" in single precision on MuJoCo Warp, for a GPU; see `WarpBodies`.
    threads
        Number of threads of "mujoco"; 0 takes all the cores.
    **options
        Those of the task, the same for all worms.

    Attributes
    ----------
    bodies
        The bodies of all worms.
    observation_layout, action_layout, control_period_s
        Those of the task: what one worm's numbers are.
    seeds_used
        Seed of each worm's present episode, shape (num_envs,).

    Raises
    ------
    EmbodyError
        If an option is out of range.
    """

    task: ClassVar[type[WormEnv]]

    def __init__(
        self,
        num_envs: int = 1,
        *,
        max_episode_steps: int | None = None,
        autoreset_mode: str | AutoresetMode = AutoresetMode.NEXT_STEP,
        backend: str = "mujoco",
        threads: int = 0,
        render_mode: None = None,
        **options: Any,
    ) -> None:
        if render_mode is not None:
            raise EmbodyError("a batch of worms is not rendered; render one worm of its seed alone")
        if isinstance(autoreset_mode, str):
            require_known("autoreset mode", [autoreset_mode], _MODES)
            autoreset_mode = _MODES[autoreset_mode]
        self.autoreset_mode = autoreset_mode
        self.metadata = {"render_modes": [], "autoreset_mode": autoreset_mode}
        require_known("backend", [backend], BACKENDS)
        self.backend = backend
        self._one = self.task(**options)
        self.bodies = _bodies(self._one.body, num_envs, backend, threads)
        self.num_envs = num_envs
        self.observation_layout = self._one.observation_layout
        self.action_layout = self._one.action_layout
        self.control_period_s = self._one.control_period_s
        self.single_observation_space = self._one.observation_space
        self.single_action_space = self._one.action_space
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self.max_episode_steps = max_episode_steps if (max_episode_steps or 0) > 0 else None
        self.seeds_used = np.zeros(num_envs, np.int64)
        self._low, self._high = self.observation_layout.bounds()
        self._random: list[np.random.Generator | None] = [None] * num_envs
        self._steps = np.zeros(num_envs, np.int64)
        self._over = np.zeros(num_envs, bool)
        self._nodes = np.zeros((num_envs, RODS + 1, 2))
        self._centre = np.zeros((num_envs, 2))

    def reset(
        self,
        *,
        seed: int | Sequence[int | None] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Start the episodes of all worms, or of those in `options["reset_mask"]`.

        Parameters
        ----------
        seed
            One number, from which worm i has `seed + i`, or one for each worm; None goes on from
            the seeds before.
        options
            Those of the task, for all worms; "position_mm" may also have shape (num_envs, 2) and
            "heading_rad" (num_envs,). And "reset_mask", shape (num_envs,) of truth values.

        Raises
        ------
        UnknownNameError
            If there is no option of that name.
        EmbodyError
            If there are too many or too few seeds, or a worm cannot lie where it is to.
        """
        options = dict(options or {})
        mask = np.asarray(options.pop("reset_mask", np.ones(self.num_envs, bool)))
        if mask.shape != (self.num_envs,) or mask.dtype != bool or not mask.any():
            raise EmbodyError(
                f"reset_mask must be {self.num_envs} truth values, of which at least one is true"
            )
        require_known("reset option", options, self.task.reset_options)
        if seed is None or isinstance(seed, int | np.integer):
            seeds = [None if seed is None else int(seed) + i for i in range(self.num_envs)]
        else:
            seeds = list(seed)
        if len(seeds) != self.num_envs:
            raise EmbodyError(f"{len(seeds)} seeds for {self.num_envs} worms: give one for each")
        info = self._start(np.flatnonzero(mask), seeds, options)
        return self._observe(), info

    def step(
        self, actions: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
        """Advance all worms by one control period.

        Parameters
        ----------
        actions
            Command to every muscle of every worm, 0 to 1, shape (num_envs, 95); it is clipped
            where it lies outside.

        Returns
        -------
        observations, rewards, terminated, truncated, info
            Shapes (num_envs, observations) and (num_envs,); info holds arrays (num_envs,), each
            with a mask of the same name after an underscore.

        Raises
        ------
        EmbodyError
            If the actions have another shape or are not finite, or if the episode of a worm is
            over and the autoreset mode leaves it to you to reset it.
        DivergenceError
            If the state of a body is no longer finite.
        """
        if self.autoreset_mode is AutoresetMode.DISABLED and self._over.any():
            over = np.flatnonzero(self._over).tolist()
            raise EmbodyError(f"the episodes of worms {over} are over: reset them (reset_mask)")
        anew = self._over if self.autoreset_mode is AutoresetMode.NEXT_STEP else None
        self.bodies.step(actions)
        self._steps += 1
        self._locate()
        info: dict[str, Any] = {"time_s": self._steps * self.control_period_s}
        reward = self._evaluate(info)
        info.update({f"_{name}": np.ones(self.num_envs, bool) for name in [*info]})
        if anew is not None and anew.any():
            anew = anew.copy()
            info = self._merged(info, self._start(np.flatnonzero(anew), None, {}), anew)
            reward[anew] = 0.0
        terminated = np.zeros(self.num_envs, bool)
        truncated = self._truncated()
        observation = self._observe()
        if self.autoreset_mode is AutoresetMode.SAME_STEP and truncated.any():
            info = self._begin_at_once(truncated, observation, info)
            observation = self._observe()
            self._over = np.zeros(self.num_envs, bool)
        else:
            self._over = truncated.copy()
        return observation, reward, terminated, truncated, info

    def snapshot(self) -> dict[str, np.ndarray]:
        """Return what a recording keeps of this moment, with the worm first.

        Returns
        -------
        dict
            As `WormEnv.snapshot` of the task, each with a leading axis over worms.
        """
        return {
            "centreline": self._nodes.copy(),
            "joint_angle": self.bodies.joint_angle(),
            "muscle_activation": self.bodies.activation(),
            "touch": self.bodies.contact_force(np.arange(self.num_envs)),
        }

    def scene(self) -> dict[str, Any]:
        """Return what stays the same during an episode, of the first worm, as JSON types."""
        return self._one.scene()

    def close_extras(self, **kwargs: Any) -> None:
        """Close the task; closing twice does no harm."""
        self._one.close()

    @abc.abstractmethod
    def _evaluate(self, info: dict[str, Any]) -> np.ndarray:
        """Return the reward of the step just made, (num_envs,), and add to its info."""

    @abc.abstractmethod
    def _adopt(self, worm: int) -> None:
        """Take over what the task drew for this worm, from `self._one`, which was just reset."""

    def _ready(self) -> None:
        """Bring what is kept of all worms up to date: some have begun anew."""

    def _sense(self, observation: np.ndarray) -> None:
        """Fill in what the task adds to the observations."""

    def _start(
        self, worms: np.ndarray, seeds: Sequence[int | None] | None, options: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Reset worms one by one as the task does, and return their info."""
        info: dict[str, Any] = {}
        for worm in worms.tolist():
            random, seed = self._random[worm], None if seeds is None else seeds[worm]
            if random is not None:
                self._one.np_random = random
            own = {name: self._own(name, value, worm) for name, value in options.items()}
            told = self._one.reset(seed=seed, options=own)[1]
            self._random[worm] = self._one.np_random
            self.seeds_used[worm] = self._one.seed_used or 0
            self.bodies.copy_from(worm, self._one.body)
            self._adopt(worm)
            info = self._add_info(info, told, worm)
        self._steps[worms] = 0
        self._over[worms] = False
        self._ready()
        self._locate()
        return info

    def _own(self, name: str, value: Any, worm: int) -> Any:
        shape = (self.num_envs, 2) if name == "position_mm" else (self.num_envs,)
        return np.asarray(value)[worm] if np.shape(value) == shape else value

    def _begin_at_once(
        self, over: np.ndarray, last: np.ndarray, info: dict[str, Any]
    ) -> dict[str, Any]:
        """Reset the worms whose episode is over, and keep how it ended."""
        final = {name: value[over] for name, value in info.items() if not name.startswith("_")}
        begun = self._start(np.flatnonzero(over), None, {})
        ends: dict[str, Any] = {}
        for k, worm in enumerate(np.flatnonzero(over).tolist()):
            told = {name: values[k].item() for name, values in final.items()}
            ends = self._add_info(ends, {"final_obs": last[worm].copy(), "final_info": told}, worm)
        return {**self._merged(info, begun, over), **ends}

    def _merged(
        self, info: dict[str, Any], begun: dict[str, Any], anew: np.ndarray
    ) -> dict[str, Any]:
        """Return the info of a step with that of the worms that have begun anew in it."""
        merged = {}
        for name, values in info.items():
            if name.startswith("_"):
                merged[name] = np.where(anew, begun.get(name, False), values)
            else:
                merged[name] = np.where(anew, begun.get(name, 0.0), values)
        return merged

    def _truncated(self) -> np.ndarray:
        if self.max_episode_steps is None:
            return np.zeros(self.num_envs, bool)
        return self._steps >= self.max_episode_steps

    def _locate(self) -> None:
        """Find the nodes and the middle of every body [mm]."""
        self._nodes = self.bodies.nodes()
        self._centre = mean_of_nodes(self._nodes)

    def _observe(self) -> np.ndarray:
        observation = np.zeros((self.num_envs, *self._low.shape), np.float32)
        observation[:, :JOINTS] = self.bodies.joint_angle()
        near = np.flatnonzero(self._near_wall())
        if near.size:
            observation[near, JOINTS : JOINTS + RODS] = self.bodies.contact_force(near)
        self._sense(observation)
        np.minimum(observation, self._high, out=observation)
        np.maximum(observation, self._low, out=observation)
        return observation

    def _near_wall(self) -> np.ndarray:
        """Return which worms can reach the wall with any part of the body."""
        body = self.bodies.one
        if body.dish_radius_mm is None:
            return np.zeros(self.num_envs, bool)
        reach = body.dish_radius_mm - 1.5 * body.geometry.length_mm
        nose = self._nodes[:, 0]
        return nose[:, 0] ** 2 + nose[:, 1] ** 2 > reach * reach


def _bodies(
    one: WormBody, count: int, backend: str, threads: int
) -> "WormBodies | RodBodies | WarpBodies":
    if backend == "mujoco":
        return WormBodies(one, count, threads)
    try:
        if backend == "warp":
            from embody.bodies.worm.warp_bodies import WarpBodies

            return WarpBodies(one, count)
        from embody.bodies.worm.rod_bodies import RodBodies

        return RodBodies(one, count)
    except ModuleNotFoundError as error:
        extra = {"jax": "fit", "warp": "warp"}[backend]
        raise EmbodyError(
            f'backend "{backend}" needs {error.name}: pip install embody-sim[{extra}]'
        ) from None
