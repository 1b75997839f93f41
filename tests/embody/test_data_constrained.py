"""Partial recordings of a known wiring: what they fix, and what the spread says they leave open.

Theory (Beiran & Litwin-Kumar): with weights of rank r and a known input, activity is r unknown
courses mixed in a known way, so that r recorded neurons fix those of all, and fewer do not.
"""

import json

import numpy as np
import pytest

pytest.importorskip("jax")
pytest.importorskip("optax")

from embody.errors import EmbodyError
from embody.fitting import run
from embody.fitting.data_constrained import (
    CellParameters,
    PartialRecordingLoss,
    RateNetwork,
    Traces,
    relative_error,
)
from embody.fitting.descent import Descent, Settings
from embody.fitting.ensemble import predicted, save_ensemble, spread_of
from embody.parameters import ParameterSet
from embody.testing import MethodContract

SIZE, RANK, FRAMES, TRIALS, MEMBERS = 16, 2, 40, 2, 4
NAMES = tuple(f"cell{number}" for number in range(SIZE))
RANDOM = np.random.default_rng(0)
WEIGHTS = RANDOM.normal(size=(SIZE, RANK)) @ RANDOM.normal(size=(RANK, SIZE)) / SIZE * 1.2
NETWORK = RateNetwork(NAMES, WEIGHTS)
CELLS = CellParameters.tied(NAMES, gain=(-0.7, 0.7), bias=(-2.0, 2.0), bias_unit="1")
TIME = np.arange(FRAMES)[None, :, None]
DRIVE = np.sin(TIME / RANDOM.uniform(3, 9, (TRIALS, 1, SIZE)) + RANDOM.uniform(0, 6, (1, 1, SIZE)))


def loss_of(recorded, network=NETWORK, **options):
    blank = Traces(DRIVE, np.zeros((TRIALS, FRAMES, SIZE)), np.arange(SIZE))
    whole = PartialRecordingLoss(NETWORK, CELLS, blank, 1e-6)
    teacher = CELLS.drawn(np.random.default_rng(7), 0.25)
    activity = predicted(whole, teacher[None])[0]
    seen = blank._replace(activity=activity, recorded=np.asarray(recorded))
    return PartialRecordingLoss(network, CELLS, seen, 1e-6, **options)


def method_of(loss, seed=0, save=None):
    random = np.random.default_rng(seed)
    starts = np.stack([CELLS.drawn(random, 0.25) for _ in range(MEMBERS)])
    return Descent(
        loss,
        starts,
        seed,
        Settings(learning_rate=0.03, half_life=150),
        save or (lambda state, folder, record: save_ensemble(loss, state, folder, record, "toy")),
        "data-constrained",
    )


class TestTheMethod(MethodContract):
    def make_method(self, seed=0):
        return method_of(loss_of([0, 1, 2]), seed, save=lambda *_: ())


def report_after(folder, recorded, network=NETWORK, budget=500):
    found = run(method_of(loss_of(recorded, network)), budget, folder, progress=False)
    assert {path.name for path in found.files} >= {"spread.json", "spread.png", "member-3.json"}
    return json.loads((folder / "spread.json").read_text())


@pytest.fixture(scope="module")
def enough(tmp_path_factory):
    return report_after(tmp_path_factory.mktemp("enough"), range(2 * RANK))


def test_as_many_recordings_as_dimensions_fix_the_others_and_fewer_do_not(tmp_path, enough):
    few = report_after(tmp_path, [0])
    assert enough["recorded"]["error"] < 0.1
    assert few["recorded"]["error"] < 0.1
    assert enough["unrecorded"]["error"] < 0.1
    assert enough["unrecorded"]["spread"] < 0.1
    assert few["unrecorded"]["error"] > 2.0 * enough["unrecorded"]["error"]
    assert few["unrecorded"]["spread"] > 2.0 * enough["unrecorded"]["spread"]


def test_with_another_wiring_the_others_are_not_found(tmp_path, enough):
    order = np.random.default_rng(3).permutation(SIZE)
    rewired = RateNetwork(NAMES, WEIGHTS[order][:, order])
    null = report_after(tmp_path, range(2 * RANK), rewired)
    assert null["unrecorded"]["error"] > 3.0 * enough["unrecorded"]["error"]


def test_the_teacher_costs_nothing_and_is_not_spread():
    loss = loss_of([1, 5])
    teacher = CELLS.drawn(np.random.default_rng(7), 0.25)
    report = spread_of(loss, np.stack([teacher, teacher]))
    assert report["unrecorded"]["error"] == pytest.approx(0.0, abs=1e-4)
    assert report["unrecorded"]["spread"] == pytest.approx(0.0, abs=1e-6)
    assert report["unrecorded"]["error_of_its_own_mean"] == pytest.approx(1.0, abs=1e-3)


def test_cells_of_one_label_share_gain_and_bias():
    cells = CellParameters.tied(["a", "b", "a"], gain=(-1.0, 1.0), bias=(0.0, 4.0))
    gain, bias = cells.cells(np.array([1.0, 0.5, 0.25, 1.0]))
    np.testing.assert_allclose(gain, [10.0, 1.0, 10.0])
    np.testing.assert_allclose(bias, [1.0, 4.0, 1.0])


def test_the_file_of_a_member_holds_its_parameters(tmp_path):
    found = run(method_of(loss_of([0])), 2, tmp_path, progress=False)
    kept = ParameterSet.load(tmp_path / "member-1.json")
    wanted = -0.7 + 1.4 * found.state.best_position[1, 3]
    assert kept["log10_gain_cell3"] == pytest.approx(wanted, abs=1e-6)
    assert kept.fit is not None


def test_standardised_traces_have_neither_zero_nor_unit():
    traces = np.random.default_rng(1).normal(size=(50, 3))
    assert relative_error(3.0 * traces + 2.0, traces, 0.0, True) == pytest.approx(0.0, abs=1e-6)
    assert relative_error(3.0 * traces + 2.0, traces, 0.0) > 1.0


def test_nothing_recorded_and_missing_traces_are_named():
    with pytest.raises(EmbodyError, match="no neuron is recorded"):
        loss_of([])
    holed = Traces(DRIVE, np.full((TRIALS, FRAMES, SIZE), np.nan), np.array([3]))
    with pytest.raises(EmbodyError, match="cell3"):
        PartialRecordingLoss(NETWORK, CELLS, holed, 1e-6)
