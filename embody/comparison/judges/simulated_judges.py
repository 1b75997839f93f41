"""Judges of known ability, to check what the statistics make of them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embody.comparison.judges.answers import Answer
from embody.comparison.judges.signal_detection import proportion_of_d_prime
from embody.comparison.judges.study import Study

ATTENTIVE = 5.0
"""Sensitivity of an attentive judge on catch trials."""


@dataclass(frozen=True)
class SimulatedJudges:
    """Judges who compare two noisy impressions, and sometimes press any key.

    An impression of a clip is normal with unit variance; that of a real clip is `d_prime` higher
    (Macmillan & Creelman 2005, chapter 7). With both spreads at 0 and no lapses the expected
    proportion correct is Phi(d' / sqrt(2)).

    Attributes
    ----------
    d_prime
        Mean sensitivity between animal and model.
    catch_d_prime
        Sensitivity on catch trials.
    lapse
        Share of answers given without looking.
    bias
        Liking for the right side [d' units].
    judge_spread, pair_spread
        Standard deviations of the sensitivity over judges and over pairs of clips.
    """

    d_prime: float
    catch_d_prime: float = ATTENTIVE
    lapse: float = 0.0
    bias: float = 0.0
    judge_spread: float = 0.0
    pair_spread: float = 0.0

    @property
    def proportion_correct(self) -> float:
        """What share of answers is right in the long run, sides being balanced."""
        spread = np.sqrt(1.0 + 0.5 * (self.judge_spread**2 + self.pair_spread**2))
        looked = np.mean(
            [proportion_of_d_prime((self.d_prime + side * self.bias) / spread) for side in (-1, 1)]
        )
        return float((1.0 - self.lapse) * looked + 0.5 * self.lapse)

    def right(self, judges: int, pairs: int, rng: np.random.Generator) -> np.ndarray:
        """Return which answers are right, judges by pairs, shape (judges, pairs)."""
        ability = (
            self.d_prime
            + self.judge_spread * rng.standard_normal((judges, 1))
            + self.pair_spread * rng.standard_normal((1, pairs))
        )
        return self._compare(ability, rng.random(ability.shape) < 0.5, rng)

    def answer(self, study: Study, judges: int, seed: int) -> list[Answer]:
        """Return the answers of so many judges to all trials of a study."""
        rng = np.random.default_rng(seed)
        names = list(study.trials)
        caught = np.array([trial.kind == "catch" for trial in study.trials.values()])
        of_pair = self.pair_spread * rng.standard_normal(len(names))
        answers: list[Answer] = []
        for number in range(judges):
            of_judge = self.judge_spread * rng.standard_normal()
            ability = np.where(caught, self.catch_d_prime, self.d_prime + of_judge + of_pair)
            left = rng.random(len(names)) < 0.5
            right = self._compare(ability, left, rng)
            answers += self._answers(study, f"{seed} {number}", left, right, rng)
        return answers

    def _compare(
        self, ability: np.ndarray, real_left: np.ndarray, rng: np.random.Generator
    ) -> np.ndarray:
        toward_real = ability + np.where(real_left, -self.bias, self.bias)
        noise = np.sqrt(2.0) * rng.standard_normal(ability.shape)
        guessed = rng.random(ability.shape) < 0.5
        return np.where(rng.random(ability.shape) < self.lapse, guessed, toward_real + noise > 0)

    def _answers(
        self,
        study: Study,
        who: str,
        left: np.ndarray,
        right: np.ndarray,
        rng: np.random.Generator,
    ) -> Sequence[Answer]:
        judge = hashlib.sha256(f"simulated {who}".encode()).hexdigest()[:32]
        trials = list(study.trials.items())
        answers = []
        for position, index in enumerate(rng.permutation(len(left))):
            name, trial = trials[index]
            other = next(clip for clip in trial.clips if clip != trial.real)
            shown = (trial.real, other) if left[index] else (other, trial.real)
            answers.append(
                Answer(
                    study=study.identity,
                    judge=judge,
                    trial=name,
                    position=position,
                    left=shown[0],
                    right=shown[1],
                    choice="left" if left[index] == right[index] else "right",
                    confidence=int(rng.integers(1, 5)),
                    response_ms=int(rng.gamma(4.0, 800.0)),
                    plays=1.0,
                    viewport=(1280, 800),
                    answered_at_ms=0,
                )
            )
        return answers
