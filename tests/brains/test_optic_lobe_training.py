"""Training of the optic lobe: it learns, resumes exactly, and its files are safe."""

import json
from dataclasses import replace

import jax
import numpy as np
import pytest

from embody.brains.fly.optic_lobe import checkpoint
from embody.brains.fly.optic_lobe.connectome import load_optic_lobe
from embody.brains.fly.optic_lobe.initial_parameters import input_fraction
from embody.brains.fly.optic_lobe.parameters import (
    load_parameters,
    load_published,
    load_set,
    shipped_parameters,
    to_set,
)
from embody.brains.fly.optic_lobe.scenes import SceneStatistics
from embody.brains.fly.optic_lobe.training import Trainer, TrainingOptions
from embody.errors import EmbodyError, UnknownNameError

SMALL = ["R1", "R8", "L1", "L2", "L3", "Mi1", "Tm3", "Mi4", "Mi9", "T4a", "T4b", "T4c", "T4d"]
OPTIONS = TrainingOptions(
    iterations=8, batch=2, frames=6, unscored=2, textures=4, read_out=("T4a", "T4b", "T4c", "T4d")
)


@pytest.fixture(scope="module")
def lobe():
    return load_optic_lobe().select(SMALL)


@pytest.fixture(scope="module")
def trainer(lobe):
    return Trainer(lobe, OPTIONS)


def advance(trainer, progress, steps):
    for k in range(int(progress.iteration), int(progress.iteration) + steps):
        progress, losses = trainer.step(progress, *trainer.batch(k))
    return progress, losses


def test_learning_one_batch_lowers_its_cost(lobe):
    simple = SceneStatistics(object_share=0.0, turning_share=0.0)
    steady = replace(OPTIONS, drop_out=0.0, read_out_noise=0.0, statistics=simple)
    trainer = Trainer(lobe, steady)
    progress, batch = trainer.start(), trainer.batch(0)
    costs = []
    for _ in range(40):
        progress, losses = trainer.step(progress, *batch)
        costs.append(float(losses.flow + losses.activity))
    assert costs[-1] < 0.9 * costs[0]
    assert np.isfinite(costs).all()


def test_held_out_scenes_are_the_same_for_every_seed(lobe, trainer):
    other = Trainer(lobe, replace(OPTIONS, seed=7))
    assert (other.batch(0)[0] != trainer.batch(0)[0]).any()
    progress = trainer.start()
    assert other.validation_error(progress) == trainer.validation_error(progress) > 0.9


def test_an_eye_that_would_not_come_to_rest_is_penalised(lobe, trainer):
    start, batch = trainer.start(), trainer.batch(0)
    pair = lobe.pair_names.index("T4a>T4a")

    def penalty(loudness):
        itself = start.trainable.log_strength.at[pair].add(np.log(loudness))
        progress = start._replace(trainable=start.trainable._replace(log_strength=itself))
        after, losses = trainer.step(progress, *batch)
        return float(losses.unrest), float(after.trainable.log_strength[pair] - itself[pair])

    (some, _), (much, change) = penalty(1.0), penalty(20.0)
    assert much > 2.0 * some
    assert change < 0.0


def test_the_flow_of_a_scene_is_what_the_batch_holds(trainer):
    light, flow = trainer.batch(3)
    assert light.shape == (6, 36, 2)
    assert flow.shape == (6, 2, 36, 2)
    again = trainer.batch(3)
    np.testing.assert_array_equal(light, again[0])
    assert (trainer.batch(4)[0] != light).any()


