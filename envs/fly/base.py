"""What all fly tasks share: the body, its senses, and the Gymnasium interface."""

import abc
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import gymnasium
import mujoco
import numpy as np

from embody.bodies.fly.fly_body import FlyBody
from embody.bodies.fly.geometry import (
    ACTUATED_JOINTS,
    HEAD_JOINTS,
    LEG_JOINTS,
    LEGS,
    TARSUS_JOINTS,
)
from embody.bodies.fly.worlds import BALL, hang_ball
from embody.envs.fly.action import ActionCode
from embody.envs.fly.checked_action import checked_action
from embody.envs.fly.turn import turn_between
from embody.envs.fly.worlds import build_world
from embody.episode_start import start_episode
from embody.errors import EmbodyError, require_known
from embody.layout import Channel, Layout
from embody.recording import Signal

if TYPE_CHECKING:
    from embody.envs.fly.picture import FlyPicture

CONTROL_PERIOD_S = 0.002
"""Time between two actions [s]."""

RECORD_PERIOD_S = 0.004
"""Time between two samples of a recording [s]: some 20 in a step of a running fly."""

BODIES = ("procedural", "flybody")
TETHERS = ("fixed", "ball")


FASTEST_RAD_S = 200.0
STRONGEST_UN = 500.0
FASTEST_TURN_RAD_S = 100.0

_TURN = 2.0 * math.pi
JOINT_ANGLE = Channel(
    "joint_angle",
    LEG_JOINTS,
    "rad",
    -_TURN,
    _TURN,
    "angle of each leg joint; yaw and roll of the right legs have the opposite sign of the left",
)
JOINT_VELOCITY = Channel(
    "joint_velocity",
    LEG_JOINTS,
    "rad/s",
    -FASTEST_RAD_S,
    FASTEST_RAD_S,
    "angular velocity of each leg joint",
)
LEG_LOAD = Channel(
    "leg_load",
    LEGS,
    "uN",
    0.0,
    STRONGEST_UN,
    "force with which the ground pushes against each leg, along its normal",
)
GRAVITY = Channel(
    "gravity",
    ("forward", "left", "up"),
    "1",
    -1.0,
    1.0,
    "direction of gravity in the frame of the thorax; (0, 0, -1) upright",
)
ROTATION = Channel(
    "rotation",
    ("roll", "pitch", "yaw"),
    "rad/s",
    -FASTEST_TURN_RAD_S,
    FASTEST_TURN_RAD_S,
    "turn of the thorax in its own frame since the last control step, over the time, as the "
    "halteres feel it; yaw left positive",
)
PROPRIOCEPTION = (JOINT_ANGLE, JOINT_VELOCITY, LEG_LOAD, GRAVITY, ROTATION)

_AXES = ("x", "y", "z")
_QUATERNION = ("w", "x", "y", "z")
_SNAPSHOT = (
    Signal("position", ("time", "axis"), _AXES, "mm", "origin of the thorax"),
    Signal("orientation", ("time", "axis"), _QUATERNION, "1", "quaternion of the thorax"),
    Signal("joint_target", ("time", "joint"), ACTUATED_JOINTS, "rad", "angle a joint is driven to"),
    Signal("claw_position", ("time", "leg", "axis"), _AXES, "mm", "tip of each leg"),
    Signal("head_angle", ("time", "joint"), HEAD_JOINTS, "rad", "angle of each joint of the head"),
    Signal("tarsus_angle", ("time", "joint"), TARSUS_JOINTS, "rad", "passive bend of each tarsus"),
    Signal("ball_orientation", ("time", "axis"), _QUATERNION, "1", "quaternion of the ball"),
    Signal("ball_position", ("time", "axis"), _AXES, "mm", "middle of the ball"),
    Signal(
        "ball_motion",
        ("time", "motion"),
        ("forward_mm_s", "left_mm_s", "turn_left_rad_s"),
        "1",
        "how the fly moves over its ball",
    ),
)


