"""Who foretells neural activity best? Trivial baselines first (Lueckmann et al. 2025)."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from embody.comparison.neural import bootstrap
from embody.comparison.neural.forecaster import (
    AbstractForecaster,
    ContextMean,
    LastValue,
    Mean,
    StimulusOnly,
)
from embody.comparison.neural.line import NeuralLine, make_line
from embody.comparison.neural.linear import LinearDynamics, LowRankDynamics
from embody.comparison.neural.segments import Split, Windows, windows
from embody.comparison.neural.wiring import Wiring
from embody.errors import EmbodyError

REWIRINGS = 19
"""So many nulls let the real wiring be better than all of them with p = 0.05."""

MOST_REGRESSORS = 8000
"""Linear dynamics keep a matrix of so many rows and columns: half a gigabyte."""

WIRED = "linear, wired"
ANOTHER_CONTEXT = "context of another time"
REWIRED = "rewired"


class ForecastRow(NamedTuple):
    """The errors of one forecaster in one test.

    Attributes
    ----------
    forecaster, test
        Which, and on which segments: "test", "held-out condition", "held-out individual".
    is_trivial
        Whether it is a baseline.
    parameters
        How many numbers were fitted.
    error
        Mean absolute error over windows, neurons and horizon, in the unit of the activity.
    interval
        5th and 95th percentile of it under the bootstrap.
    by_frame
        Mean absolute error of each frame of the horizon, (horizon,).
    """

    forecaster: str
    test: str
    is_trivial: bool
    parameters: int
    error: float
    interval: tuple[float, float]
    by_frame: tuple[float, ...]


class ForecastTable(NamedTuple):
    """All forecasters on all tests.

    Attributes
    ----------
    rows
        Trivial baselines first.
    lines
        A line of tier N1 for each forecaster that is not trivial, in each test.
    about
        Context, horizon, neurons, sizes: JSON types.
    """

    rows: tuple[ForecastRow, ...]
    lines: tuple[NeuralLine, ...]
    about: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON types."""
        return {
            "rows": [row._asdict() for row in self.rows],
            "lines": [line.to_dict() for line in self.lines],
            "about": self.about,
        }


def trivial_baselines(lags: int = 1, horizon: int = 8) -> tuple[AbstractForecaster, ...]:
    """Return the baselines that every table begins with."""
    return (
        Mean(),
        ContextMean(),
        LastValue(),
        StimulusOnly(),
        LinearDynamics(lags, name="linear, ridge", is_trivial=True, horizon=horizon),
        LowRankDynamics(lags=lags, horizon=horizon),
    )


def forecast(
    parts: Split,
    context: int,
    horizon: int,
    *,
    wiring: Wiring | None = None,
    forecasters: Sequence[AbstractForecaster] = (),
    rewirings: int = REWIRINGS,
    lags: int = 1,
    seed: int = 0,
    unit: str = "dF/F",
) -> ForecastTable:
    """Fit all forecasters and compare their errors on the tests.

    A forecaster passes where it beats the best of the trivial baselines (which is picked on the
    test itself, in their favour) and itself when shown the context of another time. One along the
    wiring must also beat rewirings: the same dynamics under masks of equal numbers of parameters,
    fitted alike, penalties chosen alike.

    Parameters
    ----------
    parts
        From `split`.
    context, horizon
        Frames that are seen, and frames to foretell.
    wiring
        Adds linear dynamics along it; must hold all neurons of the split.
    forecasters
        Further ones, e.g. a `ModelBrain`.
    rewirings
        Number of rewired masks.
    lags
        Frames of the past that linear dynamics use.
    seed
        Of the bootstrap and the rewirings.
    unit
        Of the activity.

    Raises
    ------
    EmbodyError
        If context or horizon are too short, no test is long enough, or neurons are too many.
    """
    if context < lags or horizon < 1:
        raise EmbodyError(
            f"the context must be {lags} frames or more and the horizon 1 or more, not "
            f"{context} and {horizon}"
        )
    if len(parts.neurons) * lags > MOST_REGRESSORS:
        raise EmbodyError(
            f"{len(parts.neurons)} neurons with {lags} lags are too many for full linear dynamics: "
            f"split the records with at most {MOST_REGRESSORS // lags} of them"
        )
    everyone = [*trivial_baselines(lags, horizon), *forecasters]
    nulls: list[AbstractForecaster] = []
    if wiring is not None:
        wired = wiring.select(parts.neurons)
        everyone.append(LinearDynamics(lags, wired.mask, WIRED, horizon=horizon))
        nulls = [
            LinearDynamics(lags, other.mask, REWIRED, horizon=horizon)
            for other in wired.rewirings(rewirings, seed)
        ]
    names = [one.name for one in everyone]
    if len(set(names)) < len(names):
        raise EmbodyError(f"every forecaster needs a name of its own, not {', '.join(names)}")
    for one in (*everyone, *nulls):
        one.fit(parts.train, parts.validation)
    rows: list[ForecastRow] = []
    lines: list[NeuralLine] = []
    sizes = {}
    for test, segments in parts.tests.items():
        cut = windows(segments, context, horizon)
        sizes[test] = len(cut.target)
        some_rows, some_lines = _test(test, cut, everyone, nulls, seed, unit)
        rows += some_rows
        lines += some_lines
    about = {
        "context": context,
        "horizon": horizon,
        "neurons": len(parts.neurons),
        "stimuli": list(parts.stimuli),
        "train_frames": sum(map(len, parts.train)),
        "windows": sizes,
        "unit": unit,
    }
    return ForecastTable(tuple(rows), tuple(lines), about)


