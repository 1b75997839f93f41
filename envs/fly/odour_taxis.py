"""Odour taxis in still air: something attracts, something beside the way repels."""

import math
from typing import Any, ClassVar

import numpy as np

from embody.envs.fly.base import FlyEnv
from embody.envs.fly.free_fly import require_free
from embody.envs.fly.odour import Odours, odour_channel
from embody.envs.fly.warm_border import HEAT, WarmBorder
from embody.errors import EmbodyError
from embody.fields import GaussianField
from embody.layout import Channel

ATTRACTIVE, AVERSIVE = "vinegar", "geosmin"
_AVERSIVE_WIDTH = 0.3  # spread of the aversive odour, relative to the attractive one
_AVERSIVE_SHARE = 0.6  # how far along the way its source is
_AVERSIVE_ANGLE_RAD = 0.4  # and how far to the side, seen from the start


class FlyOdorTaxis(FlyEnv):
    """A fly in a round arena with a source of vinegar, and of geosmin beside the way there.

    The reward of a step is the decrease of the distance between thorax and vinegar [mm], less
    `aversion` times the concentration of geosmin at the antennae and the time [s]. Towards the edge
    of the arena the floor gets hot, which the antennae feel, so that a fly can turn back; an
    episode terminates when the fly leaves the arena. Each draws the direction of the vinegar, the
    side that the geosmin lies on, and the heading.

    `info` holds "distance_mm", that distance d; "taxis_index", the mean of 1 - d/d0 over the
    steps made so far, where d0 is the distance at the start: 0 for a fly that stays, near 1 for
    one that gets there at once and waits, -0.5 or so for one that walks about at random;
    "closest_mm", the least distance so far; "aversive", the mean concentration of geosmin met; and
    "left_arena", 0 or 1.

    Parameters
    ----------
    distance_mm
        Distance from the start, the middle of the arena, to the vinegar [mm].
    sigma_mm
        Standard deviation of the odour of vinegar [mm]; that of geosmin is 0.3 of it.
    arena_radius_mm
        Radius of the arena [mm].
    aversion
        Weight of geosmin in the reward [mm/s].
    **options
        Those of `FlyEnv`; the fly is free.

    Attributes
    ----------
    odours
        The odours of the present episode; an example before the first `reset`.
    valence
        1 for the odorant that attracts, -1 for the one that repels, by name.

    Raises
    ------
    EmbodyError
        If an option is out of range.

    References
    ----------
    Semmelhack & Wang (2009), Nature 459, 218: vinegar attracts. Stensmyr et al. (2012), Cell 151,
    1345: geosmin, the smell of moulds, repels.
    """

    valence: ClassVar[dict[str, float]] = {ATTRACTIVE: 1.0, AVERSIVE: -1.0}
    steering: ClassVar[str] = "odour-taxis"

    def __init__(
        self,
        *,
        distance_mm: float = 20.0,
        sigma_mm: float = 12.0,
        arena_radius_mm: float = 35.0,
        aversion: float = 5.0,
        **options: Any,
    ) -> None:
        require_free(options)
        if not 0 < distance_mm < arena_radius_mm:
            raise EmbodyError(
                f"distance_mm is {distance_mm}, it has to lie between 0 and arena_radius_mm "
                f"({arena_radius_mm:g})"
            )
        if not sigma_mm > 0:
            raise EmbodyError(f"sigma_mm is {sigma_mm}, it has to be positive")
        if not aversion >= 0:
            raise EmbodyError(f"aversion is {aversion}, it cannot be negative")
        self.distance_mm, self.sigma_mm = distance_mm, sigma_mm
        self.arena_radius_mm, self.aversion = arena_radius_mm, aversion
        self.border = WarmBorder(arena_radius_mm)
        self._draw_odours(0.0, 1.0)
        super().__init__(**options)

    def step(self, action: np.ndarray) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Advance by one control period, as `FlyEnv.step`; ends outside the arena."""
        observation, reward, terminated, truncated, info = super().step(action)
        return observation, reward, terminated or self._outside(), truncated, info

    def snapshot(self) -> dict[str, np.ndarray]:
        """Return what a recording keeps of this moment; "odour" (8,), "heat" (2,) are added."""
        return {**super().snapshot(), "odour": self._smell(), "heat": self._warmth()}

    def scene(self) -> dict[str, Any]:
        """Return what stays the same during an episode, as JSON types, for drawing."""
        return {
            **super().scene(),
            "odours": self.odours.parts(),
            "valence": dict(self.valence),
            "arena_radius_mm": self.arena_radius_mm,
            "warm_width_mm": self.border.width_mm,
        }

    def _extra_senses(self) -> tuple[Channel, ...]:
        return odour_channel(self.odours.names), HEAT

    def _lay_out(self, options: dict[str, Any]) -> tuple[Any, float]:
        direction, heading = self.np_random.uniform(-math.pi, math.pi, 2).tolist()
        side = 1.0 if self.np_random.random() < 0.5 else -1.0
        self._draw_odours(direction, side)
        return options.get("position_mm", (0.0, 0.0)), options.get("heading_rad", heading)

    def _draw_odours(self, direction_rad: float, side: float) -> None:
        self._goal = _polar(self.distance_mm, direction_rad)
        beside = direction_rad + side * _AVERSIVE_ANGLE_RAD
        away = _polar(_AVERSIVE_SHARE * self.distance_mm, beside)
        self.odours = Odours(
            {
                ATTRACTIVE: GaussianField(self._goal, self.sigma_mm),
                AVERSIVE: GaussianField(away, _AVERSIVE_WIDTH * self.sigma_mm),
            }
        )

    def _begin(self, info: dict[str, Any]) -> None:
        self._smelt = self._smell()
        self._start_distance = self._distance = math.dist(self._place, self._goal)
        if self._distance < 1e-6:
            raise EmbodyError("the fly starts at the source, so there is no way to go; move it")
        self._closest = self._distance
        self._approach = self._met = 0.0
        info |= {"distance_mm": self._distance, "taxis_index": 0.0, "aversive": 0.0}
        info["closest_mm"] = self._closest
        info["left_arena"] = float(self._outside())

    def _evaluate(self, info: dict[str, Any]) -> float:
        self._smelt = self._smell()
        distance = math.dist(self._place, self._goal)
        aversive = 0.5 * float(self._smelt[4] + self._smelt[5])
        reward = self._distance - distance - self.aversion * aversive * self.control_period_s
        self._distance = distance
        self._closest = min(self._closest, distance)
        self._approach += 1.0 - distance / self._start_distance
        self._met += aversive
        info |= {"distance_mm": distance, "taxis_index": self._approach / self._steps}
        info["closest_mm"] = self._closest
        info |= {"aversive": self._met / self._steps, "left_arena": float(self._outside())}
        return reward

    def _outside(self) -> bool:
        return self.border.outside(*self._place)

    def _warmth(self) -> np.ndarray:
        return self.border.heat(self.body.odour_position()[:2])

    def _sense(self, observation: np.ndarray) -> None:
        observation[self.observation_layout.slice("odour")] = self._smelt
        observation[self.observation_layout.slice(HEAT.name)] = self._warmth()

    def _smell(self) -> np.ndarray:
        return self.odours.at(self.body.odour_position())


def _polar(radius: float, angle_rad: float) -> tuple[float, float]:
    return radius * math.cos(angle_rad), radius * math.sin(angle_rad)
