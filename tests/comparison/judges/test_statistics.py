"""Intervals, sensitivity, sequential test and sample sizes against theory and simulated judges."""

import math

import numpy as np
import pytest
from scipy.stats import binom

from embody.comparison.judges import SimulatedJudges
from embody.comparison.judges.sample_size import trials_for_equivalence, trials_to_detect
from embody.comparison.judges.sequential import SequentialTest
from embody.comparison.judges.signal_detection import (
    above_chance_p,
    d_prime,
    equivalence_test,
    proportion_interval,
    proportion_of_d_prime,
    sensitivity,
)
from embody.comparison.judges.two_way import bootstrap_interval, two_way_interval
from embody.errors import EmbodyError


@pytest.mark.parametrize("share", [0.5, 0.65, 0.9])
@pytest.mark.parametrize("trials", [20, 60, 275])
def test_exact_interval_covers_at_least_what_it_says(share: float, trials: int) -> None:
    right = np.arange(trials + 1)
    ends = np.array([proportion_interval(int(k), trials) for k in right])
    holds = (ends[:, 0] <= share) & (share <= ends[:, 1])
    coverage = binom.pmf(right, trials, share)[holds].sum()
    assert 0.95 <= coverage < 0.99


@pytest.mark.parametrize(
    ("share", "expected"), [(0.55, 0.18), (0.65, 0.54), (0.75, 0.95), (0.9, 1.81)]
)
def test_d_prime_of_a_share(share: float, expected: float) -> None:
    assert d_prime(share) == pytest.approx(expected, abs=0.006)
    assert proportion_of_d_prime(d_prime(share)) == pytest.approx(share)


@pytest.mark.parametrize("bias", [-1.0, 0.0, 1.0])
def test_sensitivity_does_not_mind_a_liking_for_a_side(bias: float) -> None:
    rng = np.random.default_rng(100)
    left = rng.random(200_000) < 0.5
    toward_left = np.where(left, 0.8, -0.8) - bias + math.sqrt(2) * rng.standard_normal(len(left))
    found = sensitivity(left.tolist(), (toward_left > 0).tolist())
    assert found is not None
    assert found.d_prime == pytest.approx(0.8, abs=0.02)
    assert found.bias == pytest.approx(bias, abs=0.02)


def test_sensitivity_needs_both_sides() -> None:
    assert sensitivity([True, True], [True, False]) is None


def test_sensitivity_of_a_perfect_judge_is_finite() -> None:
    found = sensitivity([True, False] * 10, [True, False] * 10)
    assert found is not None
    assert 2.0 < found.d_prime < 4.0


@pytest.mark.parametrize("bias", [0.0, 0.7])
def test_simulated_judges_are_as_able_as_they_say(bias: float) -> None:
    judges = SimulatedJudges(0.9, lapse=0.1, bias=bias, judge_spread=0.4, pair_spread=0.3)
    right = judges.right(1200, 400, np.random.default_rng(100))
    assert right.mean() == pytest.approx(judges.proportion_correct, abs=0.006)


def coverage_of(interval, judges: SimulatedJudges, shape: tuple[int, int], repeats: int) -> float:
    rng = np.random.default_rng(100)
    who, which = (axis.ravel() for axis in np.indices(shape))
    held = 0
    for repeat in range(repeats):
        right = judges.right(*shape, rng).ravel()
        low, high = interval(right, who, which, repeat)
        held += low <= judges.proportion_correct <= high
    return held / repeats


def by_t(right, who, which, _seed):
    return two_way_interval(right, who, which)


def by_bootstrap(right, who, which, seed):
    return bootstrap_interval(right, who, which, seed=seed, draws=400)


def exact(right, _who, _which, _seed):
    return proportion_interval(int(right.sum()), right.size)


ALIKE = SimulatedJudges(0.5)
DIFFERENT = SimulatedJudges(0.5, judge_spread=0.8, pair_spread=0.8, lapse=0.05, bias=0.3)


@pytest.mark.parametrize("judges", [ALIKE, DIFFERENT], ids=["alike", "different"])
@pytest.mark.parametrize("interval", [by_t, by_bootstrap])
def test_intervals_over_judges_and_clips_cover(interval, judges: SimulatedJudges) -> None:
    coverage = coverage_of(interval, judges, (12, 51), 600)
    slack = 3 * math.sqrt(0.95 * 0.05 / 600)
    assert coverage >= 0.95 - slack
    if interval is by_t:
        assert coverage <= 0.95 + slack


