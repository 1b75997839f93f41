"""Proximal policy optimisation of parameters: the animal acts, the policy is a draw of its own."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from embody.errors import EmbodyError
from embody.fitting.method import Report
from embody.fitting.objective import ObjectiveRecipe
from embody.fitting.ppo_update import clipped_gain
from embody.fitting.search import AbstractSearch, better, typical

Array = Any


class Gaussian(NamedTuple):
    """A draw of parameters in the unit cube.

    Attributes
    ----------
    mean
        Shape (k,).
    log_deviation
        Logarithm of the standard deviation, (k,).
    """

    mean: Array
    log_deviation: Array

    def log_probability(self, position: Array) -> Array:
        """Return the log density at a position, (k,), up to a constant."""
        deviations = (position - self.mean) * jnp.exp(-self.log_deviation)
        return (-0.5 * deviations**2 - self.log_deviation).sum()


class ParameterPolicyState(NamedTuple):
    """Where a fit is.

    Attributes
    ----------
    policy
        The present draw.
    optimiser
        State of Adam.
    key
        Random state.
    evaluations
        Candidates evaluated so far.
    best_cost, best_position
        Lowest cost of a mean of the policy, and that mean, (k,).
    """

    policy: Gaussian
    optimiser: Any
    key: Array
    evaluations: int
    best_cost: float
    best_position: np.ndarray


class ParameterPolicyOptimisation(AbstractSearch):
    """PPO whose decision is a whole set of parameters, and whose episode is one decision.

    The policy is a Gaussian over the unit cube; an animal with the parameters drawn acts for an
    episode, and its return is the reward of that one decision (parameter-exploring policy
    gradients, Sehnke et al. 2010, doi:10.1016/j.neunet.2009.12.004), in the clipped objective of
    Schulman et al. 2017 (arXiv:1707.06347). The advantage is the return less the mean of the
    batch, over its spread; draws come in mirrored pairs. The mean of the policy is evaluated in
    every step, and the best of these is the result.

    Parameters
    ----------
    learning_rate
        Of Adam, for mean and logarithm of the deviation.
    epochs
        Steps of Adam on each batch.
    clip
        See `clipped_gain`.
    recipe, start, seed, spread, population, workers, title, description
        See `AbstractSearch`; the population is even, and the mean comes on top of it.

    Raises
    ------
    EmbodyError
        If a setting is out of range.
    """

    name = "reinforcement-gains"
    algorithm = "ppo"

    def __init__(
        self,
        recipe: ObjectiveRecipe,
        start: np.ndarray,
        seed: int,
        spread: float = 0.1,
        population: int = 24,
        learning_rate: float = 0.01,
        epochs: int = 8,
        clip: float = 0.2,
        workers: int | str | None = 1,
        title: str = "fitted",
        description: str = "Fitted by PPO",
    ) -> None:
        super().__init__(recipe, start, seed, spread, population, workers, title, description)
        if population % 2:
            raise EmbodyError(f"the population is {population}, it has to be even")
        for named, value in (("learning_rate", learning_rate), ("clip", clip)):
            if not value > 0.0:
                raise EmbodyError(f"{named} is {value:g}, it has to be above 0")
        if epochs < 1:
            raise EmbodyError(f"epochs is {epochs}, it has to be at least 1")
        self.learning_rate = learning_rate
        self.epochs = epochs
        self.clip = clip
        self._optimiser = optax.adam(learning_rate)
        self._improve = jax.jit(self._improved)

    def identity(self) -> dict[str, Any]:
        """Return objective, free parameters, start and settings."""
        settings = {name: getattr(self, name) for name in ("learning_rate", "epochs", "clip")}
        return {**super().identity(), **settings}

    def init(self) -> ParameterPolicyState:
        """Return a policy around the start."""
        spread = np.full(self.start.size, np.log(self.spread), np.float32)
        policy = Gaussian(self.start.astype(np.float32), spread)
        key = jax.random.PRNGKey(self.seed)
        optimiser = self._optimiser.init(policy)
        return ParameterPolicyState(policy, optimiser, key, 0, np.inf, self.start)

    def step(self, state: ParameterPolicyState) -> tuple[ParameterPolicyState, Report]:
        """Evaluate the mean and a batch of draws, and improve the policy on them."""
        key, drawing = jax.random.split(jnp.asarray(state.key))
        half = jax.random.normal(drawing, (self.population // 2, self.start.size))
        noise = np.concatenate([half, -half])
        policy = Gaussian(*(np.asarray(part) for part in state.policy))
        drawn = policy.mean + np.exp(policy.log_deviation) * noise
        tried = np.concatenate([policy.mean[None], drawn]).astype(np.float64)
        costs = self.evaluate(np.clip(tried, 0.0, 1.0))
        advantage = advantages_of_costs(costs[1:])
        after, optimiser, divergence = self._improve(
            policy, state.optimiser, drawn.astype(np.float32), advantage
        )
        best = better(costs[:1], tried[:1], state.best_cost, state.best_position)
        evaluations = state.evaluations + costs.size
        found = ParameterPolicyState(after, optimiser, key, evaluations, *best)
        figures = {
            "deviation": float(np.exp(policy.log_deviation).mean()),
            "divergence": float(divergence),
            "draws": typical(costs[1:]),
        }
        return found, Report(evaluations, float(costs[0]), best[0], figures)

    def _improved(
        self, policy: Gaussian, progress: Any, drawn: Array, advantage: Array
    ) -> tuple[Gaussian, Any, Array]:
        density = jax.vmap(lambda own, one: own.log_probability(one), in_axes=(None, 0))
        before = density(policy, drawn)

        def loss(policy: Gaussian) -> tuple[Array, Array]:
            ratio = jnp.exp(density(policy, drawn) - before)
            return -clipped_gain(ratio, advantage, self.clip).mean(), ratio

        def epoch(carry: Any, _: Any) -> tuple[Any, Array]:
            policy, progress = carry
            slope, ratio = jax.grad(loss, has_aux=True)(policy)
            with jax.numpy_dtype_promotion("standard"):  # optax mixes its count with floats
                updates, progress = self._optimiser.update(slope, progress, policy)
            policy: Any = optax.apply_updates(policy, updates)
            return (policy, progress), (ratio - 1.0 - jnp.log(ratio)).mean()

        start = (policy, progress)
        (policy, progress), divergence = jax.lax.scan(epoch, start, None, length=self.epochs)
        return policy, progress, divergence[-1]


def advantages_of_costs(costs: np.ndarray) -> np.ndarray:
    """Return how much lower than the mean each cost is, in units of their spread, (n,).

    What is not finite counts as the worst that is.
    """
    finite = costs[np.isfinite(costs)]
    worst = float(finite.max()) if finite.size else 0.0
    whole = np.where(np.isfinite(costs), costs, worst)
    return ((whole.mean() - whole) / (whole.std() + 1e-8)).astype(np.float32)
