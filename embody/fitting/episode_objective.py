"""Whole episodes as an objective: any controller that takes parameters or weights, in any env."""

import abc
import functools
import itertools
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np

from embody import loop
from embody.controller import AbstractController
from embody.divergence import DivergenceError
from embody.errors import EmbodyError, UnknownNameError
from embody.fitting.free import FreeParameters
from embody.fitting.objective import AbstractObjective
from embody.fitting.policy_network import Layer, PolicyNetwork, init_network
from embody.layout import Layout
from embody.parameters import FitRecord
from embody.policy_controller import PolicyController, layouts_of
from embody.policy_file import Actuation, Policy
from embody.policy_senses import Sense
from embody.recording import Recording
from embody.registry import load_entry_point, make_controller
from embody.sampling import control_period_s

RETURN = "return"
POLICY_NAME = "policy.npz"
PARAMETERS_NAME = "parameters.json"
LARGEST_SCALE = 1e6
"""Bounds of an observation beyond this say nothing about its size."""


class AbstractEpisodes(AbstractObjective):
    """Less the mean over episodes of their return, or of a metric of `embody.analysis.summarise`.

    Parameters
    ----------
    env_id
        Env of the episodes.
    episode_seeds
        One episode each, the same for all candidates.
    seconds
        Simulated time of an episode [s]; None runs until the env ends it.
    metric
        "return", or the name of a metric; with "-" before it, less is better.

    Raises
    ------
    EmbodyError
        If there are no seeds, or the env sets no time limit and none is given.
    """

    def __init__(
        self, env_id: str, episode_seeds: Sequence[int], seconds: float | None, metric: str
    ) -> None:
        if not episode_seeds:
            raise EmbodyError("there are no episode seeds; name some, e.g. 0,1,2")
        self._seeds = [loop.checked_seed(seed) for seed in episode_seeds]
        self._seconds = loop.checked_seconds(seconds)
        self._metric, self._sign = metric.removeprefix("-"), -1.0 if metric[:1] == "-" else 1.0
        self.env_id = env_id
        self.env = loop.open_env(env_id, seconds)
        self._steps: int | None = None
        if seconds is not None:
            self._steps = max(1, round(seconds / control_period_s(self.env)))
        elif self.env.spec is None or self.env.spec.max_episode_steps is None:
            raise EmbodyError(f"{env_id} sets no time limit: say how many seconds to run")

    @abc.abstractmethod
    def controller(self, position: np.ndarray, folder: Path) -> AbstractController:
        """Return the controller of a position, (k,); files it needs go to the folder."""

    def identity(self) -> dict[str, Any]:
        """Name env, episodes and metric."""
        return {
            "cost": "episodes",
            "env": self.env_id,
            "episode_seeds": self._seeds,
            "seconds": self._seconds,
            "metric": self._metric,
            "sign": self._sign,
        }

    def costs(self, positions: np.ndarray) -> np.ndarray:
        """Return costs, (n, k) to (n,); infinite where the simulation diverges."""
        return np.array([self._cost(position) for position in positions])

    def _cost(self, position: np.ndarray) -> float:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            controller = self.controller(position, folder)
            try:
                values = [self._value(controller, seed, folder) for seed in self._seeds]
            except DivergenceError:
                return float("inf")
        return -self._sign * float(np.mean(values))

    def _value(self, controller: AbstractController, seed: int, folder: Path) -> float:
        if self._metric == RETURN:
            return episode_return(self.env, controller, self._steps, seed)
        path = folder / "episode.npz"  # where a dump goes if it diverges
        return _metric(
            loop.rollout(self.env, controller, self._seconds, seed, path=path), self._metric
        )


class ParameterEpisodes(AbstractEpisodes):
    """Episodes of a controller that takes a parameter set.

    Parameters
    ----------
    env_id, episode_seeds, seconds, metric
        See `AbstractEpisodes`.
    controller
        Name of the controller; made as `make_controller(name, env, parameters=path, **options)`.
    controller_options
        Its other options.
    prior
        Parameter set to start from: what `load` takes.
    free
        Which of its parameters may move: patterns with commas between.
    load
        Entry point of what reads a parameter set.
    """

    def __init__(
        self,
        env_id: str,
        episode_seeds: Sequence[int],
        seconds: float | None,
        metric: str,
        controller: str,
        prior: str,
        free: str,
        controller_options: dict[str, Any] | None = None,
        load: str = "embody.parameters:ParameterSet.load",
    ) -> None:
        self.free = FreeParameters.choose(_loaded(load, prior), free.split(","))
        super().__init__(env_id, episode_seeds, seconds, metric)
        self._controller = controller
        self._options = dict(controller_options or {})

    def identity(self) -> dict[str, Any]:
        """Name env, episodes, metric and controller."""
        acts = {"controller": self._controller, "controller_options": self._options}
        return super().identity() | acts

    def controller(self, position: np.ndarray, folder: Path) -> AbstractController:
        """Return the controller with the parameters of a position."""
        path = folder / PARAMETERS_NAME
        base = self.free.base
        base.replace(base.fit, **self.free.values(position)).save(path)
        return make_controller(self._controller, self.env, parameters=str(path), **self._options)


