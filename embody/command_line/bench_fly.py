"""Speed of the walking fly on the MuJoCo body, one animal on one core, control at 500 Hz."""

import itertools

from embody import registry
from embody.benchmark import Row, timed
from embody.command_line.bench_loop import one_loop
from embody.loop import open_env
from embody.sampling import control_period_s

ENV = "Fly-Walk-v0"
CONTROLLER = "cpg"
FLYGYM = "elsewhere: flygym 1.2.1 (PyPI) on its own pins, tripod gait at 0.1 ms, one core"
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
    advance, actions = one_loop(env, controller)
    loop = timed(advance, 0.6 * seconds)

    observation, _ = env.reset(seed=0)
    state = controller.init(0)
    following = itertools.cycle(list(actions))
    parts = {
        "fly-mujoco-controller-step": lambda: controller.step(state, observation),
        "fly-mujoco-env-step": lambda: env.step(next(following)),
    }
    real_time = loop.rate("fly-mujoco-realtime", control_period_s(env), "x")
    rows = [
        real_time.beside(FLYGYM, FLYGYM_SPEED),
        loop.duration("fly-mujoco-loop", "us per control step", 1e6),
    ]
    for name, call in parts.items():
        rows.append(timed(call, 0.2 * seconds).duration(name, "us per call", 1e6))
    env.close()
    return rows
