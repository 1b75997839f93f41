"""Verdicts on judges of known ability, from their answers on disk to the page of results."""

import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom, norm

from embody.comparison.judges import SimulatedJudges, score_answers, score_study, write_results
from embody.comparison.judges.answers import write_lines
from embody.comparison.judges.results_page import results_html
from embody.comparison.judges.scoring import verdict_of
from embody.comparison.judges.study import ANSWERS, Study, Trial, load_study
from embody.errors import EmbodyError


def study_of(trials: int, catch: int = 0) -> Study:
    """A study without a page: only what scoring needs."""
    clips, names = {}, {}
    for number in range(trials):
        pair = f"{2 * number:024x}", f"{2 * number + 1:024x}"
        kind = "catch" if number < catch else "model"
        names[f"{number:024d}"] = Trial(pair, pair[number % 2], kind)
        for clip in pair:
            clips[clip] = {"individual": "<b>worm</b>", "session": "1", "start_s": 0.0}
    return Study("f" * 64, names, clips, {"species": "C. elegans"})


@pytest.mark.parametrize("sensitivity", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("habit", [{}, {"lapse": 0.1, "bias": 0.5}], ids=["plain", "habits"])
def test_known_ability_is_recovered(sensitivity: float, habit: dict) -> None:
    study = study_of(60, 9)
    judges = SimulatedJudges(sensitivity, **habit)
    expected = math.sqrt(2) * norm.ppf(judges.proportion_correct)
    held = 0
    for seed in range(100, 120):
        score = score_answers(study, judges.answer(study, 6, seed))
        low, high = score.d_prime_interval
        held += low is not None and high is not None and low <= expected <= high
    assert held >= 16  # of 20; where 95 % hold, fewer come once in 400 times


def chance_of(verdict: str, trials: int, share: float) -> float:
    """Exact chance that one judge with that share of right answers leads to a verdict."""
    chance = 0.0
    for right in range(trials + 1):
        answers = np.random.default_rng(right).permutation(trials) < right
        found, _ = verdict_of(answers.tolist(), ["a"] * trials, [str(i) for i in range(trials)])
        chance += (found == verdict) * float(binom.pmf(right, trials, share))
    return chance


def test_guessing_passes_with_275_answers_and_a_model_at_the_margin_does_not() -> None:
    assert chance_of("PASS", 275, 0.5) >= 0.9
    assert chance_of("PASS", 275, 0.6) <= 0.05
    assert chance_of("PASS", 275, 0.4) <= 0.05


def test_guessing_hardly_ever_fails_and_ability_nearly_always_does() -> None:
    assert chance_of("FAIL", 60, 0.5) <= 0.05
    assert chance_of("FAIL", 60, 0.8) >= 0.9


def test_able_judges_fail_the_model() -> None:
    study = study_of(60, 9)
    score = score_answers(study, SimulatedJudges(1.5).answer(study, 8, 100))
    assert score.verdict == "FAIL"
    assert score.sequential == "detected"
    assert score.sequential_trials < 60


def test_judges_who_take_the_model_for_real_fail_it_too() -> None:
    study = study_of(60, 9)
    score = score_answers(study, SimulatedJudges(-1.5).answer(study, 8, 100))
    assert score.verdict == "FAIL"
    assert "more often than the animal" in score.reason


def test_few_answers_say_nothing() -> None:
    study = study_of(12, 2)
    score = score_answers(study, SimulatedJudges(0.0).answer(study, 1, 100))
    assert score.verdict == "INCONCLUSIVE"


def test_one_able_judge_among_many_does_not_speak_for_all() -> None:
    study = study_of(60, 9)
    answers = SimulatedJudges(0.0).answer(study, 4, 100)
    answers += [
        replace(answer, judge=f"{0:032x}") for answer in SimulatedJudges(4.0).answer(study, 1, 101)
    ]
    score = score_answers(study, answers)
    assert score.two_way is not None and score.interval is not None
    assert score.two_way[0] < 0.5 < score.two_way[1]
    assert np.ptp(score.two_way) > 2 * np.ptp(score.interval)
    assert score.verdict == "INCONCLUSIVE"


def test_careless_judges_are_left_out() -> None:
    study = study_of(60, 10)
    careless = SimulatedJudges(0.0, catch_d_prime=0.0)
    attentive = SimulatedJudges(1.0)
    answers = [*attentive.answer(study, 3, 100), *careless.answer(study, 3, 101)]
    score = score_answers(study, answers)
    assert [judge.kept for judge in score.judges] == [True] * 3 + [False] * 3
    assert score.trials == 150
    only = score_answers(study, attentive.answer(study, 3, 100))
    assert (score.right, score.two_way) == (only.right, only.two_way)


@pytest.mark.parametrize(("wrong", "kept"), [(2, True), (3, False)])
def test_four_catch_trials_of_five_are_enough(wrong: int, kept: bool) -> None:
    study = study_of(30, 10)
    answers = SimulatedJudges(0.0, catch_d_prime=50.0).answer(study, 1, 100)
    other = {"left": "right", "right": "left"}
    caught = [answer for answer in answers if study.trials[answer.trial].kind == "catch"]
    missed = {answer.trial for answer in caught[:wrong]}
    given = [
        replace(answer, choice=other[answer.choice]) if answer.trial in missed else answer
        for answer in answers
    ]
    (judge,) = score_answers(study, given).judges
    assert judge.kept is kept
    assert judge.catch_right == 10 - wrong


def test_no_catch_trial_answered_yet_counts_nothing() -> None:
    study = study_of(30, 10)
    answers = SimulatedJudges(0.0).answer(study, 1, 100)
    without = [answer for answer in answers if study.trials[answer.trial].kind == "model"]
    assert score_answers(study, without).trials == 0


def test_no_answers_at_all() -> None:
    score = score_answers(study_of(10), [])
    assert score.verdict == "INCONCLUSIVE"
    assert score.proportion_correct is None
    assert "INCONCLUSIVE" in results_html(score)


def test_files_of_judges_count_once(study_folder: Path, tmp_path: Path) -> None:
    study = load_study(study_folder)
    answers = SimulatedJudges(0.5).answer(study, 2, 100)
    sent = tmp_path / "sent.ndjson"
    sent.write_bytes(write_lines(answers))
    (study_folder / ANSWERS).write_bytes(write_lines(answers[:20]))
    score = score_study(study_folder, [sent])
    assert (len(score.judges), score.trials) == (2, 34)
    with pytest.raises(EmbodyError, match="no answers yet"):
        (study_folder / ANSWERS).unlink()
        score_study(study_folder)


def test_most_telling_pairs_come_first() -> None:
    study = study_of(20)
    answers = SimulatedJudges(0.0).answer(study, 12, 100)
    shares = [pair.right / pair.trials for pair in score_answers(study, answers).pairs]
    assert shares == sorted(shares, reverse=True)
    assert len(shares) == 20


def test_page_of_results(tmp_path: Path) -> None:
    study = study_of(60, 9)
    score = score_answers(study, SimulatedJudges(1.0).answer(study, 5, 100))
    page = write_results(score, tmp_path / "results.html").read_text()
    assert page.count("<svg") == 3
    assert f"{score.right} / {score.trials}" in page
    assert "<b>worm</b>" not in page
    assert "&lt;b&gt;worm" in page
    outside = re.sub(r"http://www\.w3\.org/\S+", "", page)
    assert not re.search(r"https?://|@import|<script", outside)
    assert score.as_json()["proportion_correct"] == score.right / score.trials
