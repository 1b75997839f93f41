"""What every batch of ours must fulfil: each animal has the bits that it has alone."""
# ruff: noqa: D102  (the names of the tests are sentences)

from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv

from embody.errors import EmbodyError


class BatchContract:
    """Inherit it in a test class and write `make_batch` and `make_env`.

    Attributes
    ----------
    animals
        Number of animals that are tried.
    limit
        Control steps of an episode.
    """

    animals = 4
    limit = 20

    def make_batch(self, num_envs: int, **options: Any) -> Any:
        """Return the batch under test, a `VectorEnv`; options are those of `gymnasium.make_vec`."""
        raise NotImplementedError

    def make_env(self, **options: Any) -> gymnasium.Env:
        """Return one env of the same task; options are those of `gymnasium.make`."""
        raise NotImplementedError

    def drive(self, batch: VectorEnv, steps: int, seed: int = 0) -> list[np.ndarray]:
        """Return the actions of some steps, (animals, actuators) each; random unless overridden."""
        batch.action_space.seed(seed)
        return [batch.action_space.sample() for _ in range(steps)]

    def test_each_animal_has_the_bits_of_one_alone(self) -> None:
        batch = self.make_batch(self.animals, max_episode_steps=self.limit)
        singles = [self.make_env(max_episode_steps=self.limit) for _ in range(self.animals)]
        seen, told = batch.reset(seed=7)
        for k, one in enumerate(singles):
            observation, info = one.reset(seed=7 + k)
            assert observation.tobytes() == seen[k].tobytes()
            assert all(told[name][k] == value for name, value in info.items())
        over = [False] * self.animals
        for actions in self.drive(batch, 2 * self.limit + 5):
            seen, reward, terminated, truncated, told = batch.step(actions)
            for k, one in enumerate(singles):
                if over[k]:
                    (observation, info), own = one.reset(), 0.0
                    ends = cut = False
                else:
                    observation, own, ends, cut, info = one.step(actions[k])
                over[k] = ends or cut
                assert observation.tobytes() == seen[k].tobytes()
                assert (own, ends, cut) == (reward[k], terminated[k], truncated[k])
                assert all(told[name][k] == value for name, value in info.items())
                assert all(told[f"_{name}"][k] for name in info)

    def test_an_animal_does_not_depend_on_its_company(self) -> None:
        few, many = self.make_batch(2), self.make_batch(9)
        few.reset(seed=[3, 5])
        many.reset(seed=[0, 3, 1, 2, 5, 6, 7, 8, 9])
        small = large = np.zeros(0)
        for actions in self.drive(many, self.limit):
            small, *_ = few.step(actions[[1, 4]])
            large, *_ = many.step(actions)
        assert small.tobytes() == large[[1, 4]].tobytes()

    def test_the_same_seed_gives_the_same_bits(self) -> None:
        batch, traces = self.make_batch(self.animals), []
        for _ in range(2):
            first, _ = batch.reset(seed=11)
            steps = [batch.step(actions)[0] for actions in self.drive(batch, 10)]
            traces.append(np.stack([first, *steps]).tobytes())
        assert traces[0] == traces[1]

    def test_nothing_returned_is_changed_later(self) -> None:
        batch = self.make_batch(self.animals)
        seen, info = batch.reset(seed=0)
        returned = [seen, *info.values()]
        kept = [np.copy(value) for value in returned]
        for actions in self.drive(batch, 5):
            observation, reward, terminated, truncated, told = batch.step(actions)
            new = [observation, reward, terminated, truncated, *told.values()]
            returned += new
            kept += [np.copy(value) for value in new]
        assert all(np.array_equal(*pair) for pair in zip(returned, kept, strict=True))

    def test_same_step_autoreset_keeps_how_an_episode_ended(self) -> None:
        at_once = self.make_batch(self.animals, max_episode_steps=5, autoreset_mode="SameStep")
        assert at_once.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP
        plain = self.make_batch(self.animals, max_episode_steps=5)
        at_once.reset(seed=2)
        plain.reset(seed=2)
        drive = self.drive(at_once, 5)
        for actions in drive[:-1]:
            at_once.step(actions)
            plain.step(actions)
        seen, reward, _, truncated, info = at_once.step(drive[-1])
        last, last_reward, _, _, last_info = plain.step(drive[-1])
        again, *_ = plain.step(drive[-1])
        assert truncated.all()
        assert (reward == last_reward).all()
        assert np.stack([*info["final_obs"]]).tobytes() == last.tobytes()
        assert seen.tobytes() == again.tobytes()
        for name, values in info["final_info"].items():
            if not name.startswith("_"):
                assert np.array_equal(values, last_info[name])

    def test_without_autoreset_the_user_resets_whom_he_likes(self) -> None:
        batch = self.make_batch(4, max_episode_steps=5, autoreset_mode=AutoresetMode.DISABLED)
        batch.reset(seed=2)
        drive = self.drive(batch, 5)
        before = [batch.step(actions)[0] for actions in drive][-1]
        assert "[0, 1, 2, 3] are over" in _refusal(lambda: batch.step(drive[-1]))
        nobody = {"reset_mask": np.zeros(4, bool)}
        assert "reset_mask must be 4 truth values" in _refusal(lambda: batch.reset(options=nobody))
        mask = np.array([True, False, True, False])
        after, _ = batch.reset(seed=50, options={"reset_mask": mask})
        assert after[~mask].tobytes() == before[~mask].tobytes()
        assert after[mask].tobytes() != before[mask].tobytes()

    def test_what_is_wrong_is_said(self) -> None:
        assert "not 0" in _refusal(lambda: self.make_batch(0))
        assert "autoreset mode" in _refusal(lambda: self.make_batch(2, autoreset_mode="never"))
        batch = self.make_batch(2)
        assert "3 seeds for 2" in _refusal(lambda: batch.reset(seed=[1, 2, 3]))
        assert "reset option" in _refusal(lambda: batch.reset(options={"colour": "blue"}))
        batch.reset(seed=0)
        actions = self.drive(batch, 1)[0]
        assert "shape" in _refusal(lambda: batch.step(actions[0]))
        assert "finite" in _refusal(lambda: batch.step(np.full_like(actions, np.nan)))


def _refusal(call: Callable[[], object]) -> str:
    """Return the sentence with which a call is refused."""
    try:
        call()
    except EmbodyError as error:
        return str(error)
    raise AssertionError("this has to be refused with an EmbodyError")
