"""The index, the distance to peaks, and the same odour as the envs compute."""

import numpy as np
import pytest

from embody.analysis import chemotaxis_index, summarise, time_to_reach
from embody.analysis.odour import concentration, distance_to_peak, gradient
from embody.analysis.synthetic import crawling_worm
from embody.errors import UnknownNameError
from embody.fields import field_from_json

DROP = {"kind": "gaussian", "peak_mm": [4.0, 1.0], "sigma_mm": 3.0, "weight": 1.0}
SPREADING = {**DROP, "diffusivity_mm2_s": 0.01}
OTHER = {"kind": "gaussian", "peak_mm": [-5.0, 0.0], "sigma_mm": 2.0, "weight": 0.5}
RAMP = {
    "kind": "linear",
    "peak_mm": [5.0, 0.0],
    "uphill_rad": 0.4,
    "length_mm": 10.0,
    "weight": 0.8,
}


@pytest.mark.parametrize("fields", [[DROP], [SPREADING], [DROP, OTHER], [RAMP]])
def test_same_odour_as_the_env(fields):
    points = np.random.default_rng(1).uniform(-12, 12, size=(200, 2))
    truth = field_from_json(fields)
    np.testing.assert_allclose(
        concentration(fields, points, 30.0), truth.concentration(points, 30.0), rtol=1e-12
    )
    np.testing.assert_allclose(
        gradient(fields, points, 30.0), truth.gradient(points, 30.0), rtol=1e-9, atol=1e-12
    )
    np.testing.assert_allclose(
        distance_to_peak(fields, points), [truth.distance_to_peak(*point) for point in points]
    )


def test_unknown_field_names_those_there_are():
    with pytest.raises(UnknownNameError, match="gaussian, linear"):
        concentration([{**DROP, "kind": "swirl"}], np.zeros(2))


def test_index_of_a_jump_staying_and_leaving():
    assert chemotaxis_index(np.array([10.0, 0.0, 0.0])) == 1.0
    assert chemotaxis_index(np.full(5, 3.0)) == 0.0
    assert chemotaxis_index(np.array([2.0, 4.0, 4.0])) == -1.0
    assert np.isnan(chemotaxis_index(np.array([0.0, 1.0])))
    assert np.isnan(chemotaxis_index(np.array([1.0])))


def test_steady_approach_gives_one_half():
    assert chemotaxis_index(np.linspace(10, 0, 10_001)) == pytest.approx(0.5, abs=1e-3)


def test_time_to_reach_is_the_first_entry_or_nan():
    time = np.arange(5.0)
    assert time_to_reach(time, np.array([3, 2, 0.9, 2, 0.5])) == 2.0
    assert np.isnan(time_to_reach(time, np.full(5, 3.0)))


def test_summary_of_a_worm_that_crawls_to_the_peak():
    drop = {**DROP, "peak_mm": [4.0, 0.0]}
    metrics = summarise(crawling_worm(20.0, fields=[drop]))
    assert metrics["chemotaxis_index"] == pytest.approx(0.5, abs=0.01)
    assert metrics["time_to_reach_s"] == pytest.approx(15.0, abs=0.1)
    assert metrics["final_distance_mm"] == pytest.approx(0.0, abs=0.01)


def test_summary_without_odour_leaves_chemotaxis_out():
    assert "chemotaxis_index" not in summarise(crawling_worm(5.0))
