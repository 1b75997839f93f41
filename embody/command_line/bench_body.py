"""Steps of the worm's body alone: one and many on MuJoCo, many without inertia on JAX."""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import mujoco
import numpy as np

from embody.benchmark import Point, Remark, Row, Timing, side_by_side, timed
from embody.bodies.worm.mujoco_body import WormBody
from embody.bodies.worm.worm_bodies import WormBodies
from embody.command_line.bench_devices import jax_devices
from embody.command_line.bench_ways import LOOP

SIZES = (64, 1024)
UNIT = "body steps per second"
ALL_THREADS = "MuJoCo, all threads"
PEERS = {
    "swimmer": (
        "swimmer15",
        "dm_control's swimmer, 17 degrees of freedom and 14 actuators (ours 27 and 170)",
    ),
    "fish": (
        "swim",
        "dm_control's fish, 13 degrees of freedom and 5 actuators (ours 27 and 170)",
    ),
}


def measure(seconds: float) -> Iterator[Row | Remark]:
    """Yield body steps per second; on agar a step of 5 ms is one physics step.

    Parameters
    ----------
    seconds
        Wall time to spend, compilation aside [s].
    """
    share = seconds / 8
    yield from _alone(3 * share)
    body = WormBody("agar")
    for size in SIZES:
        for threads, kind in ((1, "mujoco-one-thread"), (0, "mujoco")):
            bodies = WormBodies(body, size, threads)
            timing = timed(_stepping(bodies, size), share)
            line = "MuJoCo, one thread" if threads == 1 else ALL_THREADS
            yield _row(timing, f"worm-body-{kind}-{size}", line, size, size)
    try:
        devices = jax_devices()
    except ModuleNotFoundError:
        yield Remark("bodies on JAX are not measured: pip install embody-sim[fit]")
        return
    for device in devices:
        for size in (1, *SIZES):
            timing = timed(_rods(body, size, device.jax_device), share / 2)
            name = f"worm-body-jax{device.tag}-{size}"
            line = f"without inertia, {device.name or 'processor'}"
            yield _row(timing, name, line, size, LOOP * size, device.name)


def _alone(seconds: float) -> Iterator[Row | Remark]:
    body = WormBody("agar")
    body.reset()
    command = _commands(1)[0]
    calls: dict[str, Callable[[], object]] = {"ours": lambda: body.step(command)}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the renderers that it tries at import
            from dm_control import suite  # pyright: ignore[reportMissingImports]
    except ModuleNotFoundError:
        yield Remark("the peer dm_control is not installed: pip install embody-sim[dm]")
    else:
        for domain, (task, _) in PEERS.items():
            env = suite.load(domain, task)
            env.reset()
            calls[domain] = _physics(env.physics)
    timings = side_by_side(calls, seconds)
    row = _row(timings["ours"], "worm-body-mujoco-1", "MuJoCo, one thread", 1, 1)
    yield row
    for domain, (_, text) in PEERS.items():
        if domain in timings:
            own = replace(row, name=f"{row.name}-beside-{domain}", point=None)
            yield own.beside(text, 1 / timings[domain].median_s)


def _physics(physics: Any) -> Callable[[], None]:
    model, data = physics.model.ptr, physics.data.ptr
    return lambda: mujoco.mj_step(model, data)


def _stepping(bodies: WormBodies, size: int) -> Callable[[], None]:
    commands = _commands(size)
    return lambda: bodies.step(commands)


def _rods(body: WormBody, size: int, device: Any) -> Callable[[], object]:
    import jax
    import jax.numpy as jnp

    from embody.bodies.worm import rod
    from embody.bodies.worm.rod_constants import balance_map, rod_parameters
    from embody.envs.worm.reduced_loop import single_precision

    parameters = jax.tree.map(np.float32, rod_parameters(body.medium, body.geometry))
    balance = np.float32(_commands(size) @ balance_map().T)
    dt = body.control_period_s
    start = rod.RodState(np.zeros((size, 2)), np.zeros((size, 25)), np.zeros((size, 24)))

    @jax.jit
    def advance(state: rod.RodState) -> rod.RodState:
        def one(state: rod.RodState, balance: Any) -> rod.RodState:
            return rod.step(parameters, state, balance, dt, jnp)

        def every(state: rod.RodState, _: Any) -> tuple[rod.RodState, None]:
            return jax.vmap(one)(state, balance), None

        return jax.lax.scan(every, state, None, length=LOOP)[0]

    state = [jax.device_put(single_precision(start), device)]

    def call() -> None:
        state[0] = jax.block_until_ready(advance(state[0]))

    return call


def _commands(size: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(0.0, 0.5, (size, 95)).astype(np.float32)


def _row(timing: Timing, name: str, line: str, size: int, work: int, device: str = "") -> Row:
    return timing.rate(name, work, UNIT, Point("bodies", line, size), device)
