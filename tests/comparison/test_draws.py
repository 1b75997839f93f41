"""Draws of individuals: who meets whom, and how well a mean over draws is known."""

import numpy as np
import pytest

from embody.comparison.draws import (
    NO_KIN,
    Draws,
    candidate_splits,
    floor_splits,
    group_size,
    standard_error,
)

SIZE = 2


def drawn(one, other, distance, count=60, seed=0):
    """Distances of groups of numbers, one row for each individual."""
    splits = candidate_splits(len(one), [NO_KIN] * len(other), SIZE, count, seed)
    value = np.array([distance(one[list(s.one)], other[list(s.other)]) for s in splits])
    members = []
    for side, number in (("one", len(one)), ("other", len(other))):
        mask = np.zeros((count, number), bool)
        for row, split in enumerate(splits):
            mask[row, list(getattr(split, side))] = True
        members.append(mask)
    return Draws(value, *members, {})


def difference(one, other):
    return other.mean() - one.mean()


def test_animals_are_split_in_halves_that_never_meet():
    for split in floor_splits(9, SIZE, 200, 1):
        one, other = {*split.one, *split.learn_one}, {*split.other, *split.learn_other}
        assert not one & other
        assert len(one) == len(other) == 4
        assert not set(split.one) & set(split.learn_one)


def test_kin_never_meet_and_are_never_learnt_from():
    kin = (0, 1, 2, 3, 4, 5, NO_KIN)
    for split in candidate_splits(6, kin, SIZE, 200, 1):
        asked = set(split.one)
        assert not asked & {kin[i] for i in split.other}
        assert not asked & {kin[i] for i in split.learn_other}
        assert not set(split.learn_one) & {kin[i] for i in split.other}
        assert not asked & set(split.learn_one)
        assert not set(split.other) & set(split.learn_other)


def test_every_individual_is_drawn_and_the_seed_alone_decides():
    splits = candidate_splits(7, [NO_KIN] * 5, SIZE, 60, 3)
    assert {i for s in splits for i in s.one} == set(range(7))
    assert {i for s in splits for i in s.other} == set(range(5))
    assert splits == candidate_splits(7, [NO_KIN] * 5, SIZE, 60, 3)
    assert splits != candidate_splits(7, [NO_KIN] * 5, SIZE, 60, 4)


@pytest.mark.parametrize(("animals", "size"), [(4, 1), (5, 1), (6, 2), (12, 2), (100, 2)])
def test_groups_leave_somebody_to_learn_from(animals, size):
    assert group_size(animals) == size
    assert all(split.learn_one for split in floor_splits(animals, size, 10, 0))


@pytest.mark.parametrize("animals", [6, 12])
def test_bounds_cover_the_true_distance_as_often_as_they_say(animals):
    random = np.random.default_rng(100)
    repeats, true = 600, 1.0
    above, below = 0, 0
    for seed in range(repeats):
        one, other = random.normal(0, 1, (animals, 1)), random.normal(true, 1, (animals, 1))
        draws = drawn(one, other, difference, seed=seed)
        mean, bound = draws.value.mean(), standard_error(draws).bound()
        above += mean + bound >= true
        below += mean - bound <= true
    error = np.sqrt(0.95 * 0.05 / repeats)
    for covered in (above, below):
        assert covered / repeats > 0.95 - 4.0 * error - 0.01
        assert covered / repeats < 0.95 + 4.0 * error + 0.01


def test_the_error_is_that_of_a_difference_of_two_means():
    random = np.random.default_rng(0)
    one, other = random.normal(0, 1, (12, 1)), random.normal(0, 2, (20, 1))
    found = standard_error(drawn(one, other, difference, count=4000))
    theory = np.sqrt(one.var(ddof=1) / 12 + other.var(ddof=1) / 20)
    assert found.value == pytest.approx(theory, rel=0.05)
    assert 19 < found.freedom < 31


def test_more_animals_are_known_better():
    random = np.random.default_rng(1)
    errors = [
        np.mean(
            [
                standard_error(
                    drawn(random.normal(0, 1, (n, 1)), random.normal(0, 1, (n, 1)), difference)
                ).value
                for _ in range(20)
            ]
        )
        for n in (6, 24)
    ]
    assert errors[1] == pytest.approx(errors[0] / 2.0, rel=0.3)
