"""Crawling on an open plane: forward is good."""

from typing import Any

import numpy as np

from embody.envs.worm.base import WormEnv


class WormCrawl(WormEnv):
    """A worm on a plane without walls; the reward is the way it makes forward.

    The reward of a step is the displacement of the middle of the body along the body axis, from
    tail to nose at the beginning of the step [mm]. Summed over an episode and divided by its
    duration it is the mean forward speed [mm/s]; backing up counts negative.

    The worm starts at (0, 0) and heads along x, unless the reset options "position_mm" and
    "heading_rad" say otherwise. Parameters and attributes are those of `WormEnv`.
    """

    def _begin(self, info: dict[str, Any]) -> None:
        self._before = (*self._centre, *self._axis())

    def _evaluate(self, info: dict[str, Any]) -> float:
        (x, y), (x_before, y_before, axis_x, axis_y) = self._centre, self._before
        self._before = (x, y, *self._axis())
        return (x - x_before) * axis_x + (y - y_before) * axis_y

    def _axis(self) -> tuple[float, float]:
        """Return the unit vector from tail to nose."""
        x, y = (self._nodes[0] - self._nodes[-1]).tolist()
        length = float(np.hypot(x, y)) or 1.0
        return x / length, y / length
