"""Rules that turn senses into a descending drive, and the walker that carries them out."""

import abc
from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium
import numpy as np

from embody.envs.fly.walker import Walker, WalkerState
from embody.errors import require_known
from embody.layout import Channel

_NOTHING = {"eye_left": 0.5, "eye_right": 0.5}


def turning_drive(turn: float, speed: float = 1.0, inner: float = 0.9) -> np.ndarray:
    """Return the drive (left, right) that walks and turns, shape (2,).

    Parameters
    ----------
    turn
        -1 (as sharp as it goes to the right) to 1 (to the left); clipped to that.
    speed
        Drive of the outer side.
    inner
        Share of it by which the inner side falls in the sharpest turn; above 1 the legs of that
        side then walk backwards.
    """
    turn = min(max(turn, -1.0), 1.0)
    return np.array(
        [speed * (1.0 - inner * max(turn, 0.0)), speed * (1.0 - inner * max(-turn, 0.0))]
    )


class AbstractSteering(abc.ABC):
    """A rule that turns senses into a descending drive, pure as a controller is.

    Attributes
    ----------
    name
        Name of the controller that is made of it.
    senses
        Channels of the observation that it reads.
    signals
        What `read` returns, one `Channel` for each key.
    """

    name: str
    senses: tuple[str, ...]
    signals: tuple[Channel, ...] = ()

    @abc.abstractmethod
    def init(self, seed: int) -> Any:
        """Return the state at the start of an episode: plain data."""

    @abc.abstractmethod
    def step(
        self, state: Any, senses: Mapping[str, np.ndarray], dt: float
    ) -> tuple[Any, np.ndarray]:
        """Return the next state and the drive (left, right), shape (2,).

        Parameters
        ----------
        senses
            The channels named in `senses`, as they are in the observation.
        dt
            Control period [s].
        """

    def read(self, state: Any) -> Mapping[str, np.ndarray]:
        """Return the signals to record at this state."""
        return {}

    def describe(self) -> dict[str, Any]:
        """Return what a recording needs to say how the rule was made (JSON types)."""
        return {}


class SteeredWalker(Walker):
    """A fly that walks where a rule steers it, with all its senses or without some.

    A silenced sense reports nothing, whatever there is: an even grey for the eyes, 0 for all
    others. What the fly then does is the null that the sense is measured against.

    Parameters
    ----------
    env
        The env it will act in.
    steering
        The rule.
    silence
        Names of the senses to silence.
    reflexes
        As for `Walker`.

    Raises
    ------
    UnknownNameError
        If the env lacks a sense that the rule reads, or the rule reads none of that name.
    EmbodyError
        If the env is not one of a fly.
    """

    def __init__(
        self,
        env: gymnasium.Env,
        steering: AbstractSteering,
        silence: Sequence[str] = (),
        reflexes: bool = True,
    ) -> None:
        self.name = steering.name
        feels = {name: name not in silence for name in ("rotation", "gravity")}
        super().__init__(env, reflexes, hold_heading=feels["rotation"], reach=feels["gravity"])
        layout = self.observation_layout
        require_known("sense of this controller", silence, steering.senses)
        require_known("sense of this env", steering.senses, [channel.name for channel in layout])
        self.steering = steering
        self.signals = (*type(self).signals, *steering.signals)
        self.silence = tuple(silence)
        self._heard = {name: layout.slice(name) for name in steering.senses if name not in silence}
        self._silenced = {
            name: np.full(layout.channel(name).size, _NOTHING.get(name, 0.0), np.float32)
            for name in silence
        }

    def remember(self, seed: int) -> Any:
        """Return the state of the rule at the start of an episode."""
        return self.steering.init(seed)

    def steer(self, memory: Any, observation: np.ndarray) -> tuple[Any, np.ndarray]:
        """Return the next state of the rule and the drive, shape (2,)."""
        senses = {name: observation[part] for name, part in self._heard.items()}
        return self.steering.step(memory, senses | self._silenced, self.period_s)

    def read(self, state: WalkerState) -> dict[str, np.ndarray]:
        """Return the phase of every leg, the drive, and what the rule records."""
        return {**super().read(state), **self.steering.read(state.memory)}

    def describe(self) -> dict[str, Any]:
        """Return the name, what is silenced, and what the rule says of itself."""
        return {
            "name": self.name,
            "silence": list(self.silence),
            "reflexes": self.reflexes,
            **self.steering.describe(),
        }
