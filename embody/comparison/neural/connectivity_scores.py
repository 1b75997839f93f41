"""How well wiring, or a model, foretells which neurons are active together."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from embody.comparison.neural import bootstrap
from embody.comparison.neural.connectivity import (
    ActivityMoments,
    correlations,
    stationary_covariance,
)
from embody.comparison.neural.line import NeuralLine, make_line
from embody.comparison.neural.record import NeuralRecord, common_neurons
from embody.comparison.neural.wiring import Wiring
from embody.errors import EmbodyError

RADIUS = 0.9
"""Largest eigenvalue to which wired dynamics are scaled; 1 would be the edge of stability."""

SHUFFLES = 199
REWIRINGS = 99
DRAWS = 200
HALVINGS = 50
FEWEST_NEURONS = 5

Predictor = Callable[[Wiring], np.ndarray]


class ConnectivityTable(NamedTuple):
    """Lines of tier N1, one for each predictor.

    Attributes
    ----------
    lines
        Distances are 1 - correlation over pairs of neurons.
    about
        Kind, numbers of neurons, animals and pairs: JSON types.
    """

    lines: tuple[NeuralLine, ...]
    about: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON types."""
        return {"lines": [line.to_dict() for line in self.lines], "about": self.about}


def synapse_counts(wiring: Wiring) -> np.ndarray:
    """Return log(1 + synapses) [to, from], shape (n, n)."""
    return np.log1p(wiring.counts)


def signed_counts(wiring: Wiring) -> np.ndarray:
    """Return log(1 + synapses) times the sign [to, from], shape (n, n)."""
    return np.log1p(wiring.counts) * wiring.signs


def wired_dynamics(wiring: Wiring) -> np.ndarray:
    """Return correlations of linear dynamics along the wiring under independent noise, (n, n).

    Each neuron's inputs are divided by their sum, unknown signs taken as excitatory, and all
    scaled to the largest eigenvalue `RADIUS`: correlations of neurons that share indirect paths
    (Galán 2008, On how network architecture determines the dominant patterns of spontaneous
    neural activity, PLoS ONE 3:e2148).
    """
    signed = wiring.counts * np.where(wiring.signs == 0, 1.0, wiring.signs)
    total = wiring.counts.sum(axis=1, keepdims=True)
    share = signed / np.where(total > 0, total, 1.0)
    largest = np.abs(np.linalg.eigvals(share)).max()
    scaled = share * (RADIUS / largest) if largest > 1e-9 else share
    return correlations(stationary_covariance(scaled))


PREDICTORS: Mapping[str, Predictor] = {
    "synapse counts": synapse_counts,
    "signed counts": signed_counts,
    "wired dynamics": wired_dynamics,
}


def trivial_predictors(wiring: Wiring) -> dict[str, np.ndarray]:
    """Return what needs no partners: how well connected two neurons are, and if of one class."""
    degree = np.log1p(wiring.counts.sum(axis=0) + wiring.counts.sum(axis=1))
    classes = np.array(wiring.classes)
    return {
        "number of synapses": np.add.outer(degree, degree),
        "same class": (classes[:, None] == classes).astype(float),
    }


def connectivity(
    records: Sequence[NeuralRecord],
    wiring: Wiring,
    *,
    kind: str = "correlation",
    lag_s: float = 0.0,
    models: Mapping[str, Sequence[NeuralRecord]] | None = None,
    rewirings: int = REWIRINGS,
    shuffles: int = SHUFFLES,
    seed: int = 0,
) -> ConnectivityTable:
    """Compare functional connectivity with the wiring and with that of models.

    Like is set against like (Feather et al. 2025, NeuroAI Turing Test): a predictor's distance is
    that from halves of the data, the floor that of the halves from each other, so that a predictor
    passes where it tells as much of half of the data as the other half does. Halves are of animals
    if there are six or more, else of blocks of time within animals. Nulls: the predictor with its
    neurons' names shuffled (Mantel 1967), and predictors from rewirings of equal degrees. Each
    line's `parts` give the correlation with all data, the noise ceiling (see `noise_ceiling`) and
    their ratio.

    Parameters
    ----------
    records
        Of animals (or of the model that is to be explained).
    wiring
        Structure; neurons that it shares with all records are used.
    kind, lag_s
        See `connectivity.KINDS`; the lag [s] goes with "lagged correlation".
    models
        Records of models by name, observed like the animals (see `calcium`).
    rewirings, shuffles
        Draws of each null.
    seed
        Of all chance.

    Raises
    ------
    EmbodyError
        If fewer than five neurons are shared.
    """
    models = models or {}
    model_names = [record.neurons for of_one in models.values() for record in of_one]
    neurons = common_neurons(records, wiring.neurons, *model_names)
    if len(neurons) < FEWEST_NEURONS:
        raise EmbodyError(
            f"only {len(neurons)} neurons are shared by records and wiring; "
            f"{FEWEST_NEURONS} or more are needed"
        )
    wired = wiring.select(neurons)
    measured = _Measured(ActivityMoments.of(records, neurons, kind, lag_s), seed)
    baselines = {}
    for name, predicted in trivial_predictors(wired).items():
        if measured.pairs(predicted).std() > 0:
            baselines[name] = measured.distance(predicted)
    shuffled = _permutations(len(neurons), shuffles, seed)
    rewired = list(wired.rewirings(rewirings, seed))
    lines = []
    for name, predictor in PREDICTORS.items():
        predicted = predictor(wired)
        if measured.pairs(predicted).std() == 0:
            continue
        null = np.array([measured.distance(predictor(other)) for other in rewired])
        lines.append(measured.line(name, predicted, baselines, shuffled, {"rewired": null}))
    for name, of_model in models.items():
        predicted = ActivityMoments.of(of_model, neurons, kind, lag_s).connectivity()
        lines.append(measured.line(name, predicted, baselines, shuffled, {}))
    about = {
        "kind": kind,
        "lag_s": lag_s,
        "neurons": len(neurons),
        "pairs": len(measured.pairs(wired.counts)),
        "animals": len({record.individual for record in records}),
        "split_half_correlation": float(np.median(measured.halves)),
    }
    return ConnectivityTable(tuple(lines), about)


