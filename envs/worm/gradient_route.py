"""The second route of calibration: descend the gradient through the whole reduced loop."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from embody.bodies.worm.rod_constants import balance_map, rod_parameters
from embody.brains.worm.assembly import assemble
from embody.brains.worm.nervous_system import odour_sensor
from embody.brains.worm.wiring import WormWiring
from embody.envs.worm.reduced_loop import Condition, Trace, simulate
from embody.parameters import ParameterSet

STEP_S = 0.01
KEEP_EVERY = 5
TARGET_SPEED = 0.22
TARGET_AMPLITUDE = 7.0
CLIP_NORM = 1.0


class Descent(NamedTuple):
    """One step of the descent.

    Attributes
    ----------
    loss
        Loss before the step.
    speed
        Speed along the body axis in the second half of the run [mm/s].
    values
        Parameters after the step, by name.
    """

    loss: float
    speed: float
    values: dict[str, float]


def axial_speed(trace: Trace, rod_length: Any) -> Any:
    """Return the mean velocity along the body axis in the second half of a run [mm/s]."""
    half = trace.head.shape[0] // 2
    direction = trace.direction[half:]
    tangent = jnp.stack([jnp.cos(direction), jnp.sin(direction)], axis=-1)
    rods = trace.head[half:, None] - rod_length * (jnp.cumsum(tangent, axis=1) - 0.5 * tangent)
    centre = rods.mean(axis=1)
    axis = tangent.mean(axis=1)
    axis = axis / jnp.sqrt((axis**2).sum(axis=1, keepdims=True) + 1e-9)
    velocity = jnp.diff(centre, axis=0) / (STEP_S * KEEP_EVERY)
    return (velocity * axis[:-1]).sum(axis=1).mean()


def forward_loss(
    wiring: WormWiring, seconds: float, dtype: Any = jnp.float32
) -> Callable[[Mapping[str, Any]], tuple[Any, Any]]:
    """Return the loss of crawling forward, a function of the class-level parameters.

    The loss is the squared miss of a speed of 0.22 mm/s and of a curvature amplitude of 7 /mm, in
    units of 0.05 mm/s and 2 /mm. The function returns it and the speed, both differentiable.
    """
    body = jax.tree.map(lambda leaf: jnp.asarray(leaf, dtype), rod_parameters())
    balance = jnp.asarray(balance_map(), dtype)
    size = len(wiring.neurons)
    condition = Condition(
        current=jnp.zeros(size, dtype),
        release_mask=jnp.ones(size, dtype),
        chemical_mask=jnp.ones((), dtype),
        odour_gradient=jnp.zeros(2, dtype),
        sensory_mask=jnp.zeros((), dtype),
        heading=jnp.zeros((), dtype),
        phase=jnp.asarray(0.3, dtype),
    )
    steps = round(seconds / STEP_S)

    @jax.checkpoint
    def run(values: Mapping[str, Any]) -> Trace:
        network = assemble(wiring, values, jnp, dtype)
        sensor = jax.tree.map(lambda leaf: jnp.asarray(leaf, dtype), odour_sensor(values))
        return simulate(
            network,
            body,
            sensor,
            jnp.zeros(size, dtype),
            balance,
            condition,
            steps,
            KEEP_EVERY,
            STEP_S,
        )

    def loss(values: Mapping[str, Any]) -> tuple[Any, Any]:
        trace = run(values)
        speed = axial_speed(trace, body.rod_length)
        half = trace.head.shape[0] // 2
        curvature = -jnp.diff(trace.direction[half:], axis=1) / body.rod_length
        bending = curvature - curvature.mean(axis=0, keepdims=True)
        amplitude = jnp.sqrt(2.0 * (bending**2).mean() + 1e-9)
        miss = ((speed - TARGET_SPEED) / 0.05) ** 2 + ((amplitude - TARGET_AMPLITUDE) / 2.0) ** 2
        return miss, speed

    return loss


def descend(
    wiring: WormWiring,
    start: ParameterSet,
    steps: int,
    seconds: float = 6.0,
    learning_rate: float = 0.01,
) -> Iterator[Descent]:
    """Move parameters down the gradient with Adam (Kingma & Ba 2015), clipped, within bounds.

    Parameters
    ----------
    start
        Where to start; its bounds hold.
    steps
        Number of steps.
    seconds
        Length of the run that the gradient goes back through [s].
    learning_rate
        Step in widths of the bounds.
    """
    low = {p.name: p.low or 0.0 for p in start}
    width = {p.name: (p.high or 0.0) - low[p.name] for p in start}
    loss = forward_loss(wiring, seconds)

    def of_position(position: Mapping[str, Any]) -> tuple[Any, Any]:
        return loss({name: low[name] + width[name] * position[name] for name in position})

    evaluate = jax.jit(jax.value_and_grad(of_position, has_aux=True))
    optimiser = optax.chain(optax.clip_by_global_norm(CLIP_NORM), optax.adam(learning_rate))
    position: Any = {
        p.name: jnp.asarray((p.value - low[p.name]) / width[p.name], jnp.float32) for p in start
    }
    state = optimiser.init(position)
    for _ in range(steps):
        (found, speed), slope = evaluate(position)
        with jax.numpy_dtype_promotion("standard"):  # optax mixes a step counter with floats
            update, state = optimiser.update(slope, state, position)
        position = jax.tree.map(
            lambda place, change: jnp.clip(place + change, 0.02, 0.98), position, update
        )
        yield Descent(
            float(found),
            float(speed),
            {name: float(low[name] + width[name] * place) for name, place in position.items()},
        )
