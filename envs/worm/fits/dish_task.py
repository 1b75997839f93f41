"""Worms on the reduced body in dishes, as a compiled task for a policy that acts in the loop."""

import abc
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from embody.bodies.worm import rod
from embody.bodies.worm.mujoco_body import NANONEWTON_PER_MICRONEWTON
from embody.bodies.worm.rod_bodies import wall_of
from embody.bodies.worm.rod_constants import balance_map, rod_parameters
from embody.clock import multiple
from embody.envs.worm.chemotaxis import WormChemotaxis
from embody.envs.worm.compiled_dish import DishStart, draw_starts
from embody.envs.worm.reduced_loop import single_precision
from embody.envs.worm.touch import STRONGEST_UN
from embody.fields import AbstractField
from embody.fitting.policy_network import PolicyNetwork
from embody.fitting.ppo_task import AbstractTask, Outcome
from embody.layout import Layout
from embody.parameters import FitRecord
from embody.policy_file import Actuation, Policy
from embody.policy_senses import LAST_ACTION, PolicySenses, Sense

ENV_ID = "Worm-Chemotaxis-v0"
STEP_S = 0.01
DECISION_S = 0.1
EPISODE_S = 300.0
FIRST_START = 1_000_000
STARTS = 256
LEAST_ODOUR = 1e-6
REWARD_PER_MM = 10.0
CRAWLING_SHARE = 0.2
"""What a way made forward is worth, beside the same way made towards the peak."""

SENSES = (
    Sense("joint_angle"),
    Sense("odour", floor=LEAST_ODOUR),
    Sense("odour", "change", 0.3, LEAST_ODOUR),
    Sense("odour", "change", 2.0, LEAST_ODOUR),
    Sense(LAST_ACTION),
)
"""Posture, and the logarithm of the odour with its changes over a head swing and over a wave."""

Array = Any


class DishWorm(NamedTuple):
    """One worm in its dish.

    Attributes
    ----------
    body
        Its posture.
    inner
        What else drives its muscles, such as a nervous system.
    field
        The odour.
    start_distance, distance
        Distance of its middle to the peak at the start, and now [mm].
    decisions
        Decisions made in this episode.
    memory, features
        Of its senses.
    """

    body: rod.RodState
    inner: Any
    field: AbstractField
    start_distance: Array
    distance: Array
    decisions: Array
    memory: Array
    features: Array


