"""The clipped objective of PPO, and its descent over a batch of decisions."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from embody.fitting import policy_network
from embody.fitting.policy_network import PolicyNetwork
from embody.fitting.ppo_settings import PpoSettings

Array = Any


class Batch(NamedTuple):
    """Decisions to learn from; every entry has the same leading axes."""

    features: Array
    action: Array
    log_probability: Array
    advantage: Array
    returns: Array


def clipped_gain(ratio: Array, advantage: Array, clip: float) -> Array:
    """Return the objective of a decision (Schulman et al. 2017, arXiv:1707.06347, eq. 7).

    Parameters
    ----------
    ratio
        Probability of the action now, over that when it was taken.
    advantage
        How much better it was than expected.
    clip
        How far from 1 the ratio still counts.
    """
    inside = jnp.clip(ratio, 1.0 - clip, 1.0 + clip)
    return jnp.minimum(ratio * advantage, inside * advantage)


def loss(network: PolicyNetwork, batch: Batch, settings: PpoSettings) -> tuple[Array, Any]:
    """Return what is minimised over decisions, (n, ...), and figures of it."""
    features, action = batch.features, batch.action

    def one(features: Array, action: Array) -> tuple[Array, Array]:
        mean = policy_network.mean_action(network, features, jnp)
        density = policy_network.log_probability(network, mean, action, jnp)
        return density, policy_network.value(network, features, jnp)

    density, value = jax.vmap(one)(features, action)
    ratio = jnp.exp(density - batch.log_probability)
    advantage = batch.advantage
    advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
    gain = clipped_gain(ratio, advantage, settings.clip).mean()
    error = 0.5 * ((value - batch.returns) ** 2).mean()
    entropy = policy_network.entropy(network, jnp)
    total = settings.value_weight * error - gain - settings.entropy_weight * entropy
    moved = jnp.abs(ratio - 1.0) > settings.clip
    return total, {
        "critic_error": error,
        "divergence": (ratio - 1.0 - jnp.log(ratio)).mean(),
        "clipped": moved.astype(jnp.float32).mean(),
    }


def descend(
    optimiser: optax.GradientTransformation,
    network: PolicyNetwork,
    progress: Any,
    batch: Batch,
    key: Array,
    settings: PpoSettings,
) -> tuple[PolicyNetwork, Any, Any]:
    """Go through a batch, (n, ...), several times in minibatches drawn anew each time.

    Returns
    -------
    network, progress
        The network, and the state of the optimiser.
    figures
        Means over the last time through.
    """
    count, parts = batch.advantage.shape[0], settings.minibatches

    def minibatch(carry: Any, rows: Array) -> tuple[Any, Any]:
        network, progress = carry
        part = jax.tree.map(lambda leaf: leaf[rows], batch)
        slope, figures = jax.grad(loss, has_aux=True)(network, part, settings)
        with jax.numpy_dtype_promotion("standard"):  # optax mixes its count with floats
            updates, progress = optimiser.update(slope, progress, network)
        return (optax.apply_updates(network, updates), progress), figures

    def epoch(carry: Any, key: Array) -> tuple[Any, Any]:
        rows = jax.random.permutation(key, count).reshape(parts, count // parts)
        carry, figures = jax.lax.scan(minibatch, carry, rows)
        return carry, jax.tree.map(lambda leaf: leaf.mean(), figures)

    keys = jax.random.split(key, settings.epochs)
    (network, progress), figures = jax.lax.scan(epoch, (network, progress), keys)
    return network, progress, jax.tree.map(lambda leaf: leaf[-1], figures)
