"""PPO of Stable-Baselines3 as a method of ours: its state in arrays, its result a policy file."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import gymnasium
import numpy as np
import torch  # pyright: ignore[reportMissingImports]
from gymnasium.vector import AutoresetMode
from stable_baselines3 import PPO  # pyright: ignore[reportMissingImports]
from stable_baselines3.common.running_mean_std import (  # pyright: ignore[reportMissingImports]
    RunningMeanStd,
)
from stable_baselines3.common.utils import (  # pyright: ignore[reportMissingImports]
    set_random_seed,
)
from stable_baselines3.common.vec_env import VecNormalize  # pyright: ignore[reportMissingImports]

from embody import registry
from embody.clock import multiple
from embody.envs.sb3_view import Sb3View
from embody.errors import EmbodyError
from embody.fitting.method import AbstractMethod, Report
from embody.fitting.policy_network import Layer, PolicyNetwork
from embody.parameters import FitRecord
from embody.policy_controller import layouts_of
from embody.policy_file import Actuation, Policy
from embody.policy_senses import CLIP, PolicySenses, Sense
from embody.sampling import control_period_s

RESULT_NAME = "policy.npz"
EPSILON = 1e-8
MINIBATCHES = 8
MOMENTS = ("exp_avg", "exp_avg_sq", "step")


class Sb3State(NamedTuple):
    """Where a fit is.

    Attributes
    ----------
    weights
        Parameters of the networks, by their names in torch.
    moments
        State of Adam for each of them.
    seen, returned
        Mean, variance and count of features and of discounted returns.
    steps
        Steps of the fit so far.
    best_cost, best_weights, best_seen
        Lowest cost of a step, and the policy that acted in it.
    """

    weights: dict[str, np.ndarray]
    moments: dict[str, dict[str, np.ndarray]]
    seen: tuple[np.ndarray, np.ndarray, float]
    returned: tuple[np.ndarray, np.ndarray, float]
    steps: int
    best_cost: float
    best_weights: dict[str, np.ndarray]
    best_seen: tuple[np.ndarray, np.ndarray, float]


class Sb3PolicyOptimisation(AbstractMethod):
    """PPO of Stable-Baselines3 (Raffin et al. 2021, JMLR 22:268) in any env with a flat box.

    Every step begins new episodes from seeds of its own, so that nothing outside the state matters
    and a fit goes on with the same bits; what comes later in an episode than the decisions of one
    step is never seen. On one thread of torch.

    Parameters
    ----------
    env_id
        Id of the env.
    seed
        Seed of the whole fit.
    animals, decisions
        Animals in the batch, and decisions of each in a step.
    hidden
        Size of each hidden layer.
    learning_rate
        Of Adam.
    period_s
        Time between two decisions [s]; None for the control period of the env.
    senses, actuation
        What the policy senses, and what its actions do; all of the observation and one action for
        each actuator if None.

    Raises
    ------
    EmbodyError
        If the env has no flat boxes as spaces, or the batch does not divide.
    """

    name = "reinforcement"
    unit = "decisions"

    def __init__(
        self,
        env_id: str,
        seed: int,
        animals: int,
        decisions: int,
        hidden: tuple[int, ...],
        learning_rate: float,
        period_s: float | None = None,
        senses: Sequence[Sense] | None = None,
        actuation: Actuation | None = None,
    ) -> None:
        for named, value in (("animals", animals), ("decisions", decisions)):
            if value < 1:
                raise EmbodyError(f"{named} is {value}, it has to be at least 1")
        if animals * decisions % MINIBATCHES or animals * decisions < 2 * MINIBATCHES:
            raise EmbodyError(
                f"{animals} animals times {decisions} decisions do not divide into {MINIBATCHES} "
                "minibatches of two or more"
            )
        if not learning_rate > 0.0:
            raise EmbodyError(f"learning_rate is {learning_rate:g}, it has to be above 0")
        env = registry.make_env(env_id)
        self.observation, self.action = layouts_of(env)
        control_s = control_period_s(env)
        env.close()
        self.period_s = control_s if period_s is None else period_s
        multiple(self.period_s, control_s, "period", "control period")
        self.env_id, self.seed = env_id, seed
        self.animals, self.decisions = animals, decisions
        self.hidden, self.learning_rate = hidden, learning_rate
        self.senses = tuple(senses or (Sense(channel.name) for channel in self.observation))
        self.actuation = actuation or Actuation.one_to_one(*self.action.bounds())
        self._hold_s = period_s
        self._made: tuple[PPO, VecNormalize, Sb3View] | None = None

    def identity(self) -> dict[str, Any]:
        """Return env, seed, senses, actuation and settings."""
        return {
            "library": "sb3",
            "env": self.env_id,
            "seed": self.seed,
            "animals": self.animals,
            "decisions": self.decisions,
            "hidden": list(self.hidden),
            "learning_rate": self.learning_rate,
            "period_s": self.period_s,
            "senses": [[s.channel, s.kind, s.time_constant_s, s.floor] for s in self.senses],
            "actuation": self.actuation.matrix.tolist(),
        }

    def init(self) -> Sb3State:
        """Return an untrained policy."""
        model, batch, _ = self._ready()
        set_random_seed(self.seed)
        policy = model.policy_class(
            model.observation_space, model.action_space, model.lr_schedule, **model.policy_kwargs
        )
        weights = _arrays(policy.state_dict())
        moments = {
            name: {
                "exp_avg": np.zeros_like(value),
                "exp_avg_sq": np.zeros_like(value),
                "step": np.zeros((), np.float32),
            }
            for name, value in weights.items()
        }
        none = _statistics(RunningMeanStd(shape=batch.observation_space.shape))
        returned = _statistics(RunningMeanStd(shape=()))
        return Sb3State(weights, moments, none, returned, 0, np.inf, weights, none)

    @contextlib.contextmanager
    def opened(self) -> Iterator[None]:
        """Keep the batch, and torch on one thread, while open."""
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(threads)
            if self._made is not None:
                self._made[1].close()
                self._made = None

    def step(self, state: Sb3State) -> tuple[Sb3State, Report]:
        """Let all animals act from the start of new episodes, and improve the policy on that."""
        model, batch, view = self._ready()
        own = int(np.random.SeedSequence((self.seed, state.steps)).generate_state(1)[0] >> 1)
        set_random_seed(own)
        self._restore(model, batch, state)
        view.seed(own)
        model.learn(self.animals * self.decisions, reset_num_timesteps=True)
        cost = -view.total_reward / self.animals
        best = (state.best_cost, state.best_weights, state.best_seen)
        if cost < state.best_cost:
            best = (cost, state.weights, state.seen)
        weights = _arrays(model.policy.state_dict())
        names = list(dict(model.policy.named_parameters()))
        kept = model.policy.optimizer.state_dict()["state"]
        moments = {
            name: {part: np.array(kept[number][part].numpy()) for part in MOMENTS}
            for number, name in enumerate(names)
        }
        seen, returned = _statistics(batch.obs_rms), _statistics(batch.ret_rms)
        after = Sb3State(weights, moments, seen, returned, state.steps + 1, *best)
        spent = after.steps * self.animals * self.decisions
        return after, Report(spent, cost, best[0], {"return": -cost})

    def save(self, state: Sb3State, folder: Path, record: FitRecord) -> tuple[Path, ...]:
        """Write the best as a policy file of ours."""
        path = folder / RESULT_NAME
        self.policy(state.best_weights, state.best_seen, record).save(path)
        return (path,)

    def policy(
        self,
        weights: dict[str, np.ndarray],
        seen: tuple[np.ndarray, np.ndarray, float],
        record: FitRecord | None,
    ) -> Policy:
        """Return weights of SB3's networks as a policy."""

        def layers(part: str, last: str) -> tuple[Layer, ...]:
            names = [f"mlp_extractor.{part}.{2 * k}" for k in range(len(self.hidden))] + [last]
            return tuple(Layer(weights[f"{n}.weight"].T, weights[f"{n}.bias"]) for n in names)

        network = PolicyNetwork(
            layers("policy_net", "action_net"),
            weights["log_std"],
            layers("value_net", "value_net"),
        )
        return Policy(
            network,
            self.senses,
            seen[0].astype(np.float32),
            np.sqrt(seen[1] + EPSILON).astype(np.float32),
            self.actuation,
            self.observation,
            self.action,
            self.period_s,
            self.env_id,
            "sb3",
            "A network fitted by PPO of Stable-Baselines3",
            record,
            "clip",
            1.0,
        )

    def _ready(self) -> tuple[PPO, VecNormalize, Sb3View]:
        if self._made is None:
            prepared = PolicySenses(
                self.senses, self.observation, self.actuation.matrix.shape[1], self.period_s
            )
            view = Sb3View(
                batch_of(self.env_id, self.animals), self._hold_s, prepared, self.actuation
            )
            batch = VecNormalize(view, clip_obs=CLIP, epsilon=EPSILON)
            hidden = list(self.hidden)
            model = PPO(
                "MlpPolicy",
                batch,
                learning_rate=self.learning_rate,
                n_steps=self.decisions,
                batch_size=self.animals * self.decisions // MINIBATCHES,
                policy_kwargs={
                    "net_arch": {"pi": hidden, "vf": hidden},
                    "activation_fn": torch.nn.Tanh,
                    "log_std_init": float(np.log(0.5)),
                },
                device="cpu",
            )
            self._made = (model, batch, view)
        return self._made

    def _restore(self, model: PPO, batch: VecNormalize, state: Sb3State) -> None:
        """Bring back all that the next step depends on."""
        tensors = {name: torch.tensor(value) for name, value in state.weights.items()}
        model.policy.load_state_dict(tensors)
        optimiser = model.policy.optimizer
        content = optimiser.state_dict()
        names = list(dict(model.policy.named_parameters()))
        content["state"] = {
            number: {part: torch.tensor(state.moments[name][part]) for part in MOMENTS}
            for number, name in enumerate(names)
        }
        optimiser.load_state_dict(content)
        statistics: Any = ((batch.obs_rms, state.seen), (batch.ret_rms, state.returned))
        for kept, (mean, variance, count) in statistics:
            kept.mean, kept.var, kept.count = np.array(mean), np.array(variance), float(count)


def batch_of(env_id: str, animals: int) -> Any:
    """Return a batch of an env, ours or another's, that begins anew in the step of its end."""
    own = any(entry.name == env_id and entry.vector_entry_point for entry in registry.ENVS)
    if own:
        return gymnasium.make_vec(env_id, num_envs=animals, autoreset_mode="SameStep")
    return gymnasium.make_vec(
        env_id,
        num_envs=animals,
        vectorization_mode="sync",
        vector_kwargs={"autoreset_mode": AutoresetMode.SAME_STEP},
    )


def _arrays(tensors: Any) -> dict[str, np.ndarray]:
    return {name: np.array(tensor.detach().numpy()) for name, tensor in tensors.items()}


def _statistics(kept: Any) -> tuple[np.ndarray, np.ndarray, float]:
    return np.array(kept.mean), np.array(kept.var), float(kept.count)
