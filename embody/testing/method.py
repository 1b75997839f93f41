"""What every way of fitting must fulfil."""
# ruff: noqa: D102  (the names of the tests are sentences)

import copy
import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from embody.fitting import checkpoint, log
from embody.fitting.checkpoint import Checkpoint
from embody.fitting.method import AbstractMethod
from embody.fitting.run import run
from embody.testing.states import leaves, same_state


class MethodContract:
    """Inherit it in a test class and write `make_method`.

    Attributes
    ----------
    steps
        Number of steps that are tried; at least 2.
    """

    steps = 3

    def make_method(self, seed: int = 0) -> AbstractMethod:
        """Return a small method that is quick to step; another seed, another course."""
        raise NotImplementedError

    def test_init_is_the_same_every_time(self) -> None:
        assert same_state(self.make_method().init(), self.make_method().init())

    def test_the_identity_is_json_and_depends_on_the_seed(self) -> None:
        first, other = self.make_method(0).identity(), self.make_method(1).identity()
        assert json.loads(json.dumps(first, allow_nan=False)) == first
        assert first == self.make_method(0).identity()
        assert first != other

    def test_every_step_spends_and_reports(self) -> None:
        method = self.make_method()
        state, spent, best = method.init(), 0, math.inf
        with method.opened():
            for _ in range(self.steps):
                state, report = method.step(state)
                assert report.spent > spent
                assert report.best <= best or math.isnan(report.best)
                assert all(isinstance(value, float | int) for value in report.figures.values())
                spent, best = report.spent, report.best

    def test_step_is_pure(self) -> None:
        method = self.make_method()
        with method.opened():
            state, _ = method.step(method.init())
            before = copy.deepcopy(state)
            first, second = method.step(state), method.step(state)
        assert same_state(state, before), "step changed the state it was given"
        assert same_state(first, second), "step is not a function of the state"

    def test_a_checkpoint_brings_back_every_bit(self, tmp_path: Path) -> None:
        method = self.make_method()
        with method.opened():
            state, _ = method.step(method.init())
        path = tmp_path / "checkpoint.npz"
        identity = method.identity()
        checkpoint.save(path, Checkpoint(identity, 1, 0.0, state))
        again = checkpoint.load(path, identity, self.make_method().init()).state
        found, kept = self._arrays(again), self._arrays(state)
        assert found.keys() == kept.keys()
        for where, array in kept.items():
            assert found[where].dtype == array.dtype, where
            assert np.array_equal(found[where], array, equal_nan=array.dtype.kind == "f"), where

    def test_stopped_and_taken_up_it_comes_to_the_same(self, tmp_path: Path) -> None:
        whole, parts = tmp_path / "whole", tmp_path / "parts"
        budget = self._budget()
        expected = run(self.make_method(), budget, whole, progress=False)
        run(self.make_method(), 1, parts, progress=False)
        found = run(self.make_method(), budget, parts, progress=False)
        assert same_state(self._arrays(found.state), self._arrays(expected.state))
        assert self._timeless(parts) == self._timeless(whole)
        for there, here in zip(expected.files, found.files, strict=True):
            assert there.exists()
            assert here.exists()
            assert there.relative_to(whole) == here.relative_to(parts)

    def _budget(self) -> int:
        method = self.make_method()
        state, spent = method.init(), 0
        with method.opened():
            for _ in range(self.steps):
                state, report = method.step(state)
                spent = report.spent
        return spent

    def _arrays(self, state: Any) -> dict[str, np.ndarray]:
        return {where: np.asarray(value) for where, value in sorted(leaves(state))}

    def _timeless(self, folder: Path) -> list[dict[str, Any]]:
        lines = log.read(folder / "log.jsonl")
        return [{name: v for name, v in line.items() if name != "wall_s"} for line in lines]
