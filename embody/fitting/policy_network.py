"""A policy as a small network: observations in, the mean of a Gaussian over actions out."""

import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

Array = Any


class Layer(NamedTuple):
    """An affine map.

    Attributes
    ----------
    weight
        Shape (inputs, outputs).
    bias
        Shape (outputs,).
    """

    weight: Array
    bias: Array


class PolicyNetwork(NamedTuple):
    """An actor, and a critic that is needed in training only; a pytree.

    Attributes
    ----------
    actor
        Layers from features to the mean of each action before it is squashed.
    log_deviation
        Logarithm of the standard deviation of each action before it is squashed, (actions,).
    critic
        Layers from features to the value of a state, (..., 1); empty if there is none.
    """

    actor: tuple[Layer, ...]
    log_deviation: Array
    critic: tuple[Layer, ...] = ()


def init_network(
    seed: int,
    features: int,
    actions: int,
    hidden: Sequence[int] = (64, 64),
    deviation: float = 0.5,
) -> PolicyNetwork:
    """Return an untrained network in single precision; its mean action is close to 0.

    Weights are orthogonal, with a gain of sqrt 2 in hidden layers, 0.01 in the last of the actor
    and 1 in the last of the critic (Andrychowicz et al. 2021, arXiv:2006.05990).

    Parameters
    ----------
    hidden
        Size of each hidden layer, of actor and critic alike.
    deviation
        Standard deviation of every action before it is squashed.
    """
    random = np.random.default_rng(seed)
    sizes = (features, *hidden)
    actor = _layers(random, (*sizes, actions), 0.01)
    critic = _layers(random, (*sizes, 1), 1.0)
    return PolicyNetwork(actor, np.full(actions, np.log(deviation), np.float32), critic)


def forward(layers: Sequence[Layer], features: Array, xp: Any) -> Array:
    """Return what the layers make of features, (..., inputs) to (..., outputs); tanh between."""
    value = features
    for layer in layers[:-1]:
        value = xp.tanh(value @ layer.weight + layer.bias)
    return value @ layers[-1].weight + layers[-1].bias


def mean_action(network: PolicyNetwork, features: Array, xp: Any) -> Array:
    """Return the mean of every action before it is squashed, (..., features) to (..., actions)."""
    return forward(network.actor, features, xp)


def value(network: PolicyNetwork, features: Array, xp: Any) -> Array:
    """Return the value of states, (..., features) to (...)."""
    return forward(network.critic, features, xp)[..., 0]


def log_probability(network: PolicyNetwork, mean: Array, action: Array, xp: Any) -> Array:
    """Return the log density of actions before they are squashed, (..., actions) to (...)."""
    deviations = (action - mean) * xp.exp(-network.log_deviation)
    each = -0.5 * deviations**2 - network.log_deviation - 0.5 * np.log(2.0 * np.pi)
    return each.sum(-1)


def entropy(network: PolicyNetwork, xp: Any) -> Array:
    """Return the differential entropy of the Gaussian over actions [nat]."""
    return (network.log_deviation + 0.5 * np.log(2.0 * np.pi * np.e)).sum()


def _layers(random: np.random.Generator, sizes: Sequence[int], last: float) -> tuple[Layer, ...]:
    gains = [np.sqrt(2.0)] * (len(sizes) - 2) + [last]
    return tuple(
        Layer((gain * _orthogonal(random, *shape)).astype(np.float32), np.zeros(shape[1], "f4"))
        for gain, shape in zip(gains, itertools.pairwise(sizes), strict=True)
    )


def _orthogonal(random: np.random.Generator, rows: int, columns: int) -> np.ndarray:
    tall = random.standard_normal((max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(tall)
    q = q * np.sign(np.diag(r))
    return q if rows >= columns else q.T
