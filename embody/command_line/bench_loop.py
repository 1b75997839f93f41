"""Time of the whole loop of one animal: `env.step(controller.act(observation))`."""

import time

import gymnasium
import numpy as np

from embody.controller import AbstractController


def time_loop(
    env: gymnasium.Env, controller: AbstractController, seconds: float
) -> tuple[float, list[np.ndarray]]:
    """Return the time of one pass [us], after a warm-up, and the actions taken.

    Parameters
    ----------
    seconds
        Wall time to spend [s].
    """
    observation, _ = env.reset(seed=0)
    controller.reset(0)
    for _ in range(200):
        observation, *_ = env.step(controller.act(observation))
    actions: list[np.ndarray] = []
    started = time.perf_counter()
    while (elapsed := time.perf_counter() - started) < seconds:
        for _ in range(100):
            action = controller.act(observation)
            observation, *_ = env.step(action)
            actions.append(action)
    return 1e6 * elapsed / len(actions), actions
