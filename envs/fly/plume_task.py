"""Finding the source of an odour plume in wind."""

import math
from dataclasses import asdict
from typing import Any, ClassVar

import numpy as np

from embody.envs.fly.base import FlyEnv
from embody.envs.fly.free_fly import require_free
from embody.envs.fly.odour import STRONGEST, odour_channel
from embody.envs.fly.plume import Plume, PlumeParameters
from embody.errors import EmbodyError
from embody.layout import Channel

ODORANT = "vinegar"
STRONGEST_WIND_MM_S = 1000.0
WIND = Channel(
    "wind",
    ("forward", "left", "up"),
    "mm/s",
    -STRONGEST_WIND_MM_S,
    STRONGEST_WIND_MM_S,
    "velocity of the air relative to the fly, in the frame of the thorax: it blows that way",
)
ARRIVAL_MM = 5.0
"""Distance from the source at which the fly has arrived [mm]."""

UPWIND_ROOM_MM = 20.0
"""How far the arena reaches upwind of the source [mm]."""


class FlyPlume(FlyEnv):
    """A fly downwind of a source whose odour comes in bursts; the reward is the way to the source.

    The wind blows along x on average, and meanders; the source is at (0, 0). The reward of a step
    is the decrease of the distance between thorax and source [mm]. An episode terminates when the
    fly has arrived (5 mm) or has left the arena, which reaches 20 mm upwind of the source, to
    where the plume is forgotten downwind, and `half_width_mm` to either side. Each draws the
    plume, the place across the wind, and the heading.

    `info` holds "distance_mm"; "arrived" and "left_arena", 0 or 1; and "odour", the mean
    concentration at the antennae.

    Parameters
    ----------
    distance_mm
        How far downwind of the source the fly starts [mm].
    offset_mm
        It starts up to this far to either side of the axis [mm].
    half_width_mm
        Half the width of the arena [mm].
    wind_mm_s, release_hz, meander_mm_s, turbulence_mm_s
        See `PlumeParameters`.
    **options
        Those of `FlyEnv`; the fly is free.

    Attributes
    ----------
    plume
        The plume of the present episode; an example before the first `reset`.

    Raises
    ------
    EmbodyError
        If an option is out of range.

    References
    ----------
    Alvarez-Salvado et al. (2018), eLife 7, e37815; Demir et al. (2020), eLife 9, e57524.
    """

    steering: ClassVar[str] = "plume"

    def __init__(
        self,
        *,
        distance_mm: float = 60.0,
        offset_mm: float = 10.0,
        half_width_mm: float = 50.0,
        wind_mm_s: float = 100.0,
        release_hz: float = 20.0,
        meander_mm_s: float = 10.0,
        turbulence_mm_s: float = 8.0,
        **options: Any,
    ) -> None:
        require_free(options)
        if not 0 <= offset_mm < half_width_mm:
            raise EmbodyError(
                f"offset_mm is {offset_mm}, it has to lie in 0 to half_width_mm ({half_width_mm:g})"
            )
        self.parameters = PlumeParameters(
            wind_mm_s,
            release_hz,
            meander_mm_s=meander_mm_s,
            turbulence_mm_s=turbulence_mm_s,
        )
        if not ARRIVAL_MM < distance_mm < self.parameters.length_mm:
            raise EmbodyError(
                f"distance_mm is {distance_mm}, it has to lie between {ARRIVAL_MM:g} and "
                f"{self.parameters.length_mm:g}"
            )
        if not wind_mm_s + 5.0 * meander_mm_s < STRONGEST_WIND_MM_S:
            raise EmbodyError(
                f"such a wind gusts above {STRONGEST_WIND_MM_S:g} mm/s: lower wind_mm_s or "
                "meander_mm_s"
            )
        self.distance_mm, self.offset_mm = distance_mm, offset_mm
        self.half_width_mm = half_width_mm
        self._plume_seed = 0
        self.plume = Plume(self.parameters, np.random.default_rng(self._plume_seed))
        super().__init__(**options)

    def step(self, action: np.ndarray) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Advance by one control period, as `FlyEnv.step`; ends at the source or outside."""
        observation, reward, terminated, truncated, info = super().step(action)
        ended = bool(info["arrived"] or info["left_arena"])
        return observation, reward, terminated or ended, truncated, info

    def snapshot(self) -> dict[str, np.ndarray]:
        """Return what a recording keeps of this moment; "odour" (4,) and "wind" (3,) are added."""
        return {**super().snapshot(), "odour": self._smelt.copy(), "wind": self._wind()}

    def scene(self) -> dict[str, Any]:
        """Return what stays the same during an episode, as JSON types, for drawing.

        "plume" holds what `embody.envs.fly.ground.Ground` lays the same puffs with.
        """
        return {
            **super().scene(),
            "source_mm": [0.0, 0.0],
            "half_width_mm": self.half_width_mm,
            "plume": {**asdict(self.parameters), "seed": self._plume_seed},
        }

    def _extra_senses(self) -> tuple[Channel, ...]:
        return odour_channel((ODORANT,)), WIND

    def _lay_out(self, options: dict[str, Any]) -> tuple[Any, float]:
        offset = self.offset_mm * self.np_random.uniform(-1.0, 1.0)
        heading = self.np_random.uniform(-math.pi, math.pi)
        # A generator of its own: the plume is the same whatever else an episode draws.
        self._plume_seed = int(self.np_random.integers(2**53))
        self.plume = Plume(self.parameters, np.random.default_rng(self._plume_seed))
        self.plume.develop()
        position = options.get("position_mm", (self.distance_mm, offset))
        return position, options.get("heading_rad", heading)

    def _begin(self, info: dict[str, Any]) -> None:
        self._distance = math.hypot(*self._place)
        self._report(info)

    def _evaluate(self, info: dict[str, Any]) -> float:
        self.plume.advance(self.control_period_s)
        before, self._distance = self._distance, math.hypot(*self._place)
        self._report(info)
        return before - self._distance

    def _report(self, info: dict[str, Any]) -> None:
        concentration = self.plume.concentration(self.body.odour_position()[:, :2])
        self._smelt = np.minimum(concentration, STRONGEST)
        x, y = self._place
        outside = not -UPWIND_ROOM_MM <= x <= self.parameters.length_mm
        info["distance_mm"] = self._distance
        info["arrived"] = float(self._distance < ARRIVAL_MM)
        info["left_arena"] = float(outside or abs(y) > self.half_width_mm)
        info["odour"] = float(self._smelt[:2].mean())

    def _sense(self, observation: np.ndarray) -> None:
        observation[self.observation_layout.slice("odour")] = self._smelt
        observation[self.observation_layout.slice("wind")] = self._wind()

    def _wind(self) -> np.ndarray:
        """Return the velocity of the air relative to the thorax, in its frame, (3,) [mm/s]."""
        wind = np.append(self.plume.wind_mm_s, 0.0)
        return wind @ self.body.thorax_rotation() - self.body.velocity()