def noise_ceiling(half_correlation: np.ndarray) -> np.ndarray:
    """Return the correlation of a perfect predictor with data whose halves correlate so.

    With r between halves, the whole has the reliability 2 r / (1 + r) (Spearman 1910, Brown 1910),
    and what is noiseless correlates with it by the square root. Negative r give 0.
    """
    r = np.clip(half_correlation, 0.0, 1.0)
    return np.sqrt(2 * r / (1 + r))


class _Measured:
    """Functional connectivity with its halves and its bootstrap draws."""

    def __init__(self, moments: ActivityMoments, seed: int) -> None:
        self.moments = moments
        self.directed = moments.kind == "lagged correlation"
        size = moments.later.shape[1]
        self._where = (
            np.nonzero(~np.eye(size, dtype=bool)) if self.directed else np.tril_indices(size, -1)
        )
        self.seen = self.pairs(moments.connectivity())
        cluster = moments.clusters()
        number = int(cluster.max()) + 1
        drawn = bootstrap.weights(number, DRAWS, seed)
        self.draws = [self.pairs(moments.connectivity(w[cluster])) for w in drawn]
        rng = np.random.default_rng(seed)
        agreement, total = [], np.zeros(len(self.seen))
        for _ in range(HALVINGS):
            one, other = self._halves(cluster, rng.permutation(number))
            agreement.append(_correlation(one, other))
            total += _scored(one) + _scored(other)
        self.halves = np.array(agreement)
        self._mean_half = total / (2 * HALVINGS * len(total))

    def pairs(self, matrix: np.ndarray) -> np.ndarray:
        """Return the entries that count; both directions are averaged where there is no lag."""
        return (matrix if self.directed else (matrix + matrix.T) / 2)[self._where]

    def distance(self, predicted: np.ndarray) -> float:
        """Return the mean distance of a predictor from halves of the data."""
        return 1.0 - float(_scored(self.pairs(predicted)) @ self._mean_half)

    def line(
        self,
        name: str,
        predicted: np.ndarray,
        baselines: Mapping[str, float],
        shuffled: Sequence[np.ndarray],
        nulls: Mapping[str, np.ndarray],
    ) -> NeuralLine:
        """Return the line of one predictor."""
        flat, distance = self.pairs(predicted), self.distance(predicted)
        draws = np.array([1.0 - _correlation(flat, seen) for seen in self.draws])
        # each draw carries the noise of the data twice, which moves all of them away
        draws += distance - draws.mean()
        renamed = np.array([self.distance(predicted[np.ix_(p, p)]) for p in shuffled])
        whole, ceiling = _correlation(flat, self.seen), float(np.median(noise_ceiling(self.halves)))
        floor = 1.0 - self.halves
        animals = len(np.unique(self.moments.individual))
        clusters = len(np.unique(self.moments.clusters()))
        over = "animals" if animals == clusters else "blocks of time within animals"
        parts = {
            "correlation": whole,
            "noise ceiling": ceiling,
            "correlation of halves": float(np.median(self.halves)),
        }
        if ceiling > 0:
            parts["share of the ceiling"] = whole / ceiling
        return make_line(
            name,
            f"functional connectivity, {self.moments.kind}",
            "1 - correlation over pairs of neurons",
            distance,
            draws,
            floor,
            baselines,
            {"names shuffled": renamed, **nulls},
            (animals, clusters),
            float(np.quantile(floor, 0.95)),
            parts=parts,
            note=f"floor and interval over {over}",
        )

    def _halves(self, cluster: np.ndarray, order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        first = np.isin(cluster, order[: len(order) // 2]).astype(float)
        one, other = (self.pairs(self.moments.connectivity(w)) for w in (first, 1.0 - first))
        return one, other


def _permutations(size: int, number: int, seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.permutation(size) for _ in range(number)]


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    if a.std() == 0 or b.std() == 0:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def _scored(values: np.ndarray) -> np.ndarray:
    spread = values.std()
    return (values - values.mean()) / spread if spread > 0 else np.zeros_like(values)
