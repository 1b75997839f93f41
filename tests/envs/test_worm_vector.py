"""A batch of worms: every worm has the bits that it has alone, whatever the others do."""

import pickle
from typing import ClassVar

import gymnasium
import numpy as np
import pytest

import embody
from embody.envs.worm.vector import WormVectorEnv
from embody.errors import EmbodyError
from embody.perturbation import parse
from embody.population import OneByOne, population, renewed
from embody.testing import BatchContract

WORMS = 4


def batch(env_id="Worm-Chemotaxis-v0", worms=WORMS, **options):
    env = gymnasium.make_vec(env_id, num_envs=worms, **options)
    assert isinstance(env.unwrapped, WormVectorEnv)
    return env


def alone(env_id="Worm-Chemotaxis-v0", worms=WORMS, **options):
    return [gymnasium.make(env_id, **options) for _ in range(worms)]


def actions(steps, worms=WORMS, seed=0):
    return np.random.default_rng(seed).uniform(-0.2, 1.2, (steps, worms, 95)).astype(np.float32)


class WormBatch(BatchContract):
    env_id = "Worm-Chemotaxis-v0"
    options: ClassVar[dict] = {}

    def make_batch(self, num_envs, **options):
        return batch(self.env_id, num_envs, **self.options, **options)

    def make_env(self, **options):
        return gymnasium.make(self.env_id, **self.options, **options)

    def drive(self, batch, steps, seed=0):
        return list(actions(steps, batch.num_envs, seed))


class TestCrawling(WormBatch):
    env_id = "Worm-Crawl-v0"


class TestInWater(WormBatch):
    env_id = "Worm-Crawl-v0"
    options: ClassVar = {"medium": "water"}


class TestOneDrop(WormBatch):
    options: ClassVar = {"field": "gaussian"}


class TestARamp(WormBatch):
    options: ClassVar = {"field": "linear", "distance_mm": 12.0}


class TestTwoDrops(WormBatch):
    options: ClassVar = {"field": "two-peak", "distance_mm": 12.0}


def test_the_wall_is_felt_by_those_at_it():
    together, singles = batch(), alone()
    where = np.array([[16.94, 0.0], [0.0, 0.0], [0.0, -16.94], [3.0, 3.0]])
    options = {"position_mm": where, "heading_rad": np.array([0.0, 0.0, -0.5 * np.pi, 2.0])}
    seen, _ = together.reset(seed=0, options=options)
    for k, one in enumerate(singles):
        own = {"position_mm": where[k], "heading_rad": options["heading_rad"][k]}
        assert one.reset(seed=k, options=own)[0].tobytes() == seen[k].tobytes()
    strongest = np.zeros(WORMS)
    touch = together.unwrapped.observation_layout.slice("touch")
    crawl = OneByOne(embody.make_controller("open-loop", together))
    state = crawl.init_many(range(WORMS))
    for _ in range(150):
        state, commands = crawl.step(state, seen)
        seen, *_ = together.step(commands)
        expected = [one.step(command)[0] for one, command in zip(singles, commands, strict=True)]
        assert np.stack(expected).tobytes() == seen.tobytes()
        strongest = np.maximum(strongest, seen[:, touch].max(axis=1))
    assert (strongest[[0, 2]] > 0).all()
    assert not strongest[[1, 3]].any()


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_the_number_of_threads_changes_nothing(threads):
    def last(env):
        env.reset(seed=1)
        return [env.step(commands)[0] for commands in actions(20)][-1]

    assert last(batch(threads=threads)).tobytes() == last(batch()).tobytes()


def test_a_pickled_batch_of_bodies_goes_on_alike():
    env = batch().unwrapped
    env.reset(seed=0)
    for commands in actions(10):
        env.step(commands)
    copy = pickle.loads(pickle.dumps(env.bodies))
    for commands in actions(10, seed=1):
        env.bodies.step(commands)
        copy.step(commands)
    assert copy.nodes().tobytes() == env.bodies.nodes().tobytes()