def _test(
    test: str,
    cut: Windows,
    everyone: Sequence[AbstractForecaster],
    nulls: Sequence[AbstractForecaster],
    seed: int,
    unit: str,
) -> tuple[list[ForecastRow], list[NeuralLine]]:
    errors = {one.name: _errors(one, cut, cut.context) for one in everyone}
    cluster, what = bootstrap.clusters(cut.individual, cut.block)
    drawn = bootstrap.weights(int(cluster.max()) + 1, bootstrap.DRAWS, seed)
    draws = {
        name: bootstrap.resampled_means(error.mean(axis=1), cluster, drawn)
        for name, error in errors.items()
    }
    rows = [_row(one, test, errors[one.name], draws[one.name]) for one in everyone]
    trivial = {one.name: float(errors[one.name].mean()) for one in everyone if one.is_trivial}
    best = min(trivial, key=lambda name: trivial[name])
    shuffled = _other_contexts(cut, seed)
    rewired = np.array([_errors(null, cut, cut.context).mean() for null in nulls])
    lines = []
    for one in everyone:
        if one.is_trivial:
            continue
        against = {
            ANOTHER_CONTEXT: np.array([_errors(one, cut, other).mean() for other in shuffled])
        }
        if one.name == WIRED and rewired.size:
            against[REWIRED] = rewired
        error = errors[one.name]
        lines.append(
            make_line(
                one.name,
                f"forecast, {test}",
                f"mean absolute error [{unit}]",
                float(error.mean()),
                draws[one.name],
                np.zeros(1),
                trivial,
                against,
                (len(np.unique(cut.individual)), drawn.shape[1]),
                trivial[best],
                draws[best],
                {f"frame {k}": float(v) for k, v in enumerate(error.mean(axis=0), 1)},
                f"the edge is {best}, the floor a perfect forecast; intervals over {what}",
            )
        )
    return rows, lines


def _errors(one: AbstractForecaster, cut: Windows, context: np.ndarray) -> np.ndarray:
    foretold = one.predict(context, cut.stimuli, cut.target.shape[1])
    if not np.isfinite(foretold).all():
        raise EmbodyError(f"forecaster {one.name!r} foretells numbers that are not finite")
    return np.abs(foretold - cut.target).mean(axis=2)


def _other_contexts(cut: Windows, seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [cut.context[rng.permutation(len(cut.context))] for _ in range(REWIRINGS)]


def _row(one: AbstractForecaster, test: str, error: np.ndarray, draws: np.ndarray) -> ForecastRow:
    low, high = np.quantile(draws, [0.05, 0.95])
    return ForecastRow(
        one.name,
        test,
        one.is_trivial,
        one.parameters,
        float(error.mean()),
        (float(low), float(high)),
        tuple(error.mean(axis=0).tolist()),
    )
