"""Knockout training: silenced cells are zeroed in their samples, and that tells what cells do."""

import numpy as np
import pytest

pytest.importorskip("jax")
pytest.importorskip("optax")

import jax.numpy as jnp

from embody.errors import EmbodyError, UnknownNameError
from embody.fitting import FreeParameters, run
from embody.fitting.descent import Descent, Settings
from embody.fitting.knockout import AbstractModel, Genotypes, KnockoutLoss, held_out
from embody.parameters import Parameter, ParameterSet

CELLS = 4
TRUTH = np.array([0.1, 0.2, 0.3, 0.4])
BASE = ParameterSet(
    "toy",
    "",
    tuple(Parameter(f"w{k}", 0.5, "1", 0.0, 1.0, "calibrated", "a test") for k in range(CELLS)),
)
FREE = FreeParameters.choose(BASE)
SILENCED = np.concatenate([np.zeros((1, CELLS), bool), np.eye(CELLS, dtype=bool)])
SILENCED = np.concatenate([SILENCED, [[True, True, False, False]]])
NAMES = ("intact", "no 0", "no 1", "no 2", "no 3", "no 0 and 1, twice")


class Sum(AbstractModel):
    """The measure is the sum of what the cells give that are not silenced."""

    def identity(self):
        return {"model": "sum"}

    def measures(self, values, release_mask, drive):
        weight = jnp.stack([values[f"w{k}"] for k in range(CELLS)])
        return (release_mask @ weight)[:, None] + 0.0 * drive


def genotypes(measured=None):
    measured = ((~SILENCED) @ TRUTH)[:, None] if measured is None else measured
    drive = np.zeros((len(NAMES), 1))
    return Genotypes(NAMES, SILENCED, drive, ("sum",), measured, np.array([0.1]))


def fitted(folder, training, hold=("no 3", "no 0 and 1")):
    train, test = held_out(genotypes(), hold)
    loss = KnockoutLoss(Sum(), FREE, train, training)
    settings = Settings(learning_rate=0.02, half_life=200, precision="double")
    method = Descent(loss, FREE.start, 0, settings, lambda *_: (), "knockout")
    best = run(method, 600, folder, progress=False).state.best_position[0]
    return best, np.abs((~test.silenced) @ (best - TRUTH)).max()


def test_knockout_training_finds_what_each_cell_does_and_its_controls_do_not(tmp_path):
    found, missed = fitted(tmp_path / "knockout", "knockout")
    np.testing.assert_allclose(found, TRUTH, atol=5e-3)
    assert missed < 0.01
    for control in ("intact", "dropout"):
        found, control_missed = fitted(tmp_path / control, control)
        assert np.abs(found - TRUTH).max() > 0.1
        assert control_missed > 10.0 * missed


def test_measures_that_were_not_taken_do_not_count():
    measured = genotypes().measured.copy()
    measured[2] = np.nan
    loss = KnockoutLoss(Sum(), FREE, genotypes(measured))
    key, data, everything = jnp.zeros(2, jnp.uint32), loss.data(), np.arange(len(NAMES))
    found = loss.found(jnp.asarray(TRUTH, jnp.float32), everything, key, _single(data))
    assert float(found.loss) == pytest.approx(0.0, abs=1e-9)


def test_the_loss_is_the_mean_squared_miss_in_deviations():
    loss = KnockoutLoss(Sum(), FREE, genotypes())
    everything = np.arange(len(NAMES))
    position = jnp.asarray(TRUTH + 0.1 * np.eye(CELLS)[0], jnp.float32)
    found = loss.found(position, everything, jnp.zeros(2, jnp.uint32), _single(loss.data()))
    assert float(found.loss) == pytest.approx(4 / 6, rel=1e-5)


def test_what_is_held_out_is_a_genotype_with_all_its_samples():
    train, test = held_out(genotypes(), ["no 0 and 1"])
    assert test.names == ("no 0 and 1, twice",)
    assert "intact" in train.names
    with pytest.raises(UnknownNameError, match="no 3"):
        held_out(genotypes(), ["no 9"])


def test_nothing_to_train_on_is_refused():
    with pytest.raises(EmbodyError, match="no genotype"):
        KnockoutLoss(Sum(), FREE, genotypes().taken(np.arange(1, 3)), "intact")
    with pytest.raises(UnknownNameError, match="dropout"):
        KnockoutLoss(Sum(), FREE, genotypes(), "dropping")


def _single(data):
    import jax

    return jax.tree.map(lambda leaf: jnp.asarray(leaf, jnp.float32), data)
