"""Tell two sets of records apart by what is not behaviour.

The judge sees only what trackers and files leave behind: the residual near the end of the band,
how much is missing, and sampling. If it succeeds, a judge of behaviour may have succeeded for the
same reason, and its verdict is INCONCLUSIVE.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embody.comparison.extra import required
from embody.comparison.record import BehaviourRecord
from embody.comparison.resampling import complete_frames
from embody.errors import EmbodyError

WINDOW_S = 4.0
"""What the judge sees at a time [s]."""

BANDS = ((0.55, 0.675), (0.675, 0.8))
"""Where it looks, as shares of half the frame rate: the fastest that an observation keeps."""

CHANCE = 0.55
"""An AUC up to this is as good as chance."""

TELLS = (
    *(f"power at {low:g} to {high:g} of half the frame rate" for low, high in BANDS),
    "heavy tails of its error",
    "missing frames",
    "frame rate",
)
"""What it looks at."""

_LEAST_FRAMES = 20  # fewer leave a band without a frequency
_MOST_WINDOWS = 40
_DRAWS = 400
_ONE_SIDED_95 = 1.6448536269514722
_TINY = 1e-12


@dataclass(frozen=True)
class Nuisance:
    """How well the nuisance judge told two sets apart.

    Attributes
    ----------
    auc
        Area under its curve on animals that it had not seen; 0.5 is chance.
    low, high
        Its 95 % interval, from drawing animals anew.
    tell
        What differs most, in words.
    difference
        By how many standard deviations the candidate has more of it than the reference.
    artefact
        Whether the interval lies above `CHANCE`, and the AUC beyond what as many individuals give
        by chance in 95 of 100 cases (the rank-sum statistic of Mann & Whitney 1947, Annals of
        Mathematical Statistics 18:50): windows of one animal are not so many witnesses.
    individuals
        Numbers of individuals of the reference and of the candidate.
    """

    auc: float
    low: float
    high: float
    tell: str
    difference: float
    artefact: bool
    individuals: tuple[int, int]


def judge_nuisance(
    reference: Sequence[BehaviourRecord],
    candidate: Sequence[BehaviourRecord],
    seed: int = 0,
    window_s: float = WINDOW_S,
) -> Nuisance:
    """Return how well two sets can be told apart by sampling and high-frequency residual alone.

    Windows of one individual are never both learnt from and judged (grouped cross-validation). A
    logistic judge and a forest vote. With fewer than three individuals on a side there is no
    interval: it spans 0 to 1.

    Parameters
    ----------
    reference, candidate
        As observed: under one `ObservationModel`.
    seed
        Of the judge and of the draws.
    window_s
        What the judge sees at a time [s].

    Raises
    ------
    EmbodyError
        If a side has no complete window.
    """
    sides = [_features(records, window_s) for records in (reference, candidate)]
    for features, who in zip(sides, ("reference", "candidate"), strict=True):
        if not len(features[0]):
            raise EmbodyError(f"the {who} has no complete window of {window_s:g} s to judge")
    features = np.concatenate([side[0] for side in sides])
    labels = np.repeat([0, 1], [len(side[0]) for side in sides])
    owners = np.concatenate([sides[0][1], sides[1][1]])
    individuals = (len(set(sides[0][1])), len(set(sides[1][1])))
    tell, difference = _tell(features, labels)
    if min(individuals) < 2:
        return Nuisance(float("nan"), 0.0, 1.0, tell, difference, False, individuals)
    scores = _held_out_scores(features, labels, owners, min(5, *individuals), seed)
    low, high = _interval(scores, labels, owners, seed) if min(individuals) > 2 else (0.0, 1.0)
    auc = _auc(scores, labels)
    artefact = low > CHANCE and auc > by_chance(*individuals)
    return Nuisance(auc, low, high, tell, difference, artefact, individuals)


def _features(records: Sequence[BehaviourRecord], window_s: float) -> tuple[np.ndarray, np.ndarray]:
    rows, owners = [], []
    for record in records:
        channels = np.concatenate(
            [np.asarray(a, float).reshape(len(a), -1) for _, a in sorted(record.arrays.items())],
            axis=1,
        )
        length = max(round(window_s * record.frame_rate_hz), _LEAST_FRAMES)
        starts = np.arange(0, len(channels) - length + 1, length)
        complete = complete_frames(channels)
        starts = [start for start in starts if complete[start : start + length].all()]
        missing = 1.0 - complete.mean()
        for start in starts[:: max(1, len(starts) // _MOST_WINDOWS)]:
            window = channels[start : start + length]
            rows.append([*_window_features(window), missing, np.log(record.frame_rate_hz)])
            owners.append(record.individual_hash)
    return np.array(rows), np.array(owners)


def _window_features(window: np.ndarray) -> list[float]:
    """Powers at the end of the band, and how unevenly in time it comes, means over channels.

    Third differences keep slow movement from leaking through the taper into fast bands.
    """
    residual = np.diff(window, n=3, axis=0)
    spectrum = np.fft.rfft(residual * np.hanning(len(residual))[:, None], axis=0)
    share = np.linspace(0.0, 1.0, len(spectrum))
    powers = []
    for low, high in BANDS:
        within = np.abs(spectrum[(share >= low) & (share < high)]) ** 2
        powers.append(float(np.log(within.mean(axis=0) + _TINY).mean()))
    fast = (share >= BANDS[0][0]) & (share < BANDS[-1][1])
    error = np.fft.irfft(spectrum * fast[:, None], len(residual), axis=0)
    energy = (error**2).mean(axis=0) + _TINY
    return [*powers, float(((error**4).mean(axis=0) / energy**2).mean())]


def _tell(features: np.ndarray, labels: np.ndarray) -> tuple[str, float]:
    spread = features[labels == 0].std(axis=0) + 1e-9
    shift = (features[labels == 1].mean(axis=0) - features[labels == 0].mean(axis=0)) / spread
    most = int(np.abs(shift).argmax())
    return TELLS[most], float(shift[most])


def _held_out_scores(
    features: np.ndarray, labels: np.ndarray, owners: np.ndarray, folds: int, seed: int
) -> np.ndarray:
    ensemble = required("sklearn.ensemble", "judges")
    linear = required("sklearn.linear_model", "judges")
    pipeline = required("sklearn.pipeline", "judges")
    scaling = required("sklearn.preprocessing", "judges")
    splits = required("sklearn.model_selection", "judges").StratifiedGroupKFold(
        folds, shuffle=True, random_state=seed
    )
    judges = (
        pipeline.make_pipeline(
            scaling.StandardScaler(),
            linear.LogisticRegression(class_weight="balanced", max_iter=1000),
        ),
        ensemble.RandomForestClassifier(
            100, min_samples_leaf=3, class_weight="balanced", random_state=seed
        ),
    )
    scores = np.full(len(labels), np.nan)
    for learnt, judged in splits.split(features, labels, owners):
        if len(set(labels[learnt])) < 2:
            continue
        votes = [
            judge.fit(features[learnt], labels[learnt]).predict_proba(features[judged])[:, 1]
            for judge in judges
        ]
        scores[judged] = np.mean(votes, axis=0)
    return scores


def _auc(scores: np.ndarray, labels: np.ndarray) -> float:
    known = np.isfinite(scores)
    first, second = scores[known & (labels == 0)], scores[known & (labels == 1)]
    if not len(first) or not len(second):
        return float("nan")
    ranks = required("scipy.stats", "judges").rankdata(np.concatenate([first, second]))
    wins = ranks[len(first) :].sum() - len(second) * (len(second) + 1) / 2
    return float(wins / (len(first) * len(second)))


def by_chance(first: int, second: int) -> float:
    """Return the AUC that so many individuals stay below by chance in 95 of 100 cases."""
    spread = math.sqrt((first + second + 1) / (12 * first * second))
    return min(0.5 + _ONE_SIDED_95 * spread, 1.0)


def _interval(
    scores: np.ndarray, labels: np.ndarray, owners: np.ndarray, seed: int
) -> tuple[float, float]:
    random = np.random.default_rng(seed)
    sides = [
        [
            np.flatnonzero((owners == owner) & (labels == side))
            for owner in set(owners[labels == side].tolist())
        ]
        for side in (0, 1)
    ]
    sides = [sorted(side, key=lambda rows: rows[0]) for side in sides]
    drawn = []
    for _ in range(_DRAWS):
        rows = np.concatenate(
            [side[i] for side in sides for i in random.integers(len(side), size=len(side))]
        )
        drawn.append(_auc(scores[rows], labels[rows]))
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    return float(low), float(high)
