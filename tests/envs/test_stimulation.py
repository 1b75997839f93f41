"""A nervous system inside the env: currents in, the animal moves."""

import pickle

import gymnasium
import numpy as np
import pytest

from embody.bodies.worm.geometry import MUSCLES
from embody.controller import AbstractController
from embody.envs.stimulation import NervousSystem
from embody.envs.worm.baselines import make_open_loop
from embody.errors import EmbodyError
from embody.layout import Channel

NEURONS = ("left", "right", "silent")


class TwoSides(AbstractController):
    """Toy: a leaky voltage for each neuron; left drives the first muscle, right the second."""

    name = "two-sides"
    period_s = 0.005
    neurons = NEURONS
    signals = (Channel("voltage", NEURONS, "mV", -200.0, 200.0, "membrane voltage"),)

    def init(self, seed):
        return np.full(3, float(seed % 7))

    def step(self, state, observation, current=None):
        drive = np.zeros(3) if current is None else current
        state = 0.5 * state + drive
        action = np.zeros(len(MUSCLES), np.float32)
        action[:2] = state[:2] / 100.0
        return state, action

    def read(self, state):
        return {"voltage": state}


@pytest.fixture
def env():
    return gymnasium.make("Worm-Crawl-v0", max_episode_steps=50)


def test_current_reaches_the_named_neuron_and_its_muscle(env):
    animal = NervousSystem(env, TwoSides(), ("right",), max_current_pA=30.0)
    assert animal.action_space == gymnasium.spaces.Box(-30.0, 30.0, (1,), np.float32)
    animal.reset(seed=0)
    for _ in range(10):
        animal.step(np.array([20.0], np.float32))
    activation = env.unwrapped.snapshot()["muscle_activation"]
    assert activation[1] > 0.05
    assert not np.delete(activation, 1).any()


def test_no_current_is_what_the_controller_does_alone(env):
    animal = NervousSystem(env, TwoSides(), ("left",))
    observations = [animal.reset(seed=3)[0]]
    observations += [animal.step(np.zeros(1, np.float32))[0] for _ in range(20)]
    alone, controller = gymnasium.make("Worm-Crawl-v0"), TwoSides()
    expected = [alone.reset(seed=3)[0]]
    controller.reset(3)
    expected += [alone.step(controller.act(expected[-1]))[0] for _ in range(20)]
    np.testing.assert_array_equal(observations, expected)


def test_voltages_are_observed_under_their_names_and_clipped(env):
    animal = NervousSystem(
        env,
        TwoSides(),
        ("left",),
        max_current_pA=100.0,
        observe_voltage=("silent", "left"),
        voltage_range_mV=(-60.0, 60.0),
    )
    layout = animal.observation_layout
    assert layout.channel("voltage").labels == ("silent", "left")
    observation, _ = animal.reset(seed=0)
    assert observation in animal.observation_space
    observation = animal.step(np.array([40.0], np.float32))[0]
    np.testing.assert_array_equal(observation[layout.slice("voltage")], [0.0, 40.0])
    observation = animal.step(np.array([1000.0], np.float32))[0]
    np.testing.assert_array_equal(observation[layout.slice("voltage")], [0.0, 60.0])


def test_the_agent_cannot_reach_into_what_the_controller_senses(env):
    animal = NervousSystem(env, TwoSides(), ("left",))
    observation, _ = animal.reset(seed=0)
    kept = animal._sensed.copy()
    observation[:] = 9.0
    np.testing.assert_array_equal(animal._sensed, kept)


def test_same_seed_same_episode_and_pickling(env):
    animal = NervousSystem(env, TwoSides(), ("left", "right"), observe_voltage=("left",))
    actions = np.random.default_rng(0).uniform(-20, 20, (20, 2)).astype(np.float32)
    first = [animal.reset(seed=1)[0]] + [animal.step(action)[0] for action in actions[:10]]
    copy = pickle.loads(pickle.dumps(animal))
    rest = [animal.step(action)[0] for action in actions[10:]]
    np.testing.assert_array_equal(rest, [copy.step(action)[0] for action in actions[10:]])
    again = [animal.reset(seed=1)[0]] + [animal.step(action)[0] for action in actions]
    np.testing.assert_array_equal(first + rest, again)


def test_the_time_limit_still_holds(env):
    animal = NervousSystem(env, TwoSides(), ("left",))
    animal.reset(seed=0)
    ends = [animal.step(np.zeros(1))[3] for _ in range(50)]
    assert ends == [False] * 49 + [True]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"neurons": ("middle",)}, "left, right, silent"),
        ({"neurons": ("left",), "observe_voltage": ("middle",)}, "left, right, silent"),
        ({"neurons": ()}, "at least one"),
        ({"neurons": ("left", "left")}, "each once"),
        ({"neurons": ("left",), "max_current_pA": 0.0}, "positive"),
        ({"neurons": ("left",), "voltage_range_mV": (5.0, 5.0)}, "upwards"),
    ],
)
def test_mistakes_are_named(env, options, message):
    with pytest.raises(EmbodyError, match=message):
        NervousSystem(env, TwoSides(), **options)


def test_a_controller_without_neurons_is_refused(env):
    with pytest.raises(EmbodyError, match="open-loop"):
        NervousSystem(env, make_open_loop(env), ("AVAL",))


@pytest.mark.parametrize("action", [np.zeros(2), np.array([np.nan]), 1.0])
def test_bad_currents_are_refused(env, action):
    animal = NervousSystem(env, TwoSides(), ("left",))
    animal.reset(seed=0)
    with pytest.raises(EmbodyError):
        animal.step(action)
