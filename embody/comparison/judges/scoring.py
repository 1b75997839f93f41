"""Answers against the key: who could tell, and whether the model passes."""

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from embody.comparison.judges.answers import Answer, read_answers
from embody.comparison.judges.sequential import Decision, SequentialTest
from embody.comparison.judges.signal_detection import (
    Equivalence,
    Sensitivity,
    above_chance_p,
    d_prime,
    equivalence_test,
    proportion_interval,
    sensitivity,
)
from embody.comparison.judges.study import ANSWERS, Study, load_study
from embody.comparison.judges.two_way import bootstrap_interval, two_way_interval
from embody.errors import EmbodyError

Verdict = Literal["PASS", "FAIL", "INCONCLUSIVE"]

CATCH_RIGHT = 0.8
"""Judges with a smaller share of catch trials right are left out."""
MARGIN = 0.10
"""How far from 0.5 the proportion correct may lie for "cannot be told apart"."""

_BOOTSTRAP_SEED = 0


@dataclass(frozen=True)
class JudgeScore:
    """One judge.

    Attributes
    ----------
    judge
        Random number of the judge.
    right, trials
        Right answers between animal and model, and how many there were.
    interval
        Exact 95 % interval of the proportion correct; None without trials.
    sensitivity
        Sensitivity and liking for a side; None if they cannot be known.
    catch_right, catch_trials
        Right answers on catch trials, and how many there were.
    kept
        Whether enough catch trials were right.
    median_response_s
        Median time until the choice [s].
    """

    judge: str
    right: int
    trials: int
    interval: tuple[float, float] | None
    sensitivity: Sensitivity | None
    catch_right: int
    catch_trials: int
    kept: bool
    median_response_s: float


@dataclass(frozen=True)
class ConfidenceScore:
    """Answers given with one degree of confidence, by the judges that were kept."""

    confidence: int
    right: int
    trials: int


@dataclass(frozen=True)
class PairScore:
    """One pair of clips: how often it was told apart, and what it showed."""

    trial: str
    right: int
    trials: int
    real: str
    other: str


@dataclass(frozen=True)
class Score:
    """What the judges of a study could tell.

    Attributes
    ----------
    study
        The sha256 of the page's content.
    verdict
        "PASS" if the proportion correct lies within 0.5 +- margin, for single answers and for
        judges and clips at large; "FAIL" if it lies outside, or the sequential test detects and
        the 95 % interval excludes 0.5; else "INCONCLUSIVE".
    reason
        The verdict in one sentence.
    right, trials
        Of the judges that were kept, catch trials not counted.
    interval
        Exact 95 % interval as if all answers were independent.
    two_way
        95 % interval over judges and clips.
    bootstrap
        95 % interval, judges and clips redrawn together; wide rather than narrow.
    d_prime, d_prime_interval
        Of the proportion correct and of `two_way`; None where infinite.
    p_above_chance
        Exact, one-sided.
    equivalence
        Two one-sided tests of 0.5 +- margin.
    sequential, sequential_trials
        Decision of the sequential test in the order of the answers, and when it fell.
    ratios
        Logarithm of the likelihood ratio after each answer.
    judges, confidences, pairs
        Tables; pairs with the most telling first.
    design
        How the study was made.
    """

    study: str
    verdict: Verdict
    reason: str
    right: int
    trials: int
    interval: tuple[float, float] | None
    two_way: tuple[float, float] | None
    bootstrap: tuple[float, float] | None
    d_prime: float | None
    d_prime_interval: tuple[float | None, float | None]
    p_above_chance: float | None
    equivalence: Equivalence | None
    sequential: Decision
    sequential_trials: int
    ratios: tuple[float, ...]
    judges: tuple[JudgeScore, ...]
    confidences: tuple[ConfidenceScore, ...]
    pairs: tuple[PairScore, ...]
    design: dict[str, Any]

    @property
    def proportion_correct(self) -> float | None:
        """Share of right answers; None without answers."""
        return self.right / self.trials if self.trials else None

    def as_json(self) -> dict[str, Any]:
        """Return the score as JSON types."""
        content = asdict(self)
        content["ratios"] = [round(ratio, 4) for ratio in self.ratios]
        kept = sum(judge.kept for judge in self.judges)
        return {
            "test": "human-2afc",
            "tier": "T8",
            "proportion_correct": self.proportion_correct,
            "judges_kept": kept,
            "judges_left_out": len(self.judges) - kept,
            **content,
        }


def score_study(
    folder: str | os.PathLike[str],
    files: Sequence[str | os.PathLike[str]] = (),
    *,
    margin: float = MARGIN,
    test: SequentialTest | None = None,
) -> Score:
    """Return the score of a study from the answers the server gathered and files judges sent.

    Raises
    ------
    EmbodyError
        If the folder holds no study, there are no answers, or a file is not of this study.
    """
    study = load_study(folder)
    gathered = Path(folder) / ANSWERS
    paths = [*([gathered] if gathered.exists() else []), *files]
    if not paths:
        raise EmbodyError(f"{folder} has no answers yet: serve the page, or name the judges' files")
    return score_answers(study, read_answers(paths, study), margin=margin, test=test)


