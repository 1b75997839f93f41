"""A model's own nervous system as forecaster of its kind."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from embody.comparison.neural.forecaster import AbstractForecaster
from embody.comparison.neural.segments import Segment
from embody.controller import AbstractController
from embody.errors import EmbodyError, require_known

VOLTAGE = "voltage"


class ModelBrain(AbstractForecaster):
    """Runs a controller's nervous system on from the context, without its body.

    During the context the recorded neurons are held at their recorded voltages, so that
    transmitter release and the neurons that were not recorded follow; then all run free. The
    senses stay at `observation`: what the body would have fed back is not known. Nothing is
    fitted. Stimuli named like neurons (or "+"-joined neurons) are injected as currents [pA].

    Parameters
    ----------
    controller
        A controller of many animals (`init_many`) whose state holds a field "voltage" [mV],
        e.g. "connectome" of the worm.
    neurons
        Names of the columns of the record; all must be the controller's.
    frame_rate_hz
        Of the record; its frames must last whole control periods.
    observation
        What the senses say all the time, shape (observations,); e.g. of a resting animal.
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
        observation: np.ndarray,
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
        self.controller, self.name, self.observation = controller, name, observation
        place = {neuron: k for k, neuron in enumerate(own)}
        self._columns = np.array([place[neuron] for neuron in neurons])
        self._inject = np.zeros((len(stimuli), len(own)))
        for row, stimulus in enumerate(stimuli):
            cells = stimulus.split("+")
            if set(cells) <= set(own):
                self._inject[row, [place[cell] for cell in cells]] = 1.0

    def fit(self, train: Sequence[Segment], validation: Sequence[Segment]) -> Self:
        """Learn nothing: the wiring and the parameters are the model's."""
        return self

    def predict(self, context: np.ndarray, stimuli: np.ndarray, horizon: int) -> np.ndarray:
        """Return the voltages after each context [mV], (windows, horizon, neurons)."""
        state = self.controller.init_many([0] * len(context))
        seen = np.tile(self.observation, (len(context), 1))
        frames, foretold = context.shape[1], []
        for frame in range(frames + horizon - 1):
            if frame < frames:
                voltage = self._voltage(state).copy()
                voltage[:, self._columns] = context[:, frame]
                state = with_field(state, VOLTAGE, voltage)
            current = stimuli[:, frame + 1] @ self._inject
            for _ in range(self._steps):
                state, _ = self.controller.step(state, seen, current=current)  # pyright: ignore
            if frame >= frames - 1:
                foretold.append(self._voltage(state)[:, self._columns].copy())
        return np.stack(foretold, axis=1)

    def _voltage(self, state: Any) -> np.ndarray:
        return np.asarray(self.controller.read(state)[VOLTAGE])


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
