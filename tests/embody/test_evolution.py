"""CMA-ES as a method: finds minima, goes on where it was, in any number of processes."""

import itertools

import numpy as np
import pytest

from embody.errors import EmbodyError
from embody.fitting import ObjectiveRecipe, run
from embody.fitting.evolution import CovarianceAdaptation
from embody.parameters import ParameterSet
from embody.testing import MethodContract

pytest.importorskip("cma")
pytest.importorskip("jax")

from toy_fit import GOAL


def method(seed=3, population=8, spread=0.2, workers=1, **options):
    recipe = ObjectiveRecipe("toy_fit:Bowl", options)
    return CovarianceAdaptation(recipe, recipe.make().free.start, seed, spread, population, workers)


class TestCovarianceAdaptation(MethodContract):
    def make_method(self, seed=0):
        return method(seed)


def fitted(folder, budget=240, **settings):
    return run(method(**settings), budget, folder, progress=False)


def test_finds_the_minimum_of_a_bowl(tmp_path):
    found = ParameterSet.load(fitted(tmp_path, 480).files[0])
    assert found.values() == pytest.approx(GOAL, abs=1e-2)


def test_best_cost_never_rises(tmp_path):
    costs = [line["best"] for line in fitted(tmp_path).lines]
    assert all(later <= earlier for earlier, later in itertools.pairwise(costs))


def test_a_search_goes_on_as_if_it_had_never_stopped(tmp_path):
    expected = fitted(tmp_path / "whole").state
    fitted(tmp_path / "stopped", budget=80)
    found = fitted(tmp_path / "stopped").state
    assert all(map(np.array_equal, found, expected))


def test_the_number_of_processes_changes_nothing(tmp_path):
    one = fitted(tmp_path / "one", budget=16).state
    two = fitted(tmp_path / "two", budget=16, workers=2).state
    assert all(map(np.array_equal, one, two))


def test_a_worker_that_dies_costs_no_result(tmp_path):
    expected = fitted(tmp_path / "alive", budget=16).state
    fallen = tmp_path / "fallen"
    found = fitted(tmp_path / "dies", budget=16, workers=2, die_once_at=str(fallen)).state
    assert fallen.exists()
    assert all(map(np.array_equal, found, expected))


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"spread": 0.0}, "spread"), ({"population": 1}, "at least 2"), ({"workers": 0}, "workers")],
)
def test_settings_out_of_range_are_refused(tmp_path, settings, message):
    with pytest.raises(EmbodyError, match=message):
        fitted(tmp_path, budget=8, **settings)
