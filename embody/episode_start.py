"""How every env of ours begins an episode: its seed, and options by name."""

from collections.abc import Iterable, Mapping
from typing import Any

import gymnasium

from embody.errors import require_known

SEEDS = 2**53
"""Seeds that are drawn lie below this; every JSON reader keeps such integers exactly."""


def start_episode(
    env: gymnasium.Env, seed: int | None, options: Mapping[str, Any] | None, known: Iterable[str]
) -> tuple[int, dict[str, Any]]:
    """Seed an env for an episode, and return the seed and the options of the reset.

    Parameters
    ----------
    seed
        None draws one from the env's generator, that of the episode before.
    options
        What is to be set rather than drawn, by name.
    known
        The names there are.

    Raises
    ------
    UnknownNameError
        If there is no option of that name.
    """
    if seed is None:
        seed = int(env.np_random.integers(SEEDS))
    gymnasium.Env.reset(env, seed=seed)
    options = dict(options or {})
    require_known("reset option", options, known)
    return int(seed), options
