"""Policies: the same numbers on NumPy and JAX, in a file and out of it, in the env they fit."""

import dataclasses
import json
import math

import gymnasium
import numpy as np
import pytest

import embody
from embody.errors import EmbodyError, UnknownNameError
from embody.fitting import policy_network
from embody.fitting.policy_network import init_network
from embody.layout import Channel, Layout
from embody.parameters import FitRecord
from embody.policy_controller import PolicyController
from embody.policy_file import Actuation, Policy
from embody.policy_senses import LAST_ACTION, PolicySenses, Sense
from embody.testing import ControllerContract

PERIOD_S = 0.1
SENSES = (
    Sense("angle"),
    Sense("odour", "change", 0.5, floor=1e-6),
    Sense(LAST_ACTION, "smoothed", 1.0),
)
SEEN = Layout(
    (
        Channel("angle", ("a", "b", "c"), "rad", -3.0, 3.0, "bend"),
        Channel("odour", ("odour",), "1", 0.0, 1.0, "smell"),
    )
)
MUSCLES = Layout((Channel("muscle", ("left", "right"), "1", 0.0, 1.0, "push"),))
RECORD = FitRecord("embody fit", 3, 100, "2026-01-01", {"numpy": "2"}, 0.5, {"way": 0.5})


def toy_policy(seed=0, **changes):
    random = np.random.default_rng(seed)
    network = init_network(seed, 6, 2, (8, 8))
    last = network.actor[-1]
    network = network._replace(actor=(*network.actor[:-1], last._replace(weight=50 * last.weight)))
    parts = {
        "network": network,
        "senses": SENSES,
        "feature_mean": random.standard_normal(6).astype("f4"),
        "feature_scale": np.full(6, 0.5, "f4"),
        "actuation": Actuation.one_to_one(np.zeros(2), np.ones(2)),
        "observation": SEEN,
        "action": MUSCLES,
        "period_s": PERIOD_S,
        "env": "Toy-v0",
        "record": RECORD,
    }
    return Policy(**(parts | changes))


class Toy(gymnasium.Env):
    """Three angles and an odour that wander; two muscles that move them."""

    control_period_s = 0.05

    def __init__(self, seen=SEEN, muscles=MUSCLES):
        self.observation_layout, self.action_layout = seen, muscles
        self.observation_space = gymnasium.spaces.Box(*seen.bounds())
        self.action_space = gymnasium.spaces.Box(*muscles.bounds())

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.state = self.np_random.random(self.observation_layout.size).astype("f4")
        return self.state.copy(), {}

    def step(self, action):
        self.state = np.clip(self.state + 0.1 * (action.sum() - self.state), 0.0, 1.0)
        return self.state.copy(), 0.0, False, False, {}


class TestThePolicy(ControllerContract):
    def make_env(self):
        return Toy()

    def make_controller(self, env):
        return PolicyController(toy_policy(), env.observation_layout, env.control_period_s)


class TestANoisyPolicy(ControllerContract):
    def make_env(self):
        return Toy()

    def make_controller(self, env):
        return PolicyController(toy_policy(noise=1.0), SEEN, env.control_period_s)


def test_noise_has_the_deviation_of_the_fit():
    policy = toy_policy(noise=0.5)
    deviation = np.array([0.02, 0.04], "f4")
    policy = dataclasses.replace(
        policy, network=policy.network._replace(log_deviation=np.log(deviation))
    )
    seen = np.full(4, 0.2, "f4")
    quiet = PolicyController(policy, SEEN, 0.1, noise=0.0)
    noisy = PolicyController(policy, SEEN, 0.1)
    mean = np.arctanh(quiet.step(quiet.init(0), seen)[0].squashed)
    drawn = [np.arctanh(noisy.step(noisy.init(k), seen)[0].squashed) for k in range(2000)]
    np.testing.assert_allclose(np.mean(drawn, axis=0), mean, atol=0.003)
    np.testing.assert_allclose(np.std(drawn, axis=0), 0.5 * deviation, rtol=0.06)
    state = noisy.init(3)
    after, _ = noisy.step(state, seen)
    again, _ = noisy.step(after, seen)
    assert not np.array_equal(after.squashed, again.squashed)


def test_numpy_and_jax_agree():
    jax = pytest.importorskip("jax")
    jnp = jax.numpy
    policy, random = toy_policy(), np.random.default_rng(1)
    senses = policy.prepared(SEEN)
    memory = random.standard_normal((5, 2 + 1)).astype("f4")
    fresh = np.array([True, False, True, False, False])
    seen, last = random.random((5, 4)).astype("f4"), random.random((5, 2)).astype("f4")

    def whole(xp, *given):
        kept, features = senses(*given, xp)
        squashed = policy.squashed_action(features, xp)
        value = policy_network.value(policy.network, features, xp)
        return kept, features, squashed, policy.actuation(squashed, xp), value

    given = (memory, fresh, seen, last)
    by_numpy = whole(np, *given)
    by_jax = jax.vmap(lambda *one: whole(jnp, *one))(*given)
    assert np.abs(by_numpy[2]).max() > 0.1
    for one, other in zip(by_numpy, by_jax, strict=True):
        np.testing.assert_allclose(one, other, atol=2e-6)


def test_the_density_is_that_of_the_gaussian():
    from scipy import stats

    network = toy_policy().network._replace(log_deviation=np.log([0.3, 2.0]))
    mean, action = np.array([0.2, -1.0]), np.array([0.5, 0.4])
    gaussian = stats.norm(mean, [0.3, 2.0])
    found = policy_network.log_probability(network, mean, action, np)
    assert found == pytest.approx(gaussian.logpdf(action).sum())
    assert policy_network.entropy(network, np) == pytest.approx(gaussian.entropy().sum())


