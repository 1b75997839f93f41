"""Controllers of many animals: states of a batch, and batches of controllers that know none."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from embody.controller import AbstractController
from embody.errors import EmbodyError


def renewed(which: np.ndarray, fresh: Any, state: Any) -> Any:
    """Return the state of a batch in which the animals of a mask begin anew.

    Parameters
    ----------
    which
        Mask of the animals, shape (b,).
    fresh, state
        Two states of one form: arrays (b, ...), tuples or lists of them, or None.

    Raises
    ------
    EmbodyError
        If the states differ in form.
    """
    if fresh is None or state is None:
        if fresh is state:
            return None
        raise EmbodyError("the two states are not of one batch")
    if isinstance(state, list) and isinstance(fresh, list):
        return [a if new else b for new, a, b in zip(which, fresh, state, strict=True)]
    if isinstance(state, tuple) and isinstance(fresh, tuple) and len(fresh) == len(state):
        parts = [renewed(which, new, old) for new, old in zip(fresh, state, strict=True)]
        return type(state)(*parts) if hasattr(state, "_fields") else tuple(parts)
    if np.shape(fresh) != np.shape(state) or np.shape(state)[:1] != which.shape:
        raise EmbodyError("the two states are not of one batch")
    return np.where(which.reshape(which.shape + (1,) * (np.ndim(state) - 1)), fresh, state)


def taken(state: Any, part: slice) -> Any:
    """Return the state of a part of a batch; forms as in `renewed`."""
    if isinstance(state, tuple):
        parts = [taken(value, part) for value in state]
        return type(state)(*parts) if hasattr(state, "_fields") else tuple(parts)
    return None if state is None else state[part]


def joined(states: Sequence[Any]) -> Any:
    """Return the state of a batch from those of its parts; forms as in `renewed`."""
    first = states[0]
    if isinstance(first, tuple):
        parts = [joined(values) for values in zip(*states, strict=True)]
        return type(first)(*parts) if hasattr(first, "_fields") else tuple(parts)
    if isinstance(first, list):
        return [animal for state in states for animal in state]
    return None if first is None else np.concatenate(states)


def population(controllers: Sequence[AbstractController]) -> AbstractController:
    """Return one controller that drives a batch, one animal for each of `controllers`.

    They may differ in parameters, wiring and perturbations; made for the same env, they may even
    be of different kinds, which is slower.

    Raises
    ------
    EmbodyError
        If there is none.
    """
    kinds = {type(controller) for controller in controllers}
    together = kinds.pop().together if len(kinds) == 1 else OneByOne
    return together(controllers)


class OneByOne(AbstractController):
    """A batch of animals, each with a controller that knows of one only.

    Parameters
    ----------
    controllers
        One for all animals, or one for each.

    Raises
    ------
    EmbodyError
        If there is none.
    """

    def __init__(self, controllers: AbstractController | Sequence[AbstractController]) -> None:
        several = [controllers] if isinstance(controllers, AbstractController) else [*controllers]
        if not several:
            raise EmbodyError("a batch needs at least one controller")
        self._controllers = several
        self.name = several[0].name
        self.period_s = several[0].period_s
        self.signals = several[0].signals

    def init(self, seed: int) -> list[Any]:
        """Return the state of a batch of one."""
        return self.init_many([seed])

    def init_many(self, seeds: Sequence[int]) -> list[Any]:
        """Return the state of each animal."""
        return [c.init(int(s)) for c, s in zip(self._each(len(seeds)), seeds, strict=True)]

    def step(self, state: list[Any], observation: np.ndarray) -> tuple[list[Any], np.ndarray]:
        """Return the next states and the actions, shape (animals, actuators)."""
        pairs = zip(self._each(len(state)), state, observation, strict=True)
        states, actions = zip(*(c.step(own, seen) for c, own, seen in pairs), strict=True)
        return list(states), np.stack(actions)

    def read(self, state: list[Any]) -> Mapping[str, np.ndarray]:
        """Return the signals of all animals, shape (animals, channel.size) each."""
        each = [c.read(own) for c, own in zip(self._each(len(state)), state, strict=True)]
        return {name: np.stack([signals[name] for signals in each]) for name in each[0]}

    def describe(self) -> dict[str, Any]:
        """Return how the controllers were made."""
        if len(self._controllers) == 1:
            return self._controllers[0].describe()
        return {"name": self.name, "each": [c.describe() for c in self._controllers]}

    def _each(self, animals: int) -> list[AbstractController]:
        if len(self._controllers) == 1:
            return self._controllers * animals
        if len(self._controllers) != animals:
            raise EmbodyError(
                f"{len(self._controllers)} controllers cannot drive {animals} animals"
            )
        return self._controllers
