"""PPO: its parts are what the papers say, it finds known optima, and it goes on after a stop."""

import numpy as np
import pytest

pytest.importorskip("jax")
pytest.importorskip("optax")

import jax
import jax.numpy as jnp
from scipy import linalg
from toy_task import STEPS, A, B, Q, R, Regulator

from embody.errors import EmbodyError
from embody.fitting import policy_network, run
from embody.fitting.advantages import generalised_advantages
from embody.fitting.policy_network import init_network
from embody.fitting.ppo import PolicyOptimisation
from embody.fitting.ppo_normaliser import Normaliser
from embody.fitting.ppo_settings import PpoSettings
from embody.fitting.ppo_update import Batch, clipped_gain, loss
from embody.policy_file import Policy
from embody.testing import MethodContract

SMALL = PpoSettings(animals=8, decisions=16, epochs=2, minibatches=2, hidden=(8,))


class TestTheMethod(MethodContract):
    def make_method(self, seed=0):
        return PolicyOptimisation(Regulator(), seed, SMALL)


def test_advantages_are_the_sums_that_define_them():
    random = np.random.default_rng(0)
    times, animals, discount, smoothing = 12, 5, 0.9, 0.7
    reward, value, after = random.standard_normal((3, times, animals))
    terminated = random.random((times, animals)) < 0.15
    over = terminated | (random.random((times, animals)) < 0.15)
    surprise = reward + discount * np.where(terminated, 0.0, after) - value
    wanted = np.zeros((times, animals))
    for animal in range(animals):
        for start in range(times):
            for time in range(start, times):
                share = (discount * smoothing) ** (time - start)
                wanted[start, animal] += share * surprise[time, animal]
                if over[time, animal]:
                    break
    found = generalised_advantages(reward, value, after, terminated, over, discount, smoothing)
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_without_smoothing_loss_the_advantage_is_the_return_less_the_value():
    random = np.random.default_rng(1)
    reward, value = random.standard_normal((2, 10, 3))
    last = np.zeros((10, 3), bool)
    last[-1] = True
    after = np.roll(value, -1, axis=0)
    found = generalised_advantages(reward, value, after, last, last, 0.95, 1.0)
    powers = 0.95 ** np.arange(10)
    returns = np.array([(powers[: 10 - t, None] * reward[t:]).sum(0) for t in range(10)])
    np.testing.assert_allclose(found, returns - value, atol=1e-5)


@pytest.mark.parametrize(
    ("ratio", "advantage", "moves"),
    [(1.5, 1.0, 0), (0.5, -1.0, 0), (1.5, -1.0, 1), (0.5, 1.0, 1), (1.1, 1.0, 1), (0.9, -1.0, 1)],
)
def test_beyond_the_clip_nothing_is_gained(ratio, advantage, moves):
    slope = jax.grad(clipped_gain)(ratio, advantage, 0.2)
    assert slope == (advantage if moves else 0.0)


def test_the_gradient_of_a_bandit_is_the_analytic_one():
    """For a reward -(a - g)^2 and actions N(m, s^2), d E[r] / dm = -2 (m - g)."""
    goal, centre, deviation, draws = 0.7, 0.2, 0.5, 400_000
    network = init_network(0, 1, 1, ())
    layer = network.actor[0]
    network = network._replace(
        actor=(layer._replace(weight=0 * layer.weight, bias=np.full(1, centre, "f4")),),
        log_deviation=np.full(1, np.log(deviation), "f4"),
    )
    action = centre + deviation * np.random.default_rng(0).standard_normal((draws, 1))
    action = action.astype("f4")
    reward = -((action[:, 0] - goal) ** 2)
    density = policy_network.log_probability(network, centre, action, np).astype("f4")
    nothing = np.zeros((draws, 1), "f4")
    batch = Batch(nothing, action, density, reward, reward)
    slope = jax.grad(loss, has_aux=True)(network, batch, PpoSettings(value_weight=0.0))[0]
    scaled = -slope.actor[0].bias[0] * reward.std()
    assert float(scaled) == pytest.approx(-2.0 * (centre - goal), abs=0.02)


def test_the_normaliser_is_mean_and_deviation_of_all():
    random = np.random.default_rng(0)
    features = (3.0 + 2.0 * random.standard_normal((90, 4))).astype("f4")
    none = jnp.zeros(4, jnp.float32)
    normaliser = Normaliser(jnp.zeros(()), none, none)
    np.testing.assert_array_equal(normaliser.scale, 1.0)
    for part in np.split(features, [7, 40, 41]):
        normaliser = normaliser.updated(jnp.asarray(part))
    np.testing.assert_allclose(normaliser.mean, features.mean(0), rtol=1e-5)
    np.testing.assert_allclose(normaliser.scale, features.std(0), rtol=1e-5)


def cost_of(push, places):
    total = 0.0
    for _ in range(STEPS):
        pushed = push(places)
        total = total + Q * places**2 + R * pushed**2
        places = A * places + B * pushed
    return float(np.mean(total) / STEPS)


def test_a_regulator_comes_near_the_optimum_of_riccati(tmp_path):
    settings = PpoSettings(
        animals=64, decisions=32, minibatches=4, learning_rate=3e-3, discount=0.95, hidden=(16,)
    )
    method = PolicyOptimisation(Regulator(), 0, settings)
    fitted = run(method, 64 * 32 * 60, tmp_path, progress=False)
    policy = Policy.load(fitted.files[0])
    places = np.random.default_rng(5).standard_normal((500, 1))
    worth = linalg.solve_discrete_are([[A]], [[B]], [[Q]], [[R]])[0, 0]
    gain = A * B * worth / (R + B * B * worth)
    optimum = cost_of(lambda x: -gain * x, places)
    idle = cost_of(lambda x: 0.0 * x, places)
    found = cost_of(lambda x: policy.actuation(policy.squashed_action(x, np), np), places)
    assert found < 1.1 * optimum
    assert optimum < 0.1 * idle


def test_another_seed_is_another_fit(tmp_path):
    run(PolicyOptimisation(Regulator(), 0, SMALL), 1, tmp_path, progress=False)
    with pytest.raises(EmbodyError, match="seed"):
        run(PolicyOptimisation(Regulator(), 1, SMALL), 1, tmp_path, progress=False)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"animals": 0}, "at least 1"),
        ({"animals": 3, "decisions": 3, "minibatches": 2}, "do not divide"),
        ({"clip": 0.0}, "above 0"),
        ({"discount": 1.5}, r"0\.\.1"),
    ],
)
def test_settings_out_of_range_are_refused(wrong, message):
    with pytest.raises(EmbodyError, match=message):
        PpoSettings(**wrong)
