"""Speed of one worm on the MuJoCo body, on one core: the whole loop and its parts."""

import itertools
from dataclasses import replace

import gymnasium

from embody import registry
from embody.benchmark import Row, timed
from embody.command_line.bench_loop import one_loop
from embody.controller import AbstractController
from embody.loop import open_env, rollout
from embody.sampling import control_period_s

ENV = "Worm-Chemotaxis-v0"
CONTROLLER = "connectome"
CE_LOCOMOTION = "elsewhere: CE_locomotion (C++, 60 neurons, 2-D body), one core of an x86 server"
CE_LOCOMOTION_SPEED = 62.0
OPENWORM = "published: OpenWorm docker (c302, particle body and fluid), 15 ms in 5 to 10 minutes"
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
    advance, actions = one_loop(env, controller)
    loop = timed(advance, 0.4 * seconds)

    observation, _ = env.reset(seed=0)
    state = controller.init(0)
    following = itertools.cycle(list(actions))
    parts = {
        "worm-single-controller-step": lambda: controller.step(state, observation),
        "worm-single-env-step": lambda: env.step(next(following)),
        "worm-single-snapshot": env.unwrapped.snapshot,  # pyright: ignore
        "worm-single-read-neurons": lambda: controller.read(state),
    }
    real_time = loop.rate("worm-single-realtime", period_s, "x")
    beside_openworm = replace(real_time, name="worm-single-realtime-beside-openworm")
    rows = [
        real_time.beside(CE_LOCOMOTION, CE_LOCOMOTION_SPEED),
        beside_openworm.beside(OPENWORM, OPENWORM_SPEED),
        loop.duration("worm-single-loop", "us per control step", 1e6),
    ]
    for name, call in parts.items():
        rows.append(timed(call, 0.1 * seconds).duration(name, "us per call", 1e6))
    rows.append(_recorded(env, controller, 0.2 * seconds * real_time.value, period_s))
    env.close()
    return rows


def _recorded(
    env: gymnasium.Env, controller: AbstractController, seconds: float, period_s: float
) -> Row:
    recording = rollout(env, controller, seconds=max(1.0, seconds))
    speed = recording.meta["seconds"] / recording.wall_s if recording.wall_s else float("nan")
    return Row("worm-single-rollout-realtime", speed, "x", "")