class FlyEnv(gymnasium.Env[np.ndarray, np.ndarray], abc.ABC):
    """A fly whose joints follow target angles, and whose feet stick when told to.

    An action is clipped to its space where it lies outside: targets to the range of their joint,
    adhesion to 0..1; `action_code.encode` makes one of angles. By default the env never terminates
    by itself: a fly that has fallen may right itself, and `info["fallen"]` says so.

    Parameters
    ----------
    body
        "procedural", made of primitives, or "flybody", the detailed one that dm_control ships.
    tether
        None for a free fly, "fixed" for one held in the air, "ball" for one held on a ball.
    start_jitter
        How much an episode's start varies with the seed: 0 not at all, 1 by 3 degrees of heading
        and 1.7 degrees of every leg joint (standard deviations), and 0.2 mm of place.
    ends_on_fall
        Whether an episode terminates when the fly has fallen.
    actions
        How an action says where a joint is driven to: "normalised", -1 to 1 over its range, as
        learning libraries ask for, or "radians".
    render_mode
        None or "rgb_array".

    Attributes
    ----------
    body
        The MuJoCo body.
    observation_layout
        What each number of an observation is: "joint_angle" (42) [rad], "joint_velocity" (42)
        [rad/s], "leg_load" (6) [uN], "gravity" (3), "rotation" (3) [rad/s], and what the task
        adds.
    action_layout
        What each number of an action is: "joint_target" (49) and "adhesion" (6).
    control_period_s, record_period_s
        Time between two actions, and between two samples of a recording [s].
    action_code
        Turns angles into actions, and back.
    seed_used
        Seed of the present episode; `reset(seed=seed_used)` repeats it.
    resting_action
        What a fly that stands still is told: the target of an actuator that is silenced.

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
    record_period_s = RECORD_PERIOD_S
    reset_options: ClassVar[tuple[str, ...]] = ("position_mm", "heading_rad")
    snapshot_signals: ClassVar[tuple[Signal, ...]] = _SNAPSHOT

    def __init__(
        self,
        *,
        body: str = "procedural",
        tether: str | None = None,
        start_jitter: float = 1.0,
        ends_on_fall: bool = False,
        actions: str = "normalised",
        render_mode: str | None = None,
    ) -> None:
        if not 0 <= start_jitter <= 3:
            raise EmbodyError(f"start_jitter is {start_jitter}, it has to lie in 0..3")
        if render_mode is not None:
            require_known("render mode", [render_mode], self.metadata["render_modes"])
        self.render_mode = render_mode
        self.start_jitter = start_jitter
        self.ends_on_fall = ends_on_fall
        self.body_kind = body
        self._tether = tether
        self.body = self._make_body()
        self._ball_q = ball_q(self.body) if tether == "ball" else None
        self.seed_used: int | None = None
        self.observation_layout = Layout((*PROPRIOCEPTION, *self._extra_senses()))
        self.action_code = ActionCode(actions, self.body.joint_range, self.body.neutral_pose)
        self.action_layout = self.action_code.layout
        self._low, self._high = self.observation_layout.bounds()
        self.observation_space = gymnasium.spaces.Box(self._low, self._high, dtype=np.float32)
        self._action_low, self._action_high = self.action_layout.bounds()
        self.action_space = gymnasium.spaces.Box(
            self._action_low, self._action_high, dtype=np.float32
        )
        self.resting_action = self.action_code.encode(self.body.neutral_pose)
        self._target, self._grip = self.body.neutral_pose, np.zeros(len(LEGS))
        self._slices = tuple(self.observation_layout.slice(c.name) for c in PROPRIOCEPTION)
        self._steps = 0
        self._picture: FlyPicture | None = None

    def reset(
        self, *, seed: int | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Start an episode.

        Parameters
        ----------
        seed
            Determines all that is drawn at random; None goes on from the previous seed.
        options
            What is to be set rather than drawn, by name: those in `reset_options`, e.g.
            "position_mm" (x, y) and "heading_rad" of the thorax.

        Raises
        ------
        UnknownNameError
            If there is no option of that name.
        EmbodyError
            If the fly cannot start there.
        """
        self.seed_used, options = start_episode(self, seed, options, self.reset_options)
        self._prepare_world(options)
        position, heading = self._lay_out(options)
        pose = self.body.neutral_pose.copy()
        jitter = self.np_random.standard_normal(len(LEG_JOINTS))
        pose[: len(LEG_JOINTS)] += self.start_jitter * 0.03 * jitter
        pose = np.clip(pose, *self.body.joint_range.T)
        self.body.reset(position, heading, pose)
        if self._ball_q is not None:
            put_ball_under_feet(self.body)
        self._target, self._grip = pose, np.zeros(len(LEGS))
        self._steps = 0
        self._orientation = tuple(self.body.thorax_pose()[1].tolist())
        self._locate()
        info: dict[str, Any] = {"time_s": 0.0, "forward_velocity_mm_s": 0.0}
        info["fallen"] = float(self.fallen())
        self._begin(info)
        return self._observe(), info

    def step(self, action: np.ndarray) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Advance by one control period.

        Parameters
        ----------
        action
            Joint targets and adhesion, shape (55,); clipped where it lies outside.

        Raises
        ------
        EmbodyError
            If the action has another shape or is not finite.
        DivergenceError
            If the body's state is no longer finite.
        """
        action = checked_action(
            action,
            self.action_layout,
            self._action_low,
            self._action_high,
            "49 joint targets and the adhesion of 6 feet",
        )
        self._target, self._grip = self.action_code.decode(action)
        self.body.step(self._target, self._grip)
        self._steps += 1
        self._advance()
        fallen = self.fallen()
        info: dict[str, Any] = {
            "time_s": self._steps * CONTROL_PERIOD_S,
            "forward_velocity_mm_s": self._progress_mm / CONTROL_PERIOD_S,
            "fallen": float(fallen),
        }
        reward = self._evaluate(info)
        return self._observe(), reward, fallen and self.ends_on_fall, False, info

    def fallen(self) -> bool:
        """Whether the fly lies on its side or its back: its thorax is tilted by over 75 degrees.

        A held fly never falls. On a wall, where "up" is not the way out of the ground, a task has
        to say for itself what a fall is.
        """
        return self._tether is None and self._up < _FALLEN_UP

    def snapshot(self) -> dict[str, np.ndarray]:
        """Return what a recording keeps of this moment, by name.

        Returns
        -------
        dict
            "position" (3,) [mm] and "orientation" (4,), a quaternion, of the thorax; "joint_angle"
            (42,) and "joint_target" (49,) [rad]; "leg_load" (6,) [uN]; "claw_position" (6, 3)
            [mm], tips of the legs; "adhesion" (6,); "head_angle" (7,) and "tarsus_angle" (24,)
            [rad]; on a ball its "ball_orientation" (4,), "ball_position" (3,) and "ball_motion"
            (3,); and what the task adds.
        """
        position, orientation = self.body.thorax_pose()
        snapshot = {
            "position": position,
            "orientation": orientation,
            "joint_angle": self.body.joint_angle(),
            "joint_target": self._target.copy(),
            "leg_load": self.body.leg_load(),
            "claw_position": self.body.claw_position(),
            "adhesion": self._grip.copy(),
            "head_angle": self.body.head_angle(),
            "tarsus_angle": self.body.tarsus_angle(),
        }
        if self._ball_q is not None:
            snapshot["ball_orientation"] = self.body.data.qpos[self._ball_q].copy()
            snapshot["ball_motion"] = self.body.ball_motion()
            snapshot["ball_position"] = self.body.data.mocap_pos[ball_stand(self.body)].copy()
        return snapshot

    def scene(self) -> dict[str, Any]:
        """Return what stays the same during an episode, as JSON types, for drawing."""
        return {
            "kind": "fly",
            "body": self.body_kind,
            "tether": self._tether,
            "world": self._world(),
        }

    def render(self) -> np.ndarray | None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Return a picture that follows the fly, shape (480, 640, 3), uint8.

        Drawn with OpenGL where it works, else without. None if the env was made without a
        `render_mode`.
        """
        if self.render_mode is None:
            return None
        if self._picture is None:
            from embody.envs.fly.picture import FlyPicture

            self._picture = FlyPicture(self.scene())
        self._picture.lay_ground(self.scene())
        return self._picture.paint(self.snapshot(), self._steps * CONTROL_PERIOD_S)

    def close(self) -> None:
        """Free what drawing took; closing twice does no harm."""
        if self._picture is not None:
            self._picture.close()
        self._picture = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_picture": None}

    @abc.abstractmethod
    def _evaluate(self, info: dict[str, Any]) -> float:
        """Return the reward of the step just made, and add to its info."""

    def _extra_senses(self) -> tuple[Channel, ...]:
        """Return what the task adds to the observation."""
        return ()

    def _sense(self, observation: np.ndarray) -> None:
        """Fill in what the task adds to the observation."""

    def _world(self) -> dict[str, Any]:
        """Return the ground and what stands on it, as `embody.envs.fly.worlds` knows it."""
        return {"name": "air" if self._tether else "flat"}

    def _prepare_world(self, options: Mapping[str, Any]) -> None:
        """Draw at random what the task varies of the world, before the fly is put into it."""

    def _begin(self, info: dict[str, Any]) -> None:
        """Set up what the task keeps during an episode, and add to the info of the reset."""

    def _lay_out(self, options: dict[str, Any]) -> tuple[Any, float]:
        """Return where the thorax starts (x, y) [mm] and its heading [rad]."""
        drawn = self.np_random.uniform(-0.2, 0.2, 2) * self.start_jitter
        turned = 0.05 * float(self.np_random.standard_normal()) * self.start_jitter
        position = options.get("position_mm", tuple(drawn.tolist()))
        return position, options.get("heading_rad", turned)

    def _make_body(self) -> FlyBody:
        return make_body(self.body_kind, self._tether, self._world())

    def _advance(self) -> None:
        """Find out how far the fly has come in this step along its former heading [mm]."""
        x, y = self._place
        cosine, sine = self._forward
        self._locate()
        if self._ball_q is None:
            self._progress_mm = (self._place[0] - x) * cosine + (self._place[1] - y) * sine
        else:
            self._progress_mm = float(self.body.ball_motion()[0]) * CONTROL_PERIOD_S

    def _locate(self) -> None:
        """Find place, heading and uprightness of the thorax once for all that asks for them."""
        position, (w, x, y, z) = (part.tolist() for part in self.body.thorax_pose())
        self._place = (position[0], position[1])
        self._height = position[2]
        forward_x, forward_y = 1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y + w * z)
        length = math.hypot(forward_x, forward_y) or 1.0
        self._forward = (forward_x / length, forward_y / length)
        self._up = 1.0 - 2.0 * (x * x + y * y)
        turned = turn_between(self._orientation, (w, x, y, z))
        self._rotation = [angle / CONTROL_PERIOD_S for angle in turned]
        self._orientation = (w, x, y, z)

    def _observe(self) -> np.ndarray:
        body, observation = self.body, np.empty(self._low.shape, np.float32)
        angle, velocity, load, gravity, rotation = self._slices
        observation[angle] = body.joint_angle()
        observation[velocity] = body.joint_velocity()
        observation[load] = body.leg_load()
        observation[gravity] = body.gravity()
        observation[rotation] = self._rotation
        self._sense(observation)
        np.minimum(observation, self._high, out=observation)
        np.maximum(observation, self._low, out=observation)
        return observation


