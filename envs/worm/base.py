"""What all worm tasks share: the body, its senses, and the Gymnasium interface."""

import abc
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import gymnasium
import numpy as np

from embody.bodies.worm.geometry import (
    JOINT_NAMES,
    JOINTS,
    MUSCLES,
    ROD_NAMES,
    RODS,
    mean_of_nodes,
)
from embody.bodies.worm.mujoco_body import CONTROL_PERIOD_S, WormBody
from embody.envs.worm.touch import STRONGEST_UN, Pokes
from embody.episode_start import start_episode
from embody.errors import EmbodyError, require_known
from embody.layout import Channel, Layout

if TYPE_CHECKING:
    from embody.envs.worm.picture import WormPicture

JOINT_ANGLE = Channel(
    "joint_angle",
    JOINT_NAMES,
    "rad",
    -math.pi,
    math.pi,
    "angle between neighbouring rods, head to tail; positive bends towards dorsal",
)
TOUCH = Channel(
    "touch",
    ROD_NAMES,
    "uN",
    0.0,
    STRONGEST_UN,
    "force of walls and pokes on each rod, head to tail",
)
MUSCLE_ACTIVATION = Channel(
    "muscle_activation", MUSCLES, "1", 0.0, 1.0, "activation of each body wall muscle"
)


