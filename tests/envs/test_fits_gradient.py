"""Gradient fits of the worm: the gradient is right, following it helps, cuts change no value."""

import numpy as np
import pytest

pytest.importorskip("jax")
pytest.importorskip("optax")

import gymnasium
import jax
import jax.numpy as jnp

import embody
from embody.brains.worm.parameters import load_parameters
from embody.envs.worm.fits.gradient import WAY, scattered
from embody.envs.worm.fits.gradient_checks import Readout, derivatives, gait_spectrum
from embody.envs.worm.fits.gradient_losses import (
    CrawlingLoss,
    GaitLoss,
    NeuralLoss,
    calcium,
    frames_of,
    standardised,
)
from embody.envs.worm.fits.reduced_worm import KEEP_EVERY, STEP_S, ReducedWorm, held
from embody.envs.worm.fits.targets import recorded, simulated
from embody.envs.worm.reduced_loop import begin, go_on
from embody.envs.worm.wired import wiring_of
from embody.errors import EmbodyError, UnknownNameError
from embody.fitting import FreeParameters, run
from embody.fitting.precision import computing_in
from embody.parameters import ParameterSet

WORM = ReducedWorm(wiring_of(None))
GAINS = FreeParameters.choose(load_parameters("connectome"), ["log10_gain_*"])
SHORT = {"target": "gait", "seconds": 0.4, "segment": 0.2, "prior": "connectome"}


@pytest.fixture(scope="module")
def target():
    return simulated("connectome", 0.8, "both")


def at(loss, position, chosen=None):
    with computing_in("double"):
        data = jax.tree.map(jnp.asarray, loss.data())
        chosen = jnp.arange(loss.samples) if chosen is None else jnp.asarray(chosen)
        found = jax.jit(lambda place: loss.found(place, chosen, jnp.zeros(2, jnp.uint32), data))
        return float(found(jnp.asarray(position)).loss)


