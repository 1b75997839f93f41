"""Reinforcement of the worm: the compiled task is the env, and its fits go on where they were."""

import functools

import gymnasium
import numpy as np
import pytest

pytest.importorskip("jax")
pytest.importorskip("optax")

import jax
import jax.numpy as jnp

import embody
from embody.brains.worm.parameters import load_parameters
from embody.connectome import load_connectome
from embody.envs.stimulation import NervousSystem
from embody.envs.worm.compiled_dish import CompiledDish, draw_starts
from embody.envs.worm.fits.dish_objective import STEERING, DishObjective, begin_at
from embody.envs.worm.fits.dish_task import FIRST_START, STEP_S
from embody.envs.worm.fits.muscle_dish import MuscleDish, muscles_of_bends
from embody.envs.worm.fits.stimulated import Stimulated
from embody.envs.worm.fits.stimulation_dish import NEURONS, StimulationDish
from embody.errors import EmbodyError, UnknownNameError
from embody.fitting import FreeParameters, run
from embody.fitting.policy_network import init_network
from embody.fitting.ppo import PolicyOptimisation
from embody.fitting.ppo_settings import PpoSettings
from embody.parameters import FitRecord
from embody.policy_controller import PolicyController
from embody.policy_file import Policy
from embody.testing import ControllerContract

RECORD = FitRecord("a test", 0, 1, "2026-01-01", {}, 0.0)
SMALL = PpoSettings(animals=4, decisions=4, epochs=1, minibatches=1, hidden=(8,))


@functools.cache
def muscles(odourless=False):
    return MuscleDish(odourless=odourless, starts=1)


@functools.cache
def neurons():
    return StimulationDish(starts=1)


def lively(task):
    """Return a policy whose actions are far from 0, so that a difference would show."""
    network = init_network(3, task.features, task.actions, (8,))
    last = network.actor[-1]
    network = network._replace(actor=(network.actor[0], last._replace(weight=60 * last.weight)))
    scale = np.full(task.features, 0.5, np.float32)
    return task.policy(network, np.zeros_like(scale), scale, RECORD)


def in_the_task(task, policy, decisions):
    """Return noses and features before each decision, as compiled."""

    def one(state, _):
        outcome = task.step(state, policy.squashed_action(state.features, jnp))
        return outcome.state, (state.body.head, state.features)

    state = task.init(jax.random.PRNGKey(0), jnp.zeros((), jnp.float32))
    return jax.jit(lambda state: jax.lax.scan(one, state, None, length=decisions)[1])(state)


def in_the_env(env, policy, decisions, path):
    """Return the same from the controller in the env, on MuJoCo."""
    policy.save(path)
    controller = embody.make_controller("policy", env, weights=str(path), noise=0.0)
    seen, _ = env.reset(seed=FIRST_START)
    state, noses, features = controller.init(0), [], []
    hold = round(policy.period_s / env.unwrapped.control_period_s)
    for step in range(decisions * hold):
        if step % hold == 0:
            noses.append(env.unwrapped.body.centreline()[0])
            fresh = step == 0
            features.append(controller._senses(state.memory, fresh, seen, state.squashed, np)[1])
        state, action = controller.step(state, seen)
        seen, *_ = env.step(action)
    return np.array(noses), np.array(features)


def test_the_compiled_task_is_the_env_for_muscles(tmp_path):
    task = muscles()
    policy, env = lively(task), gymnasium.make("Worm-Chemotaxis-v0", max_episode_steps=-1)
    noses, features = in_the_task(task, policy, 20)
    wanted, shown = in_the_env(env, policy, 20, tmp_path / "policy.npz")
    assert np.hypot(*(noses[-1] - noses[0])) > 0.05
    np.testing.assert_allclose(features[0], shown[0], atol=1e-5)
    assert np.hypot(*(np.asarray(noses) - wanted).T).max() < 0.02
    np.testing.assert_allclose(features[:, :24], shown[:, :24], atol=0.05)


def test_the_compiled_task_is_the_env_for_neurons(tmp_path):
    task = neurons()
    env = gymnasium.make("Worm-Chemotaxis-v0", max_episode_steps=-1)
    brain = embody.make_controller("no-sense", env)
    stimulated = NervousSystem(env, brain, NEURONS, task.largest_pA)
    policy = lively(task)
    noses, _ = in_the_task(task, policy, 20)
    wanted, _ = in_the_env(stimulated, policy, 20, tmp_path / "policy.npz")
    assert np.hypot(*(np.asarray(noses) - wanted).T).max() < 0.02


def test_the_controller_is_the_wrapper_with_the_policy_outside(tmp_path):
    task = neurons()
    lively(task).save(tmp_path / "policy.npz")
    weights = str(tmp_path / "policy.npz")
    env = gymnasium.make("Worm-Chemotaxis-v0", max_episode_steps=-1)
    whole = embody.make_controller("stimulated", env, weights=weights)
    seen, _ = env.reset(seed=3)
    state = whole.init(3)
    for _ in range(100):
        state, muscles = whole.step(state, seen)
        seen, *_ = env.step(muscles)
    other = gymnasium.make("Worm-Chemotaxis-v0", max_episode_steps=-1)
    brain = embody.make_controller("no-sense", other)
    stimulated = NervousSystem(other, brain, NEURONS, task.largest_pA)
    outside = embody.make_controller("policy", stimulated, weights=weights)
    found, _ = stimulated.reset(seed=3)
    state = outside.init(3)
    for _ in range(100):
        state, currents = outside.step(state, found)
        found, *_ = stimulated.step(currents)
    np.testing.assert_array_equal(found, seen)


