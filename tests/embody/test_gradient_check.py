"""Central differences find slopes of known functions; the spectrum finds what data constrain."""

import numpy as np
import pytest

from embody.fitting.gradient_check import central_difference, compare
from embody.fitting.identifiability import spectrum_of


@pytest.mark.parametrize(
    ("function", "slope"),
    [(np.sin, 1.0), (np.exp, 1.0), (lambda x: 7.0 * x - 3.0, 7.0), (lambda x: np.cos(40 * x), 0.0)],
)
def test_slopes_of_known_functions(function, slope):
    found, _ = central_difference(function)
    assert found == pytest.approx(slope, abs=1e-7)


def test_the_step_is_small_where_the_function_is_rough():
    _, smooth = central_difference(np.exp)
    _, rough = central_difference(lambda x: np.sin(3000.0 * x))
    assert rough < smooth


def test_a_wrong_gradient_is_told():
    random = np.random.default_rng(0)
    matrix, place = random.normal(size=(4, 4)), random.normal(size=4)

    def evaluate(places):
        return np.einsum("mi,ij,mj->m", places, matrix, places)

    right = (matrix + matrix.T) @ place
    good = compare(evaluate, right, place, np.eye(4))
    assert max(one.relative_error for one in good) < 1e-8
    bad = compare(evaluate, right * [1.0, 1.0, 1.01, 1.0], place, np.eye(4))
    assert bad[2].relative_error == pytest.approx(0.01, rel=0.1)


def test_the_spectrum_finds_the_combination_that_is_free():
    jacobian = np.random.default_rng(1).normal(size=(50, 1)) * np.array([[3.0, 3.0, 0.0]])
    jacobian[:, 2] = np.random.default_rng(2).normal(size=50)
    spectrum = spectrum_of(jacobian)
    assert spectrum.sloppiness()[0] == 1.0
    assert spectrum.information[2] == pytest.approx(0.0, abs=1e-12)
    np.testing.assert_allclose(np.abs(spectrum.directions[2]), [0.5**0.5, 0.5**0.5, 0.0], atol=1e-9)
    assert spectrum.along(np.array([1.0, -1.0, 0.0]))[2] == pytest.approx(2.0**0.5)
