"""Linear dynamics fitted to activity: full, of low rank, or along the wiring only."""

from collections.abc import Iterator, Sequence
from typing import Self

import numpy as np

from embody.comparison.neural.forecaster import AbstractForecaster
from embody.comparison.neural.regression import PENALTIES, Moments
from embody.comparison.neural.segments import Segment, Windows, windows
from embody.errors import EmbodyError


class LinearDynamics(AbstractForecaster):
    r"""Vector autoregression with stimuli, fitted by ridge regression and iterated.

    .. math::

        x_{t+1} = \sum_{k=0}^{p-1} A_k x_{t-k} + B u_{t+1} + c

    where :math:`u_{t+1}` is the stimulus during the frame that is foretold. With a mask of the
    wiring and :math:`p = 1` it is the connectome-constrained dynamics of Creamer, Leifer & Pillow
    2024 (Bridging the gap between the connectome and whole-brain activity in C. elegans) without
    its hidden neurons and noise model: fully observed neurons, least squares.

    Parameters
    ----------
    lags
        :math:`p`, frames of the past that count.
    mask
        Which neuron [to, from] may act on which, shape (n, n); None allows all.
    name
        Row of the table.
    is_trivial
        Whether it is a baseline.
    horizon
        How many frames are foretold when penalties are chosen: dynamics that foretell the next
        frame best may grow without bounds after it.
    """

    def __init__(
        self,
        lags: int = 1,
        mask: np.ndarray | None = None,
        name: str = "linear",
        is_trivial: bool = False,
        horizon: int = 8,
    ) -> None:
        if lags < 1:
            raise EmbodyError(f"linear dynamics need at least one frame of the past, not {lags}")
        self.horizon = horizon
        self.lags, self.mask, self.name, self.is_trivial = lags, mask, name, is_trivial

    def fit(self, train: Sequence[Segment], validation: Sequence[Segment]) -> Self:
        """Fit on pairs of frames of `train`; penalties are chosen on `validation`.

        Raises
        ------
        EmbodyError
            If no segment is long enough, or the mask is of other neurons.
        """
        moments = Moments.of(self._pairs(train))
        longest = max((len(segment) for segment in validation), default=0) - self.lags
        if not moments.count or longest < 1:
            raise EmbodyError(f"no segment is longer than the {self.lags} frames of the past")
        full = self._full_mask(moments)
        held = windows(validation, self.lags, min(self.horizon, longest), step=1)
        candidates = list(self._candidates(moments, full))
        errors = []
        for self.weights, self.parameters in candidates:
            errors.append(self._error(held))
        self.weights, self.parameters = candidates[int(np.argmin(errors))]
        return self

    @property
    def transition(self) -> np.ndarray:
        """A_0, the effect [to, from] of each neuron on the next frame, shape (n, n)."""
        size = self.weights.shape[1]
        return self.weights[1 : 1 + size].T

    def predict(self, context: np.ndarray, stimuli: np.ndarray, horizon: int) -> np.ndarray:
        """Return the fitted dynamics, run on from each context, (windows, horizon, neurons).

        Raises
        ------
        EmbodyError
            If the context is shorter than the past that counts.
        """
        if context.shape[1] < self.lags:
            raise EmbodyError(f"{self.name} needs a context of {self.lags} frames or more")
        past = [context[:, -1 - k] for k in range(self.lags)]
        coming = stimuli[:, context.shape[1] :]
        foretold = []
        for step in range(horizon):
            x = np.concatenate([np.ones((len(context), 1)), *past, coming[:, step]], axis=1)
            foretold.append(x @ self.weights)
            past = [foretold[-1], *past[:-1]]
        return np.stack(foretold, axis=1)

    def _candidates(
        self, moments: Moments, mask: np.ndarray | None
    ) -> Iterator[tuple[np.ndarray, int]]:
        """Yield weights and how many numbers they hold, for every penalty."""
        for penalty in PENALTIES:
            weights = moments.solve(penalty, mask)
            yield weights, weights.size if mask is None else int(mask.sum())

    def _error(self, held: Windows) -> float:
        with np.errstate(over="ignore", invalid="ignore"):  # a penalty too small for any use
            foretold = self.predict(held.context, held.stimuli, held.target.shape[1])
            error = float(np.abs(foretold - held.target).mean())
        return error if np.isfinite(error) else np.inf

    def _pairs(self, segments: Sequence[Segment]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for segment in segments:
            frames = len(segment) - self.lags
            if frames < 1:
                continue
            x = [np.ones((frames, 1))]
            x += [segment.activity[self.lags - 1 - k :][:frames] for k in range(self.lags)]
            x.append(segment.stimuli[self.lags :])
            yield np.concatenate(x, axis=1), segment.activity[self.lags :]

    def _full_mask(self, moments: Moments) -> np.ndarray | None:
        if self.mask is None:
            return None
        neurons = moments.xy.shape[1]
        if self.mask.shape != (neurons, neurons):
            raise EmbodyError(f"a mask of shape {self.mask.shape} does not fit {neurons} neurons")
        full = np.ones_like(moments.xy, dtype=bool)
        full[1 : 1 + self.lags * neurons] = np.tile(self.mask.T, (self.lags, 1))
        return full


class LowRankDynamics(LinearDynamics):
    """Linear dynamics through few dimensions: reduced-rank regression (Izenman 1975).

    The ridge solution is projected onto the leading principal components of what it foretells;
    the rank is the one that foretells the validation frames best.

    Parameters
    ----------
    ranks
        Ranks that are tried.
    lags, name, is_trivial, horizon
        See `LinearDynamics`.

    References
    ----------
    Izenman 1975, Reduced-rank regression for the multivariate linear model, J. Multivar. Anal. 5.
    """

    def __init__(
        self,
        ranks: Sequence[int] = (1, 2, 4, 8, 16, 32),
        lags: int = 1,
        name: str = "linear, low rank",
        is_trivial: bool = True,
        horizon: int = 8,
    ) -> None:
        super().__init__(lags, None, name, is_trivial, horizon)
        self.ranks = tuple(ranks)

    def _candidates(
        self, moments: Moments, mask: np.ndarray | None
    ) -> Iterator[tuple[np.ndarray, int]]:
        # the constant stays outside: only the map from deviations is reduced
        mean = moments.xx[0] / moments.count
        deviations = moments.xx - moments.count * np.outer(mean, mean)
        for full, _ in super()._candidates(moments, mask):
            axes = np.linalg.eigh(full.T @ deviations @ full)[1][:, ::-1]
            regressors, neurons = full.shape
            for rank in sorted({min(rank, neurons) for rank in self.ranks}):
                reduced = full @ axes[:, :rank] @ axes[:, :rank].T
                reduced[0] += mean @ full - mean @ reduced
                yield reduced, rank * (regressors + neurons - rank) + neurons
