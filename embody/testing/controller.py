"""What every controller must fulfil."""
# ruff: noqa: D102  (the names of the tests are sentences)

import copy
import json
import pickle
from collections.abc import Iterator
from typing import Any

import gymnasium
import numpy as np

from embody.controller import AbstractController
from embody.sampling import control_period_s
from embody.testing.states import leaves, not_finite, same_state


class ControllerContract:
    """Inherit it in a test class and write `make_env` and `make_controller`.

    Attributes
    ----------
    steps
        Number of control steps that are tried.
    """

    steps = 60

    def make_env(self) -> gymnasium.Env:
        """Return the env that the controller is for."""
        raise NotImplementedError

    def make_controller(self, env: gymnasium.Env) -> AbstractController:
        """Return the controller under test."""
        raise NotImplementedError

    def test_acts_at_the_rate_of_the_env(self) -> None:
        env = self.make_env()
        assert self.make_controller(env).period_s == control_period_s(env)

    def test_actions_lie_in_the_action_space(self) -> None:
        env = self.make_env()
        for _, _, action in self._episode(env, self.make_controller(env), seed=0):
            assert isinstance(action, np.ndarray), f"an action is an array, not {type(action)}"
            assert env.action_space.contains(action), f"{action} is not in {env.action_space}"

    def test_states_stay_finite(self) -> None:
        env = self.make_env()
        for state, _, _ in self._episode(env, self.make_controller(env), seed=0):
            assert not_finite(state) == []

    def test_step_leaves_state_and_observation_untouched(self) -> None:
        env = self.make_env()
        controller = self.make_controller(env)
        for state, observation, _ in self._episode(env, controller, seed=1):
            before, seen = copy.deepcopy(state), observation.copy()
            first_state, first_action = controller.step(state, observation)
            kept_action = first_action.copy()
            second_state, second_action = controller.step(state, observation)
            assert same_state(state, before), "step changed the state it was given"
            assert np.array_equal(observation, seen), "step changed the observation"
            assert np.array_equal(kept_action, second_action), "step is not a function of its input"
            assert same_state(first_state, second_state), "step is not a function of its input"
            assert np.array_equal(first_action, kept_action), "two actions share memory"

    def test_init_depends_on_the_seed_alone(self) -> None:
        env = self.make_env()
        controller = self.make_controller(env)
        first = copy.deepcopy(controller.init(7))
        controller.step(controller.init(8), env.reset(seed=0)[0])
        assert same_state(first, controller.init(7))

    def test_the_same_seed_gives_the_same_actions(self) -> None:
        one, other = (self._actions(seed=3) for _ in range(2))
        assert np.array_equal(one, other)

    def test_episodes_do_not_leak_into_each_other(self) -> None:
        env = self.make_env()
        controller = self.make_controller(env)
        first = [action.copy() for _, _, action in self._episode(env, controller, seed=3)]
        second = [action.copy() for _, _, action in self._episode(env, controller, seed=3)]
        assert np.array_equal(first, second)

    def test_a_pickled_controller_acts_alike(self) -> None:
        env = self.make_env()
        controller = self.make_controller(env)
        again = pickle.loads(pickle.dumps(controller))
        for state, observation, action in self._episode(env, controller, seed=2):
            assert np.array_equal(again.step(state, observation)[1], action)

    def test_reset_and_act_are_init_and_step(self) -> None:
        env = self.make_env()
        controller = self.make_controller(env)
        controller.reset(seed=5)
        for _, observation, action in self._episode(env, controller, seed=5):
            assert np.array_equal(controller.act(observation), action)

    def test_read_returns_the_signals_it_announces(self) -> None:
        env = self.make_env()
        controller = self.make_controller(env)
        sizes = {channel.name: (channel.size,) for channel in controller.signals}
        for state, _, _ in self._episode(env, controller, seed=0):
            read = controller.read(state)
            assert {name: np.shape(value) for name, value in read.items()} == sizes
            assert not_finite(read) == []

    def test_what_was_read_does_not_change_later(self) -> None:
        env = self.make_env()
        controller = self.make_controller(env)
        observation, _ = env.reset(seed=0)
        state = controller.init(0)
        read = controller.read(state)
        kept = copy.deepcopy(dict(read))
        for _ in range(3):
            state, action = controller.step(state, observation)
            observation, *_ = env.step(action)
        assert same_state(kept, dict(read))

    def test_describes_itself_in_json(self) -> None:
        controller = self.make_controller(self.make_env())
        description = controller.describe()
        assert description["name"] == controller.name
        assert json.loads(json.dumps(description, allow_nan=False)) == description

    def test_the_state_is_made_of_plain_data(self) -> None:
        env = self.make_env()
        state = self.make_controller(env).init(0)
        for path, value in leaves(state):
            plain = value is None or isinstance(value, str | bytes)
            assert plain or np.asarray(value).dtype != object, f"{path} is a {type(value)}"

    def _actions(self, seed: int) -> np.ndarray:
        env = self.make_env()
        controller = self.make_controller(env)
        return np.array([action for _, _, action in self._episode(env, controller, seed)])

    def _episode(
        self, env: gymnasium.Env, controller: AbstractController, seed: int
    ) -> Iterator[tuple[Any, np.ndarray, np.ndarray]]:
        """Yield state, observation and the action that `step` made of them."""
        observation, _ = env.reset(seed=seed)
        state = controller.init(seed)
        for _ in range(self.steps):
            following, action = controller.step(state, observation)
            yield state, observation, action
            state = following
            observation, _, terminated, truncated, _ = env.step(action)
            if terminated or truncated:
                return
