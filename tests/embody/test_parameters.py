import json
from dataclasses import replace

import numpy as np
import pytest

from embody.errors import EmbodyError, UnknownNameError
from embody.fitting import FreeParameters
from embody.parameters import FitRecord, Parameter, ParameterSet

LEAK = Parameter("leak", 10.0, "pS", 1.0, 100.0, "calibrated", "resting potential")
CAPACITANCE = Parameter("capacitance", 1.5, "pF", None, None, "literature", "Kunert et al. 2014")
FIT = FitRecord("embody fit Toy-v0", 0, 640, "2026-01-01", {"numpy": "2.0"}, 0.25, {"speed": 0.25})


@pytest.fixture
def parameters():
    return ParameterSet("toy", "one cell", (LEAK, CAPACITANCE), FIT)


def test_values_by_name(parameters):
    assert parameters["leak"] == 10.0
    assert parameters.values() == {"leak": 10.0, "capacitance": 1.5}
    assert parameters.calibrated() == (LEAK,)
    with pytest.raises(UnknownNameError, match="did you mean leak"):
        parameters["lek"]


def test_file_round_trip(parameters, tmp_path):
    path = tmp_path / "new" / "toy.json"
    parameters.save(path)
    assert ParameterSet.load(path) == parameters
    assert list(path.parent.iterdir()) == [path]


def test_replace_checks_names_and_bounds(parameters):
    assert parameters.replace(leak=20.0)["leak"] == 20.0
    assert parameters["leak"] == 10.0
    assert parameters.replace(leak=20.0).fit == FIT
    with pytest.raises(EmbodyError, match="outside its bounds 1 to 100"):
        parameters.replace(leak=200.0)
    with pytest.raises(EmbodyError, match="finite"):
        parameters.replace(leak=float("nan"))
    with pytest.raises(UnknownNameError):
        parameters.replace(lek=2.0)


def test_at_bound_lists_only_what_a_fit_pressed_against_a_bound(parameters):
    assert parameters.at_bound() == ()
    assert parameters.replace(leak=1.5).at_bound() == ("leak",)
    assert parameters.replace(leak=99.9).at_bound() == ("leak",)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tag": "guessed"}, "valid names: calibrated, literature, measured"),
        ({"low": None, "high": None}, "needs the bounds"),
        ({"low": None}, "both bounds or neither"),
        ({"value": float("inf")}, "finite"),
    ],
)
def test_a_parameter_says_what_is_wrong_with_it(change, message):
    with pytest.raises(EmbodyError, match=message):
        Parameter(**{**vars(LEAK), **change})


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", json.dumps({"format": "embody-parameters-1", "name": "x"})],
)
def test_a_wrong_file_is_one_clear_sentence(text, tmp_path):
    path = tmp_path / "wrong.json"
    path.write_text(text)
    with pytest.raises(EmbodyError, match=r"wrong\.json is not a"):
        ParameterSet.load(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(EmbodyError, match="there is no parameter file"):
        ParameterSet.load(tmp_path / "none.json")


def test_an_out_of_bounds_file_is_named(parameters, tmp_path):
    path = tmp_path / "toy.json"
    content = parameters.to_dict()
    content["parameters"]["leak"]["value"] = 1000.0
    path.write_text(json.dumps(content))
    with pytest.raises(EmbodyError, match=r"toy\.json: parameter 'leak'"):
        ParameterSet.load(path)


def test_a_record_of_before_says_of_nobody_whom_it_was_fitted_to(parameters, tmp_path):
    content = parameters.to_dict()
    del content["fit"]["fitted_to"]
    path = tmp_path / "toy.json"
    path.write_text(json.dumps(content))
    assert ParameterSet.load(path).fit.fitted_to is None
    assert FIT.individuals() == {}


def test_whom_a_fit_learnt_from_survives_the_file_and_further_fits(parameters, tmp_path):
    first = replace(FIT, fitted_to=["a", "b", "a"])
    parameters.replace(first).save(tmp_path / "toy.json")
    loaded = ParameterSet.load(tmp_path / "toy.json").fit
    assert loaded.individuals() == {"fitted_to": ["a", "b"]}
    assert replace(FIT, fitted_to=("c",)).also_fitted_to(loaded).fitted_to == ("c", "a", "b")
    assert replace(FIT, fitted_to=()).also_fitted_to(None).fitted_to == ()
    assert FreeParameters.choose(parameters.replace(first), ["leak"]).fitted(
        np.array([0.5]), replace(FIT, fitted_to=()), "next", "fitted further"
    ).fit.fitted_to == ("a", "b")


@pytest.mark.parametrize("wrong", ["abc", [1, 2]])
def test_individuals_of_a_fit_are_a_list_of_hashes(wrong):
    with pytest.raises(EmbodyError, match="must list hashes"):
        replace(FIT, fitted_to=wrong)