class TestTheStimulatedWorm(ControllerContract):
    def make_env(self):
        return gymnasium.make("Worm-Chemotaxis-v0")

    def make_controller(self, env):
        worm = embody.make_controller("no-sense", env)
        policy = PolicyController(lively(neurons()), worm.observation_layout, worm.period_s)
        return Stimulated(worm, policy)


def test_a_policy_of_muscles_cannot_stimulate(tmp_path):
    lively(muscles()).save(tmp_path / "policy.npz")
    env = gymnasium.make("Worm-Chemotaxis-v0")
    with pytest.raises(EmbodyError, match="needs one that commands currents"):
        embody.make_controller("stimulated", env, weights=str(tmp_path / "policy.npz"))


def test_without_currents_the_connectome_crawls_as_without_a_nose():
    task = neurons()
    network = init_network(0, task.features, task.actions, (4,))
    none = network._replace(actor=tuple(jax.tree.map(np.zeros_like, network.actor)))
    nothing = np.zeros(task.features, np.float32)
    still = task.policy(none, nothing, nothing + 1.0, RECORD)
    noses, _ = in_the_task(task, still, 21)
    dish = CompiledDish(load_connectome("worm"), dt=STEP_S)
    values = load_parameters("connectome").values() | {"sensor_gain": 0.0}
    found = dish.run(values, draw_starts([FIRST_START]), 2.0, 10)
    np.testing.assert_allclose(noses[1:], found.head[0], atol=1e-4)


def test_an_action_of_the_other_sign_swaps_dorsal_and_ventral():
    actuation = muscles_of_bends(8)
    action = np.random.default_rng(0).uniform(-1, 1, 8).astype("f4")
    one, other = actuation(action, np), actuation(-action, np)
    balance = np.asarray(muscles()._balance)
    np.testing.assert_allclose(balance @ one, -(balance @ other), atol=1e-6)
    assert not (one * other).any()


def test_without_odour_no_feature_of_it_changes():
    task = muscles(odourless=True)
    _, features = in_the_task(task, lively(task), 10)
    smell = task.senses.memory_size + 1
    smelt = features[:, 24 : 24 + smell]
    assert np.ptp(smelt, axis=0).max() == 0.0
    _, features = in_the_task(muscles(), lively(muscles()), 10)
    assert np.ptp(features[:, 24 : 24 + smell], axis=0).min() > 0.0


@pytest.mark.slow
def test_a_fit_of_muscles_goes_on_and_can_act(tmp_path):
    method = PolicyOptimisation(muscles(), 3, SMALL)
    whole = run(method, 32, tmp_path / "whole", progress=False)
    run(method, 16, tmp_path / "parts", progress=False)
    parts = run(method, 32, tmp_path / "parts", progress=False)
    assert all(map(np.array_equal, *(jax.tree.leaves(fit.state) for fit in (whole, parts))))
    env = gymnasium.make("Worm-Chemotaxis-v0")
    controller = embody.make_controller("policy", env, weights=str(parts.files[0]))
    assert embody.rollout(env, controller, seconds=0.5, seed=0).arrays["time"][-1] > 0.4
    assert Policy.load(parts.files[0]).record.budget == 32


def test_the_objective_of_gains_is_one_less_the_index():
    objective = DishObjective("connectome", ",".join(STEERING), None, 1.0, 2)
    positions = np.stack([objective.free.start, np.full(len(STEERING), 0.5)])
    costs = objective.costs(positions)
    dish, starts = (
        CompiledDish(load_connectome("worm"), dt=STEP_S),
        draw_starts(range(FIRST_START, FIRST_START + 2)),
    )
    alone = dish.run(objective.free.values(positions[1]), starts, 1.0, 100)
    assert costs[1] == pytest.approx(1.0 - alone.chemotaxis_index.mean(), abs=1e-5)
    assert costs[0] != pytest.approx(costs[1], abs=1e-6)


def test_a_weak_start_has_weak_gains_and_the_rest_in_the_middle():
    free = FreeParameters.choose(load_parameters("connectome"), STEERING)
    weak = dict(zip(free.names, begin_at("weak", free), strict=True))
    assert weak["log10_gain_aiy_to_aiz"] == weak["sensor_gain"] == 0.25
    assert weak["muscle_gain_smb"] == weak["offset_smb"] == 0.5
    np.testing.assert_array_equal(begin_at("middle", free), 0.5)
    assert free.values(begin_at("prior", free)) == pytest.approx(free.base.values())


@pytest.mark.parametrize(
    ("method", "options", "kind", "message"),
    [
        ("reinforcement", {"hidden": "many"}, EmbodyError, "sizes with commas"),
        ("reinforcement", {"period_s": 0.013}, EmbodyError, "whole multiple"),
        ("reinforcement-stimulation", {"neurons": "AVA"}, UnknownNameError, "AVAL"),
        ("reinforcement-gains", {"free": "zoom"}, UnknownNameError, "zoom"),
    ],
)
def test_a_mistake_is_one_sentence(tmp_path, method, options, kind, message):
    with pytest.raises(kind, match=message):
        embody.fit("Worm-Chemotaxis-v0", method, out=tmp_path / "new", **options)
    assert not (tmp_path / "new").exists()


def test_another_env_is_refused(tmp_path):
    with pytest.raises(EmbodyError, match=r"compiled for Worm-Chemotaxis-v0.*sb3"):
        embody.fit("Worm-Crawl-v0", "reinforcement", out=tmp_path)
