"""The reduced body beside a reference: what tracking means for a batch on JAX."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from embody.bodies.worm import rod
from embody.bodies.worm.rod_constants import balance_map, rod_parameters
from embody.envs.worm.fits.imitation_data import RATE_HZ
from embody.envs.worm.reduced_loop import single_precision
from embody.envs.worm.tracking import LOOK_AHEAD_S
from embody.fitting.tracking import TrackingReward

Array = Any

STEP_S = 1.0 / RATE_HZ
LOOK_AHEAD_FRAMES = np.array([round(ahead * RATE_HZ) for ahead in LOOK_AHEAD_S])

Actor = Callable[[Any, Array, Array], tuple[Any, Array]]
"""Takes its state, the joint angles (24,) and the reference ahead (frames, 24); returns its next
state and the dorsal minus ventral balance of every joint, (24,)."""


class Body(NamedTuple):
    """The reduced body and its muscles, in single precision.

    Attributes
    ----------
    rods
        Constants of the chain.
    balance_map
        Share of every muscle in the balance of every joint, (24, 95).
    """

    rods: rod.RodParameters
    balance_map: Array

    @classmethod
    def made(cls) -> "Body":
        """Return the worm on agar."""
        return cls(single_precision(rod_parameters()), jnp.asarray(balance_map(), jnp.float32))


def body_at(posture: Array, balance: Array | None = None) -> rod.RodState:
    """Return a body at rest in a posture, (24,) [rad]; relaxed, unless a balance is given."""
    none = jnp.zeros(1, posture.dtype)
    direction = -jnp.concatenate([none, jnp.cumsum(posture)])
    relaxed = jnp.zeros_like(posture)
    return rod.RodState(
        jnp.zeros(2, posture.dtype), direction, relaxed if balance is None else balance
    )


def track(actor: Actor, state: Any, window: Array, body: Body, reward: TrackingReward) -> Array:
    """Return the mean of 1 less the reward along a window; what comes after failure has none.

    Parameters
    ----------
    state
        State of the actor at the start.
    window
        Reference, (frames, 24) [rad]; as many frames as the look-ahead are not tracked any more.
    """
    steps = window.shape[0] - int(LOOK_AHEAD_FRAMES[-1]) - 1

    def advance(carry: Any, now: Array) -> Any:
        bodies, state, going = carry
        before = rod.joint_angle(bodies)
        state, balance = actor(state, before, window[now + LOOK_AHEAD_FRAMES])
        bodies = rod.step(body.rods, bodies, balance, STEP_S, jnp)
        angle, wanted = rod.joint_angle(bodies), window[now + 1]
        lag = (angle - before - wanted + window[now]) / STEP_S
        going = going * (1.0 - reward.failed(angle - wanted).astype(going.dtype))
        return (bodies, state, going), 1.0 - going * reward.reward(angle - wanted, lag, jnp)

    start = (body_at(window[0]), state, jnp.ones((), window.dtype))
    return jax.lax.scan(advance, start, jnp.arange(steps))[1].mean()
