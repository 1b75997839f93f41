"""Speed of the walking fly on the MuJoCo body, one animal on one core, control at 500 Hz."""

import itertools

from embody import registry
from embody.benchmark import Row, microseconds
from embody.command_line.bench_loop import time_loop
from embody.loop import open_env
from embody.sampling import control_period_s

ENV = "Fly-Walk-v0"
CONTROLLER = "cpg"
FLYGYM = "flygym 1.2.1 (PyPI) on its own pins, tripod gait at 0.1 ms, one core: 0.074 x"
FLYGYM_SPEED = 0.074


def measure(seconds: float) -> list[Row]:
    """Time the whole loop `env.step(controller.act(observation))`, then its parts.

    `tools/bench_beside_flygym.py` measures flygym on the same machine, in the same run.

    Parameters
    ----------
    seconds
        Wall time to spend [s].
    """
    env = open_env(ENV, seconds=1.0)  # without a time limit
    controller = registry.make_controller(CONTROLLER, env)
    loop_us, actions = time_loop(env, controller, 0.6 * seconds)
    real_time = 1e6 * control_period_s(env) / loop_us

    observation, _ = env.reset(seed=0)
    state = controller.init(0)
    following = itertools.cycle(actions)
    parts = {
        "fly-mujoco-controller-step": lambda: controller.step(state, observation),
        "fly-mujoco-env-step": lambda: env.step(next(following)),
    }
    rows = [
        Row("fly-mujoco-realtime", real_time, "x", FLYGYM, real_time / FLYGYM_SPEED),
        Row("fly-mujoco-loop", loop_us, "us per control step"),
    ]
    for name, call in parts.items():
        rows.append(Row(name, microseconds(call, 0.2 * seconds), "us per call"))
    env.close()
    return rows
