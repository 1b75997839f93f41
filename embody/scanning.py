"""A loop that carries a state along, for NumPy and JAX alike."""

from collections.abc import Callable
from typing import Any

import numpy as np

Step = Callable[[Any, tuple[Any, ...]], tuple[Any, tuple[Any, ...]]]


def scan(step: Step, carry: Any, along: tuple[Any, ...], xp: Any) -> tuple[Any, tuple[Any, ...]]:
    """Return the last carry and what the steps left, stacked; as `jax.lax.scan`.

    Parameters
    ----------
    step
        Takes the carry and the slices of `along`; returns the next carry and a tuple.
    along
        Arrays of one length, which the loop goes along.
    xp
        Array namespace: `numpy` or `jax.numpy`.
    """
    if xp is not np:
        import jax

        return jax.lax.scan(step, carry, along)
    left = []
    for slices in zip(*along, strict=True):
        carry, kept = step(carry, slices)
        left.append(kept)
    return carry, tuple(np.stack(parts) for parts in zip(*left, strict=True))
