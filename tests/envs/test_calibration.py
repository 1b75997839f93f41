"""The calibration: what it asks, that every ask can fail, and that it repeats itself."""

import numpy as np
import pytest

import embody
from embody.brains.worm.parameters import load_parameters, shipped_parameters
from embody.connectome import load_connectome
from embody.parameters import ParameterSet

pytest.importorskip("jax")
pytest.importorskip("cma")

from embody.bodies.worm.rod_constants import balance_map, rod_parameters
from embody.envs.worm import trials
from embody.envs.worm.calibration_cost import (
    GAIT_BANDS,
    GAITS_AT_WORK,
    LESION_BANDS,
    CalibrationCost,
    bound_terms,
    gait_terms,
    miss,
)
from embody.envs.worm.controllers import worm_wiring
from embody.envs.worm.gait_measures import GaitMeasures
from embody.envs.worm.trials import GAIT_TRIALS, GaitOutcome, Trials
from embody.fitting import FreeParameters

FORWARD = GaitMeasures(0.22, 0.42, 1.5, 6.5, 5.0, 7.5, 0.85, 0.2, 0.0)
REVERSE = GaitMeasures(-0.2, 0.42, -1.5, 6.5, 5.0, 7.5, -0.85, 0.2, 0.0)
STILL = GaitMeasures(*(0.0,) * len(GaitMeasures._fields))
MEMBERS = {
    "forward motor": np.array([0]),
    "backward motor": np.array([1]),
    "AVA": np.array([2]),
    "AVB": np.array([3]),
    "motor": np.array([0, 1]),
    "command": np.array([2, 3]),
    **{name: np.array([4]) for name in GAITS_AT_WORK},
}


def outcome(**changes):
    """Return what a perfect worm would show, with some trials replaced."""
    measures = {
        "forward": FORWARD,
        "reverse": REVERSE,
        "forward without GABA output": FORWARD._replace(speed=0.1),
        "forward without B output": STILL,
        "forward without A output": FORWARD,
        "reverse without A output": STILL,
        "forward without chemical synapses": STILL,
    } | changes
    voltage = np.full((2, 50, 5), -40.0)
    voltage[0, :, [0, 3]] = -20.0
    voltage[1, :, [1, 2]] = -20.0
    release = np.zeros((2, 50, 5))
    release[:, ::2, 4] = 0.4
    return GaitOutcome(tuple(measures[name] for name in GAIT_TRIALS), voltage, release)


def cost(found):
    return sum(gait_terms(found, MEMBERS).values())


def test_a_worm_that_does_all_costs_nothing():
    assert cost(outcome()) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("quantity", GAIT_BANDS)
@pytest.mark.parametrize("trial", ["forward", "reverse"])
def test_every_gait_band_can_fail(trial, quantity):
    ideal = FORWARD if trial == "forward" else REVERSE
    wrong = {"bias": 5.0, "turning": 1.0, "strongest_third": 12.0}.get(quantity, 0.0)
    spoiled = outcome(**{trial: ideal._replace(**{quantity: wrong})})
    assert gait_terms(spoiled, MEMBERS)[f"{trial} {quantity}"] > 0.5


@pytest.mark.parametrize("lesion", LESION_BANDS)
def test_every_lesion_can_fail(lesion):
    trial, intact, *_ = LESION_BANDS[lesion]
    whole = FORWARD if intact == 0 else REVERSE
    wrong = STILL if lesion == "A idle in forward" else whole
    assert gait_terms(outcome(**{GAIT_TRIALS[trial]: wrong}), MEMBERS)[lesion] > 0.5


def test_an_idle_switch_costs():
    found = outcome()
    same = found._replace(voltage=np.full_like(found.voltage, -40.0))
    terms = gait_terms(same, MEMBERS)
    assert all(terms[f"gate of {cell}"] > 1.0 for cell in ("A", "B", "AVA", "AVB"))


@pytest.mark.parametrize("name", GAITS_AT_WORK)
def test_every_idle_class_costs(name):
    members = {**MEMBERS, name: np.array([3])}
    assert gait_terms(outcome(), members)[f"{name} at work"] > 0.5


