"""T4: judges that are trained to tell clips of the model from clips of the animals."""

from collections.abc import Callable
from typing import Any

import numpy as np

from embody.comparison.described import Described, described
from embody.comparison.extra import required
from embody.comparison.measures.features import summary
from embody.comparison.measures.measure import AbstractMeasure, Distance, Lessons
from embody.comparison.measures.random_convolutions import random_convolutions
from embody.comparison.sample import Sample, require_strangers
from embody.errors import EmbodyError

AREA = "area under the curve"
"""The part of a judge's distance that is no share of what it went by."""

TREES = 50
"""Of one draw; a distance is the mean over some 200 draws, hence over 10,000 trees."""

SMALLEST_LEAF = 2
MOST_LESSONS = 2000


class Judge(AbstractMeasure):
    """Classifier two-sample test (Lopez-Paz & Oquab 2017), whole individuals held out.

    Parameters
    ----------
    identifier, title, must_reject
        See `AbstractMeasure`.
    features
        From clips to rows of numbers and their names.
    classifier
        Makes an estimator from a seed.
    window_s
        Length of what the judge sees at a time [s].
    """

    tier = "T4"
    learns = True

    def __init__(
        self,
        identifier: str,
        title: str,
        must_reject: tuple[str, ...],
        features: Callable[[Sample], tuple[np.ndarray, tuple[str, ...]]],
        classifier: Callable[[int], Any],
        window_s: float = 2.0,
    ) -> None:
        self.identifier = identifier
        self.title = title
        self.must_reject = must_reject
        self.window_s = window_s
        self._features = features
        self._classifier = classifier

    def describe(self, sample: Sample) -> Described:
        """Return the features of each window, (windows, features)."""
        windows = sample.cut(self.window_s)
        return described(windows, *self._features(windows))

    def distance(
        self, real: Described, other: Described, seed: int, lessons: Lessons | None = None
    ) -> Distance:
        """Return the area under the curve beyond chance, -0.5 to 0.5.

        Below 0 if what tells the individuals of the lessons apart is the other way round in these.
        Parts are that area, and by how much the judge went by each feature, in shares of all.

        Raises
        ------
        EmbodyError
            If there are no lessons, or an individual is on two sides.
        """
        judge = self._trained(real, other, seed, lessons)
        area = area_under_curve(*_ratings(judge, real, other))
        weights = _weights(judge)
        parts = dict(zip(real.names, map(float, weights), strict=False))
        return Distance(area - 0.5, {AREA: area, **parts})

    def rated(
        self, real: Described, other: Described, seed: int, lessons: Lessons | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return how much each clip looks like the other side, of `real` and of `other`.

        Raises
        ------
        EmbodyError
            If there are no lessons, or an individual is on two sides.
        """
        return _ratings(self._trained(real, other, seed, lessons), real, other)

    def _trained(
        self, real: Described, other: Described, seed: int, lessons: Lessons | None
    ) -> Any:
        if lessons is None or not len(lessons.real) or not len(lessons.other):
            raise EmbodyError("a judge must learn from clips of both sides before it is asked")
        require_strangers(real.individuals, other.individuals)
        for learnt in lessons:
            require_strangers((*real.individuals, *other.individuals), learnt.individuals)
        random = np.random.default_rng(seed)
        sides = [_some(learnt.rows, random) for learnt in lessons]
        return self._classifier(seed).fit(
            np.concatenate(sides), np.repeat([0, 1], [len(side) for side in sides])
        )


def area_under_curve(real: np.ndarray, other: np.ndarray) -> float:
    """Return how often a rating of `other` lies above one of `real`; ties count half.

    Examples
    --------
    >>> area_under_curve(np.array([0.0, 1.0]), np.array([1.0, 2.0]))
    0.875
    """
    below = np.searchsorted(np.sort(real), other, "left").sum()
    not_above = np.searchsorted(np.sort(real), other, "right").sum()
    return float((below + not_above) / (2.0 * len(real) * len(other)))


def linear_judge(window_s: float = 2.0) -> Judge:
    """Return logistic regression on features of short clips."""

    def classifier(seed: int) -> Any:
        return _scaled(
            required("sklearn.linear_model", "judges").LogisticRegression(
                C=0.1, max_iter=500, class_weight="balanced"
            )
        )

    return Judge(
        "linear judge",
        f"Can a linear rule on features of {window_s:g} s tell them apart?",
        (),
        summary,
        classifier,
        window_s,
    )


def forest_judge(window_s: float = 2.0) -> Judge:
    """Return a random forest on the same features."""

    def classifier(seed: int) -> Any:
        return required("sklearn.ensemble", "judges").RandomForestClassifier(
            TREES,
            min_samples_leaf=SMALLEST_LEAF,
            class_weight="balanced",
            random_state=seed,
            n_jobs=1,
        )

    return Judge(
        "forest judge",
        f"Can a forest of decision trees on features of {window_s:g} s tell them apart?",
        ("autoregression", "phase-randomised", "time-reversed"),
        summary,
        classifier,
        window_s,
    )


def convolution_judge(window_s: float = 2.0) -> Judge:
    """Return random convolutions of the raw clip under ridge regression (Dempster et al. 2020)."""

    def classifier(seed: int) -> Any:
        return _scaled(
            required("sklearn.linear_model", "judges").RidgeClassifierCV(
                np.logspace(0, 4, 5), class_weight="balanced"
            )
        )

    return Judge(
        "convolution judge",
        "Can random filters over the raw movement tell them apart?",
        ("time-reversed",),
        random_convolutions,
        classifier,
        window_s,
    )


def _ratings(judge: Any, real: Described, other: Described) -> tuple[np.ndarray, np.ndarray]:
    rate = getattr(judge, "decision_function", None) or (
        lambda rows: judge.predict_proba(rows)[:, 1]
    )
    ratings = rate(np.concatenate([real.rows, other.rows]))
    return ratings[: len(real)], ratings[len(real) :]


def _weights(judge: Any) -> np.ndarray:
    """Return by how much a judge goes by each feature, in shares of all."""
    with np.errstate(invalid="ignore"):  # of trees that found nothing to split
        found = getattr(judge, "feature_importances_", None)
    if found is None:
        found = np.abs(judge[-1].coef_).ravel()
    found = np.nan_to_num(np.asarray(found))
    return found / max(float(np.sum(found)), 1e-12)


def _scaled(classifier: Any) -> Any:
    scaler = required("sklearn.preprocessing", "judges").StandardScaler()
    return required("sklearn.pipeline", "judges").make_pipeline(scaler, classifier)


def _some(rows: np.ndarray, random: np.random.Generator) -> np.ndarray:
    if len(rows) <= MOST_LESSONS:
        return rows
    return rows[np.sort(random.choice(len(rows), MOST_LESSONS, replace=False))]
