"""What the dynamics of every nervous system must fulfil."""
# ruff: noqa: D102  (the names of the tests are sentences)

import copy
from typing import Any

import numpy as np

from embody.testing.states import leaves, not_finite, same_state


class BrainContract:
    """Inherit it in a test class and write `neurons`, `init` and `step`.

    Attributes
    ----------
    neurons
        Number of neurons.
    steps
        Number of steps that are tried.
    largest_current_pA
        Currents are drawn between plus and minus this [pA].
    tolerance
        Relative difference allowed between a batch and its members; 0 asks for the same bits.
    """

    neurons: int
    steps = 100
    largest_current_pA = 10.0
    tolerance = 0.0

    def init(self, batch: tuple[int, ...] = ()) -> Any:
        """Return the state at rest; every array has shape (*batch, ...)."""
        raise NotImplementedError

    def step(self, state: Any, current_pA: np.ndarray) -> Any:
        """Return the next state under injected currents, shape (*batch, neurons) [pA]."""
        raise NotImplementedError

    def test_init_is_the_same_every_time(self) -> None:
        assert same_state(self.init(), self.init())

    def test_step_keeps_structure_shapes_and_types(self) -> None:
        for batch in ((), (2,)):
            state = self.init(batch)
            following = self.step(state, np.zeros((*batch, self.neurons)))
            assert self._shapes(following) == self._shapes(state)

    def test_step_is_pure(self) -> None:
        state = self._settled()
        before, current = copy.deepcopy(state), self._currents(1)[0]
        kept = current.copy()
        first, second = self.step(state, current), self.step(state, current)
        assert same_state(state, before), "step changed the state it was given"
        assert np.array_equal(current, kept), "step changed the current it was given"
        assert same_state(first, second), "step is not a function of its input"

    def test_states_stay_finite_under_strong_currents(self) -> None:
        state = self.init()
        for current in 10.0 * self._currents(self.steps):
            state = self.step(state, current)
            assert not_finite(state) == []

    def test_a_current_makes_a_difference(self) -> None:
        state = self.init()
        driven = self.step(state, np.full(self.neurons, self.largest_current_pA))
        assert not same_state(driven, self.step(state, np.zeros(self.neurons)))

    def test_a_batch_is_its_members(self) -> None:
        currents = self._currents(3 * self.steps).reshape(self.steps, 3, self.neurons)
        batch = self.init((3,))
        members = [self.init() for _ in range(3)]
        for current in currents:
            batch = self.step(batch, current)
            members = [self.step(m, c) for m, c in zip(members, current, strict=True)]
        for (path, together), *alone in zip(
            leaves(batch), *(leaves(member) for member in members), strict=True
        ):
            stacked = np.stack([np.asarray(value) for _, value in alone])
            np.testing.assert_allclose(
                np.asarray(together), stacked, rtol=self.tolerance, atol=0, err_msg=path
            )

    def _settled(self) -> Any:
        state = self.init()
        for current in self._currents(10):
            state = self.step(state, current)
        return state

    def _currents(self, count: int) -> np.ndarray:
        random = np.random.default_rng(0)
        largest = self.largest_current_pA
        return random.uniform(-largest, largest, (count, self.neurons))

    def _shapes(self, state: Any) -> list[tuple[str, tuple[int, ...], np.dtype]]:
        arrays = [(path, np.asarray(value)) for path, value in leaves(state)]
        return [(path, array.shape, array.dtype) for path, array in arrays]
