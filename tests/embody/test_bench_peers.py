"""Peers solve the same equations as we do, are optional, and a GPU is filled until it is full."""

import sys

import numpy as np
import pytest

from embody.benchmark import Remark, Row, Timing
from embody.command_line import (
    bench_brain,
    bench_neurons,
    bench_worm_jax,
    bench_worm_mujoco,
)
from embody.command_line.bench_devices import Device
from embody.command_line.bench_networks import STEP_S, random_network, worm_network
from embody.command_line.bench_stepping import dense_steps, numpy_steps
from embody.command_line.bench_stepping_scipy import scipy_solution

STEPS = 40
ANIMALS = 70
"""More than are stepped at a time, and no multiple of it."""


@pytest.fixture(scope="module")
def worm():
    return worm_network()


@pytest.fixture(scope="module")
def reference(worm):
    return after(numpy_steps(worm, ANIMALS))


def after(advance, calls=STEPS):
    for _ in range(calls):
        voltage = advance()
    return voltage


def test_full_matrices_give_the_same_voltages_in_double_precision(worm, reference):
    assert np.abs(reference - worm.start(ANIMALS).voltage).max() > 10.0
    np.testing.assert_allclose(after(dense_steps(worm, ANIMALS)), reference, atol=1e-11)


def test_one_animal_is_a_batch_of_one(worm):
    alone = after(numpy_steps(worm))
    np.testing.assert_allclose(after(numpy_steps(worm, 1))[0], alone, atol=1e-11)


@pytest.mark.parametrize("dense", [True, False])
def test_jax_gives_the_same_voltages_in_single_precision(worm, reference, dense):
    pytest.importorskip("jax")
    from embody.command_line.bench_stepping_jax import jax_steps

    voltage = jax_steps(worm, ANIMALS, STEPS, dense)()
    np.testing.assert_allclose(voltage, reference, atol=1e-3)
    assert np.abs(voltage - reference).max() > 0.0


@pytest.mark.parametrize("neurons", [302, 1500])
def test_torch_gives_the_same_voltages_in_single_precision(neurons):
    pytest.importorskip("torch")
    from embody.command_line.bench_stepping_torch import DENSE_LIMIT, torch_steps

    assert 302 < DENSE_LIMIT < 1500  # full and compressed matrices
    network = random_network(neurons)
    expected = after(numpy_steps(network, 3))
    np.testing.assert_allclose(after(torch_steps(network, 3)), expected, atol=1e-3)


def test_scipy_solves_the_same_equations_and_errs_as_much_as_we_do(worm):
    seconds = STEPS * STEP_S
    exact = scipy_solution(worm, seconds, 1e-9, 1e-9)()
    ours, theirs = (
        np.abs(found - exact).max()
        for found in (after(numpy_steps(worm)), scipy_solution(worm, seconds)())
    )
    assert 0.0 < ours < 0.1
    assert 0.2 < theirs / ours < 5.0


@pytest.mark.parametrize("neurons", [302, 3000])
def test_random_networks_are_as_densely_wired_as_the_worm(worm, neurons):
    network = random_network(neurons)
    assert network.size == neurons
    for kind in ("excitation", "inhibition", "gap"):
        matrix, like = getattr(network, kind), getattr(worm, kind)
        assert matrix.nnz / neurons == pytest.approx(like.nnz / worm.size, abs=0.5)
        assert matrix.data.mean() == pytest.approx(like.data.mean(), rel=0.2)
    assert np.isfinite(after(numpy_steps(network))).all()


@pytest.mark.parametrize("benchmark", [bench_brain, bench_neurons])
def test_a_peer_that_is_not_installed_is_a_remark(benchmark, monkeypatch):
    pytest.importorskip("jax")
    monkeypatch.setattr(benchmark, "SIZES", (302,) if benchmark is bench_neurons else (1,))
    monkeypatch.setitem(sys.modules, "embody.command_line.bench_stepping_torch", None)
    found = [*benchmark.measure(0.05)]
    assert Remark("the peer PyTorch is not installed: pip install torch") in found
    on_jax = [row for row in found if isinstance(row, Row) and row.name.endswith("-jax")]
    assert [(row.peer, row.ratio) for row in on_jax] == [("", None)]


def test_without_jax_there_are_no_rows_of_it_but_a_remark(monkeypatch):
    monkeypatch.setattr(bench_neurons, "SIZES", (302,))
    monkeypatch.setitem(sys.modules, "jax", None)
    monkeypatch.setitem(sys.modules, "embody.command_line.bench_stepping_jax", None)
    found = [*bench_neurons.measure(0.05), *bench_worm_jax.measure(0.05)]
    assert not [row for row in found if isinstance(row, Row) and "jax" in row.name]
    assert any(isinstance(one, Remark) and "embody-sim[fit]" in one.text for one in found)


