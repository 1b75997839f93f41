"""Behaviour cloning: a policy that does what was done at what was observed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from embody.errors import EmbodyError
from embody.fitting.cloning_data import Demonstrations, divided, load_demonstrations
from embody.fitting.method import AbstractMethod, Report
from embody.fitting.policy_network import Layer, PolicyNetwork, forward, init_network
from embody.fitting.way import Option, Way
from embody.parameters import FitRecord
from embody.policy_controller import layouts_of
from embody.policy_file import Actuation, Policy
from embody.policy_senses import PolicySenses, Sense, normalised
from embody.sampling import control_period_s

RESULT_NAME = "policy.npz"
UPDATES_AT_ONCE = 50
LEAST_SCALE = 1e-3

Array = Any


class Samples(NamedTuple):
    """Features and squashed actions of n steps, (n, features) and (n, actions)."""

    features: np.ndarray
    wanted: np.ndarray


class CloningState(NamedTuple):
    """Where a cloning is.

    Attributes
    ----------
    layers, optimiser
        Present layers of the network, and the memory of Adam.
    key
        Random state, (2,) of uint32.
    updates
        Updates made.
    best_layers, best_cost
        The layers of lowest error on the episodes held out, and that error.
    """

    layers: Any
    optimiser: Any
    key: Array
    updates: int
    best_layers: Any
    best_cost: float


class Cloning(AbstractMethod):
    """Regression of actions on observations with Adam (Kingma & Ba 2015).

    The cost is the mean squared error of actions, each scaled to -1..1, on episodes held out; what
    is kept is the network of lowest cost, as with early stopping.

    Parameters
    ----------
    demonstrations
        What is cloned.
    seed
        Seed of start, division of the episodes, and draws.
    hidden
        Size of each hidden layer.
    memory_s
        Time constants with which it also senses every channel smoothed [s].
    learning_rate
        Step of Adam.
    batch
        Steps of demonstration per update.
    held_out
        Share of the episodes that are not fitted to.

    Raises
    ------
    EmbodyError
        If a setting is out of range.
    """

    name = "cloning"
    unit = "updates"

    def __init__(
        self,
        demonstrations: Demonstrations,
        seed: int,
        hidden: Sequence[int] = (64, 64),
        memory_s: Sequence[float] = (),
        learning_rate: float = 1e-3,
        batch: int = 256,
        held_out: float = 0.2,
    ) -> None:
        if not learning_rate > 0 or batch < 1 or min(hidden, default=1) < 1:
            raise EmbodyError("learning rate, batch and hidden layers have to be positive")
        self.demonstrations = demonstrations
        self.seed = seed
        self.hidden = tuple(hidden)
        self.memory_s = tuple(memory_s)
        self.learning_rate = learning_rate
        self.batch = batch
        self.held_out = held_out
        env = demonstrations.env
        self._observation, self._action = layouts_of(env)
        self._period_s = control_period_s(env)
        self._senses = tuple(Sense(channel.name) for channel in self._observation) + tuple(
            Sense(channel.name, "smoothed", time_s)
            for time_s in self.memory_s
            for channel in self._observation
        )
        self._actuation = Actuation.one_to_one(*_bounds(demonstrations))
        self._training, self._held_out = (
            self._samples(numbers)
            for numbers in divided(len(demonstrations.episodes), held_out, seed)
        )
        features = self._training.features
        self._mean = features.mean(axis=0)
        self._scale = np.maximum(features.std(axis=0), LEAST_SCALE)
        self._training, self._held_out = (
            part._replace(features=normalised(part.features, self._mean, self._scale, np))
            for part in (self._training, self._held_out)
        )
        self._optimiser = optax.adam(learning_rate)
        self._advance = jax.jit(self._updates)
        self._measure = jax.jit(_error)

    def identity(self) -> dict[str, Any]:
        """Return demonstrations and settings."""
        return {
            "dataset": self.demonstrations.hash(),
            "env": self.demonstrations.env_id,
            "seed": self.seed,
            "hidden": list(self.hidden),
            "memory_s": list(self.memory_s),
            "learning_rate": self.learning_rate,
            "batch": self.batch,
            "held_out": self.held_out,
        }

    def init(self) -> CloningState:
        """Return an untrained network."""
        sizes = self._training.features.shape[1], self._training.wanted.shape[1]
        layers = init_network(self.seed, *sizes, self.hidden).actor
        key = np.asarray(jax.random.PRNGKey(self.seed))
        return CloningState(layers, self._optimiser.init(layers), key, 0, layers, np.inf)  # pyright: ignore

    def step(self, state: CloningState) -> tuple[CloningState, Report]:
        """Make some updates and measure the error on the episodes held out."""
        layers, memory, key, loss = self._advance(
            state.layers, state.optimiser, state.key, self._training
        )
        cost = float(self._measure(layers, self._held_out))
        best, best_cost = (layers, cost) if cost < state.best_cost else state[-2:]
        updates = state.updates + UPDATES_AT_ONCE
        after = CloningState(layers, memory, key, updates, best, best_cost)
        return after, Report(updates, cost, best_cost, {"training_error": float(loss)})

    def individuals(self) -> tuple[str, ...]:
        """Return who acted in all episodes: those held out chose what is kept."""
        return self.demonstrations.individuals

    def save(self, state: CloningState, folder: Path, record: FitRecord) -> tuple[Path, ...]:
        """Write the best policy."""
        actions = self._training.wanted.shape[1]
        layers = tuple(Layer(*map(np.asarray, layer)) for layer in state.best_layers)
        path = folder / RESULT_NAME
        Policy(
            PolicyNetwork(layers, np.full(actions, 0.5 * np.log(state.best_cost), np.float32)),
            self._senses,
            self._mean,
            self._scale,
            self._actuation,
            self._observation,
            self._action,
            self._period_s,
            self.demonstrations.env_id,
            "clone",
            f"Cloned from {self.demonstrations.name}",
            record,
        ).save(path)
        return (path,)

    def _samples(self, numbers: Sequence[int]) -> Samples:
        actuation = self._actuation
        half = np.diag(actuation.matrix)
        features, wanted = [], []
        for number in numbers:
            episode = self.demonstrations.episodes[number]
            features.append(self._sensed(episode.observation))
            squashed = (episode.action - actuation.offset) / np.where(half > 0, half, 1.0)
            wanted.append(np.clip(squashed, -1.0, 1.0).astype(np.float32))
        return Samples(np.concatenate(features), np.concatenate(wanted))

    def _sensed(self, observation: np.ndarray) -> np.ndarray:
        actions = self._actuation.matrix.shape[1]
        senses = PolicySenses(self._senses, self._observation, actions, self._period_s)
        memory, rows = np.zeros(senses.memory_size, np.float32), []
        idle = np.zeros(actions, np.float32)
        for number, now in enumerate(observation):
            memory, row = senses(memory, number == 0, now, idle, np)
            rows.append(row)
        return np.asarray(rows, np.float32)

    def _updates(self, layers: Any, memory: Any, key: Array, samples: Samples) -> Any:
        def update(carry: Any, _: Any) -> Any:
            layers, memory, key = carry
            key, own = jax.random.split(key)
            chosen = jax.random.randint(own, (self.batch,), 0, len(samples.wanted))
            batch = Samples(samples.features[chosen], samples.wanted[chosen])
            loss, slope = jax.value_and_grad(_error)(layers, batch)
            with jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):
                change, memory = self._optimiser.update(slope, memory, layers)
                layers = optax.apply_updates(layers, change)
            return (layers, memory, key), loss

        carry, losses = jax.lax.scan(update, (layers, memory, key), None, length=UPDATES_AT_ONCE)
        return *carry, losses.mean()


def make(
    env_id: str,
    seed: int,
    workers: int | str | None,
    dataset: str | None,
    hidden: str,
    memory_s: str,
    learning_rate: float,
    batch: int,
    held_out: float,
) -> Cloning:
    """Return the fit to a local dataset.

    Raises
    ------
    EmbodyError
        If no dataset is named, it is of another env, or a setting is out of range.
    """
    if not dataset:
        raise EmbodyError("cloning needs demonstrations: name a Minari dataset (--dataset NAME)")
    demonstrations = load_demonstrations(dataset)
    if demonstrations.env_id != env_id:
        raise EmbodyError(f"{dataset} is of {demonstrations.env_id}, not of {env_id}")
    layers = _numbers("hidden", hidden, int)
    times = _numbers("memory_s", memory_s, float)
    return Cloning(demonstrations, seed, layers, times, learning_rate, batch, held_out)


WAY = Way(
    make,
    (
        Option("dataset", None, "local Minari dataset"),
        Option("hidden", "64,64", "size of each hidden layer, with commas between"),
        Option("memory_s", "", "time constants of smoothed senses [s], with commas between"),
        Option("learning_rate", 1e-3, "step of Adam"),
        Option("batch", 256, "steps of demonstration per update"),
        Option("held_out", 0.2, "share of the episodes that are not fitted to"),
    ),
    budget=5000,
    description="Clone the behaviour in a Minari dataset: a network learns the action at every "
    "observation, and is kept where it does best on episodes held out.",
    examples="  embody fit Worm-Crawl-v0 --method cloning --dataset worm/crawl-v0\n",
)


def _error(layers: Any, samples: Samples) -> Array:
    found = jax.vmap(lambda features: jnp.tanh(forward(layers, features, jnp)))(samples.features)
    return ((found - samples.wanted) ** 2).mean()


def _bounds(demonstrations: Demonstrations) -> tuple[np.ndarray, np.ndarray]:
    """Return the bounds of the actions; those of the demonstrations where the env has none."""
    space: Any = demonstrations.env.action_space
    done = np.concatenate([episode.action for episode in demonstrations.episodes])
    low = np.where(np.isfinite(space.low), space.low, done.min(axis=0))
    return low, np.where(np.isfinite(space.high), space.high, done.max(axis=0))


def _numbers(option: str, text: str, kind: type) -> tuple[Any, ...]:
    try:
        return tuple(kind(word) for word in filter(None, text.split(",")))
    except ValueError:
        raise EmbodyError(
            f"{option} is {text!r}, it has to be numbers with commas between"
        ) from None