@pytest.mark.parametrize("name", ["connectome", "no-sense"])
def test_nervous_systems_of_a_batch_have_the_bits_of_one_alone(name):
    together, singles = batch(), alone()
    brain = embody.make_controller(name, together)
    seen, _ = together.reset(seed=0)
    for k, one in enumerate(singles):
        one.reset(seed=k)
    brains = [embody.make_controller(name, one) for one in singles]
    state, states = brain.init_many(range(WORMS)), [b.init(0) for b in brains]
    for _ in range(60):
        state, commands = brain.step(state, seen)
        for k in range(WORMS):
            states[k], command = brains[k].step(states[k], seen[k])
            assert command.tobytes() == np.ascontiguousarray(commands[k]).tobytes()
        seen, *_ = together.step(commands)
    assert brain.read(state)["voltage"].shape == (WORMS, 302)


def test_a_large_batch_is_stepped_in_parts_with_the_same_bits(monkeypatch):
    env = alone(worms=1)[0]
    brain = embody.make_controller("connectome", env)
    seen = np.random.default_rng(2).random((12, 7, env.observation_space.shape[0]))

    def commands(at_a_time):
        monkeypatch.setattr(brain, "at_a_time", at_a_time, raising=False)
        state = brain.init_many(range(7))
        for observation in seen.astype(np.float32):
            state, command = brain.step(state, observation, np.full((7, 302), 0.5))
        return command

    assert commands(3).tobytes() == commands(100).tobytes()


def test_worms_that_differ_are_stepped_in_one_call():
    env = alone(worms=1)[0]
    make = embody.make_controller
    different = [
        make("connectome", env),
        make("rewired", env, rewiring=3),
        make("connectome", env, parameters="rewired-1", without="gap"),
        make("no-sense", env),
        make("connectome", env).with_perturbations(
            [parse("ablation", "AVA"), parse("stimulation", "AVB:10pA@0.02-0.05")]
        ),
        make("connectome", env).with_perturbations(
            [parse("silencing", "DB@0.01-0.06"), parse("stimulation", "AVA,RIM:20pA")]
        ),
    ]
    brain, own = population(different), [one.init(0) for one in different]
    state = brain.init_many(range(len(different)))
    random = np.random.default_rng(0)
    for _ in range(40):
        seen = random.uniform(-0.4, 0.4, (len(different), env.observation_space.shape[0]))
        seen = np.abs(seen).astype(np.float32)
        state, commands = brain.step(state, seen)
        for k, one in enumerate(different):
            own[k], command = one.step(own[k], seen[k])
            assert command.tobytes() == np.ascontiguousarray(commands[k]).tobytes()
    assert len(np.unique(commands, axis=0)) == len(different)


def test_worms_of_a_batch_begin_anew_by_themselves():
    env = alone(worms=1)[0]
    brain = embody.make_controller("connectome", env)
    random = np.random.default_rng(1)
    seen = random.random((2, 30, 3, env.observation_space.shape[0])).astype(np.float32)

    def commands(state, observations):
        for observation in observations:
            state, command = brain.step(state, observation)
        return state, command

    state, _ = commands(brain.init_many(range(3)), seen[0])
    mask = np.array([False, True, False])
    state = renewed(mask, brain.init_many(range(3)), state)
    _, mixed = commands(state, seen[1])
    _, fresh = commands(brain.init_many(range(3)), seen[1])
    _, old = commands(brain.init_many(range(3)), np.concatenate([*seen]))
    assert np.array_equal(mixed, np.where(mask[:, None], fresh, old))


def test_controllers_that_know_of_one_animal_can_drive_a_batch():
    env = batch()
    one = embody.make_controller("random", env)
    with pytest.raises(EmbodyError, match="steps one animal at a time"):
        one.init_many(range(WORMS))
    many = OneByOne(one)
    state = many.init_many(range(WORMS))
    seen, _ = env.reset(seed=0)
    _, commands = many.step(state, seen)
    for k in range(WORMS):
        assert np.array_equal(commands[k], one.step(one.init(k), seen[k])[1])


def test_what_is_wrong_is_said():
    with pytest.raises(EmbodyError, match="threads is -1"):
        batch(threads=-1)
    with pytest.raises(EmbodyError, match="at least one controller"):
        population([])