def on_a_gpu(monkeypatch, speed_of):
    """Return what `worm-jax` yields where there is a GPU of a given speed by number of worms."""
    jax = pytest.importorskip("jax")
    devices = [Device(jax.devices("cpu")[0], "", ""), Device(None, "-gpu", "NVIDIA Toy")]

    def lasting(seconds):
        return Timing(seconds, seconds, seconds, 3, 1.0)

    def time(size, device, sync, seconds):
        speed = 100.0 if device is not None else speed_of(size)
        ours = lasting(size * bench_worm_jax.simulated_s(size) / speed)
        return {"ours": ours, "sync": lasting(bench_worm_mujoco.SYNC_WORMS * STEP_S / 50.0)}

    monkeypatch.setattr(bench_worm_jax, "jax_devices", lambda: devices)
    monkeypatch.setattr(bench_worm_jax, "_time", time)
    monkeypatch.setattr(bench_worm_jax, "loop", lambda backend, size: None)
    return [*bench_worm_jax.measure(1.0)]


def test_a_gpu_is_given_more_worms_until_they_do_not_fit(monkeypatch):
    jax = pytest.importorskip("jax")

    def speed_of(size):
        if size > 70_000:
            raise jax.errors.JaxRuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating")
        return float(size)

    found = on_a_gpu(monkeypatch, speed_of)
    (remark,) = (one for one in found if isinstance(one, Remark))
    assert "worm-jax-gpu-262144" in remark.text
    best = found[-1]
    assert (best.name, best.device) == ("worm-jax-realtime", "NVIDIA Toy")
    assert best.value == pytest.approx(65_536.0)
    assert best.point.size == 65_536
    assert best.ratio == pytest.approx(65_536.0 / 50.0)


def test_a_gpu_is_given_no_more_worms_once_it_is_no_faster(monkeypatch):
    found = on_a_gpu(monkeypatch, lambda size: min(float(size), 1200.0))
    sizes = [row.point.size for row in found[:-1] if row.device]
    assert sizes == [256, 1024, 4096, 16_384]
    assert found[-1].value == pytest.approx(1200.0)


def test_an_error_that_is_not_of_memory_is_told(monkeypatch):
    jax = pytest.importorskip("jax")

    def speed_of(size):
        raise jax.errors.JaxRuntimeError("INTERNAL: the device is lost")

    with pytest.raises(jax.errors.JaxRuntimeError, match="lost"):
        on_a_gpu(monkeypatch, speed_of)


def test_larger_batches_repeat_the_starts_that_were_drawn():
    pytest.importorskip("jax")
    _, _, starts = bench_worm_jax.prepare(bench_worm_jax.DRAWN + 3)
    assert starts.distance.shape == (bench_worm_jax.DRAWN + 3,)
    for whole in (starts.distance, starts.body.head, starts.field.peak_mm[0]):
        np.testing.assert_array_equal(whole[bench_worm_jax.DRAWN :], whole[:3])
    assert len(np.unique(starts.body.head[:, 0])) == bench_worm_jax.DRAWN


@pytest.mark.slow
def test_a_part_of_the_compiled_loop_is_not_left_out_by_the_compiler():
    jax = pytest.importorskip("jax")
    from embody.command_line.bench_compiled_parts import compiled_parts, repeated

    dish, values, _ = bench_worm_jax.prepare(1)
    for part in compiled_parts(dish, values):
        before = [np.asarray(leaf, np.float32) for leaf in jax.tree.leaves(part.start)]
        now = [np.asarray(leaf)[0] for leaf in jax.tree.leaves(repeated(part, 2)())]
        assert any((a != b).any() for a, b in zip(before, now, strict=True)), part.name
        assert all(np.isfinite(leaf).all() for leaf in now)


def test_the_peer_batch_drives_the_same_worms_as_ours():
    seen = []
    for backend in ("mujoco", "sync"):
        envs, brain = bench_worm_mujoco.make_worms(backend, 2)
        state, (observation, _) = brain.init_many(range(2)), envs.reset(seed=4)
        for _ in range(20):
            state, actions = brain.step(state, observation)
            observation, *_ = envs.step(actions)
        seen.append(observation)
    assert seen[0].tobytes() == seen[1].tobytes()