def score_answers(
    study: Study,
    answers: Sequence[Answer],
    *,
    margin: float = MARGIN,
    test: SequentialTest | None = None,
) -> Score:
    """Return the score of answers, in the order in which they came."""
    test = test or SequentialTest()
    by_judge: dict[str, list[Answer]] = {}
    for answer in answers:
        by_judge.setdefault(answer.judge, []).append(answer)
    judges = tuple(_judge_score(study, who, given) for who, given in by_judge.items())
    kept = {judge.judge for judge in judges if judge.kept}
    counted = [
        answer
        for answer in answers
        if answer.judge in kept and study.trials[answer.trial].kind == "model"
    ]
    right = [_is_right(study, answer) for answer in counted]
    who = [answer.judge for answer in counted]
    which = [answer.trial for answer in counted]
    total, trials = sum(right), len(right)
    decision, when = test.decide(right)
    two_way = two_way_interval(right, who, which) if trials else None
    within = equivalence_test(total, trials, margin) if trials else None
    verdict, reason = verdict_of(right, who, which, margin=margin, test=test)
    low, high = two_way or (0.0, 1.0)
    return Score(
        study=study.identity,
        verdict=verdict,
        reason=reason,
        right=total,
        trials=trials,
        interval=proportion_interval(total, trials) if trials else None,
        two_way=two_way,
        bootstrap=bootstrap_interval(right, who, which, seed=_BOOTSTRAP_SEED) if trials else None,
        d_prime=_finite_d_prime(total / trials) if trials else None,
        d_prime_interval=(_finite_d_prime(low), _finite_d_prime(high)),
        p_above_chance=above_chance_p(total, trials) if trials else None,
        equivalence=within,
        sequential=decision,
        sequential_trials=when,
        ratios=tuple(float(ratio) for ratio in test.path(right)),
        judges=judges,
        confidences=_by_confidence(counted, right),
        pairs=_by_pair(study, counted, right),
        design=dict(study.design),
    )


def verdict_of(
    right: Sequence[bool],
    judges: Sequence[str],
    pairs: Sequence[str],
    *,
    margin: float = MARGIN,
    test: SequentialTest | None = None,
) -> tuple[Verdict, str]:
    """Return the verdict and its reason in one sentence.

    Parameters
    ----------
    right
        Whether each answer was right, in the order in which they came.
    judges, pairs
        Who gave it, and to which pair.
    margin
        How far from 0.5 the proportion correct may lie.
    test
        Of guessing against detecting.
    """
    if not len(right):
        return "INCONCLUSIVE", "No judge was kept: there is nothing to judge by."
    total, trials = int(sum(right)), len(right)
    share = f"{total} of {trials} answers were right ({100 * total / trials:.0f} %)"
    low, high = 0.5 - margin, 0.5 + margin
    narrow = two_way_interval(right, judges, pairs, 0.90)
    if equivalence_test(total, trials, margin).equivalent and low < narrow[0] and narrow[1] < high:
        return "PASS", f"{share}: within {low:.2f} to {high:.2f}, judges could not tell them apart."
    detected = (test or SequentialTest()).decide(right)[0] == "detected"
    if narrow[0] > high or (detected and two_way_interval(right, judges, pairs)[0] > 0.5):
        return "FAIL", f"{share}: judges can tell the model from the animal."
    if narrow[1] < low:
        return "FAIL", f"{share}: judges take the model for real more often than the animal."
    return "INCONCLUSIVE", f"{share}: too few answers, or too close to the margin, to say."


def _is_right(study: Study, answer: Answer) -> bool:
    return answer.chosen == study.trials[answer.trial].real


def _judge_score(study: Study, judge: str, answers: Sequence[Answer]) -> JudgeScore:
    of_kind = {
        kind: [answer for answer in answers if study.trials[answer.trial].kind == kind]
        for kind in ("model", "catch")
    }
    counted, caught = of_kind["model"], of_kind["catch"]
    right = sum(_is_right(study, answer) for answer in counted)
    catch_right = sum(_is_right(study, answer) for answer in caught)
    without_catch = all(trial.kind == "model" for trial in study.trials.values())
    times = sorted(answer.response_ms for answer in answers)
    return JudgeScore(
        judge=judge,
        right=right,
        trials=len(counted),
        interval=proportion_interval(right, len(counted)) if counted else None,
        sensitivity=sensitivity(
            [answer.left == study.trials[answer.trial].real for answer in counted],
            [answer.choice == "left" for answer in counted],
        )
        if counted
        else None,
        catch_right=catch_right,
        catch_trials=len(caught),
        kept=without_catch or (bool(caught) and catch_right >= CATCH_RIGHT * len(caught)),
        median_response_s=times[len(times) // 2] / 1000.0,
    )


def _finite_d_prime(share: float) -> float | None:
    return d_prime(share) if 0.0 < share < 1.0 else None


def _by_confidence(answers: Sequence[Answer], right: Sequence[bool]) -> tuple[ConfidenceScore, ...]:
    scores = []
    for confidence in range(1, 5):
        given = [
            good
            for answer, good in zip(answers, right, strict=True)
            if answer.confidence == confidence
        ]
        scores.append(ConfidenceScore(confidence, sum(given), len(given)))
    return tuple(scores)


def _by_pair(
    study: Study, answers: Sequence[Answer], right: Sequence[bool]
) -> tuple[PairScore, ...]:
    given: dict[str, list[bool]] = {}
    for answer, good in zip(answers, right, strict=True):
        given.setdefault(answer.trial, []).append(good)
    scores = []
    for name, outcomes in given.items():
        trial = study.trials[name]
        other = next(clip for clip in trial.clips if clip != trial.real)
        scores.append(
            PairScore(
                name,
                sum(outcomes),
                len(outcomes),
                _described(study, trial.real),
                _described(study, other),
            )
        )
    return tuple(sorted(scores, key=lambda pair: (-pair.right / pair.trials, -pair.trials)))


def _described(study: Study, clip: str) -> str:
    origin = study.clips[clip]
    return f"{origin['individual']}, session {origin['session']}, from {origin['start_s']:g} s"
