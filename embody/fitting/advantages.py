"""How much better an action was than expected."""

from typing import Any

Array = Any


def generalised_advantages(
    reward: Array,
    value: Array,
    next_value: Array,
    terminated: Array,
    over: Array,
    discount: float,
    smoothing: float,
) -> Array:
    """Return the generalised advantage of every decision (Schulman et al. 2016, arXiv:1506.02438).

    The sum over l of (discount * smoothing)^l delta(t + l) to the end of the episode, with
    delta(t) = reward(t) + discount * next_value(t) - value(t). An episode that is cut off by time
    goes on in its value; one that terminates is worth nothing from then on.

    Parameters
    ----------
    reward
        Shape (T, b), time first.
    value
        Expected return before each decision, (T, b).
    next_value
        Expected return after it, (T, b), of where it led even if a new episode began then.
    terminated
        Whether the episode came to its end with it, (T, b).
    over
        Whether a new episode began after it, (T, b).
    discount
        Of the return, for one decision.
    smoothing
        "Lambda": 0 trusts the value, 1 the returns that were seen.
    """
    import jax
    import jax.numpy as jnp

    surprise = reward + discount * jnp.where(terminated, 0.0, next_value) - value

    def back(later: Array, given: tuple[Array, Array]) -> tuple[Array, Array]:
        delta, last = given
        here = delta + discount * smoothing * jnp.where(last, 0.0, later)
        return here, here

    return jax.lax.scan(back, jnp.zeros_like(surprise[0]), (surprise, over), reverse=True)[1]
