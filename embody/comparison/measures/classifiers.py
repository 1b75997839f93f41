"""T4: judges that are trained to tell clips of the model from clips of the animals."""

from collections.abc import Callable
from typing import Any

import numpy as np

from embody.comparison.measures.features import summary
from embody.comparison.measures.measure import AbstractMeasure, Distance
from embody.comparison.sample import Sample, require_strangers
from embody.errors import EmbodyError

FOLDS = 3
KERNELS = 200
KERNEL_LENGTH = 7


class Judge(AbstractMeasure):
    """Classifier two-sample test (Lopez-Paz & Oquab 2017), whole individuals held out.

    Parameters
    ----------
    identifier, title
        See `AbstractMeasure`.
    describe
        From clips to rows of numbers; called as `describe(sample, seed)`.
    classifier
        Makes an estimator from a seed.
    window_s
        Length of what the judge sees at a time [s].
    """

    tier = "T4"
    must_reject = ("autoregression", "phase-randomised", "time-reversed")

    def __init__(
        self,
        identifier: str,
        title: str,
        describe: Callable[[Sample, int], np.ndarray],
        classifier: Callable[[int], Any],
        window_s: float = 2.0,
        must_reject: tuple[str, ...] | None = None,
    ) -> None:
        self.identifier = identifier
        self.title = title
        self.window_s = window_s
        self._describe = describe
        self._classifier = classifier
        if must_reject is not None:
            self.must_reject = must_reject

    def distance(self, real: Sample, other: Sample, seed: int) -> Distance:
        """Return the area under the curve beyond chance, 0 to 0.5.

        Raises
        ------
        EmbodyError
            If a sample has fewer than two individuals, or they share one.
        """
        require_strangers(real, other)
        area = self.area_under_curve(real.cut(self.window_s), other.cut(self.window_s), seed)
        return Distance(max(area - 0.5, 0.0), {"area under the curve": area})

    def area_under_curve(self, real: Sample, other: Sample, seed: int) -> float:
        """Return how often a held-out clip of `other` is rated above one of `real`."""
        from sklearn.metrics import roc_auc_score

        rows = np.concatenate([self._describe(real, seed), self._describe(other, seed)])
        label = np.repeat([0, 1], [len(real), len(other)])
        whose = np.concatenate([real.owner, len(real.individuals) + other.owner])
        rating = np.empty(len(rows))
        for train, test in folds(real, other, seed):
            judge = self._classifier(seed).fit(rows[train], label[train])
            require_whole_animals(whose[train], whose[test])
            found = (
                judge.decision_function(rows[test])
                if hasattr(judge, "decision_function")
                else judge.predict_proba(rows[test])[:, 1]
            )
            rating[test] = np.argsort(np.argsort(found)) / max(len(test) - 1, 1)
        return float(roc_auc_score(label, rating))


def folds(real: Sample, other: Sample, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return training and test clips of each fold: individuals are dealt out, never clips.

    Raises
    ------
    EmbodyError
        If a side has fewer than two individuals.
    """
    random = np.random.default_rng(seed)
    fold_of_clip = []
    for sample in (real, other):
        count = len(sample.individuals)
        if count < 2:
            raise EmbodyError(
                f"a judge needs two individuals on each side, one to train on and one to be tested "
                f"with; there is {count}"
            )
        dealt = np.arange(count) % min(FOLDS, count)
        fold_of_clip.append(random.permutation(dealt)[sample.owner])
    fold = np.concatenate(fold_of_clip)
    numbers = range(min(FOLDS, len(real.individuals), len(other.individuals)))
    return [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in numbers]


def require_whole_animals(train: np.ndarray, test: np.ndarray) -> None:
    """Raise `EmbodyError` if an individual has clips among training and test clips."""
    shared = np.intersect1d(train, test)
    if shared.size:
        raise EmbodyError(
            f"clips of {shared.size} individuals are on both sides of a split: whole animals must "
            "be held out"
        )


def linear_judge() -> Judge:
    """Return logistic regression on features of 2 s."""

    def classifier(seed: int) -> Any:
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        return make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=500))

    return Judge(
        "linear judge",
        "Can a linear rule on features of 2 s tell them apart?",
        lambda sample, seed: summary(sample),
        classifier,
        must_reject=(),
    )


def forest_judge() -> Judge:
    """Return a random forest on the same features."""

    def classifier(seed: int) -> Any:
        from sklearn.ensemble import RandomForestClassifier

        return RandomForestClassifier(150, min_samples_leaf=2, random_state=seed, n_jobs=1)

    return Judge(
        "forest judge",
        "Can a forest of decision trees on features of 2 s tell them apart?",
        lambda sample, seed: summary(sample),
        classifier,
    )


def kernel_judge() -> Judge:
    """Return random convolutions of the raw clip under ridge regression (Dempster et al. 2020)."""

    def classifier(seed: int) -> Any:
        from sklearn.linear_model import RidgeClassifierCV
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        return make_pipeline(StandardScaler(), RidgeClassifierCV(np.logspace(0, 4, 5)))

    return Judge(
        "convolution judge",
        "Can random filters over the raw movement tell them apart?",
        random_convolutions,
        classifier,
        must_reject=("time-reversed",),
    )


def random_convolutions(sample: Sample, seed: int, kernels: int = KERNELS) -> np.ndarray:
    """Return maximum and share above zero of random filters over raw clips, (n, 2 kernels).

    ROCKET (Dempster, Petitjean & Webb 2020, Data Min. Knowl. Disc. 34:1454), with filters over all
    channels. The filters depend on the seed alone.
    """
    random = np.random.default_rng(seed)
    frames = sample.clips.shape[1]
    columns = []
    for _ in range(kernels):
        weight = random.standard_normal((KERNEL_LENGTH, sample.clips.shape[2]))
        weight -= weight.mean(axis=0)
        longest = max(1, (frames - 1) // (KERNEL_LENGTH - 1))
        dilation = int(longest ** random.uniform())
        bias = random.uniform(-1.0, 1.0)
        last = frames - dilation * (KERNEL_LENGTH - 1)
        response = np.full((len(sample), last), bias)
        for tap in range(KERNEL_LENGTH):
            response += sample.clips[:, tap * dilation : tap * dilation + last] @ weight[tap]
        columns += [response.max(axis=1), (response > 0.0).mean(axis=1)]
    return np.stack(columns, axis=1)
