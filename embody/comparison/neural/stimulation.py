"""A model's responses: one animal for each stimulated neuron, beside its unstimulated twin."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gymnasium
import numpy as np

from embody import perturb, registry
from embody.comparison.neural.response_table import Responses
from embody.controller import AbstractController
from embody.errors import EmbodyError
from embody.population import population

AT_A_TIME = 64
"""Animals that are stepped together."""


def responses(
    env: str,
    controller: str,
    neurons: Sequence[str],
    current_pA: float,
    seconds: float,
    *,
    start_s: float = 2.0,
    least_mV: float = 0.1,
    seed: int = 0,
    env_options: Mapping[str, Any] | None = None,
    controller_options: Mapping[str, Any] | None = None,
    on_batch: Callable[[int], object] | None = None,
) -> Responses:
    """Stimulate each neuron in an animal of its own and measure what all neurons do.

    All animals begin alike, with the same seed, and live in one batch with a twin that is not
    stimulated; what differs from the twin is the response. Bodies and senses are in the loop: a
    response may go through the world.

    Parameters
    ----------
    env, controller
        Id and name; the controller must have neurons that can be stimulated.
    neurons
        Neurons or classes; each is stimulated alone, a class as a whole.
    current_pA
        Into each cell [pA].
    seconds
        How long it lasts [s]; responses are measured while it does.
    start_s
        When it starts [s], after the transient from rest.
    least_mV
        Smaller changes are no response [mV].
    seed
        Of the animal.
    env_options, controller_options
        Options of either.
    on_batch
        Called with the number of neurons done, after each batch.

    Raises
    ------
    EmbodyError
        If the controller has no such neurons, or a time makes no sense.
    """
    if not (seconds > 0 and start_s >= 0):
        raise EmbodyError(f"stimulate for more than 0 s from 0 s on, not {seconds} from {start_s}")
    if not neurons or len(set(neurons)) < len(neurons):
        raise EmbodyError("name at least one neuron to stimulate, and each once")
    options = dict(env_options or {})
    one = registry.make_env(env, **options)
    try:
        base = registry.make_controller(controller, one, **dict(controller_options or {}))
    finally:
        one.close()
    own: tuple[str, ...] | None = getattr(base, "neurons", None)
    if own is None or not hasattr(base, "with_perturbations"):
        raise EmbodyError(f"controller {controller!r} has no neurons to stimulate")
    stimulated = [_stimulated(base, name, current_pA, start_s) for name in neurons]
    changes = []
    for first in range(0, len(stimulated), AT_A_TIME - 1):
        batch = [base, *stimulated[first : first + AT_A_TIME - 1]]
        voltage = _voltages(env, options, batch, start_s, seconds, seed)
        changes.append(voltage[1:] - voltage[:1])
        if on_batch is not None:
            on_batch(len(batch) - 1)
    change = np.concatenate(changes)
    return Responses.of_traces(neurons, own, change, base.period_s, least_mV)


def _stimulated(
    base: AbstractController, name: str, current_pA: float, start_s: float
) -> AbstractController:
    stimulus = perturb.stimulate(name, current_pA=current_pA, start_s=start_s)
    return base.with_perturbations([stimulus])  # pyright: ignore[reportAttributeAccessIssue]


def _voltages(
    env: str,
    options: Mapping[str, Any],
    controllers: Sequence[AbstractController],
    start_s: float,
    seconds: float,
    seed: int,
) -> np.ndarray:
    """Return the voltages from the onset on, shape (animals, steps, neurons) [mV]."""
    together, size = population(controllers), len(controllers)
    period_s = controllers[0].period_s
    before, during = round(start_s / period_s), max(1, round(seconds / period_s))
    envs = gymnasium.make_vec(env, num_envs=size, **options)
    try:
        seen, _ = envs.reset(seed=[seed] * size)  # pyright: ignore[reportArgumentType]
        state = together.init_many([seed] * size)
        kept = []
        for step in range(before + during):
            state, action = together.step(state, seen)
            seen, _, terminated, truncated, _ = envs.step(action)
            if step >= before:
                kept.append(np.array(together.read(state)["voltage"], np.float64))
            if np.any(terminated) or np.any(truncated):
                raise EmbodyError(
                    f"the episode ended after {(step + 1) * period_s:g} s: stimulate earlier or "
                    "for less long"
                )
    finally:
        envs.close()
    return np.stack(kept, axis=1)