def test_a_resumed_run_is_the_same_run(trainer, lobe, tmp_path):
    whole, _ = advance(trainer, trainer.start(), 5)
    half, _ = advance(trainer, trainer.start(), 2)
    run = checkpoint.identity(lobe, OPTIONS)
    checkpoint.save(tmp_path / "checkpoint.npz", half, run)
    resumed = checkpoint.load(tmp_path / "checkpoint.npz", trainer.start(), run)
    assert int(resumed.iteration) == 2
    resumed, _ = advance(trainer, resumed, 3)
    for one, other in zip(jax.tree.leaves(whole), jax.tree.leaves(resumed), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_checkpoint_of_another_run_is_refused(trainer, lobe, tmp_path):
    path = tmp_path / "checkpoint.npz"
    checkpoint.save(path, trainer.start(), checkpoint.identity(lobe, OPTIONS))
    for other in (
        checkpoint.identity(lobe, replace(OPTIONS, seed=1)),
        checkpoint.identity(lobe.shuffle_signs(0), OPTIONS),
    ):
        with pytest.raises(EmbodyError, match="other options or wiring"):
            checkpoint.load(path, trainer.start(), other)


def test_a_damaged_checkpoint_is_refused(trainer, tmp_path):
    path = tmp_path / "checkpoint.npz"
    path.write_bytes(b"not an archive")
    with pytest.raises(EmbodyError, match="not a checkpoint"):
        checkpoint.load(path, trainer.start(), "")


def test_initial_weights_on_a_cell_add_up_to_one_at_most():
    lobe = load_optic_lobe()
    weight = lobe.synapses * input_fraction(lobe)[lobe.entry_pair]
    source = lobe.pairs[lobe.entry_pair, 0]
    dense = ~np.isin(source, lobe.index(["Lawf1", "Lawf2"]))
    onto = lobe.pairs[lobe.entry_pair, 1]
    total = np.bincount(onto[dense], weight[dense], 65)
    assert (total <= 1.0 + 1e-9).all()
    assert np.median(total) > 0.9


def test_parameters_survive_their_file(tmp_path):
    lobe, tied = load_optic_lobe(), load_parameters("trained")
    to_set(tied, lobe, "copy", "a copy", load_set("trained").fit).save(tmp_path / "copy.json")
    again = load_parameters(tmp_path / "copy.json")
    for one, other in zip(tied, again, strict=True):
        np.testing.assert_array_equal(one, other)


def test_shipped_parameters_have_their_record():
    for name in shipped_parameters():
        parameters = load_set(name)
        assert len(parameters) == 65 + 65 + 604
        assert parameters.fit is not None
        assert parameters.fit.command.startswith("python tools/train_optic_lobe.py")
        assert all(p.tag == "calibrated" for p in parameters)


def test_parameters_follow_the_types_and_pairs_of_a_connectome():
    lobe, few = load_optic_lobe(), load_optic_lobe().select(SMALL)
    whole, part = load_parameters("trained"), load_parameters("trained", few)
    np.testing.assert_array_equal(part.rest, whole.rest[lobe.index(SMALL)])
    pairs = [lobe.pair_names.index(name) for name in few.pair_names]
    np.testing.assert_array_equal(part.strength, whole.strength[pairs])


def test_unknown_sets_are_refused():
    with pytest.raises(UnknownNameError):
        load_parameters("untrained")


def published(lobe, **changes):
    arrays = {
        "node_types": np.array(lobe.cell_types),
        "edge_type_source_target": np.array([name.split(">") for name in lobe.pair_names]),
        "nodes_bias": np.arange(65.0),
        "nodes_time_const": np.linspace(0.02, 0.2, 65),
        "edges_syn_strength": np.arange(604.0),
    }
    return {name: array for name, array in {**arrays, **changes}.items() if array is not None}


def test_published_parameters_are_read_by_name(tmp_path):
    lobe = load_optic_lobe()
    shuffled = np.random.default_rng(0).permutation(65)
    arrays = published(lobe)
    for name in ("node_types", "nodes_bias", "nodes_time_const"):
        arrays[name] = arrays[name][shuffled]
    np.savez(tmp_path / "network.npz", **arrays)
    tied = load_published(tmp_path / "network.npz")
    np.testing.assert_array_equal(tied.rest, np.arange(65.0))
    np.testing.assert_array_equal(tied.strength, np.arange(604.0))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"nodes_bias": None}, "holds no published parameters"),
        ({"nodes_bias": np.zeros(3)}, "one finite number"),
        ({"nodes_bias": np.full(65, np.nan)}, "one finite number"),
        ({"node_types": np.array([f"X{k}" for k in range(65)])}, "lacks parameters of R1"),
    ],
)
def test_incomplete_published_files_are_refused(tmp_path, changes, message):
    np.savez(tmp_path / "network.npz", **published(load_optic_lobe(), **changes))
    with pytest.raises(EmbodyError, match=message):
        load_published(tmp_path / "network.npz")


def test_files_that_are_no_archive_are_refused(tmp_path):
    with pytest.raises(EmbodyError, match="there is no file"):
        load_published(tmp_path / "missing.npz")
    (tmp_path / "text.npz").write_text(json.dumps({}))
    with pytest.raises(EmbodyError, match="not a NumPy archive"):
        load_published(tmp_path / "text.npz")
