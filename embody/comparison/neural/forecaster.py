"""What foretells activity, and the forecasters that need no thought."""

import abc
from collections.abc import Sequence
from typing import Self

import numpy as np

from embody.comparison.neural.regression import Moments
from embody.comparison.neural.segments import Segment


class AbstractForecaster(abc.ABC):
    """Learns from segments and foretells what follows a context.

    Attributes
    ----------
    name
        Row of the table.
    is_trivial
        Whether it is one of the baselines that any other must beat.
    parameters
        How many numbers were fitted; known after `fit`.
    """

    name: str
    is_trivial: bool = False
    parameters: int = 0

    @abc.abstractmethod
    def fit(self, train: Sequence[Segment], validation: Sequence[Segment]) -> Self:
        """Learn from `train`, choose settings on `validation`, and return the fitted forecaster."""

    @abc.abstractmethod
    def predict(self, context: np.ndarray, stimuli: np.ndarray, horizon: int) -> np.ndarray:
        """Return what follows, shape (windows, horizon, neurons).

        Parameters
        ----------
        context
            What was seen, shape (windows, context, neurons).
        stimuli
            During context and horizon, shape (windows, context + horizon, stimuli): what the
            experimenter will do is known, what the animal will do is not.
        horizon
            Frames to foretell.
        """


class Mean(AbstractForecaster):
    """Foretells each neuron's mean in the training data, whatever was seen."""

    name, is_trivial = "mean", True

    def fit(self, train: Sequence[Segment], validation: Sequence[Segment]) -> Self:
        """Take the mean of each neuron."""
        self._mean = np.concatenate([segment.activity for segment in train]).mean(axis=0)
        self.parameters = self._mean.size
        return self

    def predict(self, context: np.ndarray, stimuli: np.ndarray, horizon: int) -> np.ndarray:
        """Return the mean, (windows, horizon, neurons)."""
        return np.broadcast_to(self._mean, (len(context), horizon, self._mean.size))


class ContextMean(AbstractForecaster):
    """Foretells each neuron's mean in the context."""

    name, is_trivial = "mean of the context", True

    def fit(self, train: Sequence[Segment], validation: Sequence[Segment]) -> Self:
        """Learn nothing."""
        return self

    def predict(self, context: np.ndarray, stimuli: np.ndarray, horizon: int) -> np.ndarray:
        """Return the mean of each context, (windows, horizon, neurons)."""
        return np.repeat(context.mean(axis=1, keepdims=True), horizon, axis=1)


class LastValue(AbstractForecaster):
    """Foretells that nothing changes any more: the best there is for a random walk."""

    name, is_trivial = "last value", True

    def fit(self, train: Sequence[Segment], validation: Sequence[Segment]) -> Self:
        """Learn nothing."""
        return self

    def predict(self, context: np.ndarray, stimuli: np.ndarray, horizon: int) -> np.ndarray:
        """Return the last frame of each context, (windows, horizon, neurons)."""
        return np.repeat(context[:, -1:], horizon, axis=1)


class StimulusOnly(AbstractForecaster):
    """Foretells from the stimuli of the last frames alone, by ridge regression.

    Without stimuli it foretells the mean.

    Parameters
    ----------
    frames
        How many frames of the stimuli count, the present one among them. Stimuli before the
        context are not seen; they count as absent.
    """

    name, is_trivial = "stimulus only", True

    def __init__(self, frames: int = 10) -> None:
        self.frames = frames

    def fit(self, train: Sequence[Segment], validation: Sequence[Segment]) -> Self:
        """Regress activity on the stimuli, the penalty chosen on `validation`."""
        rows, held = (
            Moments.of((self._recent(s.stimuli), s.activity) for s in part)
            for part in (train, validation)
        )
        self._map = rows.solve(rows.best_penalty(held))
        self.parameters = self._map.size
        return self

    def predict(self, context: np.ndarray, stimuli: np.ndarray, horizon: int) -> np.ndarray:
        """Return what the stimuli say, (windows, horizon, neurons)."""
        recent = np.stack([self._recent(one)[-horizon:] for one in stimuli])
        return recent @ self._map

    def _recent(self, stimuli: np.ndarray) -> np.ndarray:
        """Return one and the stimuli of the last frames, (frames, 1 + stimuli * self.frames)."""
        padded = np.concatenate([np.zeros((self.frames - 1, stimuli.shape[1])), stimuli])
        seen = np.lib.stride_tricks.sliding_window_view(padded, self.frames, axis=0)
        flat = seen.reshape(len(stimuli), stimuli.shape[1] * self.frames)
        return np.concatenate([np.ones((len(stimuli), 1)), flat], axis=1)
