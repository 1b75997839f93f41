"""Two flies in one world, as the parallel interface of PettingZoo; needs `pettingzoo`."""

import math
from typing import Any, ClassVar

import gymnasium
import mujoco
import numpy as np
from pettingzoo import ParallelEnv

from embody.bodies.fly.fly_body import FlyBody
from embody.bodies.fly.fly_view import FlyView
from embody.bodies.fly.physics import FlyPhysics, set_options
from embody.bodies.fly.procedural import attach_fly, build_fly_spec
from embody.envs.fly.action import ActionCode
from embody.envs.fly.base import CONTROL_PERIOD_S, PROPRIOCEPTION
from embody.envs.fly.worlds import build_world
from embody.episode_start import SEEDS
from embody.errors import EmbodyError, require_known
from embody.layout import Channel, Layout
from embody.sampling import is_finite

OTHER_FLY = Channel(
    "other_fly",
    ("forward", "left"),
    "mm",
    -100.0,
    100.0,
    "where the other fly's thorax is, in the frame of one's own heading",
)
_SECOND = "second/"


class FlyPair(ParallelEnv[str, np.ndarray, np.ndarray]):
    """Two flies that walk on one plane; each is rewarded for the way it makes forward [mm].

    They pass through each other: nothing but the ground touches them. Agents are "fly_0" and
    "fly_1". Observations are those of `Fly-Walk-v0` with "other_fly" (2) [mm] after them; actions
    are the same.

    Parameters
    ----------
    distance_mm
        Distance between the flies at the start; they face each other [mm].
    max_episode_steps
        Control steps after which the episode is truncated.
    render_mode
        None: pairs are not drawn.

    Raises
    ------
    EmbodyError
        If an option is out of range.
    """

    metadata: ClassVar[dict[str, Any]] = {  # pyright: ignore[reportIncompatibleVariableOverride]
        "name": "fly_pair_v0",
        "render_modes": [],
        "is_parallelizable": True,
    }
    possible_agents: ClassVar[list[str]] = ["fly_0", "fly_1"]  # pyright: ignore[reportIncompatibleVariableOverride]

    def __init__(
        self,
        distance_mm: float = 6.0,
        max_episode_steps: int = 2_500,
        render_mode: str | None = None,
    ) -> None:
        if not 0 <= distance_mm <= 50:
            raise EmbodyError(f"distance_mm is {distance_mm}, it has to lie in 0..50")
        if max_episode_steps < 1:
            raise EmbodyError(f"max_episode_steps is {max_episode_steps}, it has to be positive")
        if render_mode is not None:
            raise EmbodyError("pairs of flies are not drawn: leave render_mode as it is, None")
        self.render_mode = render_mode
        self.distance_mm, self.max_episode_steps = distance_mm, max_episode_steps
        spec, ground = build_world({"name": "flat"})
        physics = FlyPhysics()
        set_options(spec, physics)
        attach_fly(spec, build_fly_spec(physics, group=2), _SECOND)
        self.body = FlyBody(spec, ground, physics=physics)
        second = FlyView(self.body.model, self.body.data, _SECOND)
        self._views = dict(zip(self.possible_agents, (self.body, second), strict=True))
        self.observation_layout = Layout((*PROPRIOCEPTION, OTHER_FLY))
        self.action_code = ActionCode()
        self._low, self._high = self.observation_layout.bounds()
        code = self.action_code
        self._observation_space = gymnasium.spaces.Box(self._low, self._high, dtype=np.float32)
        self._action_space = gymnasium.spaces.Box(code.low, code.high, dtype=np.float32)
        self.agents: list[str] = []
        self._random = np.random.default_rng()
        self._steps = 0

    def observation_space(self, agent: str) -> gymnasium.spaces.Box:
        """Return the observation space, the same for both."""
        return self._observation_space

    def action_space(self, agent: str) -> gymnasium.spaces.Box:
        """Return the action space, the same for both."""
        return self._action_space

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, np.ndarray], dict[str, dict[str, Any]]]:
        """Start an episode; the seed draws place and heading of both."""
        if seed is None:
            seed = int(self._random.integers(SEEDS))
        self._random = np.random.default_rng(seed)
        self.agents = list(self.possible_agents)
        self._steps = 0
        self.body.reset()
        height = self.body.standing_height()
        for side, view in zip((-0.5, 0.5), self._views.values(), strict=True):
            x, y = self._random.uniform(-0.2, 0.2, 2)
            heading = 0.05 * self._random.standard_normal() + (math.pi if side > 0 else 0.0)
            turn = np.array([math.cos(heading / 2), 0.0, 0.0, math.sin(heading / 2)])
            view.place(np.array([x + side * self.distance_mm, y, height]), turn)
        mujoco.mj_forward(self.body.model, self.body.data)
        observations = {agent: self._observe(agent) for agent in self.agents}
        return observations, {agent: {"time_s": 0.0} for agent in self.agents}

    def step(
        self, actions: dict[str, np.ndarray]
    ) -> tuple[
        dict[str, np.ndarray],
        dict[str, float],
        dict[str, bool],
        dict[str, bool],
        dict[str, dict[str, Any]],
    ]:
        """Advance both by one control period.

        Raises
        ------
        UnknownNameError
            If an action is for no agent of this episode.
        EmbodyError
            If an action has the wrong shape or is not finite.
        DivergenceError
            If the state is no longer finite.
        """
        require_known("agent", actions, self.agents)
        before = {agent: self._frame(agent) for agent in self.agents}
        for agent, action in actions.items():
            code = self.action_code
            if np.shape(action) != code.low.shape or not is_finite(np.asarray(action)):
                raise EmbodyError(f"an action of {agent} is {len(code.low)} finite numbers")
            told = code.decode(np.minimum(np.maximum(action, code.low), code.high))
            self._views[agent].command(told.joint_target, told.adhesion)
        self.body.step(self.body.joint_target(), self.body.adhesion())
        self._steps += 1
        observations, rewards = {}, {}
        for agent in self.agents:
            (x, y), (cosine, sine) = before[agent]
            now, _ = self._frame(agent)
            rewards[agent] = (now[0] - x) * cosine + (now[1] - y) * sine
            observations[agent] = self._observe(agent)
        ended = self._steps >= self.max_episode_steps
        infos: dict[str, dict[str, Any]] = {
            agent: {"time_s": self._steps * CONTROL_PERIOD_S} for agent in self.agents
        }
        done = dict.fromkeys(self.agents, False), dict.fromkeys(self.agents, ended)
        if ended:
            self.agents = []
        return observations, rewards, *done, infos

    def render(self) -> None:
        """Draw nothing."""

    def close(self) -> None:
        """Free nothing; closing twice does no harm."""

    def _frame(self, agent: str) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return place [mm] and direction of a fly in the plane."""
        view = self._views[agent]
        x, y, _ = view.thorax_pose()[0].tolist()
        heading = view.heading()
        return (x, y), (math.cos(heading), math.sin(heading))

    def _observe(self, agent: str) -> np.ndarray:
        view = self._views[agent]
        (x, y), (cosine, sine) = self._frame(agent)
        (other,) = (self._frame(name)[0] for name in self.possible_agents if name != agent)
        dx, dy = other[0] - x, other[1] - y
        place = np.array([cosine * dx + sine * dy, cosine * dy - sine * dx])
        parts = (
            view.joint_angle(),
            view.joint_velocity(),
            view.leg_load(),
            view.gravity(),
            view.rotation(),
            place,
        )
        observation = np.concatenate(parts).astype(np.float32)
        return np.minimum(np.maximum(observation, self._low), self._high)
