"""Chemotaxis: a walled dish, an odour, and a worm that starts some way off."""

import math
from typing import Any, ClassVar

import numpy as np

from embody.envs.worm.base import JOINT_ANGLE, TOUCH, WormEnv
from embody.envs.worm.dish import DISH_RADIUS_MM, AssayRecipe
from embody.errors import EmbodyError
from embody.fields import AbstractField
from embody.layout import Channel

ODOUR = Channel(
    "odour", ("odour",), "1", 0.0, 1.0, "relative concentration at the nose, 1 at the peak"
)


class WormChemotaxis(WormEnv):
    """A worm in a dish of radius 17.5 mm with an odour; the reward is the way towards its peak.

    The reward of a step is the decrease of the distance between the middle of the body and the
    nearest peak [mm]. Each episode draws the places of peak and start, both at least 2 mm inside
    the wall, and the heading.

    `info` holds "distance_mm", that distance d, and "chemotaxis_index", the mean of 1 - d/d0
    over the steps made so far, where d0 is the distance at the start: 0 for a worm that stays,
    near 1 for one that gets there at once, below 0 for one that leaves.

    Reset options are "position_mm" and "heading_rad" of the worm; the index then counts from
    there.

    Parameters
    ----------
    field
        "gaussian": one drop. "linear": a ramp, flat beyond its top, which counts as the peak.
        "two-peak": two equal drops, on opposite sides of the start.
    distance_mm
        Distance from the start to the peak, or to each peak [mm].
    sigma_mm
        Standard deviation of a drop [mm]; a ramp is twice as long as `distance_mm`.
    medium, start_bend_rad, render_mode
        See `WormEnv`.

    Attributes
    ----------
    field
        The odour of the present episode; an example of one before the first `reset`.

    Raises
    ------
    UnknownNameError
        If there is no field of that name.
    EmbodyError
        If an option is out of range.

    References
    ----------
    Bargmann, Hartwieg & Horvitz (1993), Cell 74, 515; Iino & Yoshida (2009), J. Neurosci. 29,
    5370.
    """

    dish_radius_mm: ClassVar[float | None] = DISH_RADIUS_MM
    _senses: ClassVar[tuple[Channel, ...]] = (JOINT_ANGLE, TOUCH, ODOUR)

    def __init__(
        self,
        *,
        field: str = "gaussian",
        distance_mm: float = 10.0,
        sigma_mm: float = 4.0,
        medium: str | float = "agar",
        start_bend_rad: float = 0.05,
        render_mode: str | None = None,
    ) -> None:
        self.recipe = AssayRecipe(field, distance_mm, sigma_mm)
        self.field: AbstractField = self.recipe.draw(np.random.default_rng(0)).field
        super().__init__(medium=medium, start_bend_rad=start_bend_rad, render_mode=render_mode)

    def snapshot(self) -> dict[str, np.ndarray]:
        """Return what a recording keeps of this moment; "odour" (1,) is added."""
        return {**super().snapshot(), "odour": np.array([self._odour()])}

    def scene(self) -> dict[str, Any]:
        """Return what stays the same during an episode, as JSON types, for drawing."""
        return {**super().scene(), "fields": self.field.parts()}

    def _lay_out(self, options: dict[str, Any]) -> tuple[Any, float]:
        assay = self.recipe.draw(self.np_random)
        heading = 2.0 * math.pi * self.np_random.random()
        self.field = assay.field
        return options.get("position_mm", assay.start_mm), options.get("heading_rad", heading)

    def _begin(self, info: dict[str, Any]) -> None:
        self._start_distance = self._distance = self.field.distance_to_peak(*self._centre)
        if self._distance < 1e-6:
            raise EmbodyError("the worm starts at the peak, so there is no way to go; move it")
        self._approach = 0.0
        info["distance_mm"] = self._distance
        info["chemotaxis_index"] = 0.0

    def _evaluate(self, info: dict[str, Any]) -> float:
        distance = self.field.distance_to_peak(*self._centre)
        reward = self._distance - distance
        self._distance = distance
        self._approach += 1.0 - distance / self._start_distance
        info["distance_mm"] = distance
        info["chemotaxis_index"] = self._approach / self._steps
        return reward

    def _sense(self, observation: np.ndarray) -> None:
        observation[-1] = self._odour()

    def _odour(self) -> float:
        x, y = self._nose
        return min(self.field.at(x, y, self._steps * self.control_period_s), 1.0)
