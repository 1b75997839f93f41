"""What every body must fulfil."""
# ruff: noqa: D102  (the names of the tests are sentences)

import pickle
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from embody.testing.states import not_finite, same_state


class Body(Protocol):
    """A body, as far as the contract needs one."""

    def reset(self) -> None:
        """Put the body down at rest."""
        ...

    def step(self, command: np.ndarray) -> None:
        """Advance by one control period."""
        ...

    def get_state(self) -> np.ndarray:
        """Return all that the future depends on."""
        ...

    def set_state(self, state: np.ndarray) -> None:
        """Return to a state."""
        ...


class BodyContract:
    """Inherit it in a test class and write `make_body`, `commands` and `observe`.

    Attributes
    ----------
    commands
        Number of actuators.
    steps
        Number of control periods that are tried.
    lowest, highest
        Commands are drawn between these.
    """

    commands: int
    steps = 40
    lowest = 0.0
    highest = 1.0

    def make_body(self) -> Body:
        """Return the body under test."""
        raise NotImplementedError

    def observe(self, body: Any) -> Mapping[str, np.ndarray]:
        """Return what the body shows: posture, activation, contact."""
        raise NotImplementedError

    def test_it_stays_finite_under_random_commands(self) -> None:
        body = self._reset(self.make_body())
        for command in self._draw():
            body.step(command)
            assert not_finite(self.observe(body)) == []

    def test_commands_move_it(self) -> None:
        driven, still = self._reset(self.make_body()), self._reset(self.make_body())
        for command in self._draw():
            driven.step(command)
            still.step(np.zeros(self.commands))
        assert not same_state(self.observe(driven), self.observe(still))

    def test_the_same_commands_give_the_same_bits(self) -> None:
        one, other = self._reset(self.make_body()), self._reset(self.make_body())
        for command in self._draw():
            one.step(command)
            other.step(command)
            assert same_state(self.observe(one), self.observe(other))

    def test_reset_forgets_everything(self) -> None:
        fresh, used = self._reset(self.make_body()), self._reset(self.make_body())
        for command in self._draw():
            used.step(command)
        used.reset()
        for command in self._draw():
            fresh.step(command)
            used.step(command)
        assert same_state(self.observe(fresh), self.observe(used))

    def test_a_state_is_all_that_the_future_depends_on(self) -> None:
        body, other = self._reset(self.make_body()), self._reset(self.make_body())
        commands = self._draw()
        for command in commands:
            body.step(command)
        other.set_state(body.get_state())
        for command in commands:
            body.step(command)
            other.step(command)
            assert same_state(self.observe(body), self.observe(other))

    def test_a_pickled_body_continues_alike(self) -> None:
        body = self._reset(self.make_body())
        commands = self._draw()
        for command in commands[: self.steps // 2]:
            body.step(command)
        other = pickle.loads(pickle.dumps(body))
        for command in commands[self.steps // 2 :]:
            body.step(command)
            other.step(command)
            assert same_state(self.observe(body), self.observe(other))

    def test_what_it_showed_does_not_change_later(self) -> None:
        body = self._reset(self.make_body())
        shown = self.observe(body)
        kept = {name: np.array(value) for name, value in shown.items()}
        for command in self._draw():
            body.step(command)
        assert same_state(dict(shown), kept)

    def test_a_command_is_not_changed(self) -> None:
        body = self._reset(self.make_body())
        command = self._draw()[0]
        kept = command.copy()
        body.step(command)
        assert np.array_equal(command, kept)

    def _reset(self, body: Body) -> Body:
        body.reset()
        return body

    def _draw(self) -> np.ndarray:
        random = np.random.default_rng(0)
        return random.uniform(self.lowest, self.highest, (self.steps, self.commands))