@pytest.mark.slow
def test_stopped_and_taken_up_it_comes_to_the_same(tmp_path):
    method = WAY.made("Worm-Crawl-v0", 3, None, {**SHORT, "scatter": 0.1, "batch": 1})
    whole = run(method, 3, tmp_path / "whole", progress=False).state
    run(method, 1, tmp_path / "parts", progress=False)
    parts = run(method, 3, tmp_path / "parts", progress=False).state
    for one, other in zip(jax.tree.leaves(whole), jax.tree.leaves(parts), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.slow
def test_derivatives_agree_with_central_differences():
    free = FreeParameters.choose(
        load_parameters("connectome"), ["log10_gap_scale", "muscle_slope", "sensor_gain"]
    )
    found, norm = derivatives(Readout(WORM, free, 0.3))
    assert norm > 0.0
    assert max(one.relative_error for one in found) < 1e-4
    assert min(abs(one.central) for one in found) > 0.0


@pytest.mark.slow
def test_descending_lowers_the_loss_within_the_bounds(tmp_path):
    found = embody.fit(
        "Worm-Crawl-v0", "gradient", out=tmp_path, budget=5, seconds=2.0, segment=0.5,
        progress=False,
    )  # fmt: skip
    assert found.record.cost < found.lines[0]["cost"]
    result = ParameterSet.load(found.files[0])
    assert result.fit is not None
    env = gymnasium.make("Worm-Crawl-v0")
    worm = embody.make_controller("connectome", env, parameters=str(found.files[0]))
    assert worm.describe()["name"] == "connectome"


def test_segments_cut_derivatives_and_no_value():
    with computing_in("double"):
        values = {
            name: jnp.asarray(value)
            for name, value in load_parameters("connectome").values().items()
        }
        condition = jax.tree.map(jnp.asarray, WORM.condition())

        def run(membrane_time, segment):
            animal = WORM.animal({**values, "membrane_time": membrane_time})
            start = begin(animal, condition)
            return go_on(animal, start, condition, 30, KEEP_EVERY, STEP_S, segment).body.direction

        slopes = {
            segment: jax.jit(lambda time, cut=segment: jax.jvp(
                lambda t: run(t, cut), (time,), (jnp.ones(()),)
            ))(values["membrane_time"])
            for segment in (None, 10)
        }  # fmt: skip
    np.testing.assert_array_equal(slopes[None][0], slopes[10][0])
    np.testing.assert_allclose(slopes[None][1][:2], slopes[10][1][:2], rtol=1e-6)
    assert np.abs(slopes[None][1][-1] - slopes[10][1][-1]).max() > 1e-6


def test_the_worm_itself_misses_nothing_and_another_does(target):
    loss = GaitLoss(WORM, GAINS, target, 0.4)
    assert loss.samples == 4
    assert at(loss, GAINS.start) < 1e-18
    assert at(loss, scattered(GAINS, 0.3, 1)) > 1e-6


def test_the_nervous_system_of_a_held_body_fires_as_if_it_had_bent_it(target):
    loss = NeuralLoss(WORM, GAINS, target, np.arange(302))
    with computing_in("double"):
        values = {
            name: jnp.asarray(value)
            for name, value in load_parameters("connectome").values().items()
        }
        condition = jax.tree.map(lambda leaf: jnp.asarray(leaf[0]), target.conditions)
        still = np.tile(target.curvature[0, :1], (40, 1))
        animal = WORM.animal(values)
        brain, balance = jax.jit(lambda bend: held(animal, bend, condition))(jnp.asarray(still))
    assert np.isfinite(brain.voltage).all()
    assert np.abs(brain.voltage[-1] - brain.voltage[-2]).max() < 0.5
    assert np.abs(balance).max() <= 1.0
    assert at(loss, GAINS.start, [0]) > 0.0


def test_the_spectrum_of_a_gait_is_ordered_and_complete(target):
    spectrum = gait_spectrum(GaitLoss(WORM, GAINS, target, 0.4), GAINS.start)
    assert (np.diff(spectrum.information) <= 0.0).all()
    identity = spectrum.directions @ spectrum.directions.T
    np.testing.assert_allclose(identity, np.eye(len(GAINS.names)), atol=1e-9)


def test_a_recording_is_a_target(tmp_path):
    recording = embody.rollout("Worm-Crawl-v0", "connectome", seconds=1.0)
    found = recorded(recording, 0.8, WORM)
    angle = recording["joint_angle"][4]
    np.testing.assert_allclose(found.curvature[0, 3], angle / WORM.rod_length, atol=1e-6)
    np.testing.assert_allclose(found.voltage[0, 3], recording["voltage"][4], atol=1e-6)
    assert np.isfinite(at(GaitLoss(WORM, GAINS, found, 0.4), GAINS.start))
    with pytest.raises(EmbodyError, match="lasts 1 s"):
        recorded(recording, 3.0, WORM)


def test_calcium_has_neither_zero_nor_unit():
    voltage = np.random.default_rng(0).normal(size=(60, 3)).astype(np.float32)
    first, other = standardised(calcium(voltage)), standardised(calcium(5.0 * voltage - 40.0))
    np.testing.assert_allclose(first, other, atol=1e-4)
    step = np.repeat([0.0, 1.0], 21)[:, None].astype(np.float32)
    assert calcium(step)[40, 0] == pytest.approx(1.0 - np.exp(-1.0), abs=1e-5)


def test_the_start_is_scattered_in_the_units_of_the_parameters():
    draws = np.array([scattered(GAINS, 0.05, seed) for seed in range(200)])
    sizes = (draws - GAINS.start) * (GAINS.high - GAINS.low)
    assert np.median(sizes.std(axis=0)) == pytest.approx(0.05, rel=0.1)
    np.testing.assert_array_equal(scattered(GAINS, 0.0, 3), GAINS.start)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"segment": 0.3}, "segments of 0.3 s"),
        ({"scatter": -1.0}, "scatter"),
        ({"seconds": 0.01, "segment": 0.0}, "too short"),
        ({"learning_rate": 2.0}, "learning rate"),
        ({"batch": 99}, "samples"),
        ({"free": "zoom"}, "unknown parameter 'zoom'"),
        ({"rewiring": -1}, "0 or more"),
        ({"source": "nowhere.npz"}, "no recording"),
        ({"target": "neural", "neurons": "XYZ*"}, "XYZ"),
    ],
)
def test_a_mistake_is_one_sentence(options, message):
    with pytest.raises(EmbodyError, match=message):
        WAY.made("Worm-Crawl-v0", 0, None, {**SHORT, **options})


def test_runs_and_segments_are_counted_in_frames():
    assert frames_of(2.0, 0.5) == (40, 10)
    assert frames_of(2.0, 0.0) == (40, None)
    assert CrawlingLoss(WORM, GAINS, 2.0, 0.5).segment == 10
    with pytest.raises(UnknownNameError, match="unknown neuron or class 'AVX'"):
        WORM.condition(silenced=["AVX"])
