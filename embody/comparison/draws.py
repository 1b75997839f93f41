"""Distances over many draws of individuals: the floor among animals, and that of a candidate."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from scipy.stats import t as student

from embody.comparison.described import Described
from embody.comparison.measures.measure import AbstractMeasure, Lessons

GROUP = 2
NO_KIN = -1
FLOOR_TIMES = 4
"""Draws of animals against animals for each draw of a candidate.

An edge is a 95th percentile, for which more are needed than for a mean.
"""


class Split(NamedTuple):
    """Who is compared with whom in one draw; indices of individuals.

    Attributes
    ----------
    one, other
        Groups of equal size, of the animals and of the others.
    learn_one, learn_other
        From whom judges learn before they are asked about the groups: others, and no kin of them.
    """

    one: tuple[int, ...]
    other: tuple[int, ...]
    learn_one: tuple[int, ...]
    learn_other: tuple[int, ...]


class Task(NamedTuple):
    """One draw of one measure, of the individuals of two samples; None is that of all animals."""

    measure: str
    animals: str | None
    others: str | None
    split: Split
    seed: int


class Draws(NamedTuple):
    """Distances of b draws.

    Attributes
    ----------
    value
        Distances, (b,).
    one, other
        Who was drawn on each side, (b, individuals), truth values.
    parts
        Mean of each part of the distance, by name.
    part_floors
        Median and 95th percentile of each part over the draws, by name.
    """

    value: np.ndarray
    one: np.ndarray
    other: np.ndarray
    parts: dict[str, float]
    part_floors: Mapping[str, tuple[float, float]] = {}


def group_size(animals: int) -> int:
    """Return how many individuals are compared with how many: two, or one where there are few.

    The floor is how far two groups of this size are apart in one draw, so it is the margin within
    which a candidate counts as an animal; the candidate's own distance is the mean over all its
    individuals. Two is the least that shows how animals of one group differ. A size that does not
    grow with the number of animals keeps the margin where it is, and every further animal makes
    the verdict surer: the error of the mean is `sqrt(2 / animals)` of the spread of the floor.
    """
    return max(1, min(GROUP, animals // 2 - 1))


def floor_splits(animals: int, size: int, count: int, seed: int) -> list[Split]:
    """Return draws of two groups of animals, each from its half of them."""
    random = np.random.default_rng(seed)
    half = animals // 2
    splits = []
    for _ in range(count):
        order = [int(i) for i in random.permutation(animals)]
        one, other = order[:half], order[half : 2 * half]
        splits.append(_split(one[:size], other[:size], one, other))
    return splits


def candidate_splits(
    animals: int, kin: Sequence[int], size: int, count: int, seed: int
) -> list[Split]:
    """Return draws of a group of animals and a group of a candidate's individuals.

    Parameters
    ----------
    kin
        For each individual of the candidate the animal that it was made from, `NO_KIN` if from
        none. Kin never meet in a draw.
    """
    random = np.random.default_rng([seed, 1])
    splits = []
    for _ in range(count):
        one = [int(i) for i in random.permutation(animals)[:size]]
        others = [int(i) for i in random.permutation(len(kin)) if kin[i] not in one][:size]
        kin_of_others = {kin[i] for i in others}
        learn_one = [i for i in range(animals) if i not in kin_of_others]
        learn_other = [i for i in range(len(kin)) if kin[i] not in one]
        splits.append(_split(one, others, learn_one, learn_other))
    return splits


def run_task(
    task: Task, measure: AbstractMeasure, animals: Described, others: Described
) -> tuple[float, dict[str, float]]:
    """Return distance and parts of one draw.

    Parameters
    ----------
    animals, others
        What the measure says of all animals, and of the candidate or again of the animals.
    """
    split = task.split
    lessons = None
    if measure.learns:
        lessons = Lessons(animals.of(split.learn_one), others.of(split.learn_other))
    real, other = animals.of(split.one), others.of(split.other)
    found = measure.distance(real, other, task.seed, lessons)
    return found.value, dict(found.parts)


def gathered(
    tasks: Sequence[Task],
    found: Sequence[tuple[float, dict[str, float]]],
    animals: int,
    others: int,
) -> Draws:
    """Return what the draws of one measure and candidate found.

    Parameters
    ----------
    animals, others
        How many individuals there are on each side.
    """
    one = np.zeros((len(tasks), animals), bool)
    other = np.zeros((len(tasks), others), bool)
    for row, task in enumerate(tasks):
        one[row, list(task.split.one)] = True
        other[row, list(task.split.other)] = True
    names = list(found[0][1])
    of_draws = np.array([[each[name] for name in names] for _, each in found])
    values = np.array([value for value, _ in found])
    return Draws(values, one, other, *summarised(names, of_draws))


def summarised(
    names: Sequence[str], of_draws: np.ndarray
) -> tuple[dict[str, float], dict[str, tuple[float, float]]]:
    """Return the mean of parts over draws, (draws, parts), and their median and 95th percentile."""
    middle, high = np.quantile(of_draws, (0.5, 0.95), axis=0)
    floors = zip(middle.tolist(), high.tolist(), strict=True)
    means = of_draws.mean(axis=0).tolist()
    return dict(zip(names, means, strict=True)), dict(zip(names, floors, strict=True))


class StandardError(NamedTuple):
    """How well a mean distance is known.

    Attributes
    ----------
    value
        Standard error.
    freedom
        Its degrees of freedom.
    """

    value: float
    freedom: float

    def bound(self, confidence: float = 0.95) -> float:
        """Return how far a one-sided bound lies from the mean."""
        return float(self.value * student.ppf(confidence, self.freedom))


def standard_error(draws: Draws) -> StandardError:
    """Return the standard error of the mean distance: what other individuals would have changed.

    The influence of each individual of both sides on the distance is found by least squares over
    the draws (the projection of a U-statistic, Hoeffding 1948, Ann. Math. Stat. 19:293), less what
    comes from the number of draws; degrees of freedom after Welch 1947, Biometrika 34:28.
    """
    count = len(draws.value)
    centred = draws.value - draws.value.mean()
    sides = [drawn - drawn.mean(axis=0) for drawn in (draws.one, draws.other)]
    design = np.concatenate(sides, axis=1).astype(float)
    inverse = np.linalg.pinv(design.T @ design, rcond=1e-9, hermitian=True)
    influence = inverse @ design.T @ centred
    unexplained = centred - design @ influence
    rank = int(np.linalg.matrix_rank(design))
    noise = float(unexplained @ unexplained) / max(count - 1 - rank, 1)
    variance, weight, first = noise / count, 0.0, 0
    for drawn in sides:
        among = drawn.shape[1]
        own = slice(first, first + among)
        first += among
        if among < 2 or not drawn.any():
            continue
        size = float((draws.one if own.start == 0 else draws.other)[0].sum())
        spread = float(influence[own] @ influence[own]) - noise * float(np.trace(inverse[own, own]))
        share = max(spread, 0.0) / (among - 1) * size**2 / among
        variance += share
        weight += share**2 / (among - 1)
    freedom = variance**2 / weight if weight > 0.0 else float(count - 1)
    return StandardError(float(np.sqrt(variance)), max(freedom, 1.0))


def _split(one: list[int], other: list[int], learn_one: list[int], learn_other: list[int]) -> Split:
    return Split(
        tuple(one),
        tuple(other),
        tuple(i for i in learn_one if i not in one),
        tuple(i for i in learn_other if i not in other),
    )
