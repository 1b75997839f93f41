"""T3: the pieces that behaviour is made of, and their order."""

import numpy as np

from embody.comparison.described import Described, described
from embody.comparison.extra import required
from embody.comparison.measures.measure import AbstractMeasure, Distance, Lessons
from embody.comparison.sample import Sample

SYLLABLES = 10
SMOOTHING = 0.5
SEED = 0


class Ethogram(AbstractMeasure):
    """How often each syllable occurs, what follows it, and how long it lasts.

    Syllables are clusters of short windows of the real animals; the other sample is read with
    them. Distances are Jensen-Shannon divergences (Lin 1991), Dirichlet-smoothed [bits].

    Parameters
    ----------
    window_s
        Length of a syllable's window [s].
    syllables
        How many.
    """

    identifier = "ethogram"
    tier = "T3"
    title = "Is behaviour made of the animals' pieces, in the animals' order?"
    must_reject = ("shuffled",)

    def __init__(self, window_s: float = 0.5, syllables: int = SYLLABLES) -> None:
        self.window_s = window_s
        self.syllables = syllables

    def describe(self, sample: Sample) -> Described:
        """Return posture and velocity of short windows, (n, windows, 2 c)."""
        frames = max(2, round(self.window_s * sample.frame_rate_hz))
        count, length, channels = sample.clips.shape
        each = max(length // frames, 1)
        frames = min(frames, length)
        cut = sample.clips[:, : each * frames].reshape(count, each, frames, channels)
        slope = np.linspace(-1.0, 1.0, frames)
        trend = np.einsum("netc,t->nec", cut, slope / (slope**2).sum())
        return described(sample, np.concatenate([cut.mean(axis=2), trend], axis=2))

    def freeze(self, animals: Described) -> None:
        """Find the syllables, once and for all: every side is read with the same."""
        cluster = required("sklearn.cluster", "ethograms")
        flat = animals.rows.reshape(-1, animals.rows.shape[-1])
        self._mean, self._spread = flat.mean(axis=0), flat.std(axis=0) + 1e-9
        self._clusters = cluster.KMeans(
            min(self.syllables, len(flat)), n_init=4, random_state=SEED
        ).fit((flat - self._mean) / self._spread)

    def distance(
        self, real: Described, other: Described, seed: int, lessons: Lessons | None = None
    ) -> Distance:
        """Return the sum of the divergences of usage, transitions and dwell times [bits]."""
        count = self._clusters.n_clusters
        sequences = []
        for side in (real, other):
            rows = (side.rows - self._mean) / self._spread
            labels = self._clusters.predict(rows.reshape(-1, rows.shape[-1]))
            sequences.append(labels.reshape(rows.shape[:2]))
        usage = [np.bincount(s.ravel(), minlength=count) + SMOOTHING for s in sequences]
        chains = [_transitions(s, count) for s in sequences]
        weight = usage[0] / usage[0].sum()
        parts = {
            "usage": divergence(*usage),
            "what follows": float(
                sum(w * divergence(a, b) for w, a, b in zip(weight, *chains, strict=True))
            ),
            "how long": divergence(*(_dwells(s) for s in sequences)),
        }
        return Distance(sum(parts.values()), parts)


def divergence(one: np.ndarray, other: np.ndarray) -> float:
    """Return the Jensen-Shannon divergence of two histograms without empty bins [bits].

    Examples
    --------
    >>> float(divergence(np.array([1.0, 1.0]), np.array([2.0, 2.0])))
    0.0
    """
    p, q = one / one.sum(), other / other.sum()
    middle = (p + q) / 2.0
    return float((p * np.log2(p / middle) + q * np.log2(q / middle)).sum() / 2.0)


def _transitions(sequences: np.ndarray, states: int) -> np.ndarray:
    counts = np.full((states, states), SMOOTHING)
    np.add.at(counts, (sequences[:, :-1].ravel(), sequences[:, 1:].ravel()), 1.0)
    return counts


def _dwells(sequences: np.ndarray, longest: int = 8) -> np.ndarray:
    counts = np.full(longest, SMOOTHING)
    for sequence in sequences:
        ends = np.flatnonzero(np.diff(sequence)) + 1
        runs = np.diff(np.concatenate([[0], ends, [len(sequence)]]))
        np.add.at(counts, np.minimum(runs, longest) - 1, 1.0)
    return counts
