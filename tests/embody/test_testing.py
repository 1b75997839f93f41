import gymnasium
import numpy as np
import pytest
from toy_loop import ToyController, ToyEnv

from embody.testing import (
    BodyContract,
    BrainContract,
    ControllerContract,
    EnvContract,
    leaves,
    same_state,
)


class TestToyEnv(EnvContract):
    def make_env(self):
        return ToyEnv()


class TestToyController(ControllerContract):
    def make_env(self):
        return ToyEnv()

    def make_controller(self, env):
        return ToyController()


class TestLeakyBrain(BrainContract):
    neurons = 4

    def init(self, batch=()):
        return {"voltage": np.zeros((*batch, 4))}

    def step(self, state, current_pA):
        return {"voltage": 0.9 * state["voltage"] + current_pA}


class Spring:
    def reset(self):
        self.state = np.zeros(2)

    def step(self, command):
        place, speed = self.state
        speed += 0.1 * (command[1] - command[0] - place)
        self.state = np.array([place + 0.1 * speed, speed])

    def get_state(self):
        return self.state.copy()

    def set_state(self, state):
        self.state = state.copy()


class TestSpring(BodyContract):
    commands = 2

    def make_body(self):
        return Spring()

    def observe(self, body):
        return {"place": body.state[:1].copy()}


def failures(contract):
    """Names of the tests of a contract that fail."""
    failed = []
    for name in dir(contract):
        if name.startswith("test_"):
            try:
                getattr(contract, name)()
            except Exception:
                failed.append(name)
    return failed


class RemembersInItself(ToyController):
    def step(self, state, observation):
        self.count = getattr(self, "count", 0) + 1
        state, action = super().step(state, observation)
        return state, action * np.float32(0.5 ** (self.count % 2))


class ActsOutOfRange(ToyController):
    def step(self, state, observation):
        state, action = super().step(state, observation)
        return state, action + 2


class Misreads(ToyController):
    def read(self, state):
        return {"voltage": state.voltage[:1]}


class ChangesItsState(ToyController):
    def step(self, state, observation):
        state.voltage[:] += 1
        return super().step(state, observation)


@pytest.mark.parametrize(
    ("controller", "caught_by"),
    [
        (RemembersInItself, "test_step_leaves_state_and_observation_untouched"),
        (ActsOutOfRange, "test_actions_lie_in_the_action_space"),
        (Misreads, "test_read_returns_the_signals_it_announces"),
        (ChangesItsState, "test_step_leaves_state_and_observation_untouched"),
    ],
)
def test_a_bad_controller_is_caught(controller, caught_by):
    class Contract(TestToyController):
        def make_controller(self, env):
            return controller()

    assert caught_by in failures(Contract())


class SharesMemory(ToyEnv):
    def _observe(self):
        self.view = getattr(self, "view", np.zeros(2, dtype=np.float32))
        self.view[:] = super()._observe()
        return self.view


class HasADeadNumber(ToyEnv):
    def _observe(self):
        return super()._observe() * np.array([1, 0], dtype=np.float32)


class LeaksBetweenEpisodes(ToyEnv):
    def reset(self, *, seed=None, options=None):
        offset = getattr(self, "place", 0.0)
        _, info = super().reset(seed=seed, options=options)
        self.place += offset
        return self._observe(), info


class HasWrongBounds(ToyEnv):
    def __init__(self):
        super().__init__()
        self.observation_space = gymnasium.spaces.Box(-200, 200, (2,), np.float32)


@pytest.mark.parametrize(
    ("env", "caught_by"),
    [
        (SharesMemory, "test_nothing_returned_is_changed_later"),
        (HasADeadNumber, "test_every_number_of_the_observation_varies"),
        (LeaksBetweenEpisodes, "test_a_reset_forgets_the_episode_before"),
        (HasWrongBounds, "test_layouts_describe_the_spaces"),
    ],
)
def test_a_bad_env_is_caught(env, caught_by):
    class Contract(TestToyEnv):
        def make_env(self):
            return env()

    assert caught_by in failures(Contract())


def test_a_batch_that_mixes_its_members_is_caught():
    class Contract(TestLeakyBrain):
        def step(self, state, current_pA):
            return {"voltage": 0.9 * state["voltage"].mean() + current_pA}

    assert "test_a_batch_is_its_members" in failures(Contract())


class HidesState(Spring):
    def reset(self):
        super().reset()
        self.hidden = 0.0

    def step(self, command):
        self.hidden += 0.1
        super().step(command)
        self.state[0] += self.hidden


def test_a_body_that_hides_state_is_caught():
    class Contract(TestSpring):
        def make_body(self):
            return HidesState()

    assert "test_a_state_is_all_that_the_future_depends_on" in failures(Contract())


def test_states_are_compared_bit_by_bit():
    state = {"a": np.array([0.0, np.nan]), "b": (1, None, "x"), "c": np.random.default_rng(0)}
    assert same_state(state, {**state, "c": np.random.default_rng(0)})
    assert not same_state(state, {**state, "a": np.array([-0.0, np.nan])})
    assert not same_state(state, {**state, "c": np.random.default_rng(1)})
    assert not same_state({"a": 1}, {"a": 1.0})
    assert [path for path, _ in leaves({"a": [1, {"b": 2}]})] == ["state.a[0]", "state.a[1].b"]