class PolicyEpisodes(AbstractEpisodes):
    """Episodes of a policy network; a position is all its weights, one after the other.

    Parameters
    ----------
    env_id, episode_seeds, seconds, metric
        See `AbstractEpisodes`.
    hidden
        Size of each hidden layer.
    seed
        Seed of the weights at the start.
    """

    def __init__(
        self,
        env_id: str,
        episode_seeds: Sequence[int],
        seconds: float | None,
        metric: str,
        hidden: Sequence[int],
        seed: int,
    ) -> None:
        super().__init__(env_id, episode_seeds, seconds, metric)
        observation, action = layouts_of(self.env)
        self._observation, self._action = observation, action
        self._first = init_network(seed, observation.size, action.size, tuple(hidden))
        self._first = self._first._replace(critic=())

    def identity(self) -> dict[str, Any]:
        """Name env, episodes and metric."""
        return super().identity() | {"controller": "policy"}

    @functools.cached_property
    def start(self) -> np.ndarray:
        """Untrained weights, (k,)."""
        arrays = itertools.chain.from_iterable(self._first.actor)
        return np.concatenate([array.ravel() for array in arrays]).astype(np.float64)

    def searched(self) -> dict[str, Any]:
        """Return the shapes of the layers."""
        return {"layers": [list(layer.weight.shape) for layer in self._first.actor]}

    def controller(self, position: np.ndarray, folder: Path) -> AbstractController:
        """Return the policy with the weights of a position."""
        policy = self._policy(position, None, "candidate", "")
        return PolicyController(policy, self._observation, policy.period_s)

    def save(
        self, position: np.ndarray, folder: Path, record: FitRecord, title: str, description: str
    ) -> tuple[Path, ...]:
        """Write the policy of a position."""
        path = folder / POLICY_NAME
        self._policy(position, record, title, description).save(path)
        return (path,)

    def _policy(
        self, position: np.ndarray, record: FitRecord | None, title: str, description: str
    ) -> Policy:
        mean, scale = spread_of(self._observation)
        return Policy(
            PolicyNetwork(self._layers(position), self._first.log_deviation),
            tuple(Sense(channel.name) for channel in self._observation),
            mean,
            scale,
            Actuation.one_to_one(*self._action.bounds()),
            self._observation,
            self._action,
            control_period_s(self.env),
            self.env_id,
            title,
            description,
            record,
        )

    def _layers(self, position: np.ndarray) -> tuple[Layer, ...]:
        single, layers, place = position.astype(np.float32), [], 0
        for layer in self._first.actor:
            arrays = []
            for array in layer:
                arrays.append(single[place : place + array.size].reshape(array.shape))
                place += array.size
            layers.append(Layer(*arrays))
        return tuple(layers)


def episode_return(
    env: gymnasium.Env, controller: AbstractController, steps: int | None, seed: int
) -> float:
    """Return the sum of the rewards of an episode, as `embody.rollout` records it.

    Parameters
    ----------
    steps
        Control steps; None runs until the env ends it.
    seed
        Seed of env and controller.
    """
    observation, _ = env.reset(seed=seed)
    state, total = controller.init(seed), 0.0
    for _ in itertools.count() if steps is None else range(steps):
        state, action = controller.step(state, observation)
        observation, reward, terminated, truncated, _ = env.step(action)
        total += float(reward)
        if terminated or truncated:
            break
    return total


def _metric(recording: Recording, name: str) -> float:
    from embody.analysis import summarise

    found = summarise(recording)
    if name not in found:
        raise UnknownNameError("metric", name, (RETURN, *found))
    return found[name]


def spread_of(layout: Layout) -> tuple[np.ndarray, np.ndarray]:
    """Return middle and half width of every observation's bounds; 0 and 1 where they are wide."""
    low, high = (np.asarray(bound, np.float64) for bound in layout.bounds())
    half = 0.5 * (high - low)
    known = (half > 0.0) & (half < LARGEST_SCALE)
    mean, scale = np.where(known, 0.5 * (low + high), 0.0), np.where(known, half, 1.0)
    return mean.astype(np.float32), scale.astype(np.float32)


def _loaded(entry_point: str, prior: str) -> Any:
    module, _, attribute = entry_point.partition(":")
    first, *rest = attribute.split(".")
    return functools.reduce(getattr, rest, load_entry_point(f"{module}:{first}"))(prior)