class AbstractDish(AbstractTask):
    """`Worm-Chemotaxis-v0` on the body without inertia, at the starts that the env draws.

    The reward is the way towards the peak and, worth a fifth of it, the way forward: without that
    share a worm that cannot steer yet would gain nothing by crawling. The cost is the distance to
    the peak over that at the start; its mean over an episode is one less the chemotaxis index.

    Parameters
    ----------
    action
        What the env takes.
    actuation
        What the policy's actions do.
    decision_s
        Time between two decisions [s].
    odourless
        Whether the policy smells nothing: a control.
    starts
        Number of starts.
    """

    name: str

    def __init__(
        self,
        action: Layout,
        actuation: Actuation,
        decision_s: float = DECISION_S,
        odourless: bool = False,
        starts: int = STARTS,
    ) -> None:
        env = WormChemotaxis()
        self.observation, self.action, self.actuation = env.observation_layout, action, actuation
        self.actions = actuation.matrix.shape[1]
        self.decision_s = decision_s
        self.odourless = odourless
        self.senses = PolicySenses(SENSES, self.observation, self.actions, decision_s)
        self.features = self.senses.size
        self._hold = multiple(decision_s, STEP_S, "decision period", "step")
        self._episode = round(EPISODE_S / decision_s)
        self._body = single_precision(rod_parameters(env.body.medium, env.body.geometry))
        self._wall = single_precision(wall_of(env.body))
        self._balance = jnp.asarray(balance_map(), jnp.float32)
        seeds = range(FIRST_START, FIRST_START + starts)
        self._starts: DishStart = single_precision(draw_starts(seeds))
        self._count = starts

    @abc.abstractmethod
    def begin(self) -> Any:
        """Return what drives the muscles, at the start of an episode."""

    @abc.abstractmethod
    def drive(self, inner: Any, angle: Array, command: Array) -> tuple[Any, Array]:
        """Return what drives the muscles after a step, and the balance of every joint, (joints,).

        Parameters
        ----------
        angle
            Joint angles, (joints,) [rad].
        command
            What the env would be given, (n,).
        """

    def identity(self) -> dict[str, Any]:
        """Return what fixes the task."""
        return {
            "env": ENV_ID,
            "acts on": self.name,
            "actions": self.actions,
            "decision_s": self.decision_s,
            "odourless": self.odourless,
            "starts": self._count,
        }

    def init(self, key: Array, share: Array) -> DishWorm:
        """Return a worm at one of the starts, at rest."""
        row = jax.random.randint(key, (), 0, self._count)
        start = jax.tree.map(lambda leaf: leaf[row], self._starts)
        decisions = jnp.asarray(share * self._episode, jnp.int32)
        distance, none = start.distance, jnp.zeros(self.senses.memory_size, jnp.float32)
        worm = DishWorm(
            start.body, self.begin(), start.field, distance, distance, decisions, none, none
        )
        return self._sensed(worm, True, jnp.zeros(self.actions, jnp.float32))

    def observe(self, state: DishWorm) -> Array:
        """Return the features, (features,)."""
        return state.features

    def step(self, state: DishWorm, squashed: Array) -> Outcome:
        """Hold the command for a decision period."""
        command = self.actuation(squashed, jnp)

        def advance(carry: Any, _: Any) -> tuple[Any, None]:
            body, inner = carry
            inner, balance = self.drive(inner, rod.joint_angle(body), command)
            force, outwards = self._wall.force(self._nodes(body), jnp)
            push = -force[..., None] * outwards
            return (rod.step(self._body, body, balance, STEP_S, jnp, rod_force=push), inner), None

        carry = (state.body, state.inner)
        (body, inner), _ = jax.lax.scan(advance, carry, None, length=self._hold)
        before, nodes = self._nodes(state.body), self._nodes(body)
        distance = state.field.distances_to_peak(nodes.mean(0))
        axis = before[0] - before[-1]
        forward = (nodes - before).mean(0) @ (axis / jnp.sqrt((axis**2).sum() + 1e-6))
        climbed = state.distance - distance
        decisions = state.decisions + 1
        worm = state._replace(body=body, inner=inner, distance=distance, decisions=decisions)
        return Outcome(
            self._sensed(worm, False, squashed),
            REWARD_PER_MM * (climbed + CRAWLING_SHARE * forward),
            jnp.asarray(False),
            decisions >= self._episode,
            distance / state.start_distance,
        )

    def policy(
        self,
        network: PolicyNetwork,
        feature_mean: np.ndarray,
        feature_scale: np.ndarray,
        record: FitRecord,
    ) -> Policy:
        """Return a policy for `Worm-Chemotaxis-v0`."""
        return Policy(
            network,
            SENSES,
            feature_mean,
            feature_scale,
            self.actuation,
            self.observation,
            self.action,
            self.decision_s,
            ENV_ID,
            self.name,
            f"A network that acts on the worm's {self.name}, fitted by PPO to climb an odour",
            record,
            noise=1.0,
        )

    def _nodes(self, body: rod.RodState) -> Array:
        return rod.centreline(body, self._body.rod_length, jnp)

    def _sensed(self, worm: DishWorm, fresh: bool, squashed: Array) -> DishWorm:
        """Return the worm with the features of where it is, as the env would show them."""
        nodes = self._nodes(worm.body)
        odour = jnp.minimum(worm.field.concentration(nodes[0]), 1.0)
        if self.odourless:
            odour = jnp.ones_like(odour)
        touch = self._wall.force(nodes, jnp)[0] / NANONEWTON_PER_MICRONEWTON
        angle = jnp.clip(rod.joint_angle(worm.body), -np.pi, np.pi)
        shown = (angle, jnp.clip(touch, 0.0, STRONGEST_UN), odour[None])
        seen = jnp.concatenate([part.astype(jnp.float32) for part in shown])
        memory, features = self.senses(worm.memory, fresh, seen, squashed, jnp)
        return worm._replace(memory=memory, features=features)
