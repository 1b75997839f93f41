"""Separable natural evolution: its equations, that it finds minima, and that it goes on."""

import numpy as np
import pytest

from embody.fitting import ObjectiveRecipe, run
from embody.fitting.evolution_strategy import (
    SeparableEvolution,
    deviation_rate,
    mirrored_draws,
    rank_utility,
)
from embody.parameters import ParameterSet
from embody.testing import MethodContract

pytest.importorskip("jax")

from toy_fit import GOAL


def method(seed=3, population=16, spread=0.2, workers=1, **options):
    recipe = ObjectiveRecipe("toy_fit:Bowl", options)
    return SeparableEvolution(recipe, recipe.make().start, seed, spread, population, workers)


class TestSeparableEvolution(MethodContract):
    def make_method(self, seed=0):
        return method(seed)


def test_finds_the_minimum_of_a_bowl(tmp_path):
    found = run(method(population=32), 1600, tmp_path, progress=False)
    assert ParameterSet.load(found.files[0]).values() == pytest.approx(GOAL, abs=1e-2)
    assert (found.state.deviation < 0.05).all()


def test_utilities_are_those_of_the_paper():
    raw = np.maximum(0.0, np.log(10 / 2 + 1) - np.log(np.arange(1, 11)))
    cost = np.arange(10.0)[::-1]
    assert rank_utility(cost)[::-1] == pytest.approx(raw / raw.sum() - 0.1)
    assert rank_utility(cost).sum() == pytest.approx(0.0, abs=1e-12)


def test_only_the_order_of_costs_counts():
    cost = np.random.default_rng(0).random(20)
    assert np.array_equal(rank_utility(cost), rank_utility(np.exp(5.0 * cost)))
    assert rank_utility(np.append(cost[:-1], np.inf))[-1] == pytest.approx(-1.0 / 20)


def test_a_level_landscape_moves_nothing():
    assert rank_utility(np.ones(8)) == pytest.approx(np.zeros(8), abs=1e-12)


def test_draws_are_mirrored_and_fixed_by_seed_and_generation():
    draws = mirrored_draws(1, 4, 6, 1000)
    assert np.array_equal(draws[:3], -draws[3:])
    assert np.array_equal(draws, mirrored_draws(1, 4, 6, 1000))
    assert not np.array_equal(draws, mirrored_draws(1, 5, 6, 1000))
    assert mirrored_draws(1, 0, 5, 2).shape == (5, 2)
    assert draws[:3].std() == pytest.approx(1.0, abs=0.05)


def test_more_parameters_adapt_their_spread_more_slowly():
    assert deviation_rate(1) == pytest.approx(0.6)
    assert deviation_rate(10_000) < deviation_rate(100) < deviation_rate(10)


def test_thousands_of_weights_and_candidates_come_down():
    size = 2000
    place, deviation = np.full(size, 0.3), np.full(size, 0.1)
    first = float((place**2).sum())
    for generation in range(60):
        draws = mirrored_draws(0, generation, 256, size)
        utility = rank_utility(((place + deviation * draws) ** 2).sum(axis=1))
        place = place + deviation * (utility @ draws)
    assert float((place**2).sum()) < 0.3 * first
