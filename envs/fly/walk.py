"""Walking on an open plane: forward is good."""

from typing import Any

from embody.envs.fly.base import FlyEnv


class FlyWalk(FlyEnv):
    """A fly on an endless plane; the reward is the way it makes forward.

    The reward of a step is the displacement of the thorax along its own heading at the beginning
    of the step [mm]. Summed over an episode and divided by its duration it is the mean forward
    speed [mm/s]; walking backward counts negative. On a ball it is the way of the ball's surface
    under the fly.

    The fly starts near (0, 0) and heads nearly along x, unless the reset options "position_mm" and
    "heading_rad" say otherwise. Parameters and attributes are those of `FlyEnv`.
    """

    def _evaluate(self, info: dict[str, Any]) -> float:
        return self._progress_mm
