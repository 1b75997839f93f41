"""The agent in the loop: what turns observations into muscle activations."""

import abc
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from embody.errors import EmbodyError
from embody.layout import Channel


class AbstractController(abc.ABC):
    """Encoder + brain + decoder, or any baseline that stands in for them.

    Subclasses write the pure pair `init` and `step`; `reset` and `act` keep the state for those
    who want the usual agent interface.

    Attributes
    ----------
    name
        Name under which `embody.make_controller` finds it.
    period_s
        Time between two calls of `step` [s]; equals the control period of the env.
    signals
        What `read` returns, one `Channel` (labels, unit) for each key.
    """

    name: str
    period_s: float
    signals: tuple[Channel, ...] = ()

    @abc.abstractmethod
    def init(self, seed: int) -> Any:
        """Return the state at the start of an episode."""

    @abc.abstractmethod
    def step(self, state: Any, observation: np.ndarray) -> tuple[Any, np.ndarray]:
        """Return the next state and the action, shape (actuators,), without touching `state`."""

    def init_many(self, seeds: Sequence[int]) -> Any:
        """Return the state of a batch, one animal for each seed, at the start of their episodes.

        `step` then takes observations (animals, observations) and returns actions (animals,
        actuators): each animal has the bits that it has alone.

        Raises
        ------
        EmbodyError
            If this controller steps one animal at a time.
        """
        raise EmbodyError(
            f"controller {self.name!r} steps one animal at a time; "
            "embody.population.OneByOne(controller) makes a batch of such"
        )

    @classmethod
    def together(cls, controllers: Sequence[Any]) -> "AbstractController":
        """Return a controller for a batch, one animal for each of these, all of this class."""
        from embody.population import OneByOne

        return OneByOne(controllers)

    def read(self, state: Any) -> Mapping[str, np.ndarray]:
        """Return the signals to record at this state, each of shape (channel.size,)."""
        return {}

    def describe(self) -> dict[str, Any]:
        """Return what a recording needs to say how this controller was made (JSON types)."""
        return {"name": self.name}

    def reset(self, seed: int = 0) -> None:
        """Start an episode."""
        self._state = self.init(seed)

    def act(self, observation: np.ndarray) -> np.ndarray:
        """Advance by one control period and return the action."""
        self._state, action = self.step(self._state, observation)
        return action
