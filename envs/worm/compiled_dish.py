"""Thousands of worms in dishes, nervous system and body in one compiled loop."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from embody.bodies.worm import rod
from embody.bodies.worm.mujoco_body import CONTROL_PERIOD_S
from embody.bodies.worm.rod_bodies import Wall, wall_of
from embody.bodies.worm.rod_constants import balance_map, rod_parameters
from embody.brains import graded
from embody.brains.connections import DenseConnections
from embody.brains.worm import senses
from embody.brains.worm.assembly import assemble
from embody.brains.worm.nervous_system import odour_sensor, odour_signs
from embody.brains.worm.stepper import LOWEST_CONCENTRATION
from embody.connectome import Connectome
from embody.envs.worm.chemotaxis import WormChemotaxis
from embody.envs.worm.controllers import worm_wiring
from embody.envs.worm.reduced_loop import Animal, drive_muscles, single_precision
from embody.errors import EmbodyError
from embody.fields import AbstractField, GaussianField, LinearField, SumField, field_of_each

Array = Any


class DishStart(NamedTuple):
    """Where worms and odours lie at the start, one for each worm.

    Attributes
    ----------
    body
        Postures, at rest.
    distance
        Distance from the middle of the body to the peak, (b,) [mm].
    field
        The odours, as `field_of_each` makes them.
    """

    body: rod.RodState
    distance: Array
    field: AbstractField


class DishRun(NamedTuple):
    """What worms in dishes did.

    Attributes
    ----------
    chemotaxis_index
        See `WormChemotaxis`, (b,).
    distance
        Distance to the peak at the end, (b,) [mm].
    head, direction
        Tip of the head, (b, T, 2) [mm], and direction of every rod, (b, T, rods) [rad].
    """

    chemotaxis_index: Array
    distance: Array
    head: Array
    direction: Array


def draw_starts(seeds: Sequence[int], **options: Any) -> DishStart:
    """Return the starts that `Worm-Chemotaxis-v0` draws from these seeds, with its options."""
    env = WormChemotaxis(**options)
    fields, heads, directions, distances = [], [], [], []
    for seed in seeds:
        _, info = env.reset(seed=int(seed))
        nodes = env.body.centreline()
        along = nodes[:-1] - nodes[1:]
        heads.append(nodes[0])
        directions.append(np.unwrap(np.arctan2(along[:, 1], along[:, 0])))
        distances.append(info["distance_mm"])
        fields.append(env.field)
    direction = np.array(directions)
    body = rod.RodState(np.array(heads), direction, np.zeros_like(direction[:, 1:]))
    return DishStart(body, np.array(distances), field_of_each(fields))


class CompiledDish:
    """Worms with one wiring in dishes, compiled for a number of worms and steps when first run.

    Single precision, on whatever JAX runs on; the body has no inertia. Touch is not sensed.

    Parameters
    ----------
    connectome
        Their wiring.
    medium
        See `WormEnv`.
    dt
        Step of network and body [s].
    """

    def __init__(
        self,
        connectome: Connectome,
        medium: str | float = "agar",
        dt: float = CONTROL_PERIOD_S,
    ) -> None:
        self.wiring = worm_wiring(connectome)
        self.dt = dt
        body = WormChemotaxis(medium=medium).body
        self._body = rod_parameters(body.medium, body.geometry)
        self._wall = wall_of(body)
        self._run = jax.jit(
            jax.vmap(_run, in_axes=(None, None, 0, None, None, None)), static_argnums=(3, 4, 5)
        )
        alike = jax.vmap(_run, in_axes=(None, None, 0, None, None, None))
        self._run_all = jax.jit(
            jax.vmap(alike, in_axes=(0, None, None, None, None, None)), static_argnums=(3, 4, 5)
        )
        self._run_each = jax.jit(
            jax.vmap(_run, in_axes=(0, None, 0, None, None, None)), static_argnums=(3, 4, 5)
        )

    def run(
        self,
        values: Mapping[str, float] | Sequence[Mapping[str, float]],
        start: DishStart,
        seconds: float,
        every: int = 20,
    ) -> DishRun:
        """Run worms that share their parameters, or that each have their own.

        Parameters
        ----------
        values
            Class-level parameters by name; or a list of such, one for each worm.
        start
            Where they start.
        seconds
            How long [s].
        every
            Steps between two entries of the trace.

        Raises
        ------
        EmbodyError
            If there are not as many parameters as worms, or the time holds no whole trace.
        """
        if isinstance(values, Mapping):
            animals, run = self._animal(values), self._run
        else:
            if len(values) != len(start.distance):
                raise EmbodyError(f"{len(values)} parameter sets for {len(start.distance)} worms")
            animals, run = self._animals(values), self._run_each
        return self._traced(run, animals, start, seconds, every)

    def run_all(
        self,
        values: Sequence[Mapping[str, float]],
        start: DishStart,
        seconds: float,
        every: int = 20,
    ) -> DishRun:
        """Run every parameter set at every start: what it returns leads with (sets, starts)."""
        return self._traced(self._run_all, self._animals(values), start, seconds, every)

    def _traced(
        self, run: Any, animals: Animal, start: DishStart, seconds: float, every: int
    ) -> DishRun:
        steps = round(seconds / self.dt)
        if steps < every or steps % every:
            raise EmbodyError(
                f"{seconds:g} s are {steps} steps, which has to be a multiple of every ({every})"
            )
        found = run(
            single_precision(animals),
            single_precision(self._wall),
            single_precision(start),
            steps,
            every,
            self.dt,
        )
        return DishRun(*(np.asarray(part) for part in found))

    def _animals(self, values: Sequence[Mapping[str, float]]) -> Animal:
        each = [self._animal(own) for own in values]
        return jax.tree.map(lambda *leaves: np.stack(leaves), *each)

    def _animal(self, values: Mapping[str, float]) -> Animal:
        return Animal(
            assemble(self.wiring, values, np),
            self._body,
            odour_sensor(values),
            odour_signs(self.wiring.neurons),
            balance_map(),
        )


def _run(
    animal: Animal, wall: Wall, start: DishStart, steps: int, every: int, dt: float
) -> DishRun:
    connections = DenseConnections(animal.network.chemical, animal.network.gap)
    brain = graded.init(animal.network.graded, animal.network.resting_voltage, jnp)
    length = animal.body.rod_length

    def level(head: Array) -> Array:
        concentration = jnp.minimum(start.field.concentration(head), 1.0)
        return jnp.log(jnp.maximum(concentration, LOWEST_CONCENTRATION))

    def advance(carry: Any, _: Any) -> Any:
        body, brain, odour, approach, _ = carry
        odour, response = senses.sense_odour(animal.sensor, odour, level(body.head), dt, jnp)
        smelt = animal.sensor.gain * response * animal.sensory_sign
        brain, balance = drive_muscles(
            animal, connections, brain, rod.joint_angle(body), smelt, 1.0, dt
        )
        force, outwards = wall.force(rod.centreline(body, length, jnp), jnp)
        body = rod.step(animal.body, body, balance, dt, jnp, rod_force=-force[..., None] * outwards)
        centre = rod.centreline(body, length, jnp).mean(0)
        distance = start.field.distances_to_peak(centre)
        return (body, brain, odour, approach + (1.0 - distance / start.distance), distance), None

    def block(carry: Any, _: Any) -> Any:
        carry, _ = jax.lax.scan(advance, carry, None, length=every)
        return carry, (carry[0].head, carry[0].direction)

    first = level(start.body.head)
    carry = (start.body, brain, senses.OdourState(first, first), 0.0 * first, start.distance)
    (_, _, _, approach, distance), trace = jax.lax.scan(block, carry, None, length=steps // every)
    return DishRun(approach / steps, distance, *trace)


def _register(kind: type[AbstractField]) -> None:
    """Let JAX see the numbers of a field."""

    def numbers(field: AbstractField) -> tuple[tuple[Any, ...], tuple[str, ...]]:
        return tuple(vars(field).values()), tuple(vars(field))

    def field(names: tuple[str, ...], values: Any) -> AbstractField:
        made: Any = object.__new__(kind)
        for name, value in zip(names, values, strict=True):
            object.__setattr__(made, name, value)
        return made

    jax.tree_util.register_pytree_node(kind, numbers, field)


for _kind in (GaussianField, LinearField, SumField):
    _register(_kind)
