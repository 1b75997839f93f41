"""What every env must fulfil."""
# ruff: noqa: D102  (the names of the tests are sentences)

import copy
import json
import pickle
import warnings
from collections.abc import Collection, Iterator
from typing import Any

import gymnasium
import numpy as np
from gymnasium.utils.env_checker import check_env

from embody.layout import Layout
from embody.sampling import control_period_s
from embody.testing.states import not_finite, same_state


class EnvContract:
    """Inherit it in a test class and write `make_env`.

    Attributes
    ----------
    steps
        Number of control steps of an episode that are tried.
    check_rendering
        Whether every render mode is tried too.
    still_channels
        Channels of the observation that need not vary within these steps, e.g. touch where
        nothing touches.
    """

    steps = 60
    check_rendering = False
    still_channels: Collection[str] = ()

    def make_env(self) -> gymnasium.Env:
        """Return the env under test."""
        raise NotImplementedError

    def drive(self, env: gymnasium.Env, seed: int) -> Iterator[np.ndarray]:
        """Yield the actions of an episode; random unless overridden."""
        env.action_space.seed(seed)
        while True:
            yield env.action_space.sample()

    def test_gymnasium_finds_nothing_to_say(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            check_env(self.make_env().unwrapped, skip_render_check=not self.check_rendering)

    def test_layouts_describe_the_spaces(self) -> None:
        env = self.make_env()
        for name in ("observation", "action"):
            layout: Layout = getattr(env.unwrapped, f"{name}_layout")
            space = getattr(env, f"{name}_space")
            low, high = layout.bounds()
            assert isinstance(space, gymnasium.spaces.Box)
            assert space.shape == (layout.size,)
            assert np.array_equal(space.low, low), f"low of {name}_space is not the layout's"
            assert np.array_equal(space.high, high), f"high of {name}_space is not the layout's"
            for channel in layout:
                assert channel.unit, f"channel {channel.name} has no unit"
                assert channel.description, f"channel {channel.name} has no description"
                assert len(set(channel.labels)) == channel.size, f"{channel.name}: labels repeat"

    def test_periods_fit(self) -> None:
        env = self.make_env()
        assert env.metadata["render_fps"] == round(1.0 / control_period_s(env))

    def test_the_same_seed_gives_the_same_bits(self) -> None:
        one, other = (self._trace(self.make_env(), seed=3) for _ in range(2))
        assert same_state(one, other)

    def test_a_reset_forgets_the_episode_before(self) -> None:
        env = self.make_env()
        first = self._trace(env, seed=3)
        self._trace(env, seed=4)
        assert same_state(first, self._trace(env, seed=3))

    def test_other_seeds_give_other_episodes(self) -> None:
        assert not same_state(
            self._trace(self.make_env(), seed=0), self._trace(self.make_env(), seed=1)
        )

    def test_a_pickled_env_continues_alike(self) -> None:
        env = self.make_env()
        env.reset(seed=6)
        actions = self.drive(env, 6)
        for _ in range(self.steps // 2):
            env.step(next(actions))
        again = pickle.loads(pickle.dumps(env))
        for _ in range(self.steps // 2):
            action = next(actions)
            assert same_state(env.step(action), again.step(action))
            assert same_state(self._snapshot(env), self._snapshot(again))

    def test_nothing_returned_is_changed_later(self) -> None:
        env = self.make_env()
        returned: list[Any] = [env.reset(seed=0), self._snapshot(env)]
        kept = copy.deepcopy(returned)
        for _, action in zip(range(5), self.drive(env, 0), strict=False):
            for new in (env.step(action), self._snapshot(env)):
                returned.append(new)
                kept.append(copy.deepcopy(new))
        assert same_state(returned, kept)

    def test_actions_and_observations_are_not_shared_with_the_env(self) -> None:
        one, other = self.make_env(), self.make_env()
        one.reset(seed=0)
        other.reset(seed=0)
        for _, action in zip(range(5), self.drive(one, 0), strict=False):
            mine = action.copy()
            observation, *_ = one.step(mine)
            expected, *_ = other.step(action.copy())
            assert np.array_equal(mine, action), "step changed the action"
            assert np.array_equal(observation, expected)
            observation[:] = -1e3
            mine[:] = 0.0

    def test_every_number_of_the_observation_varies(self) -> None:
        env = self.make_env()
        seen = []
        for seed in range(3):
            seen.append(env.reset(seed=seed)[0])
            for _, action in zip(range(self.steps), self.drive(env, seed), strict=False):
                seen.append(env.step(action)[0])
        still = np.ptp(np.array(seen), axis=0) == 0
        layout: Layout = env.unwrapped.observation_layout  # pyright: ignore
        for channel in layout:
            if channel.name not in self.still_channels:
                stuck = np.array(channel.labels)[still[layout.slice(channel.name)]]
                assert not len(stuck), f"{channel.name} never varies: {', '.join(stuck)}"

    def test_snapshots_are_finite_and_keep_their_shapes(self) -> None:
        env = self.make_env()
        env.reset(seed=0)
        first = self._snapshot(env)
        for _, action in zip(range(self.steps), self.drive(env, 0), strict=False):
            env.step(action)
            snapshot = self._snapshot(env)
            assert not_finite(snapshot) == []
            assert {k: np.shape(v) for k, v in snapshot.items()} == {
                k: np.shape(v) for k, v in first.items()
            }

    def test_the_scene_is_json(self) -> None:
        env = self.make_env()
        env.reset(seed=0)
        scene = env.unwrapped.scene()  # pyright: ignore
        assert json.loads(json.dumps(scene, allow_nan=False)) == scene
        assert isinstance(scene["kind"], str)

    def test_close_can_be_called_twice(self) -> None:
        env = self.make_env()
        env.close()
        env.close()

    def _trace(self, env: gymnasium.Env, seed: int) -> list[Any]:
        trace: list[Any] = [env.reset(seed=seed), self._snapshot(env)]
        for _, action in zip(range(self.steps), self.drive(env, seed), strict=False):
            trace += [env.step(action), self._snapshot(env)]
        return trace

    def _snapshot(self, env: gymnasium.Env) -> dict[str, np.ndarray]:
        return env.unwrapped.snapshot()  # pyright: ignore