class WormEnv(gymnasium.Env[np.ndarray, np.ndarray], abc.ABC):
    """A worm that lies in the plane; the action commands its 95 muscles.

    An action lies in 0..1 and is clipped where it does not. The env never terminates by itself.

    Parameters
    ----------
    medium
        "agar", "water", or a number from 0 (water) to 1 (agar).
    start_bend_rad
        Amplitude of the bend the worm starts with: one sine wave of joint angles along the
        body, its phase drawn at random [rad]. A straight worm takes long to begin to crawl.
    render_mode
        None or "rgb_array".

    Attributes
    ----------
    body
        The MuJoCo body.
    observation_layout
        What each number of an observation is: "joint_angle" (24) [rad], "touch" (25) [uN], and
        what the task adds.
    action_layout
        What each number of an action is: "muscle_activation" (95), 0 to 1.
    control_period_s
        Time between two actions [s].
    seed_used
        Seed of the present episode; `reset(seed=seed_used)` repeats it.

    Raises
    ------
    EmbodyError
        If an option is out of range.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012  as gymnasium declares it
        "render_modes": ["rgb_array"],
        "render_fps": round(1 / CONTROL_PERIOD_S),
    }
    control_period_s = CONTROL_PERIOD_S
    dish_radius_mm: ClassVar[float | None] = None
    reset_options: ClassVar[tuple[str, ...]] = ("position_mm", "heading_rad")
    _senses: ClassVar[tuple[Channel, ...]] = (JOINT_ANGLE, TOUCH)

    def __init__(
        self,
        *,
        medium: str | float = "agar",
        start_bend_rad: float = 0.05,
        render_mode: str | None = None,
    ) -> None:
        if not 0 <= start_bend_rad <= 0.5:
            raise EmbodyError(f"start_bend_rad is {start_bend_rad}, it has to lie in 0..0.5")
        if render_mode is not None:
            require_known("render mode", [render_mode], self.metadata["render_modes"])
        self.render_mode = render_mode
        self.start_bend_rad = start_bend_rad
        self.body = WormBody(medium, self.dish_radius_mm)
        self.seed_used: int | None = None
        self.observation_layout = Layout(self._senses)
        self.action_layout = Layout((MUSCLE_ACTIVATION,))
        self._low, self._high = self.observation_layout.bounds()
        self.observation_space = gymnasium.spaces.Box(self._low, self._high, dtype=np.float32)
        self.action_space = gymnasium.spaces.Box(0.0, 1.0, (len(MUSCLES),), np.float32)
        self._pokes = Pokes(self.body)
        self._steps = 0
        self._picture: WormPicture | None = None

    def reset(
        self, *, seed: int | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Start an episode.

        Parameters
        ----------
        seed
            Determines all that is drawn at random; None goes on from the previous seed.
        options
            What is to be set rather than drawn, by name: those in `reset_options`.

        Raises
        ------
        UnknownNameError
            If there is no option of that name.
        EmbodyError
            If the worm cannot lie there.
        """
        self.seed_used, options = start_episode(self, seed, options, self.reset_options)
        position, heading = self._lay_out(options)
        phase = 2.0 * math.pi * (self.np_random.random() + np.arange(JOINTS) / JOINTS)
        self.body.reset(position, heading, self.start_bend_rad * np.sin(phase))
        self._steps = 0
        self._pokes.forget()
        self._locate()
        info: dict[str, Any] = {"time_s": 0.0}
        self._begin(info)
        return self._observe(), info

    def step(self, action: np.ndarray) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Advance by one control period.

        Parameters
        ----------
        action
            Command to every muscle, 0 to 1, shape (95,); it is clipped where it lies outside.

        Raises
        ------
        EmbodyError
            If the action has another shape or is not finite.
        DivergenceError
            If the body's state is no longer finite.
        """
        if np.shape(action) != (len(MUSCLES),):
            raise EmbodyError(
                f"an action has shape ({len(MUSCLES)},), one command for each muscle, not "
                f"{np.shape(action)}"
            )
        self.body.step(action)
        self._steps += 1
        if self._pokes:
            self._pokes.end(self._steps)
        self._locate()
        info: dict[str, Any] = {"time_s": self._steps * CONTROL_PERIOD_S}
        reward = self._evaluate(info)
        return self._observe(), reward, False, False, info

    def touch(
        self, position_fraction: float, force_uN: float, duration_s: float, push: bool = False
    ) -> None:
        """Touch the worm, as with an eyelash or a blunt wire; it feels it from now on.

        Parameters
        ----------
        position_fraction
            Where along the body, 0 (head) to 1 (tail).
        force_uN
            Force [uN], at most 1000.
        duration_s
            How long it lasts [s].
        push
            Whether the force also pushes the body, from its dorsal side towards the ventral one.

        Raises
        ------
        EmbodyError
            If a number is out of range.

        References
        ----------
        Mazzochette et al. (2018), Integr. Biol. 10, 450: how the response of a worm depends on
        the force and on the place of a touch.
        """
        if not (math.isfinite(duration_s) and duration_s > 0):
            raise EmbodyError(f"duration_s is {duration_s}, it has to be positive")
        steps = max(1, round(duration_s / CONTROL_PERIOD_S))
        self._pokes.add(position_fraction, force_uN, self._steps + steps, push)

    def snapshot(self) -> dict[str, np.ndarray]:
        """Return what a recording keeps of this moment, by name.

        Returns
        -------
        dict
            "centreline" (26, 2) [mm], nodes from head to tail; "joint_angle" (24,) [rad];
            "muscle_activation" (95,), 0 to 1, as the muscles follow their commands; "touch"
            (25,) [uN]; and what the task adds.
        """
        return {
            "centreline": self.body.centreline(),
            "joint_angle": self.body.joint_angle(),
            "muscle_activation": self.body.activation(),
            "touch": self._touch(),
        }

    def scene(self) -> dict[str, Any]:
        """Return what stays the same during an episode, as JSON types, for drawing."""
        return {
            "kind": "worm",
            "dish_radius_mm": self.dish_radius_mm,
            "fields": [],
            "body_radius_mm": self.body.geometry.rod_radius_mm.tolist(),
            "medium": self.body.medium.name,
        }

    def render(self) -> np.ndarray | None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Return a picture that follows the worm, shape (480, 640, 3), uint8.

        It needs neither a display nor OpenGL. None if the env was made without a `render_mode`.
        """
        if self.render_mode is None:
            return None
        if self._picture is None:
            from embody.envs.worm.picture import WormPicture

            self._picture = WormPicture(self.scene())
        return self._picture.paint(
            self.snapshot(), self.scene(), self._steps * self.control_period_s
        )

    def close(self) -> None:
        """Free what drawing took; closing twice does no harm."""
        self._picture = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_picture": None}

    @abc.abstractmethod
    def _evaluate(self, info: dict[str, Any]) -> float:
        """Return the reward of the step just made, and add to its info."""

    def _begin(self, info: dict[str, Any]) -> None:
        """Set up what the task keeps during an episode, and add to the info of the reset."""

    def _lay_out(self, options: dict[str, Any]) -> tuple[Any, float]:
        """Return where the middle of the body lies [mm] and which way the worm heads [rad]."""
        return options.get("position_mm", (0.0, 0.0)), options.get("heading_rad", 0.0)

    def _locate(self) -> None:
        """Find the nose and the middle of the body (mean of its nodes) [mm]."""
        self._nodes = self.body.centreline()
        self._nose = self._nodes[0].tolist()
        self._centre = mean_of_nodes(self._nodes).tolist()

    def _observe(self) -> np.ndarray:
        observation = np.zeros(self._low.shape, np.float32)
        observation[:JOINTS] = self.body.joint_angle()
        if self._pokes or self._near_wall():
            observation[JOINTS : JOINTS + RODS] = self._touch()
        self._sense(observation)
        np.minimum(observation, self._high, out=observation)
        np.maximum(observation, self._low, out=observation)
        return observation

    def _sense(self, observation: np.ndarray) -> None:
        """Fill in what the task adds to the observation."""

    def _near_wall(self) -> bool:
        """Whether any part of the body can reach the wall: none is further than its length."""
        if self.dish_radius_mm is None:
            return False
        reach = self.dish_radius_mm - 1.5 * self.body.geometry.length_mm
        return self._nose[0] ** 2 + self._nose[1] ** 2 > reach * reach

    def _touch(self) -> np.ndarray:
        """Return the force on each rod, shape (25,) [uN]."""
        force = self.body.contact_force()
        self._pokes.add_to(force)
        return force
