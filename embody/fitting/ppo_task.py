"""What a compiled task is to PPO: pure functions of one animal's state."""

import abc
from typing import Any, NamedTuple

import numpy as np

from embody.fitting.policy_network import PolicyNetwork
from embody.parameters import FitRecord
from embody.policy_file import Policy

Array = Any


class Outcome(NamedTuple):
    """What came of a decision.

    Attributes
    ----------
    state
        State after it.
    reward
        What the policy is to make large.
    terminated, truncated
        Whether the episode came to its end, or was cut off by time.
    cost
        What a user wants small; its mean is the cost in the log.
    """

    state: Any
    reward: Array
    terminated: Array
    truncated: Array
    cost: Array


class AbstractTask(abc.ABC):
    """A task of one animal in `jax.numpy`; `jax.vmap` makes it a batch.

    Attributes
    ----------
    features
        Number of features that a policy sees.
    actions
        Number of its actions, each -1 to 1.
    """

    features: int
    actions: int

    @abc.abstractmethod
    def identity(self) -> dict[str, Any]:
        """Return what fixes the task (JSON types)."""

    @abc.abstractmethod
    def init(self, key: Array, share: Array) -> Any:
        """Return the state at the start of an episode, of which a share (0 to 1) is over already.

        Episodes of a batch that begin together are given even shares, so that they do not end
        together.
        """

    @abc.abstractmethod
    def observe(self, state: Any) -> Array:
        """Return the features, (features,)."""

    @abc.abstractmethod
    def step(self, state: Any, squashed: Array) -> Outcome:
        """Return what comes of a decision, (actions,), each -1 to 1."""

    @abc.abstractmethod
    def policy(
        self,
        network: PolicyNetwork,
        feature_mean: np.ndarray,
        feature_scale: np.ndarray,
        record: FitRecord,
    ) -> Policy:
        """Return a network as a policy that can act in the env that this task stands for."""
