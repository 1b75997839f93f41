"""A model's own nervous system as forecaster of its kind."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Self

import gymnasium
import numpy as np

from embody.comparison.neural.forecaster import AbstractForecaster
from embody.comparison.neural.segments import Segment
from embody.controller import AbstractController
from embody.errors import EmbodyError, UnknownNameError, require_known

VOLTAGE = "voltage"


class ModelBrain(AbstractForecaster):
    """Runs a controller's nervous system on from the context, in its body or without one.

    During the context the recorded neurons are held at their recorded voltages, interpolated
    between frames, so that transmitter release, the neurons that were not recorded, the muscles
    and the body follow; then all run free. Where the animal was, and what its senses told it
    before, is not known: the body begins as the env begins it. Nothing is fitted. Stimuli named
    like neurons or classes ("+" between several) are injected as currents [pA].

    Parameters
    ----------
    controller
        A controller of many animals (`init_many`) whose state holds a field "voltage" [mV],
        e.g. "connectome" of the worm.
    neurons
        Names of the columns of the record; all must be the controller's.
    frame_rate_hz
        Of the record; its frames must last whole control periods.
    senses
        Id of the env whose body is in the loop; or, for a brain without body, what the senses say
        all the time, shape (observations,).
    stimuli
        Names of the columns of the stimuli.
    name
        Row of the table.

    Raises
    ------
    EmbodyError
        If the controller has other neurons or another clock.
    """

    def __init__(
        self,
        controller: AbstractController,
        neurons: Sequence[str],
        frame_rate_hz: float,
        senses: str | np.ndarray,
        stimuli: Sequence[str] = (),
        name: str = "model brain",
    ) -> None:
        own: tuple[str, ...] | None = getattr(controller, "neurons", None)
        if own is None:
            raise EmbodyError(f"controller {controller.name!r} has no neurons")
        require_known(f"neuron of {controller.name!r}:", neurons, own)
        steps = 1.0 / (frame_rate_hz * controller.period_s)
        self._steps = round(steps)
        if self._steps < 1 or abs(steps - self._steps) > 0.01 * steps:
            raise EmbodyError(
                f"frames of {1 / frame_rate_hz:g} s are not whole control periods of "
                f"{controller.period_s:g} s"
            )
        self.controller, self.name, self.senses = controller, name, senses
        place = {neuron: k for k, neuron in enumerate(own)}
        self._columns = np.array([place[neuron] for neuron in neurons])
        self._inject = np.zeros((len(stimuli), len(own)))
        for row, stimulus in enumerate(stimuli):
            cells = _cells(controller, stimulus)
            if cells and set(cells) <= set(own):
                self._inject[row, [place[cell] for cell in cells]] = 1.0

    def fit(self, train: Sequence[Segment], validation: Sequence[Segment]) -> Self:
        """Learn nothing: the wiring and the parameters are the model's."""
        return self

    def predict(self, context: np.ndarray, stimuli: np.ndarray, horizon: int) -> np.ndarray:
        """Return the voltages after each context [mV], (windows, horizon, neurons)."""
        frames, animals, foretold = context.shape[1], len(context), []
        state = self.controller.init_many([0] * animals)
        with self._body(animals) as (seen, act):
            for frame in range(frames + horizon - 1):
                current = stimuli[:, frame + 1] @ self._inject
                for step in range(self._steps):
                    if frame < frames - 1 or (frame == frames - 1 and step == 0):
                        held = _between(context, frame, step / self._steps)
                        state = self._hold(state, held)
                    state, action = self.controller.step(state, seen, current=current)  # pyright: ignore
                    seen = act(action)
                if frame >= frames - 1:
                    foretold.append(self._voltage(state)[:, self._columns].copy())
        return np.stack(foretold, axis=1)

    def _hold(self, state: Any, held: np.ndarray) -> Any:
        voltage = self._voltage(state).copy()
        voltage[:, self._columns] = held
        return with_field(state, VOLTAGE, voltage)

    @contextmanager
    def _body(self, animals: int) -> Iterator[tuple[np.ndarray, Callable[..., np.ndarray]]]:
        """Yield what is sensed first, and what takes actions and returns what is sensed next."""
        if not isinstance(self.senses, str):
            seen = np.tile(self.senses, (animals, 1))
            yield seen, lambda action: seen
            return
        envs = gymnasium.make_vec(self.senses, num_envs=animals)
        try:
            first, _ = envs.reset(seed=[0] * animals)  # pyright: ignore[reportArgumentType]
            yield first, lambda action: envs.step(action)[0]
        finally:
            envs.close()

    def _voltage(self, state: Any) -> np.ndarray:
        return np.asarray(self.controller.read(state)[VOLTAGE])


def _cells(controller: AbstractController, stimulus: str) -> tuple[str, ...]:
    """Return the neurons that a stimulus names, classes expanded; none if it is of another kind."""
    names = stimulus.split("+")
    connectome = getattr(controller, "connectome", None)
    if connectome is None:
        return tuple(names)
    try:
        return connectome.resolve(names)
    except UnknownNameError:
        return ()


def _between(context: np.ndarray, frame: int, share: float) -> np.ndarray:
    following = context[:, min(frame + 1, context.shape[1] - 1)]
    return (1 - share) * context[:, frame] + share * following


def with_field(state: Any, name: str, value: np.ndarray) -> Any:
    """Return a state of nested named tuples with the only field of that name replaced.

    Raises
    ------
    EmbodyError
        If there is no such field, or more than one.
    """
    changed, number = _replaced(state, name, value)
    if number != 1:
        raise EmbodyError(f"the state of this controller holds {number} fields {name!r}, not one")
    return changed


def _replaced(state: Any, name: str, value: np.ndarray) -> tuple[Any, int]:
    if not hasattr(state, "_fields"):
        return state, 0
    if name in state._fields:
        return state._replace(**{name: value}), 1
    parts = [_replaced(part, name, value) for part in state]
    return type(state)(*(part for part, _ in parts)), sum(number for _, number in parts)
