"""Proximal policy optimisation of a network, many animals in one compiled loop."""

import functools
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from embody.errors import EmbodyError
from embody.fitting import policy_network
from embody.fitting.advantages import generalised_advantages
from embody.fitting.method import AbstractMethod, Report
from embody.fitting.policy_network import PolicyNetwork, init_network
from embody.fitting.ppo_normaliser import Normaliser
from embody.fitting.ppo_settings import PpoSettings
from embody.fitting.ppo_task import AbstractTask
from embody.fitting.ppo_update import Batch, descend
from embody.parameters import FitRecord
from embody.policy_senses import normalised

RESULT_NAME = "policy.npz"
SMOOTHING_OF_COST = 0.9
Array = Any


class Learned(NamedTuple):
    """What makes a policy: its network, and how its features are normalised."""

    network: PolicyNetwork
    normaliser: Normaliser


class PpoState(NamedTuple):
    """Where a fit is.

    Attributes
    ----------
    learned
        The present policy.
    optimiser
        State of Adam.
    worlds
        States of all animals.
    key
        Random state.
    decisions
        Decisions made so far, by all animals.
    smoothed_cost
        Mean of the cost over the last steps, those long ago counting less.
    best_cost, best
        Lowest of these, and the policy then.
    """

    learned: Learned
    optimiser: Any
    worlds: Any
    key: Array
    decisions: int
    smoothed_cost: float
    best_cost: float
    best: Learned