@pytest.mark.parametrize("name", ["DD", "VD"])
def test_classes_of_both_gaits_have_to_work_in_both(name):
    found = outcome()
    found.release[1] = 0.4
    assert gait_terms(found, MEMBERS)[f"{name} at work"] > 0.5
    assert gait_terms(found, MEMBERS)["DB at work"] == 0.0


def test_bounds_cost_where_they_are_near():
    assert bound_terms(np.array([0.5, 0.06, 0.94]))["near bounds"] == 0.0
    assert bound_terms(np.array([0.0, 0.5]))["near bounds"] == pytest.approx(1.5)


def test_a_miss_is_the_squared_distance_from_the_band():
    assert miss(0.5, 0.0, 1.0, 0.1) == 0.0
    assert miss(1.2, 0.0, 1.0, 0.1) == pytest.approx(4.0)
    assert miss(-1e9, 0.0, 1.0, 0.1) == 25.0


def test_equal_activation_of_both_sides_is_no_torque():
    share = balance_map()
    assert np.allclose(share @ np.ones(share.shape[1]), 0.0)
    assert np.allclose(np.maximum(share, 0.0).sum(axis=1), 1.0)


def test_the_reduced_body_has_the_constants_of_the_mujoco_body():
    rod = rod_parameters("water")
    assert rod.normal_drag / rod.tangential_drag == pytest.approx(1.58, abs=0.01)
    assert rod.rod_length == pytest.approx(0.04)


@pytest.mark.parametrize("name", shipped_parameters())
def test_shipped_sets_share_names_and_bounds(name):
    found, prior = load_parameters(name), load_parameters("prior")
    assert [(p.name, p.low, p.high) for p in found] == [(p.name, p.low, p.high) for p in prior]


def test_no_value_of_the_worm_sits_at_a_bound():
    assert load_parameters("connectome").at_bound() == ()


def test_the_worm_is_the_cheapest_of_the_fit_seeds():
    records = [load_parameters(f"connectome-seed-{seed}").fit for seed in range(5)]
    chosen = load_parameters("connectome").fit
    assert chosen is not None
    assert chosen.cost == min(record.cost for record in records if record is not None)


def test_shipped_fits_say_how_to_repeat_them():
    for name in shipped_parameters():
        record = load_parameters(name).fit
        if name not in ("prior", "neutral"):
            assert record is not None
            assert record.command.startswith("embody fit Worm-Crawl-v0")
            assert record.budget > 0


@pytest.fixture(scope="module")
def real_cost():
    experiments = Trials(worm_wiring(load_connectome("worm")))
    return CalibrationCost(experiments, FreeParameters.choose(load_parameters("prior")))


def test_the_cost_is_a_function_of_the_position(real_cost):
    position = real_cost.free.start
    assert real_cost.terms(position) == real_cost.terms(position)


def test_outside_the_bounds_costs_more(real_cost):
    position = real_cost.free.start
    beyond = position.copy()
    beyond[0] = 1.5
    assert real_cost.terms(beyond)["outside"] == pytest.approx(5.0)


@pytest.mark.slow
def test_a_fit_repeats_itself_and_leaves_all_its_files(tmp_path, monkeypatch):
    monkeypatch.setattr(trials, "STEERING_STEPS", 300)
    monkeypatch.setattr(trials, "GAIT_STEPS", 300)
    monkeypatch.setattr(trials, "SETTLING_FRAMES", 10)
    settings = {"seed": 1, "budget": 24, "workers": 1, "progress": False}
    first = embody.fit("Worm-Crawl-v0", out=tmp_path / "a", **settings)
    second = embody.fit("Worm-Crawl-v0", out=tmp_path / "b", **settings)
    found = ParameterSet.load(first.files[0])
    assert found.values() == ParameterSet.load(second.files[0]).values()
    assert found.fit.cost == pytest.approx(sum(found.fit.cost_terms.values()), abs=1e-2)
    assert found.fit.command == "embody fit Worm-Crawl-v0 --method evolution --seed 1 --budget 24"
    assert {path.name for path in first.files} == {
        "parameters.json",
        "log.jsonl",
        "learning-curve.png",
    }


def test_only_what_is_free_moves(tmp_path):
    free = FreeParameters.choose(load_parameters("prior"), ["muscle_gain_*"])
    values = free.values(np.zeros(len(free.names)))
    moved = {
        name for name, value in load_parameters("prior").values().items() if values[name] != value
    }
    assert moved == set(free.names)
