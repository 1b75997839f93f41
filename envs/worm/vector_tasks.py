"""The worm's tasks for many worms at once."""

from typing import Any, ClassVar

import numpy as np

from embody.envs.worm.base import WormEnv
from embody.envs.worm.chemotaxis import WormChemotaxis
from embody.envs.worm.crawl import WormCrawl
from embody.envs.worm.vector import WormVectorEnv
from embody.fields import AbstractField, field_of_each


class WormCrawlVector(WormVectorEnv):
    """Worms that crawl, each on a plane of its own; see `WormCrawl` and `WormVectorEnv`."""

    task: ClassVar[type[WormEnv]] = WormCrawl

    def __init__(self, num_envs: int = 1, **options: Any) -> None:
        super().__init__(num_envs, **options)
        self._before = np.zeros((num_envs, 4))

    def _adopt(self, worm: int) -> None:
        self._before[worm] = self._one._before  # pyright: ignore[reportAttributeAccessIssue]

    def _evaluate(self, info: dict[str, Any]) -> np.ndarray:
        moved = self._centre - self._before[:, :2]
        axis = self._before[:, 2:]
        reward = moved[:, 0] * axis[:, 0] + moved[:, 1] * axis[:, 1]
        along = self._nodes[:, 0] - self._nodes[:, -1]
        length = np.hypot(along[:, 0], along[:, 1])
        axis = along / np.where(length > 0.0, length, 1.0)[:, None]
        self._before = np.concatenate([self._centre, axis], axis=1)
        return reward


class WormChemotaxisVector(WormVectorEnv):
    """Worms that each have a dish and an odour; see `WormChemotaxis` and `WormVectorEnv`.

    Attributes
    ----------
    fields
        The odour of each worm's present episode.
    """

    task: ClassVar[type[WormEnv]] = WormChemotaxis

    def __init__(self, num_envs: int = 1, **options: Any) -> None:
        super().__init__(num_envs, **options)
        self.fields: list[AbstractField] = [self._one.field] * num_envs  # pyright: ignore
        self._field = field_of_each(self.fields)
        self._start_distance = np.zeros(num_envs)
        self._distance = np.zeros(num_envs)
        self._approach = np.zeros(num_envs)

    def snapshot(self) -> dict[str, np.ndarray]:
        """Return what a recording keeps of this moment, with the worm first; "odour" is added."""
        return {**super().snapshot(), "odour": self._odour()[:, None]}

    def _adopt(self, worm: int) -> None:
        one: Any = self._one
        self.fields[worm] = one.field
        self._start_distance[worm] = self._distance[worm] = one._distance
        self._approach[worm] = 0.0

    def _ready(self) -> None:
        self._field = field_of_each(self.fields)

    def _evaluate(self, info: dict[str, Any]) -> np.ndarray:
        distance = self._field.distances_to_peak(self._centre)
        reward = self._distance - distance
        self._distance = distance
        self._approach += 1.0 - distance / self._start_distance
        info["distance_mm"] = distance.copy()
        info["chemotaxis_index"] = self._approach / self._steps
        return reward

    def _sense(self, observation: np.ndarray) -> None:
        observation[:, -1] = self._odour()

    def _odour(self) -> np.ndarray:
        time_s = self._steps * self.control_period_s
        return np.minimum(self._field.concentration(self._nodes[:, 0], time_s), 1.0)
