"""Detectors of objects behind the optic lobe: where they look, what they compare, how they fit."""

import numpy as np
import pytest

from embody.brains.fly.optic_lobe.connectome import load_optic_lobe
from embody.brains.fly.optic_lobe.network import OpticLobe
from embody.brains.fly.optic_lobe.object_detector_fit import (
    Examples,
    draw_examples,
    fit_detectors,
)
from embody.brains.fly.optic_lobe.object_detectors import (
    CELLS,
    ObjectDetectors,
    cell_types,
    cells_of,
    load_detectors,
    load_empty_world,
    release_at_rest,
    shipped_detectors,
    to_parameters,
)
from embody.brains.fly.optic_lobe.parameters import load_parameters
from embody.errors import EmbodyError, UnknownNameError
from embody.parameters import ParameterSet

DT = 0.005
RADIUS = 4


@pytest.fixture(scope="module")
def lobe():
    return OpticLobe.build(load_optic_lobe(), load_parameters(), RADIUS, np.float64)


def by_hand(types, weight, threshold):
    return ParameterSet("by hand", "a test", to_parameters(types, np.array(weight), threshold, 0.5))


def test_a_detector_compares_its_column_with_an_empty_world(lobe):
    light = np.full(len(lobe.columns), 0.8)
    detectors = ObjectDetectors.build(lobe, by_hand(("T3", "T2"), [2.0, -1.0], 0.5), light, DT)
    at_rest = release_at_rest(lobe, light, DT)
    assert not detectors.detect(at_rest).any()
    voltage = at_rest.copy()
    voltage[lobe.wiring.index("T3[1,-2]")] += 1.0
    voltage[lobe.wiring.index("T3[0,0]")] += 0.2  # stays below the threshold
    voltage[lobe.wiring.index("T2[-1,0]")] -= 0.75
    expected = np.zeros(len(lobe.columns))
    columns = lobe.columns.tolist()
    expected[columns.index([1, -2])] = 2.0 * 1.0 - 0.5
    expected[columns.index([-1, 0])] = 0.75 - 0.5
    np.testing.assert_allclose(detectors.detect(voltage), expected, atol=1e-9)
    both = detectors.detect(np.stack([at_rest, voltage]))
    np.testing.assert_allclose(both, [np.zeros_like(expected), expected], atol=1e-9)


def test_what_cells_do_below_zero_is_not_released(lobe):
    light = np.full(len(lobe.columns), 0.8)
    detectors = ObjectDetectors.build(lobe, by_hand(("T3",), [-1.0], 0.0), light, DT)
    silent, below = np.zeros(lobe.cells.rest.size), np.full(lobe.cells.rest.size, -3.0)
    np.testing.assert_allclose(detectors.detect(below), detectors.detect(silent))


def test_names_and_weights_survive_a_file(lobe, tmp_path):
    path = tmp_path / "detectors.json"
    by_hand(CELLS["motion"], np.arange(8.0), -1.5).save(path)
    parameters = load_detectors(str(path))
    assert cell_types(parameters) == CELLS["motion"]
    light = np.full(len(lobe.columns), 0.5)
    detectors = ObjectDetectors.build(lobe, parameters, light, DT)
    np.testing.assert_allclose(detectors.weight, np.arange(8.0))
    assert detectors.threshold == -1.5
    assert detectors.cells.shape == detectors.empty.shape == (8, len(lobe.columns))


def test_types_that_skip_columns_or_do_not_exist_are_refused(lobe):
    with pytest.raises(EmbodyError, match="every column"):
        cells_of(lobe, ("Lawf1",))
    with pytest.raises(UnknownNameError):
        cells_of(lobe, ("LC10",))
    with pytest.raises(UnknownNameError, match="measured-objects"):
        load_detectors("imagined")


def test_the_fit_finds_the_weights_that_made_the_examples():
    rng = np.random.default_rng(0)
    weight, threshold = np.array([3.0, -1.0, 0.0]), 1.0
    change = rng.normal(size=(20_000, 3))
    chance = 1.0 / (1.0 + np.exp(threshold - change @ weight))
    seen = rng.random(len(change)) < chance
    found, bar = fit_detectors(Examples(change, seen, np.ones(len(change))), ridge=1e-9)
    np.testing.assert_allclose(found, weight, atol=0.15)
    assert bar == pytest.approx(threshold, abs=0.1)
    # A scale of the cells is a scale of the weights.
    scaled, _ = fit_detectors(Examples(100.0 * change, seen, np.ones(len(change))), ridge=1e-9)
    np.testing.assert_allclose(100.0 * scaled, found, atol=1e-6)


def test_a_weight_counts_as_that_many_examples():
    rng = np.random.default_rng(1)
    change = rng.normal(size=(400, 2))
    seen = change[:, 0] + rng.normal(size=400) > 0.5
    weight = np.where(seen, 1.0, 3.0)
    repeated = np.repeat(np.arange(400), weight.astype(int))
    once = fit_detectors(Examples(change, seen, weight), ridge=0.0)
    often = fit_detectors(
        Examples(change[repeated], seen[repeated], np.ones(len(repeated))), ridge=0.0
    )
    # The scale that the ridge refers to differs, but without a ridge it has no effect.
    np.testing.assert_allclose(once[0], often[0], rtol=1e-6)
    assert once[1] == pytest.approx(often[1], rel=1e-6)


def test_examples_are_all_columns_with_the_object_and_a_weighted_draw_of_the_others():
    rng = np.random.default_rng(2)
    is_object = np.zeros((7, 2, 31), bool)
    is_object[3, 1, 30] = is_object[0, 0, 0] = True
    change = np.arange(7 * 2 * 5 * 31, dtype=float).reshape(7, 2, 5, 31)
    examples = draw_examples(change, is_object, 40, rng)
    assert examples.change.shape == (42, 5)
    np.testing.assert_array_equal(examples.change[0], change[0, 0, :, 0])
    np.testing.assert_array_equal(examples.change[1], change[3, 1, :, 30])
    assert examples.weight.sum() == pytest.approx(is_object.size)
    with pytest.raises(EmbodyError, match="with and without"):
        draw_examples(change, np.zeros_like(is_object), 40, rng)


def test_cells_that_say_nothing_are_refused():
    with pytest.raises(EmbodyError, match="same"):
        fit_detectors(Examples(np.ones((9, 2)), np.arange(9) < 3, np.ones(9)))


def test_every_shipped_set_reads_its_cells_and_says_how_it_was_fitted():
    light = load_empty_world()
    assert light.shape == (721,)
    assert light.min() >= 0.0
    assert light.max() <= 1.0
    for name in shipped_detectors():
        parameters = load_detectors(name)
        assert cell_types(parameters) == CELLS[name.rpartition("-")[2]]
        assert not parameters.at_bound()
        assert parameters.fit is not None
        assert parameters.fit.command.endswith(f"fit_fly_following.py --only {name}")
