"""The whole loop of one animal: `env.step(controller.act(observation))`."""

from collections import deque
from collections.abc import Callable

import gymnasium
import numpy as np

from embody.controller import AbstractController

KEPT_ACTIONS = 2000


def one_loop(
    env: gymnasium.Env, controller: AbstractController
) -> tuple[Callable[[], None], deque[np.ndarray]]:
    """Return what makes one pass of the loop, warmed up, and the last actions it has taken."""
    actions: deque[np.ndarray] = deque(maxlen=KEPT_ACTIONS)
    seen = [env.reset(seed=0)[0]]
    controller.reset(0)

    def advance() -> None:
        action = controller.act(seen[0])
        seen[0] = env.step(action)[0]
        actions.append(action)

    for _ in range(200):
        advance()
    return advance, actions