def test_exact_interval_would_not_cover_judges_who_differ() -> None:
    assert coverage_of(exact, DIFFERENT, (12, 51), 300) < 0.85


def test_one_judge_gives_an_interval_about_that_judge() -> None:
    right = np.random.default_rng(100).random(60) < 0.7
    low, high = two_way_interval(right.tolist(), ["a"] * 60, [str(i) for i in range(60)])
    exact_low, exact_high = proportion_interval(int(right.sum()), 60)
    assert low <= exact_low and exact_high <= high
    assert high - low < 1.1 * (exact_high - exact_low)


def test_all_right_keeps_the_exact_interval() -> None:
    assert two_way_interval([True] * 10, ["a"] * 10, list("abcdefghij")) == pytest.approx(
        proportion_interval(10, 10)
    )


@pytest.mark.parametrize(
    ("share", "trials"), [(0.55, 620), (0.60, 158), (0.65, 69), (0.70, 37), (0.75, 23)]
)
def test_trials_to_detect(share: float, trials: int) -> None:
    assert trials_to_detect(share) == trials
    critical = next(k for k in range(trials + 1) if above_chance_p(k, trials) <= 0.05)
    assert binom.sf(critical - 1, trials, share) >= 0.8


@pytest.mark.parametrize(("margin", "near"), [(0.05, 1100), (0.10, 275), (0.15, 130)])
def test_trials_for_equivalence(margin: float, near: int) -> None:
    trials = trials_for_equivalence(margin)
    assert trials == pytest.approx(near, rel=0.05)
    assert power_of_equivalence(trials, margin, 0.5) >= 0.9


def power_of_equivalence(trials: int, margin: float, share: float) -> float:
    passes = [equivalence_test(k, trials, margin).equivalent for k in range(trials + 1)]
    return float(binom.pmf(np.flatnonzero(passes), trials, share).sum())


def test_equivalence_has_the_power_and_the_level_it_claims() -> None:
    assert power_of_equivalence(275, 0.10, 0.5) >= 0.9
    assert power_of_equivalence(275, 0.10, 0.6) <= 0.05
    assert power_of_equivalence(275, 0.10, 0.4) <= 0.05


@pytest.mark.parametrize(
    ("detected", "mean", "within"), [(0.65, 60, 149), (0.75, 21, 52), (0.60, 136, 330)]
)
def test_sequential_test_is_as_short_as_designed(detected: float, mean: int, within: int) -> None:
    test = SequentialTest(detected)
    guessing, detecting = test.course(0.5), test.course(detected)
    assert (guessing.mean_trials + detecting.mean_trials) / 2 == pytest.approx(mean, rel=0.04)
    assert max(guessing.trials_95, detecting.trials_95) == pytest.approx(within, rel=0.04)
    assert guessing.detected <= test.alpha
    assert detecting.chance <= test.beta
    assert guessing.detected + guessing.chance == pytest.approx(1.0, abs=1e-6)


def test_sequential_decisions_follow_the_course() -> None:
    test, rng = SequentialTest(), np.random.default_rng(100)
    ends = [test.decide(rng.random(800) < 0.65) for _ in range(2000)]
    share = np.mean([decision == "chance" for decision, _ in ends])
    course = test.course(0.65)
    assert share == pytest.approx(course.chance, abs=4 * math.sqrt(0.05 * 0.95 / 2000))
    assert np.mean([when for _, when in ends]) == pytest.approx(course.mean_trials, rel=0.08)


def test_sequential_test_waits_without_enough_answers() -> None:
    assert SequentialTest().decide([True, False] * 3) == ("undecided", 6)
    assert SequentialTest().decide([]) == ("undecided", 0)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: proportion_interval(3, 2),
        lambda: proportion_interval(0, 0),
        lambda: SequentialTest(0.4),
        lambda: SequentialTest(alpha=0.0),
        lambda: trials_to_detect(0.5),
        lambda: trials_to_detect(0.5001),
        lambda: trials_for_equivalence(0.6),
    ],
)
def test_numbers_that_make_no_sense(wrong) -> None:
    with pytest.raises(EmbodyError):
        wrong()