def make_body(kind: str, tether: str | None, world: Mapping[str, Any]) -> FlyBody:
    """Return a fly's body in a world, as a scene describes them.

    Parameters
    ----------
    kind
        One of `BODIES`.
    tether
        None, "fixed" or "ball".
    world
        As `embody.envs.fly.worlds.build_world` takes it.

    Raises
    ------
    EmbodyError
        If there is no such body, tether or world.
    """
    require_known("body of the fly", [kind], BODIES)
    if tether is not None:
        require_known("tether", [tether], TETHERS)
    spec, ground = build_world(world)
    return FlyBody(spec, ground, tether=tether, body=kind)  # pyright: ignore[reportArgumentType]


def put_ball_under_feet(body: FlyBody) -> None:
    """Put the ball in the middle below the feet, as high as they stand on it on average."""
    claws = body.claw_position()
    middle = claws[:, :2].mean(axis=0)
    off_middle = ((claws[:, :2] - middle) ** 2).sum(axis=1)
    drop = BALL.radius_mm - np.sqrt(BALL.radius_mm**2 - off_middle)
    top = np.append(middle, (claws[:, 2] + drop).mean())
    hang_ball(body.data, body.model, body.prefix, top)
    mujoco.mj_forward(body.model, body.data)


def ball_stand(body: FlyBody) -> int:
    """Return the row of `data.mocap_pos` that holds the ball under a fly."""
    return int(body.model.body_mocapid[body.model.body(f"{body.prefix}ball_stand").id])


def ball_q(body: FlyBody) -> slice:
    """Return where the orientation of the ball under a fly lies in `data.qpos`."""
    first = int(body.model.joint(f"{body.prefix}ball").qposadr[0])
    return slice(first, first + 4)


_FALLEN_UP = math.cos(math.radians(75.0))
