"""PPO over parameters: it finds a minimum, its gradient is the likelihood ratio's, it goes on."""

import numpy as np
import pytest

pytest.importorskip("jax")
pytest.importorskip("optax")

import jax
from toy_fit import GOAL

from embody.errors import EmbodyError
from embody.fitting import ObjectiveRecipe, run
from embody.fitting.ppo_parameters import (
    Gaussian,
    ParameterPolicyOptimisation,
    advantages_of_costs,
)
from embody.parameters import ParameterSet
from embody.testing import MethodContract


def method(seed=0, population=8, spread=0.1, **settings):
    recipe = ObjectiveRecipe("toy_fit:Bowl", {})
    start = recipe.make().free.start
    return ParameterPolicyOptimisation(recipe, start, seed, spread, population, **settings)


class TestTheMethod(MethodContract):
    def make_method(self, seed=0):
        return method(seed)


def test_finds_the_minimum_of_a_bowl(tmp_path):
    fitted = run(method(population=16), 17 * 60, tmp_path, progress=False)
    first, last = fitted.lines[0]["cost"], fitted.lines[-1]["best"]
    assert last < 0.01 * first
    found = ParameterSet.load(fitted.files[0])
    assert found.values() == pytest.approx(GOAL, abs=0.1)


def test_advantages_have_no_mean_and_unit_spread_and_bear_the_infinite():
    costs = np.array([1.0, 2.0, np.inf, 4.0])
    found = advantages_of_costs(costs)
    assert found.mean() == pytest.approx(0.0, abs=1e-6)
    assert found.std() == pytest.approx(1.0, abs=1e-5)
    assert found[2] == found[3] == found.min()
    assert not advantages_of_costs(np.full(3, np.inf)).any()


def test_the_slope_of_the_log_density_is_the_score():
    policy = Gaussian(np.array([0.2, 0.6], "f4"), np.log(np.array([0.1, 0.3], "f4")))
    position = np.array([0.25, 0.3], "f4")
    slope = jax.grad(lambda own: own.log_probability(position))(policy)
    gap, deviation = position - policy.mean, np.exp(policy.log_deviation)
    np.testing.assert_allclose(slope.mean, gap / deviation**2, rtol=1e-5)
    np.testing.assert_allclose(slope.log_deviation, gap**2 / deviation**2 - 1.0, atol=1e-6)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"population": 7}, "even"),
        ({"learning_rate": 0.0}, "above 0"),
        ({"epochs": 0}, "at least 1"),
        ({"spread": 2.0}, "spread"),
    ],
)
def test_settings_out_of_range_are_refused(settings, message):
    with pytest.raises(EmbodyError, match=message):
        method(**settings)
