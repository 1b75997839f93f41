"""Small compiled tasks, for tests of PPO."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from embody.fitting.ppo_task import AbstractTask, Outcome
from embody.layout import Channel, Layout
from embody.policy_file import Actuation, Policy
from embody.policy_senses import Sense

A, B, Q, R = 1.0, 0.5, 1.0, 0.1
STEPS = 32


class Cart(NamedTuple):
    place: jax.Array
    step: jax.Array


class Regulator(AbstractTask):
    """A place that has to be brought to 0 with little effort: linear and quadratic."""

    features = 1
    actions = 1

    def identity(self):
        return {"task": "regulator"}

    def init(self, key, share):
        place = jax.random.normal(key, (1,))
        return Cart(place, jnp.asarray(share * STEPS, jnp.int32))

    def observe(self, state):
        return state.place

    def step(self, state, squashed):
        push = 4.0 * squashed
        cost = (Q * state.place**2 + R * push**2).sum()
        after = Cart(A * state.place + B * push, state.step + 1)
        return Outcome(after, -cost, jnp.asarray(False), after.step >= STEPS, cost)

    def policy(self, network, feature_mean, feature_scale, record):
        seen = Layout((Channel("place", ("x",), "mm", -10.0, 10.0, "place"),))
        pushes = Layout((Channel("push", ("x",), "mm", -4.0, 4.0, "push"),))
        four = np.full(1, 4.0)
        return Policy(
            network,
            (Sense("place"),),
            feature_mean,
            feature_scale,
            Actuation.one_to_one(-four, four),
            seen,
            pushes,
            0.1,
            "Regulator-v0",
            record=record,
        )
