"""Measures: nothing between equals, more the further apart, and never a clip on both sides."""

import numpy as np
import pytest
from oscillators import sample

from embody.comparison.batteries import BATTERIES
from embody.comparison.measures.choices import curve, fitted_curve, repetition
from embody.comparison.measures.classifiers import area_under_curve, forest_judge, linear_judge
from embody.comparison.measures.ethogram import divergence
from embody.comparison.measures.measure import Lessons
from embody.comparison.surrogates import surrogate
from embody.errors import EmbodyError

pytest.importorskip("sklearn")
MEASURES = {measure.identifier: measure for measure in BATTERIES["worm"].measures()}


def distance(measure, one, other, seed=0):
    """Of the first two individuals of each, judges having learnt from the others."""
    everyone = [measure.describe(s.standardised(one)) for s in (one, other)]
    measure.freeze(everyone[0])
    lessons = Lessons(*(d.of(range(2, len(d.individuals))) for d in everyone))
    real, fake = (d.of((0, 1)) for d in everyone)
    return measure.distance(real, fake, seed, lessons).value


@pytest.mark.parametrize("name", MEASURES)
def test_equals_are_closer_than_what_is_further_and_further_apart(name):
    measure = MEASURES[name]
    found = [
        np.mean(
            [
                distance(measure, sample(8, 100 + k), sample(8, 200 + k, shift=shift))
                for k in range(6)
            ]
        )
        for shift in (0.0, 3.0, 8.0)
    ]
    if name == "irreversibility":  # a rhythm shift does not turn time round
        backwards = [
            distance(measure, sample(8, 100 + k), surrogate("time-reversed", sample(8, 200 + k), 0))
            for k in range(6)
        ]
        assert np.mean(backwards) > 2.0 * found[0]
        return
    assert found[0] < found[1] < found[2] + 0.05, found
    assert found[2] > found[0] + 0.02


@pytest.mark.parametrize("name", ["linear judge", "forest judge", "convolution judge"])
def test_judges_are_at_chance_between_equals(name):
    found = [distance(MEASURES[name], sample(8, 300 + k), sample(8, 400 + k)) for k in range(12)]
    assert abs(np.mean(found)) < 3.0 * np.std(found) / np.sqrt(len(found)) + 0.01


@pytest.mark.parametrize("name", ["rhythm", "irreversibility", "marginals", "discrepancy"])
def test_swapping_the_labels_changes_nothing(name):
    measure = MEASURES[name]
    everyone = measure.describe(sample(6, 100))
    measure.freeze(everyone)
    one, other = everyone.of((0, 1)), everyone.of((2, 3))
    assert measure.distance(one, other, 0).value == pytest.approx(
        measure.distance(other, one, 0).value
    )


def test_swapping_labels_of_lessons_and_tests_turns_a_linear_judge_round():
    judge = linear_judge()
    one, other = (judge.describe(sample(6, seed)) for seed in (100, 101))
    lessons = Lessons(one.of((2, 3, 4, 5)), other.of((2, 3, 4, 5)))
    forth = judge.distance(one.of((0, 1)), other.of((0, 1)), 0, lessons).value
    back = judge.distance(other.of((0, 1)), one.of((0, 1)), 0, Lessons(*lessons[::-1])).value
    assert forth == pytest.approx(back, abs=1e-3)


def test_the_unit_does_not_matter():
    animals, other = sample(6, 100), sample(6, 101, shift=2.0)
    scale = np.array([1e-3, 50.0, 1.0, 7.0])
    for measure in MEASURES.values():
        scaled = [
            type(s)(s.clips * scale + 3.0, s.owner, s.individuals, s.channels, s.frame_rate_hz)
            for s in (animals, other)
        ]
        assert distance(measure, *scaled) == pytest.approx(
            distance(measure, animals, other), abs=1e-6
        )


def test_a_judge_refuses_lessons_from_those_it_is_asked_about():
    judge = forest_judge()
    one, other = (judge.describe(sample(4, seed)) for seed in (100, 101))
    with pytest.raises(EmbodyError, match="both sides of a split"):
        judge.distance(
            one.of((0, 1)), other.of((0, 1)), 0, Lessons(one.of((1, 2)), other.of((2, 3)))
        )
    with pytest.raises(EmbodyError, match="both sides of a split"):
        judge.distance(one.of((0, 1)), one.of((1, 2)), 0, Lessons(one.of((3,)), other.of((3,))))
    with pytest.raises(EmbodyError, match="learn"):
        judge.distance(one.of((0, 1)), other.of((0, 1)), 0, None)


def test_clips_of_known_animals_tell_real_from_real_and_whole_animals_do_not():
    """What goes wrong without the guard: a judge recognises individuals."""
    judge = forest_judge()
    leaky, grouped = [], []
    for k in range(6):
        one, other = (judge.describe(sample(6, seed + k, clips=8)) for seed in (500, 600))
        parts = []
        for side in (one, other):
            chosen = np.random.default_rng(k).permutation(len(side)) < len(side) // 2
            parts.append((side.rows[chosen], side.rows[~chosen]))
        learnt = np.concatenate([parts[0][0], parts[1][0]])
        label = np.repeat([0, 1], [len(parts[0][0]), len(parts[1][0])])
        forest = judge._classifier(0).fit(learnt, label)
        leaky.append(
            area_under_curve(*(forest.predict_proba(rest)[:, 1] for _, rest in parts)) - 0.5
        )
        lessons = Lessons(one.of((2, 3, 4, 5)), other.of((2, 3, 4, 5)))
        grouped.append(judge.distance(one.of((0, 1)), other.of((0, 1)), 0, lessons).value)
    assert np.mean(leaky) > 0.1
    assert abs(np.mean(grouped)) < np.mean(leaky) - 0.05


def test_area_under_the_curve_is_that_of_theory():
    random = np.random.default_rng(0)
    found = area_under_curve(random.normal(0, 1, 20000), random.normal(1, 1, 20000))
    assert found == pytest.approx(0.7602, abs=0.01)  # Phi(1 / sqrt 2)
    assert area_under_curve(np.zeros(3), np.zeros(4)) == 0.5


def test_divergence_is_zero_between_equals_and_one_bit_between_strangers():
    assert divergence(np.array([1.0, 3.0]), np.array([2.0, 6.0])) == pytest.approx(0.0)
    apart = divergence(np.array([1.0, 1e-12]), np.array([1e-12, 1.0]))
    assert apart == pytest.approx(1.0, abs=1e-6)


def test_the_psychometric_curve_is_recovered():
    random = np.random.default_rng(0)
    contrast = random.choice([-1, -0.25, -0.125, -0.0625, 0, 0.0625, 0.125, 0.25, 1], 20000)
    shape = np.array([12.0, 0.03, 0.05, 0.1])
    right = random.uniform(size=20000) < curve(contrast, shape)
    np.testing.assert_allclose(fitted_curve(contrast, right), shape, rtol=0.15, atol=0.01)


def test_repetition_is_that_which_was_put_in():
    random = np.random.default_rng(1)
    contrast = random.choice([-0.5, 0.5], (40, 200))
    choice = np.where(
        random.uniform(size=contrast.shape) < 0.7, np.sign(contrast), -np.sign(contrast)
    )
    np.testing.assert_allclose(repetition(np.stack([contrast, choice], 2)), 0.0, atol=0.03)
    sticky = choice.copy()
    for trial in range(1, 200):
        stays = random.uniform(size=40) < 0.4
        sticky[stays, trial] = sticky[stays, trial - 1]
    assert (repetition(np.stack([contrast, sticky], 2)) > 0.1).all()
