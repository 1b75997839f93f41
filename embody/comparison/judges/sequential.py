"""When to stop asking: Wald's sequential probability ratio test of guessing against detecting.

Wald 1945, Annals of Mathematical Statistics 16:117.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from embody.errors import EmbodyError

Decision = Literal["detected", "chance", "undecided"]

_LONGEST = 20_000


@dataclass(frozen=True)
class SequentialTest:
    """Guessing, with 0.5 right, against detecting, with `detected` right.

    Attributes
    ----------
    detected
        Proportion correct that would be a detection.
    alpha, beta
        Largest chances to call guessing a detection, and a detection guessing.
    """

    detected: float = 0.65
    alpha: float = 0.05
    beta: float = 0.05

    def __post_init__(self) -> None:
        if not 0.5 < self.detected < 1 or not (0 < self.alpha < 0.5 and 0 < self.beta < 0.5):
            raise EmbodyError(
                "a sequential test needs a proportion between 0.5 and 1, and error rates between "
                f"0 and 0.5, not {self.detected}, {self.alpha}, {self.beta}"
            )

    @property
    def bounds(self) -> tuple[float, float]:
        """Logarithms of the likelihood ratio at which it stops: for chance, for detection."""
        return (
            math.log(self.beta / (1.0 - self.alpha)),
            math.log((1.0 - self.beta) / self.alpha),
        )

    @property
    def steps(self) -> tuple[float, float]:
        """What a wrong and a right answer add to the logarithm of the likelihood ratio."""
        return math.log(2.0 * (1.0 - self.detected)), math.log(2.0 * self.detected)

    def path(self, right: Sequence[bool]) -> np.ndarray:
        """Return the logarithm of the likelihood ratio after each answer, shape (answers,)."""
        wrong_step, right_step = self.steps
        return np.where(np.asarray(right, bool), right_step, wrong_step).cumsum()

    def decide(self, right: Sequence[bool]) -> tuple[Decision, int]:
        """Return the decision and after how many answers it fell, or how many there are."""
        path = self.path(right)
        low, high = self.bounds
        crossed = np.flatnonzero((path <= low) | (path >= high))
        if not len(crossed):
            return "undecided", len(path)
        first = int(crossed[0])
        return ("detected" if path[first] >= high else "chance"), first + 1

    def course(self, proportion_correct: float) -> "Course":
        """Return how long the test takes and how it ends for a judge of that ability, exactly."""
        wrong_step, right_step = self.steps
        low, high = self.bounds
        going, detected, chance = np.ones(1), [], []
        while going.sum() > 1e-9 and len(detected) < _LONGEST:
            ahead = np.zeros(len(going) + 1)
            ahead[1:] += going * proportion_correct
            ahead[:-1] += going * (1.0 - proportion_correct)
            right = np.arange(len(ahead))
            ratio = right * right_step + right[::-1] * wrong_step
            detected.append(float(ahead[ratio >= high].sum()))
            chance.append(float(ahead[ratio <= low].sum()))
            going = np.where((ratio > low) & (ratio < high), ahead, 0.0)
        ended = np.add(detected, chance)
        lengths = np.arange(1, len(ended) + 1)
        return Course(
            mean_trials=float((ended * lengths).sum()),
            trials_95=int(lengths[np.searchsorted(ended.cumsum(), 0.95)]),
            detected=float(np.sum(detected)),
            chance=float(np.sum(chance)),
        )


@dataclass(frozen=True)
class Course:
    """How a sequential test goes for a judge of given ability.

    Attributes
    ----------
    mean_trials
        Mean number of answers until the decision.
    trials_95
        Number by which 95 % of tests have ended.
    detected, chance
        Share of tests that end in each decision.
    """

    mean_trials: float
    trials_95: int
    detected: float
    chance: float
