"""What is recorded of an env and a controller at one moment."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import gymnasium
import numpy as np

from embody.controller import AbstractController
from embody.errors import EmbodyError
from embody.recording import CENTRELINE, REWARD, TIME, Signal


def control_period_s(env: gymnasium.Env) -> float:
    """Return the time between two actions [s].

    Raises
    ------
    EmbodyError
        If the env says it neither as `control_period_s` nor as `dt`.
    """
    inner = env.unwrapped
    period = getattr(inner, "control_period_s", None) or getattr(inner, "dt", None)
    if period is None:
        raise EmbodyError(f"{inner!r} needs the attribute control_period_s [s]")
    return float(period)


def env_quantities(env: gymnasium.Env, observation: np.ndarray) -> dict[str, np.ndarray]:
    """Return all that an env shows: its snapshot, then the channels of the observation."""
    snapshot = getattr(env.unwrapped, "snapshot", dict)
    layout = getattr(env.unwrapped, "observation_layout", None)
    if layout is None:
        return {**snapshot(), "observation": observation}
    return {**snapshot(), **{c.name: observation[layout.slice(c.name)] for c in layout}}


class Sampler:
    """Gathers the quantities of one moment, and knows what each of them is.

    Parameters
    ----------
    env
        Its `snapshot()` is recorded; without one, the observation.
    controller
        Its `read(state)` is recorded.
    observation, state
        Those at the reset: shapes are taken from them.

    Raises
    ------
    EmbodyError
        If env and controller use the same name for two quantities.

    Attributes
    ----------
    signals
        What each recorded quantity is.
    shapes
        Shape of each recorded quantity.
    known_signals
        What each quantity is that env and controller describe, recorded or not.
    """

    def __init__(
        self, env: gymnasium.Env, controller: AbstractController, observation: Any, state: Any
    ) -> None:
        self._snapshot = getattr(env.unwrapped, "snapshot", None)
        self._read = controller.read
        from_env = {"observation": observation} if self._snapshot is None else self._snapshot()
        from_controller = controller.read(state)
        for name in from_controller:
            if name in from_env or name in ("time", "reward"):
                raise EmbodyError(
                    f"both the env and controller {controller.name!r} record {name!r}"
                )
        known = {signal.name: signal for signal in _known_signals(env, controller)}
        quantities = {"time": 0.0, **from_env, **from_controller, "reward": 0.0}
        self.known_signals = tuple(known.values())
        self.shapes = {name: np.shape(value) for name, value in quantities.items()}
        self.signals = tuple(
            known.get(name) or _unnamed(name, shape) for name, shape in self.shapes.items()
        )

    def __call__(
        self, time_s: float, observation: np.ndarray, state: Any, reward: float
    ) -> dict[str, Any]:
        """Return every quantity at this moment by name."""
        sample: dict[str, Any] = {"time": time_s}
        if self._snapshot is None:
            sample["observation"] = observation
        else:
            sample.update(self._snapshot())
        sample.update(self._read(state))
        sample["reward"] = reward
        return sample


def first_not_finite(quantities: Mapping[str, Any], signals: Iterable[Signal]) -> str | None:
    """Return which quantity has the first NaN or infinity; None if all are finite.

    Examples
    --------
    >>> voltage = Signal("voltage", ("time", "neuron"), ("AVAL", "AVAR"), "mV", "")
    >>> first_not_finite({"voltage": np.array([1.0, np.nan])}, [voltage])
    'voltage of AVAR'
    """
    labels = {signal.name: signal.labels for signal in signals}
    for name, value in quantities.items():
        array = np.atleast_1d(np.asarray(value, dtype=np.float64))
        if is_finite(array):
            continue
        where = np.argwhere(~np.isfinite(array))
        if not len(where):
            continue
        first = where[0]
        names = labels.get(name, ())
        entry = names[first[-1]] if len(names) == array.shape[-1] else list(map(int, first))
        more = f" (and {len(where) - 1} more)" if len(where) > 1 else ""
        return f"{name} of {entry}{more}" if array.size > 1 else name
    return None


def is_finite(array: np.ndarray) -> bool:
    """Whether no entry is NaN or infinite: one dot product, far below the cost of `isfinite`.

    Squares that overflow count as infinite (above 1e19 in single precision).
    """
    flat = array.ravel()
    return math.isfinite(flat.dot(flat))


def _known_signals(env: gymnasium.Env, controller: AbstractController) -> Iterable[Signal]:
    yield from (TIME, REWARD, CENTRELINE)
    inner = env.unwrapped
    for name in ("observation_layout", "action_layout"):
        for channel in getattr(inner, name, ()):
            yield Signal.of_channel(channel)
    yield from getattr(inner, "snapshot_signals", ())
    for channel in controller.signals:
        yield Signal.of_channel(channel)


def _unnamed(name: str, shape: tuple[int, ...]) -> Signal:
    axes = tuple(f"{name}_{axis}" for axis in range(len(shape)))
    return Signal(name, ("time", *axes), (), "1", "")
