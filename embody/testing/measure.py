"""What every measure of a comparison must fulfil."""
# ruff: noqa: D102  (the names of the tests are sentences)

import math
import re
from collections.abc import Callable, Sequence

import numpy as np

from embody.comparison.described import Described
from embody.comparison.measures.measure import AbstractMeasure, Distance, Lessons
from embody.comparison.sample import Sample
from embody.comparison.surrogates import SURROGATES
from embody.errors import EmbodyError

MakeSample = Callable[[int, int], Sample]


class MeasureContract:
    """Inherit it in a test class and write `make_measure`, `make_sample` and `make_other_sample`.

    Attributes
    ----------
    individuals
        How many individuals samples have; at least 6.
    """

    individuals = 8

    def make_measure(self) -> AbstractMeasure:
        """Return the measure under test."""
        raise NotImplementedError

    def make_sample(self, individuals: int, seed: int) -> Sample:
        """Return clips of that many animals; another seed, other animals of the same kind."""
        raise NotImplementedError

    def make_other_sample(self, individuals: int, seed: int) -> Sample:
        """Return clips of whom the measure has to tell from the animals of `make_sample`."""
        raise NotImplementedError

    def test_it_says_what_it_is(self) -> None:
        measure = self.make_measure()
        assert measure.identifier
        assert re.fullmatch("T[0-8]", measure.tier), f"there is no tier {measure.tier}"
        assert measure.version >= 1
        assert measure.title.endswith("?"), "a title is a question that a biologist understands"
        unknown = set(measure.must_reject) - set(SURROGATES)
        assert not unknown, f"there are no surrogates {sorted(unknown)}: {', '.join(SURROGATES)}"

    def test_no_clip_changes_anothers_numbers(self) -> None:
        measure, sample = self.make_measure(), self.make_sample(self.individuals, 100)
        every, few = measure.describe(sample), (self.individuals - 1, 1)
        alone = measure.describe(sample.of(few))
        assert len(every) == len(every.owner)
        assert every.individuals == sample.individuals
        np.testing.assert_allclose(alone.rows, every.of(few).rows, rtol=1e-9, atol=1e-12)

    def test_same_seed_same_bits(self) -> None:
        first, second = (self._distance(self.make_sample) for _ in range(2))
        assert first == second

    def test_distances_are_numbers(self) -> None:
        for make in (self.make_sample, self.make_other_sample):
            found = self._distance(make)
            assert math.isfinite(found.value)
            assert all(math.isfinite(part) for part in found.parts.values())

    def test_asking_leaves_no_trace(self) -> None:
        measure, real, other = self._ready(self.make_sample)
        before = self._asked(measure, real, other, (0, 1))
        rows = real.rows.copy()
        self._asked(measure, real, other, (2, 3))
        assert self._asked(measure, real, other, (0, 1)) == before
        assert np.array_equal(real.rows, rows), "it changed what it was given"

    def test_others_are_further_than_equals(self) -> None:
        equals, others = (
            [self._distance(make, seed).value for seed in range(100, 106)]
            for make in (self.make_sample, self.make_other_sample)
        )
        assert np.mean(others) > np.mean(equals) + 2.0 * np.std(equals) / math.sqrt(len(equals))

    def test_it_learns_from_nobody_whom_it_is_asked_about(self) -> None:
        measure, real, other = self._ready(self.make_sample)
        if not measure.learns:
            return
        for lessons in (None, Lessons(real.of((1, 2, 3)), other.of((2, 3)))):
            try:
                measure.distance(real.of((0, 1)), other.of((0, 1)), 0, lessons)
            except EmbodyError:
                continue
            raise AssertionError("it answered without lessons from others")

    def _distance(self, make: MakeSample, seed: int = 100) -> Distance:
        return self._asked(*self._ready(make, seed), (0, 1))

    def _ready(
        self, make: MakeSample, seed: int = 100
    ) -> tuple[AbstractMeasure, Described, Described]:
        animals = self.make_sample(self.individuals, seed)
        other = make(self.individuals, seed + 1000)
        measure = self.make_measure()
        real = measure.describe(animals)
        measure.freeze(real)
        return measure, real, measure.describe(other)

    def _asked(
        self, measure: AbstractMeasure, real: Described, other: Described, who: Sequence[int]
    ) -> Distance:
        rest = [k for k in range(self.individuals) if k not in who]
        lessons = Lessons(real.of(rest), other.of(rest)) if measure.learns else None
        return measure.distance(real.of(who), other.of(who), 7, lessons)
