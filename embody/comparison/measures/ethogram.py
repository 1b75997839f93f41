"""T3: the pieces that behaviour is made of, and their order."""

import numpy as np

from embody.comparison.measures.measure import AbstractMeasure, Distance
from embody.comparison.sample import Sample

SYLLABLES = 10
SMOOTHING = 0.5


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

    def distance(self, real: Sample, other: Sample, seed: int) -> Distance:
        """Return the sum of the divergences of usage, transitions and dwell times [bits]."""
        from sklearn.cluster import KMeans

        described = self._described(real)
        flat = described.reshape(-1, described.shape[-1])
        mean, spread = flat.mean(axis=0), flat.std(axis=0) + 1e-9
        clusters = KMeans(self.syllables, n_init=2, random_state=seed).fit((flat - mean) / spread)
        sequences = []
        for sample in (real, other):
            rows = (self._described(sample) - mean) / spread
            labels = clusters.predict(rows.reshape(-1, rows.shape[-1]))
            sequences.append(labels.reshape(rows.shape[:2]))
        usage = [np.bincount(s.ravel(), minlength=self.syllables) + SMOOTHING for s in sequences]
        chains = [_transitions(s, self.syllables) for s in sequences]
        weight = usage[0] / usage[0].sum()
        parts = {
            "usage": divergence(*usage),
            "what follows": float(
                sum(w * divergence(a, b) for w, a, b in zip(weight, *chains, strict=True))
            ),
            "how long": divergence(*(_dwells(s) for s in sequences)),
        }
        return Distance(sum(parts.values()), parts)

    def _described(self, sample: Sample) -> np.ndarray:
        """Return posture and velocity of short windows, (n, windows, 2 c)."""
        frames = max(2, round(self.window_s * sample.frame_rate_hz))
        count, length, channels = sample.clips.shape
        each = length // frames
        cut = sample.clips[:, : each * frames].reshape(count, each, frames, channels)
        slope = np.linspace(-1.0, 1.0, frames)
        trend = np.einsum("netc,t->nec", cut, slope / (slope**2).sum())
        return np.concatenate([cut.mean(axis=2), trend], axis=2)


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