class PolicyOptimisation(AbstractMethod):
    """Fit a policy network to a compiled task with PPO (Schulman et al. 2017, arXiv:1707.06347).

    Parameters
    ----------
    task
        What the animals do.
    seed
        Seed of the whole fit.
    settings
        Of the method.
    """

    name = "reinforcement"
    unit = "decisions"

    def __init__(self, task: AbstractTask, seed: int, settings: PpoSettings | None = None) -> None:
        self.task = task
        self.seed = seed
        self.settings = settings or PpoSettings()
        s = self.settings
        self._optimiser = optax.chain(
            optax.clip_by_global_norm(s.largest_gradient),
            optax.adam(s.learning_rate, eps=1e-5),
        )
        self._improve = jax.jit(self._improved)

    def identity(self) -> dict[str, Any]:
        """Return task, seed and settings."""
        settings = asdict(self.settings)
        settings["hidden"] = list(self.settings.hidden)
        return {"task": self.task.identity(), "seed": self.seed, **settings}

    def init(self) -> PpoState:
        """Return an untrained policy, and animals in the middle of their episodes."""
        s, task = self.settings, self.task
        network = init_network(self.seed, task.features, task.actions, s.hidden, s.deviation)
        none = np.zeros(task.features, np.float32)
        learned = Learned(network, Normaliser(np.float32(0.0), none, none))
        key, first = jax.random.split(jax.random.PRNGKey(self.seed))
        shares = jnp.arange(s.animals, dtype=jnp.float32) / s.animals
        begin = jax.jit(jax.vmap(task.init))
        worlds = begin(jax.random.split(first, s.animals), shares)
        optimiser = self._optimiser.init(network)
        return PpoState(learned, optimiser, worlds, key, 0, np.inf, np.inf, learned)

    def step(self, state: PpoState) -> tuple[PpoState, Report]:
        """Let all animals act for a while, and improve the policy on what they did.

        Raises
        ------
        EmbodyError
            If the cost is no longer finite.
        """
        s = self.settings
        learned, optimiser, worlds, key, figures = self._improve(
            state.learned, state.optimiser, state.worlds, state.key
        )
        found = {name: float(value) for name, value in figures.items()}
        cost = found.pop("cost")
        if not np.isfinite(cost):
            raise EmbodyError("the fit diverged; a smaller learning_rate may keep it together")
        smoothed, keep = cost, SMOOTHING_OF_COST
        if np.isfinite(state.smoothed_cost):
            smoothed = keep * state.smoothed_cost + (1.0 - keep) * cost
        best_cost, best = state.best_cost, state.best
        if smoothed < best_cost:
            best_cost, best = smoothed, state.learned
        decisions = state.decisions + s.animals * s.decisions
        after = PpoState(learned, optimiser, worlds, key, decisions, smoothed, best_cost, best)
        return after, Report(decisions, cost, best_cost, {"smoothed": smoothed, **found})

    def save(self, state: PpoState, folder: Path, record: FitRecord) -> tuple[Path, ...]:
        """Write the best policy."""
        path = folder / RESULT_NAME
        network, normaliser = state.best
        policy = self.task.policy(
            jax.tree.map(np.asarray, network),
            np.asarray(normaliser.mean),
            np.asarray(normaliser.scale),
            record,
        )
        policy.save(path)
        return (path,)

    def _improved(
        self, learned: Learned, progress: Any, worlds: Any, key: Array
    ) -> tuple[Learned, Any, Any, Array, dict[str, Array]]:
        """Return what `step` changes, and its figures: one compiled call."""
        key, acting, mixing = jax.random.split(key, 3)
        worlds, features, batch, figures = self._lived(learned, worlds, acting)
        network, progress, found = descend(
            self._optimiser, learned.network, progress, batch, mixing, self.settings
        )
        normaliser = learned.normaliser.updated(features)
        figures |= found | {"deviation": jnp.exp(network.log_deviation).mean()}
        return Learned(network, normaliser), progress, worlds, key, figures

    def _lived(
        self, learned: Learned, worlds: Any, key: Array
    ) -> tuple[Any, Array, Batch, dict[str, Array]]:
        """Return animals after their decisions, what they saw, what they did, and how it went."""
        s, task, network = self.settings, self.task, learned.network
        mean, scale = learned.normaliser.mean, learned.normaliser.scale

        def see(world: Any) -> Array:
            return normalised(task.observe(world), mean, scale, jnp)

        def act(world: Any, key: Array) -> tuple[Any, Any]:
            drawing, beginning = jax.random.split(key)
            seen = task.observe(world)
            features = normalised(seen, mean, scale, jnp)
            centre = policy_network.mean_action(network, features, jnp)
            noise = jax.random.normal(drawing, centre.shape)
            action = centre + jnp.exp(network.log_deviation) * noise
            outcome = task.step(world, jnp.tanh(action))
            over: Any = outcome.terminated | outcome.truncated
            fresh = task.init(beginning, jnp.zeros((), jnp.float32))
            world = jax.tree.map(lambda a, b: jnp.where(over, a, b), fresh, outcome.state)
            density = policy_network.log_probability(network, centre, action, jnp)
            return world, (seen, features, action, density, see(outcome.state), over, outcome)

        def decide(worlds: Any, key: Array) -> tuple[Any, Any]:
            worlds, lived = jax.vmap(act)(worlds, jax.random.split(key, s.animals))
            *kept, outcome = lived
            return worlds, (*kept, outcome._replace(state=()))

        worlds, lived = jax.lax.scan(decide, worlds, jax.random.split(key, s.decisions))
        seen, features, action, density, after, over, outcome = lived

        def values(features: Array) -> Array:
            value = functools.partial(policy_network.value, network, xp=jnp)
            return jax.vmap(jax.vmap(value))(features)

        value = values(features)
        advantage = generalised_advantages(
            outcome.reward,
            value,
            values(after),
            outcome.terminated,
            over,
            s.discount,
            s.smoothing,
        )
        batch = Batch(features, action, density, advantage, advantage + value)
        flat = jax.tree.map(lambda leaf: leaf.reshape(-1, *leaf.shape[2:]), batch)
        figures = {"cost": outcome.cost.mean(), "reward": outcome.reward.mean()}
        return worlds, seen.reshape(-1, seen.shape[-1]), flat, figures
