"""How fast an animal runs, on which machine."""

import os
import platform
import time
from dataclasses import dataclass
from pathlib import Path

import gymnasium

from embody.controller import AbstractController
from embody.sampling import control_period_s

SEED = 100


@dataclass(frozen=True)
class Cost:
    """What it costs to run.

    Attributes
    ----------
    real_time_factor
        Simulated seconds per second of wall time, of env and controller together.
    simulated_s, wall_s
        How long was measured [s].
    device
        The machine, in words.
    """

    real_time_factor: float
    simulated_s: float
    wall_s: float
    device: str


def measure_cost(env: gymnasium.Env, controller: AbstractController, seconds: float = 3.0) -> Cost:
    """Run an env with a controller for about `seconds` of wall time, and at least ten steps."""
    observation, _ = env.reset(seed=SEED)
    controller.reset(SEED)
    controller.act(observation)  # what is loaded or settled at the first step is no running cost
    steps, started = 0, time.perf_counter()
    while steps < 10 or time.perf_counter() - started < seconds:
        observation, _, terminated, truncated, _ = env.step(controller.act(observation))
        steps += 1
        if terminated or truncated:
            observation, _ = env.reset()
            controller.reset(SEED)
    wall_s = time.perf_counter() - started
    simulated_s = steps * control_period_s(env)
    return Cost(simulated_s / wall_s, simulated_s, wall_s, device())


def device() -> str:
    """Return the processor and how many of its cores there are."""
    name = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        name = next(
            line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")
        )
    except (OSError, StopIteration, UnicodeDecodeError):
        pass  # not Linux, or a processor without a name: what Python knows has to do
    return f"{name}, {os.cpu_count()} cores, one process"
