"""Free flight: a fly that stays up, and flies where it is told, by how its wings beat."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import gymnasium
import numpy as np

from embody.bodies.fly.flight_body import TICK_S, FlightBody
from embody.bodies.fly.geometry import LEG_JOINTS
from embody.envs.fly.checked_action import checked_action
from embody.envs.fly.flight_action import PERIOD_S, FlightAction
from embody.envs.fly.flight_senses import BEAT_NAMES, FASTEST_MM_S, SENSES, SNAPSHOT
from embody.envs.fly.worlds import build_world
from embody.episode_start import start_episode
from embody.errors import EmbodyError, require_known
from embody.layout import Layout
from embody.recording import Signal
from embody.sampling import is_finite

if TYPE_CHECKING:
    from embody.envs.fly.flight_picture import FlightPicture

KIND = "flying fly"
"""What the scenes of flying flies name: they have controllers and films of their own."""

START_TILT_RAD, START_VELOCITY_MM_S, START_ROTATION_RAD_S = 0.2, 60.0, 8.0
"""Standard deviations of what a start is off by, in every axis."""

SPEEDS_MM_S, TURNS_RAD = (0.0, 300.0), (-1.0, 1.0)
"""Between these the wanted speed and the wanted turn are drawn."""


class FlyFlight(gymnasium.Env[np.ndarray, np.ndarray]):
    """A fly in the air; the reward is for flying as high, as fast and whither it is wanted.

    The detailed fly of dm_control (extra `dm`), legs drawn in, starts 20 mm above the ground,
    tilted, moving and turning at random, and is to hold that height, to fly forwards with a speed
    and in a direction that are drawn for each episode. What keeps it up is the force of the air on
    its wings, in MuJoCo's quasi-steady ellipsoid model. An action says how the wings beat, 1,000
    times a second, to a pattern generator that beats them 218 times a second; or, with
    actions="wings", it drives the wing joints themselves, 5,000 times a second.

    The reward of a step is the control period times the mean of 1 / (1 + (error / scale)^2) over
    height (5 mm), speed (100 mm/s) and direction (0.5 rad): at most 1 a second. The episode
    terminates when the trunk hits the ground or the stroke plane is tilted by over 90 degrees.

    `info` holds "height_mm", "climb_mm" (wanted less actual height), "speed_error_mm_s" (wanted
    less actual), "turn_rad" (wanted less actual direction), "tilt_rad" of the stroke plane,
    "forward_velocity_mm_s" over ground, "crashed" and "tumbled".

    Parameters
    ----------
    speed_mm_s
        Wanted speed through the air; None draws it from 0 to 300.
    turn_deg
        How far to turn from where it looks at the start; None draws it from -57 to 57.
    turn_every_s
        After how long another turn is drawn, again and again: a course of straight ways and
        corners; None never.
    height_mm
        Height to start at and to hold.
    wind_mm_s
        Velocity of the air in the world, shape (3,).
    start_jitter
        How much the start is off: 0 not at all, 1 by 11 degrees, 60 mm/s and 8 rad/s (standard
        deviations, in every axis), at most 3.
    actions
        "normalised", "physical" or "wings", as in `FlightAction`.
    render_mode
        None or "rgb_array".

    Attributes
    ----------
    body
        The `FlightBody`.
    observation_layout
        "wing_angle" (6) [rad], "rotation" (3) [rad/s], "gravity" (3), "wind" (3) [mm/s], and what
        is wanted: "climb" [mm], "speed" [mm/s], "turn" [rad].
    action_layout
        What each number of an action is.
    action_code
        Turns how wings beat into actions, and back.
    control_period_s, record_period_s
        Time between two actions, and between two samples of a recording [s].
    seed_used
        Seed of the present episode; `reset(seed=seed_used)` repeats it.
    resting_action
        That of a hovering fly.

    Raises
    ------
    EmbodyError
        If an option is out of range, or dm_control is not installed.
    """

    metadata: dict[str, Any] = {"render_modes": ["rgb_array"], "render_fps": 1000}  # noqa: RUF012
    reset_options: ClassVar[tuple[str, ...]] = (
        "position_mm", "heading_rad", "speed_mm_s", "turn_rad",
    )  # fmt: skip
    snapshot_signals: ClassVar[tuple[Signal, ...]] = SNAPSHOT

    def __init__(
        self,
        *,
        speed_mm_s: float | None = None,
        turn_deg: float | None = None,
        turn_every_s: float | None = None,
        height_mm: float = 20.0,
        wind_mm_s: Sequence[float] = (0.0, 0.0, 0.0),
        start_jitter: float = 1.0,
        actions: str = "normalised",
        render_mode: str | None = None,
    ) -> None:
        if speed_mm_s is not None:
            _require("speed_mm_s", speed_mm_s, -400.0, 600.0)
        if turn_deg is not None:
            _require("turn_deg", turn_deg, -180.0, 180.0)
        if turn_every_s is not None:
            _require("turn_every_s", turn_every_s, 0.05, 100.0)
        _require("height_mm", height_mm, 5.0, 500.0)
        _require("start_jitter", start_jitter, 0.0, 3.0)
        wind = np.asarray(wind_mm_s, float)
        if wind.shape != (3,) or not (np.abs(wind) <= FASTEST_MM_S).all():
            raise EmbodyError(
                f"wind_mm_s is {wind_mm_s}, it has to be three numbers in -1000..1000"
            )
        if render_mode is not None:
            require_known("render mode", [render_mode], self.metadata["render_modes"])
        self.render_mode = render_mode
        self.speed_mm_s, self.turn_deg, self.height_mm = speed_mm_s, turn_deg, float(height_mm)
        self.start_jitter = start_jitter
        self.turn_every_s = turn_every_s
        world, _ = build_world(self._world())
        self.body = FlightBody(world, wind_mm_s=wind.tolist())
        self.action_code = FlightAction(actions, self.body.wing_range)
        self.control_period_s = PERIOD_S[actions]
        self.record_period_s = self.control_period_s
        self.metadata = {**self.metadata, "render_fps": round(1 / self.control_period_s)}
        self._ticks = round(self.control_period_s / TICK_S)
        self.observation_layout, self.action_layout = Layout(SENSES), self.action_code.layout
        self._low, self._high = self.observation_layout.bounds()
        self.observation_space = gymnasium.spaces.Box(self._low, self._high, dtype=np.float32)
        self._action_low, self._action_high = self.action_layout.bounds()
        self.action_space = gymnasium.spaces.Box(
            self._action_low, self._action_high, dtype=np.float32
        )
        self.resting_action = self.action_code.resting
        self.seed_used: int | None = None
        self._wanted = (self.height_mm, 0.0, 0.0)
        self._steps, self._turns = 0, 0
        self._picture: FlightPicture | None = None

    def reset(
        self, *, seed: int | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Start an episode.

        Parameters
        ----------
        seed
            Determines all that is drawn at random; None goes on from the previous seed.
        options
            What is to be set rather than drawn: "position_mm" (x, y), "heading_rad" of the start,
            "speed_mm_s" and "turn_rad" that are wanted.

        Raises
        ------
        UnknownNameError
            If there is no option of that name.
        EmbodyError
            If an option is not a finite number.
        """
        self.seed_used, options = start_episode(self, seed, options, self.reset_options)
        draw, off = self.np_random, self.start_jitter
        tilt = off * START_TILT_RAD * draw.standard_normal(2)
        velocity = off * START_VELOCITY_MM_S * draw.standard_normal(3)
        rotation = off * START_ROTATION_RAD_S * draw.standard_normal(3)
        phase, speed, turn = draw.random(), draw.uniform(*SPEEDS_MM_S), draw.uniform(*TURNS_RAD)
        speed = speed if self.speed_mm_s is None else self.speed_mm_s
        turn = turn if self.turn_deg is None else math.radians(self.turn_deg)
        place = np.asarray(options.get("position_mm", (0.0, 0.0)), float)
        heading = float(options.get("heading_rad", 0.0))
        speed = float(options.get("speed_mm_s", speed))
        turn = float(options.get("turn_rad", turn))
        if place.shape != (2,) or not is_finite(np.array([*place, heading, speed, turn])):
            raise EmbodyError(
                "position_mm is two finite numbers, heading_rad, speed_mm_s and turn_rad one each"
            )
        self.body.reset(
            (*place.tolist(), self.height_mm), heading, tilt, velocity, rotation,
            phase_rad=2.0 * math.pi * phase,
        )  # fmt: skip
        self._wanted = (self.height_mm, speed, heading + turn)
        self._steps, self._turns = 0, 0
        self._locate()
        return self._observe(), self._tell()

    def step(self, action: np.ndarray) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Advance by one control period.

        Parameters
        ----------
        action
            How the wings beat, shape (7,), or where the wing joints are driven to, (6,); clipped
            where it lies outside.

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
            f"of kind {self.action_code.kind!r}",
        )
        numbers = self.action_code.decode(action)
        if self.action_code.kind == "wings":
            self.body.step_wings(numbers, self._ticks)
        else:
            before = self.body.beat[0]
            self.body.step(numbers.tolist(), self._ticks)
            self._turns += self.body.beat[0] < before
        self._steps += 1
        self._change_course()
        self._locate()
        info = self._tell()
        return (
            self._observe(),
            self._reward(),
            bool(info["crashed"] or info["tumbled"]),
            False,
            info,
        )

    def snapshot(self) -> dict[str, np.ndarray]:
        """Return what a recording keeps of this moment, by name.

        Returns
        -------
        dict
            "position" (3,) [mm] and "orientation" (4,), a quaternion, of the thorax; "joint_angle"
            (42,) and "head_angle" (7,) [rad], which stay; "wing_angle" (6,) [rad]; "wing_beat"
            (8,), phase and the seven numbers of the pattern that the wings have taken up, all 0
            where the agent drives the wing joints itself;
            "flight_error" (4,); "gravity" (3,), "rotation" (3,) and "wind" (3,) as observed.
        """
        body = self.body
        position, orientation = body.thorax_pose()
        beat = np.zeros(len(BEAT_NAMES))
        if self.action_code.kind != "wings":
            beat[:] = body.beat
            beat[0] += 2.0 * math.pi * self._turns
        return {
            "position": position,
            "orientation": orientation,
            "joint_angle": body.pose[: len(LEG_JOINTS)].copy(),
            "head_angle": body.pose[len(LEG_JOINTS) :].copy(),
            "wing_angle": body.wing_angle(),
            "wing_beat": beat,
            "flight_error": np.array([*self._errors, self._tilt]),
            "gravity": body.gravity(),
            "rotation": body.rotation(),
            "wind": body.air_flow(),
        }

    def scene(self) -> dict[str, Any]:
        """Return what stays the same during an episode, as JSON types, for drawing."""
        return {"kind": KIND, "body": "flybody", "tether": None, "world": self._world()}

    def render(self) -> np.ndarray | None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Return a picture that follows the fly, shape (480, 640, 3), uint8.

        Drawn with OpenGL where it works, else without. None if the env was made without a
        `render_mode`.
        """
        if self.render_mode is None:
            return None
        if self._picture is None:
            from embody.envs.fly.flight_picture import FlightPicture

            self._picture = FlightPicture(self.scene())
        return self._picture.paint(self.snapshot(), self._steps * self.control_period_s)

    def close(self) -> None:
        """Free what drawing took; closing twice does no harm."""
        if self._picture is not None:
            self._picture.close()
        self._picture = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_picture": None}

    def _world(self) -> dict[str, Any]:
        return {"name": "flat"}

    def _change_course(self) -> None:
        """Draw another turn where it is time for one."""
        if self.turn_every_s is None:
            return
        if self._steps % round(self.turn_every_s / self.control_period_s) == 0:
            height, speed, heading = self._wanted
            self._wanted = (height, speed, heading + self.np_random.uniform(*TURNS_RAD))

    def _locate(self) -> None:
        """Find out once where the fly is, and how far from where it is wanted."""
        body = self.body
        turn, (forward, _, _) = body.thorax_rotation(), body.heading_axes()
        self._tilt = math.acos(min(max(body.uprightness(), -1.0), 1.0))
        self._flow = body.air_flow()
        through_air = -float(forward @ (turn @ self._flow))
        self._over_ground = float(forward @ (turn @ body.velocity()))
        self._height = float(body.data.qpos[2])
        height, speed, heading = self._wanted
        off = math.remainder(heading - math.atan2(forward[1], forward[0]), 2.0 * math.pi)
        self._errors = (height - self._height, speed - through_air, off)

    def _reward(self) -> float:
        climb, speed, turn = self._errors
        close = sum(
            1.0 / (1.0 + (error / scale) ** 2)
            for error, scale in ((climb, 5.0), (speed, 100.0), (turn, 0.5))
        )
        return self.control_period_s * close / 3.0

    def _tell(self) -> dict[str, Any]:
        climb, speed, turn = self._errors
        return {
            "time_s": self._steps * self.control_period_s,
            "forward_velocity_mm_s": self._over_ground,
            "height_mm": self._height,
            "climb_mm": climb,
            "speed_error_mm_s": speed,
            "turn_rad": turn,
            "tilt_rad": self._tilt,
            "crashed": float(self.body.touches_ground()),
            "tumbled": float(self._tilt > math.pi / 2),
        }

    def _observe(self) -> np.ndarray:
        body = self.body
        wanted = (self._errors[0], self._wanted[1], self._errors[2])
        observation = np.concatenate(
            [body.wing_angle(), body.rotation(), body.gravity(), self._flow, wanted]
        ).astype(np.float32)
        return np.minimum(np.maximum(observation, self._low), self._high)


def _require(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise EmbodyError(f"{name} is {value}, it has to lie in {low:g}..{high:g}")