def test_a_change_decays_with_its_time_constant():
    senses = PolicySenses([Sense("odour", "change", 0.5)], SEEN, 2, PERIOD_S)
    low, high, none = np.array([0, 0, 0, 0.2]), np.array([0, 0, 0, 1.0]), np.zeros(2)
    memory, feature = senses(np.zeros(1), True, low, none, np)
    assert feature == 0.0
    found = []
    for _ in range(8):
        memory, feature = senses(memory, False, high, none, np)
        found.append(feature[0])
    wanted = 0.8 * np.exp(-PERIOD_S / 0.5 * np.arange(1, 9))
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_the_logarithm_of_what_is_above_its_floor():
    senses = PolicySenses([Sense("odour", floor=1e-3)], SEEN, 2, PERIOD_S)
    for odour, wanted in ((0.5, math.log(0.5)), (1e-9, math.log(1e-3))):
        seen = np.array([0, 0, 0, odour])
        assert senses(np.zeros(0), False, seen, np.zeros(2), np)[1] == pytest.approx(wanted)


def test_a_decision_is_held_for_its_period():
    env = Toy()
    controller = PolicyController(toy_policy(), SEEN, env.control_period_s)
    observation, _ = env.reset(seed=0)
    state, actions = controller.init(0), []
    for _ in range(6):
        state, action = controller.step(state, observation)
        observation, *_ = env.step(action)
        actions.append(action)
    assert all(np.array_equal(actions[k], actions[k + 1]) for k in (0, 2, 4))
    assert not np.array_equal(actions[1], actions[2])


def test_a_held_channel_has_no_effect():
    controller = PolicyController(toy_policy(), SEEN, 0.05, {"odour": 0.5})
    one, other = np.array([0.1, 0.2, 0.3, 0.9], "f4"), np.array([0.1, 0.2, 0.3, 0.1], "f4")
    assert np.array_equal(*(controller.step(controller.init(0), o)[1] for o in (one, other)))
    assert one[3] == np.float32(0.9)


def test_a_file_brings_back_all_of_it(tmp_path):
    policy = toy_policy()
    policy.save(tmp_path / "policy.npz")
    found = Policy.load(tmp_path / "policy.npz")
    for name in ("senses", "observation", "action", "period_s", "env", "record", "name", "noise"):
        assert getattr(found, name) == getattr(policy, name)
    features = np.random.default_rng(0).standard_normal((4, 6)).astype("f4")
    assert np.array_equal(found.squashed_action(features, np), policy.squashed_action(features, np))
    assert len(found.network.critic) == len(policy.network.critic)


def test_it_acts_by_name(tmp_path):
    toy_policy().save(tmp_path / "policy.npz")
    env = Toy()
    controller = embody.make_controller("policy", env, weights=str(tmp_path / "policy.npz"))
    recording = embody.rollout(env, controller, seconds=1.0, seed=0)
    assert recording.arrays["policy_action"].shape[1] == 2


@pytest.mark.parametrize("content", [b"", b"nonsense", b"PK\x03\x04"])
def test_a_damaged_file_is_named(tmp_path, content):
    (tmp_path / "policy.npz").write_bytes(content)
    with pytest.raises(EmbodyError, match="no policy file"):
        Policy.load(tmp_path / "policy.npz")


def test_a_file_that_lies_is_refused(tmp_path):
    path = tmp_path / "policy.npz"
    toy_policy().save(path)
    with np.load(path) as file:
        whole = dict(file)
    heading = json.loads(bytes(whole["heading"]))
    lies = (
        {"actor0_weight": np.zeros((3, 8), "f4")},
        {"log_deviation": np.array([np.nan, 0.0], "f4")},
        {"feature_mean": np.array([{}] * 6, dtype=object)},
        {"heading": np.frombuffer(json.dumps(heading | {"format": "x"}).encode(), "u1")},
        {"heading": np.frombuffer(json.dumps(heading | {"period_s": -1}).encode(), "u1")},
    )
    for lie in lies:
        np.savez(path, **(whole | lie))
        with pytest.raises(EmbodyError, match="damaged or no policy file"):
            Policy.load(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(EmbodyError, match=r"no policy file .*nowhere.npz"):
        embody.make_controller("policy", Toy(), weights=str(tmp_path / "nowhere.npz"))


def test_another_layout_is_refused_in_one_sentence(tmp_path):
    path = tmp_path / "policy.npz"
    toy_policy().save(path)
    blind = Toy(seen=Layout(SEEN.channels[:1]))
    with pytest.raises(
        EmbodyError, match=r"senses angle \(3, rad\), odour \(1, 1\); .* shows angle"
    ):
        embody.make_controller("policy", blind, weights=str(path))
    arms = Layout((Channel("arm", ("left", "right"), "1", 0.0, 1.0, "push"),))
    with pytest.raises(EmbodyError, match=r"drives muscle \(2, 1\); .* takes arm"):
        embody.make_controller("policy", Toy(muscles=arms), weights=str(path))
    with pytest.raises(UnknownNameError, match="odour"):
        embody.make_controller("policy", Toy(), weights=str(path), hold="smell=1")
    with pytest.raises(EmbodyError, match="of the form"):
        embody.make_controller("policy", Toy(), weights=str(path), hold="odour")


def test_layers_that_do_not_lead_to_the_actions_are_refused():
    with pytest.raises(EmbodyError, match="from 6 features to 2 actions"):
        toy_policy(network=init_network(0, 5, 2))


def test_what_is_not_finite_is_not_saved(tmp_path):
    policy = toy_policy(feature_mean=np.full(6, np.nan))
    with pytest.raises(EmbodyError, match=r"feature_mean .*not finite"):
        policy.save(tmp_path / "policy.npz")
    assert not list(tmp_path.iterdir())
