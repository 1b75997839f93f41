"""The worm's wiring known, some of its neurons recorded: tables, teachers, and what is refused."""

import numpy as np
import pytest

pytest.importorskip("jax")
pytest.importorskip("optax")

import jax
import jax.numpy as jnp

import embody
from embody.brains.worm.parameters import load_parameters
from embody.envs.worm.fits.class_network import ClassDrive, ClassNetwork, random_currents
from embody.envs.worm.fits.data_constrained import WAY, read_table
from embody.envs.worm.fits.reduced_worm import ReducedWorm, held
from embody.envs.worm.fits.targets import simulated
from embody.envs.worm.wired import wiring_of
from embody.errors import EmbodyError
from embody.fitting.precision import computing_in

WIRING = wiring_of(None)
WORM = ReducedWorm(WIRING)
VALUES = load_parameters("connectome").values()
SHORT = {"seconds": 0.6, "members": 2, "recorded_neurons": 20}


def test_without_gains_and_biases_it_is_the_worm():
    target = simulated("connectome", 0.4, "forward")
    with computing_in("double"):
        values = {name: jnp.asarray(value) for name, value in VALUES.items()}
        condition = jax.tree.map(lambda leaf: jnp.asarray(leaf[0]), target.conditions)
        bend = jnp.asarray(target.curvature[0])
        expected, _ = jax.jit(lambda: held(WORM.animal(values), bend, condition))()
        network = ClassNetwork(WIRING, VALUES, "measured")
        constants = jax.tree.map(jnp.asarray, network.constants())
        drive = ClassDrive(bend, jnp.zeros((len(bend), 302)))
        found = jax.jit(network.activity)(jnp.ones(302), jnp.zeros(302), drive, constants)
    np.testing.assert_allclose(found, expected.voltage, atol=1e-6)


def test_random_currents_are_those_of_ornstein_and_uhlenbeck():
    cells = np.array([True, False, True])
    current = random_currents(np.random.default_rng(0), 200, 60, cells, 3.0)
    assert (current[:, :, 1] == 0.0).all()
    assert current[:, :, 0].std() == pytest.approx(3.0, rel=0.1)
    late, later = current[:, 40, 0], current[:, 50, 0]
    assert np.corrcoef(late, later)[0, 1] == pytest.approx(np.exp(-1.0), abs=0.15)


def table(path, heading="time,AVAL,AVAR,note", rows=21, value="1.5"):
    lines = [f"{0.1 * row:.1f},{np.sin(row):.4f},{np.cos(row):.4f},{value}" for row in range(rows)]
    path.write_text("\n".join([heading, *lines]) + "\n")
    return path


def test_a_table_is_read_and_fitted_to(tmp_path):
    found = read_table(table(tmp_path / "mine.csv"), WORM)
    assert found.signal("voltage").labels == ("AVAL", "AVAR")
    np.testing.assert_allclose(found.trace("voltage", "AVAR"), np.cos(np.arange(21)), atol=1e-4)
    options = {"recording": str(tmp_path / "mine.csv"), "measure": "calcium", "seconds": 1.0}
    method = WAY.made("Worm-Crawl-v0", 0, None, options)
    assert method.identity()["objective"]["recorded"] == ["AVAL", "AVAR"]
    assert method.identity()["objective"]["standardised"] is True


@pytest.mark.parametrize(
    ("heading", "value", "message"),
    [
        ("time,a,b,c", "1", "one for each neuron"),
        ("t,AVAL,AVAR,c", "1", 'column "time"'),
        ("time,AVAL,AVAR,c", "nan", "finite"),
        ("time,AVAL,AVAR,c", "much", "no table of numbers"),
        ("time,AVAL,AVAR", "1", "columns"),
    ],
)
def test_a_table_that_is_none_is_named(tmp_path, heading, value, message):
    with pytest.raises(EmbodyError, match=message):
        read_table(table(tmp_path / "mine.csv", heading, value=value), WORM)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"members": 1}, "ensemble"),
        ({"recorded_neurons": 400}, "1 to 302"),
        ({"neurons": "XYZ"}, "XYZ"),
        ({"recording": "nowhere.csv"}, "no table"),
        ({"tie": "colour"}, "cell, class"),
    ],
)
def test_a_mistake_is_one_sentence(options, message):
    with pytest.raises(EmbodyError, match=message):
        WAY.made("Worm-Crawl-v0", 0, None, {**SHORT, **options})


@pytest.mark.slow
def test_to_record_more_is_to_record_these_and_others():
    few, many = (
        WAY.made("Worm-Crawl-v0", 3, None, {**SHORT, "recorded_neurons": number})
        for number in (5, 40)
    )
    fewer, more = (set(m.identity()["objective"]["recorded"]) for m in (few, many))
    assert fewer < more
    assert (few.starts == many.starts).all()


@pytest.mark.slow
def test_a_recording_of_ours_is_fitted_to(tmp_path):
    path = embody.rollout("Worm-Crawl-v0", "connectome", seconds=1.0).save(tmp_path / "r.npz")
    options = {"recording": str(path), "seconds": 0.8, "neurons": "AV*,DB*", "members": 2}
    found = embody.fit(
        "Worm-Crawl-v0", "data-constrained", out=tmp_path / "fit", budget=3, progress=False,
        **options,
    )  # fmt: skip
    assert np.isfinite(found.record.cost)
    assert {path.name for path in found.files} >= {"spread.json", "member-0.json"}
