"""Speed of the worm on the MuJoCo body, one animal on one core."""

import itertools

import gymnasium

from embody import registry
from embody.benchmark import Row, microseconds
from embody.command_line.bench_loop import time_loop
from embody.controller import AbstractController
from embody.loop import open_env, rollout
from embody.sampling import control_period_s

ENV = "Worm-Chemotaxis-v0"
CONTROLLER = "connectome"
CE_LOCOMOTION = "CE_locomotion (C++, 60 neurons, 2-D body), one core of an x86 server: 62 x"
CE_LOCOMOTION_SPEED = 62.0
OPENWORM = "OpenWorm docker (c302, particle body and fluid), published: 15 ms in 5 to 10 minutes"
OPENWORM_SPEED = 0.015 / 450.0


def measure(seconds: float) -> list[Row]:
    """Time the whole loop `env.step(controller.act(observation))`, then its parts.

    Parameters
    ----------
    seconds
        Wall time to spend [s].
    """
    env = open_env(ENV, seconds=1.0)  # without a time limit
    controller = registry.make_controller(CONTROLLER, env)
    period_s = control_period_s(env)
    loop_us, actions = time_loop(env, controller, 0.4 * seconds)
    real_time = 1e6 * period_s / loop_us

    observation, _ = env.reset(seed=0)
    state = controller.init(0)
    following = itertools.cycle(actions)
    parts = {
        "worm-mujoco-controller-step": lambda: controller.step(state, observation),
        "worm-mujoco-env-step": lambda: env.step(next(following)),
        "worm-mujoco-snapshot": env.unwrapped.snapshot,  # pyright: ignore
        "worm-mujoco-read-neurons": lambda: controller.read(state),
    }
    rows = [
        Row("worm-mujoco-realtime", real_time, "x", CE_LOCOMOTION, real_time / CE_LOCOMOTION_SPEED),
        Row(
            "worm-mujoco-realtime-beside-openworm",
            real_time,
            "x",
            OPENWORM,
            real_time / OPENWORM_SPEED,
        ),
        Row("worm-mujoco-loop", loop_us, "us per control step"),
    ]
    for name, call in parts.items():
        rows.append(Row(name, microseconds(call, 0.1 * seconds), "us per call"))
    rows.append(_recorded(env, controller, 0.2 * seconds * real_time, period_s))
    env.close()
    return rows


def _recorded(
    env: gymnasium.Env, controller: AbstractController, seconds: float, period_s: float
) -> Row:
    recording = rollout(env, controller, seconds=max(1.0, seconds))
    speed = recording.meta["seconds"] / recording.wall_s if recording.wall_s else float("nan")
    return Row("worm-mujoco-rollout-realtime", speed, "x", "")
