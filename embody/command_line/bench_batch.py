"""Speed of many worms at once, by backend and by number of worms."""

import time

import gymnasium
import numpy as np

from embody import registry
from embody.benchmark import Row

ENV = "Worm-Chemotaxis-v0"
SIZES = (16, 64, 256, 1024)
BACKENDS = ("mujoco", "jax")


def measure(seconds: float) -> list[Row]:
    """Time batches with the connectome of 302 neurons in the loop.

    Parameters
    ----------
    seconds
        Wall time to spend [s].
    """
    rows = []
    share = seconds / (len(SIZES) * (len(BACKENDS) + 1))
    for backend in BACKENDS:
        for size in SIZES:
            rows += _measure(backend, size, share)
    return rows + [_measure_compiled(size, share) for size in SIZES]


def _measure(backend: str, size: int, seconds: float) -> list[Row]:
    envs = gymnasium.make_vec(ENV, num_envs=size, backend=backend, max_episode_steps=0)
    brain = registry.make_controller("connectome", envs)  # pyright: ignore[reportArgumentType]
    seen, _ = envs.reset(seed=0)
    state = brain.init_many(range(size))
    spent, steps = np.zeros(2), -2  # two to warm up
    while steps < 3 or spent.sum() < seconds:
        started = time.perf_counter()
        state, actions = brain.step(state, seen)
        between = time.perf_counter()
        seen, *_ = envs.step(actions)
        if steps >= 0:
            spent += between - started, time.perf_counter() - between
        steps += 1
    envs.close()
    brain_us, env_us = 1e6 * spent / (steps * size)
    period_s = envs.unwrapped.control_period_s  # pyright: ignore[reportAttributeAccessIssue]
    name = f"worm-batch-{backend}-{size}"
    return [
        Row(f"{name}-realtime", 1e6 * period_s / (brain_us + env_us), "worm-seconds per second"),
        Row(f"{name}-controller-step", brain_us, "us per worm"),
        Row(f"{name}-env-step", env_us, "us per worm"),
    ]


def _measure_compiled(size: int, seconds: float) -> Row:
    from embody.brains.worm.parameters import load_parameters
    from embody.connectome import load_connectome
    from embody.envs.worm.compiled_dish import CompiledDish, draw_starts

    dish, values = CompiledDish(load_connectome("worm")), load_parameters("connectome").values()
    starts, simulated = draw_starts(range(size)), 1.0
    dish.run(values, starts, simulated)  # compiles
    spent, runs = 0.0, 0
    while runs < 1 or spent < seconds:
        started = time.perf_counter()
        dish.run(values, starts, simulated)
        spent += time.perf_counter() - started
        runs += 1
    speed = runs * size * simulated / spent
    return Row(f"worm-batch-compiled-{size}-realtime", speed, "worm-seconds per second")
