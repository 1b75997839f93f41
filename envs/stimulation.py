"""A nervous system inside the env: actions become currents into named neurons."""

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import gymnasium
import numpy as np

from embody.errors import EmbodyError, require_known
from embody.layout import Channel, Layout


@runtime_checkable
class StimulableController(Protocol):
    """A controller whose neurons take a current: what `NervousSystem` needs.

    Attributes
    ----------
    name
        Name of the controller.
    neurons
        Names of its neurons, in the order of the current.
    """

    name: str
    neurons: tuple[str, ...]

    def init(self, seed: int) -> Any:
        """Return the state at the start of an episode."""
        ...

    def step(
        self, state: Any, observation: np.ndarray, current: np.ndarray | None = None
    ) -> tuple[Any, np.ndarray]:
        """Return the next state and the action, under a current [pA] of shape (neurons,)."""
        ...

    def read(self, state: Any) -> Any:
        """Return the signals of a state; "voltage" [mV], shape (neurons,), is observed."""
        ...


class NervousSystem(gymnasium.Wrapper):
    """An animal whose muscles are driven from within; the action stimulates its neurons.

    The controller sees the observation of the env and drives the muscles, as in
    `embody.rollout`. What is left to the agent is the experimenter's hand: currents into a few
    named neurons, as in optogenetics.

    Parameters
    ----------
    env
        Env of the animal, e.g. `gymnasium.make("Worm-Crawl-v0")`, without wrappers that change
        observations or actions.
    controller
        The nervous system, e.g. `embody.make_controller("connectome", env)`.
    neurons
        Neurons that receive current, one entry of the action each.
    max_current_pA
        Largest current into each of them, of either sign [pA].
    observe_voltage
        Neurons whose voltage is appended to the observation.
    voltage_range_mV
        Bounds of an observed voltage [mV]; what lies outside is clipped.

    Attributes
    ----------
    action_layout
        One channel "current" [pA], one label for each stimulated neuron.
    observation_layout
        Channels of the env, and "voltage" [mV] where any is observed.

    Raises
    ------
    UnknownNameError
        If the controller has no neuron of that name.
    EmbodyError
        If the controller takes no current, a neuron is named twice or the bounds are empty.
    """

    def __init__(
        self,
        env: gymnasium.Env,
        controller: StimulableController,
        neurons: Sequence[str],
        max_current_pA: float = 20.0,
        observe_voltage: Sequence[str] = (),
        voltage_range_mV: tuple[float, float] = (-200.0, 200.0),
    ) -> None:
        super().__init__(env)
        if not isinstance(controller, StimulableController):
            name = getattr(controller, "name", type(controller).__name__)
            raise EmbodyError(
                f"controller {name!r} has no neurons to stimulate; take one with a nervous "
                "system, such as 'connectome'"
            )
        require_known("neuron", [*neurons, *observe_voltage], controller.neurons)
        if not neurons or len(set(neurons)) < len(neurons):
            raise EmbodyError(f"neurons are {tuple(neurons)}: name at least one, and each once")
        if not max_current_pA > 0:
            raise EmbodyError(f"max_current_pA is {max_current_pA}, it has to be positive")
        if not voltage_range_mV[0] < voltage_range_mV[1]:
            raise EmbodyError(f"voltage_range_mV is {voltage_range_mV}, it has to go upwards")
        self.controller = controller
        position = {name: index for index, name in enumerate(controller.neurons)}
        self._stimulated = np.array([position[name] for name in neurons])
        self._observed = np.array([position[name] for name in observe_voltage], dtype=np.intp)
        self._voltage_range = voltage_range_mV

        limit = float(max_current_pA)
        self.action_layout = Layout(
            (Channel("current", tuple(neurons), "pA", -limit, limit, "current into a neuron"),)
        )
        low, high = self.action_layout.bounds()
        self.action_space = gymnasium.spaces.Box(low, high, dtype=np.float32)
        inner: Layout = env.unwrapped.observation_layout  # pyright: ignore
        channels = inner.channels
        if observe_voltage:
            voltage = Channel(
                "voltage", tuple(observe_voltage), "mV", *voltage_range_mV, "membrane voltage"
            )
            channels = (*channels, voltage)
        self.observation_layout = Layout(channels)
        low, high = self.observation_layout.bounds()
        self.observation_space = gymnasium.spaces.Box(low, high, dtype=np.float32)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Start an episode of the animal, nervous system and all, from one seed."""
        observation, info = self.env.reset(seed=seed, options=options)
        self._sensed = observation
        self._state = self.controller.init(self.env.unwrapped.seed_used)  # pyright: ignore
        return self._with_voltage(observation), info

    def step(self, action: np.ndarray) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Advance by one control period under a current.

        Parameters
        ----------
        action
            Current into each named neuron [pA]; beyond the largest it is clipped.

        Raises
        ------
        EmbodyError
            If the action has the wrong shape or is not finite.
        """
        action = np.asarray(action, dtype=np.float64)
        if action.shape != self.action_space.shape:
            raise EmbodyError(
                f"action has shape {action.shape}, it needs one current for each of "
                f"{', '.join(self.action_layout.channels[0].labels)}"
            )
        if not np.isfinite(action).all():
            raise EmbodyError("action holds a current that is not finite")
        current = np.zeros(len(self.controller.neurons))
        current[self._stimulated] = np.clip(action, self.action_space.low, self.action_space.high)  # pyright: ignore
        self._state, muscles = self.controller.step(self._state, self._sensed, current=current)
        observation, reward, terminated, truncated, info = self.env.step(muscles)
        self._sensed = observation
        return self._with_voltage(observation), float(reward), terminated, truncated, info

    def _with_voltage(self, observation: np.ndarray) -> np.ndarray:
        if not self._observed.size:
            return observation.copy()  # the controller reads its own copy at the next step
        voltage = np.asarray(self.controller.read(self._state)["voltage"])[self._observed]
        voltage = np.clip(voltage, *self._voltage_range).astype(np.float32)
        return np.concatenate([observation, voltage])
