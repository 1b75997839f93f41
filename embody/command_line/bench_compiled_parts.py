"""Where the time of the compiled loop of worms goes: each part alone, on every device."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from embody.benchmark import Remark, Row, timed
from embody.command_line.bench_devices import Device, jax_devices

SIZE, GPU_SIZE = 256, 16_384
LOOP = 50
WHOLE_LOOPS = 6
"""How much longer the whole loop runs, so that it is the steps that count and not the start."""

WHOLE = "the whole step"
NUDGE = 1e-9
"""How strongly a part's result acts on its next input, lest the compiler leave the part out."""


class Part(NamedTuple):
    """A part of the step of one worm.

    Attributes
    ----------
    name
        What.
    start
        What it carries along.
    step
        From what it carries to the next.
    """

    name: str
    start: Any
    step: Callable[[Any], Any]


def measure(seconds: float) -> Iterator[Row | Remark]:
    """Yield the time of the whole step and of its parts, each with its share of the whole.

    A part alone reads and writes memory that the whole step keeps at hand, so that the shares need
    not add up to one. The speed of the matrix products beside that of which the device is capable
    tells whether they are what to blame.

    Parameters
    ----------
    seconds
        Wall time to spend, compilation aside [s].
    """
    try:
        devices = jax_devices()
    except ModuleNotFoundError:
        yield Remark("worm-compiled-parts needs JAX: pip install embody-sim[fit]")
        return
    for device in devices:
        yield from _measure(device, GPU_SIZE if device.is_gpu else SIZE, seconds / len(devices))


def _measure(device: Device, size: int, seconds: float) -> Iterator[Row]:
    import jax

    from embody.command_line.bench_worm_jax import prepare

    dish, values, starts = prepare(size)
    steps = WHOLE_LOOPS * LOOP
    parts = list(compiled_parts(dish, values))
    share, name = seconds / (1 + len(parts)), f"worm-compiled-parts{device.tag}"
    unit, per_second = f"us per worm and step, N = {size}", 1e6 / (size * LOOP)
    with jax.default_device(device.jax_device):
        timing = timed(lambda: dish.run(values, starts, steps * dish.dt, every=steps), share)
        whole = timing.duration(f"{name}-whole", unit, per_second / WHOLE_LOOPS, device.name)
        yield whole
        for part in parts:
            timing = timed(repeated(part, size), share)
            row = timing.duration(f"{name}-{part.name}", unit, per_second, device.name)
            yield row.beside(WHOLE, whole.value)
            if part.name == "connections":
                work = size * LOOP * 6e-9 * len(dish.wiring.neurons) ** 2
                name_of_speed = f"{name}-{part.name}-speed"
                yield timing.rate(name_of_speed, work, "GFLOP/s", device=device.name)


def repeated(part: Part, size: int) -> Callable[[], Any]:
    """Return a compiled loop of `LOOP` steps of a part, for `size` worms."""
    import jax

    from embody.envs.worm.reduced_loop import single_precision

    @jax.jit
    def loop(carry: Any) -> Any:
        def once(carry: Any, _: Any) -> tuple[Any, None]:
            return jax.vmap(part.step)(carry), None

        return jax.lax.scan(once, carry, None, length=LOOP)[0]

    start = single_precision(
        jax.tree.map(lambda leaf: np.repeat(np.asarray(leaf)[None], size, axis=0), part.start)
    )
    return lambda: jax.block_until_ready(loop(start))


def compiled_parts(dish: Any, values: dict[str, float]) -> Iterator[Part]:
    """Yield the parts of the step of `CompiledDish`.

    Parameters
    ----------
    dish
        The compiled dish whose wiring and step are taken.
    values
        Parameters of the worm.
    """
    import jax
    import jax.numpy as jnp

    from embody.bodies.worm import rod
    from embody.bodies.worm.rod_bodies import wall_of
    from embody.bodies.worm.rod_constants import balance_map, rod_parameters
    from embody.brains import graded
    from embody.brains.connections import DenseConnections
    from embody.brains.worm.assembly import assemble
    from embody.brains.worm.nervous_system import odour_sensor, odour_signs
    from embody.brains.worm.senses import OdourState, sense_odour
    from embody.envs.worm.chemotaxis import WormChemotaxis
    from embody.envs.worm.reduced_loop import Animal, drive_muscles

    env = WormChemotaxis()
    env.reset(seed=0)
    network = assemble(dish.wiring, values, np)
    signs = odour_signs(dish.wiring.neurons)
    animal: Animal = jax.tree.map(
        np.float32,
        Animal(network, rod_parameters(), odour_sensor(values), signs, balance_map()),
    )
    wall, dt, nothing = wall_of(env.body), dish.dt, np.float32(0.0)
    connections = DenseConnections(animal.network.chemical, animal.network.gap)
    brain = graded.init(network.graded, network.resting_voltage, np)
    length = animal.body.rod_length
    body = rod.RodState(np.zeros(2), np.linspace(0.0, 0.5, 25), np.zeros(24))

    def connect(state: graded.GradedState) -> graded.GradedState:
        excitation, inhibition, gap = connections(state.release, state.voltage)
        release = state.release + NUDGE * (excitation - inhibition)
        return graded.GradedState(state.voltage + NUDGE * gap, release)

    def drive(carry: Any) -> Any:
        state, angle = carry
        state, balance = drive_muscles(animal, connections, state, angle, nothing, 1.0, dt)
        return state, angle + NUDGE * balance

    def crawl(state: rod.RodState) -> rod.RodState:
        push = NUDGE * jnp.stack([state.direction, state.direction], axis=-1)
        return rod.step(animal.body, state, 0.5 * state.balance, dt, jnp, rod_force=push)

    def push_back(state: rod.RodState) -> rod.RodState:
        size, outwards = wall.force(rod.centreline(state, length, jnp), jnp)
        force = (size[..., None] * outwards).sum(0)
        return state._replace(head=state.head + NUDGE * (1.0 + force))

    def smell(carry: Any) -> Any:
        state, odour = carry
        level = jnp.log(jnp.maximum(env.field.concentration(state.head), 1e-12))
        odour, response = sense_odour(animal.sensor, odour, level, dt, jnp)
        away = env.field.distances_to_peak(rod.centreline(state, length, jnp).mean(0))
        return state._replace(head=state.head + NUDGE * (response + away)), odour

    yield Part("connections", brain, connect)
    yield Part("nervous-system", (brain, np.zeros(24)), drive)
    yield Part("rods", body, crawl)
    yield Part("wall", body, push_back)
    yield Part("odour", (body, OdourState(np.float32(0.0), np.float32(0.0))), smell)
