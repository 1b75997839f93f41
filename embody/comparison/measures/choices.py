"""Choices between two sides: what the stimulus says, and what the last trial left behind.

Clips are runs of trials with the channels of `embody.comparison.trial_sample`.
"""

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from embody.comparison.described import Described, described
from embody.comparison.measures.measure import AbstractMeasure, Distance, Lessons
from embody.comparison.sample import Sample

CONTRAST, CHOICE = 0, 1
STEEPEST = 60.0
MOST_LAPSES = 0.5


class Psychometrics(AbstractMeasure):
    """The curve from contrast to choice: slope, bias, and lapses on both sides."""

    identifier = "psychometrics"
    tier = "T1"
    title = "Does the choice follow the stimulus as steeply, and err as often?"
    must_reject = ("guessing",)

    def describe(self, sample: Sample) -> Described:
        """Return the trials, (n, trials, channels)."""
        return described(sample, sample.clips, sample.channels)

    def distance(
        self, real: Described, other: Described, seed: int, lessons: Lessons | None = None
    ) -> Distance:
        """Return the root mean square difference of the chances to choose right, by contrast.

        The curves of all trials of each side, at the contrasts that the animals saw.
        """
        contrast = np.unique(_trials(real)[:, CONTRAST])
        curves, shapes = [], []
        for side in (real, other):
            trials = _trials(side)
            shape = fitted_curve(trials[:, CONTRAST], trials[:, CHOICE] > 0)
            shapes.append(shape)
            curves.append(curve(contrast, shape))
        names = ("slope", "bias", "lapses on the left", "lapses on the right")
        scale = np.array([max(abs(shapes[0][0]), 1.0), 1.0, 1.0, 1.0])
        apart = np.abs(shapes[0] - shapes[1]) / scale
        parts = {name: float(value) for name, value in zip(names, apart, strict=True)}
        return Distance(float(np.sqrt(((curves[0] - curves[1]) ** 2).mean())), parts)


class History(AbstractMeasure):
    """How much more often the last choice is repeated than the stimulus explains."""

    identifier = "history"
    tier = "T2"
    title = "Does the last trial weigh on the next as it does in the animal?"

    def describe(self, sample: Sample) -> Described:
        """Return the trials, (n, trials, channels)."""
        return described(sample, sample.clips, sample.channels)

    def distance(
        self, real: Described, other: Described, seed: int, lessons: Lessons | None = None
    ) -> Distance:
        """Return the root mean square difference of the tendencies to repeat.

        After a correct choice, and after an error; chances of repeating beyond those that the
        psychometric curve of the same side gives to independent trials.
        """
        of_real, of_other = repetition(real.rows), repetition(other.rows)
        apart = np.abs(of_real - of_other)
        names = ("repeats after success", "repeats after error")
        parts = {name: float(value) for name, value in zip(names, apart, strict=True)}
        return Distance(float(np.sqrt((apart**2).mean())), parts)


def curve(contrast: np.ndarray, shape: np.ndarray) -> np.ndarray:
    """Return the chance to choose right: lapses a, b, slope k and bias c of Wichmann & Hill 2001.

    `a + (1 - a - b) / (1 + exp(-k (x - c)))`; `shape` is (k, c, a, b).
    """
    slope, bias, left, right = shape
    return left + (1.0 - left - right) * expit(slope * (contrast - bias))


def fitted_curve(contrast: np.ndarray, chose_right: np.ndarray) -> np.ndarray:
    """Return slope, bias and the two lapse rates of highest likelihood, (4,)."""
    levels, place = np.unique(contrast, return_inverse=True)
    count = np.bincount(place)
    right = np.bincount(place, chose_right.astype(float))

    def surprise(shape: np.ndarray) -> float:
        chance = np.clip(curve(levels, shape), 1e-9, 1.0 - 1e-9)
        return -float((right * np.log(chance) + (count - right) * np.log1p(-chance)).sum())

    bounds = [(0.0, STEEPEST), (-1.0, 1.0), (0.0, MOST_LAPSES), (0.0, MOST_LAPSES)]
    starts = [np.array([k, 0.0, 0.05, 0.05]) for k in (2.0, 15.0)]
    found = [minimize(surprise, start, method="L-BFGS-B", bounds=bounds) for start in starts]
    return min(found, key=lambda fit: fit.fun).x


def repetition(trials: np.ndarray) -> np.ndarray:
    """Return how much more often choices are repeated than independent ones were, (2,).

    After a choice that the stimulus asked for, and after an error; trials are (n, trials, 2).
    """
    contrast, chose_right = trials[..., CONTRAST], trials[..., CHOICE] > 0
    shape = fitted_curve(contrast.ravel(), chose_right.ravel())
    chance = curve(contrast, shape)
    before = chose_right[:, :-1]
    repeated = (chose_right[:, 1:] == before).astype(float)
    expected = np.where(before, chance[:, 1:], 1.0 - chance[:, 1:])
    right_answer = (contrast[:, :-1] > 0) == before
    found = [
        (repeated - expected)[chosen].mean() if chosen.any() else 0.0
        for chosen in (right_answer, ~right_answer)
    ]
    return np.array(found)


def _trials(side: Described) -> np.ndarray:
    return side.rows.reshape(-1, side.rows.shape[-1])
