"""Distances over many draws of animals: the floor among real ones, and that of a candidate."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from embody.comparison.measures.measure import AbstractMeasure
from embody.comparison.sample import Sample

SMALLEST_SIDE = 2


class Draws(NamedTuple):
    """Distances between m animals and m others, drawn b times.

    Attributes
    ----------
    value
        Distances, (b,).
    one, other
        Who was drawn on each side, (b, individuals), truth values.
    parts
        Mean of each part of the distance, by name.
    """

    value: np.ndarray
    one: np.ndarray
    other: np.ndarray
    parts: dict[str, float]


class Task(NamedTuple):
    """One draw: which measure, which individuals of the animals and of whom, which seed.

    `candidate` is None where animals are compared with animals.
    """

    measure: str
    candidate: str | None
    one: tuple[int, ...]
    other: tuple[int, ...]
    seed: int


def side(animals: int) -> int:
    """Return how many individuals are drawn on each side: a third of the animals, at least two.

    A third, so that the mean over draws is known well enough to be shown to lie within the floor:
    with half, real animals would be accepted in two of three comparisons only.
    """
    return max(SMALLEST_SIDE, animals // 3)


def planned(
    measure: str,
    candidate: str | None,
    animals: int,
    candidates: int,
    size: int,
    count: int,
    seed: int,
    kin: bool = False,
) -> list[Task]:
    """Return the draws of one measure.

    Parameters
    ----------
    measure, candidate
        Names, as in `Task`.
    animals, candidates
        How many individuals there are; `candidates` is ignored if the candidate is None.
    size
        Individuals on each side.
    count
        Number of draws.
    kin
        Whether each candidate is made from the animal of the same index: it is then never drawn
        together with it.
    """
    random = np.random.default_rng(seed)
    tasks = []
    for number in range(count):
        order = random.permutation(animals)
        one, other = order[:size], order[size : 2 * size]
        if candidate is not None and not kin:
            other = random.permutation(candidates)[:size]
        tasks.append(Task(measure, candidate, tuple(map(int, one)), tuple(map(int, other)), number))
    return tasks


def run_task(
    task: Task,
    measures: dict[str, AbstractMeasure],
    animals: Sample,
    candidates: dict[str, Sample],
) -> tuple[float, dict[str, float]]:
    """Return distance and parts of one draw."""
    pool = animals if task.candidate is None else candidates[task.candidate]
    found = measures[task.measure].distance(animals.of(task.one), pool.of(task.other), task.seed)
    return found.value, dict(found.parts)


def gathered(
    tasks: Iterable[Task],
    found: Iterable[tuple[float, dict[str, float]]],
    animals: int,
    candidates: int,
) -> Draws:
    """Return what the draws of one measure and candidate found."""
    tasks, found = list(tasks), list(found)
    one = np.zeros((len(tasks), animals), bool)
    other = np.zeros((len(tasks), candidates), bool)
    for row, task in enumerate(tasks):
        one[row, list(task.one)] = True
        other[row, list(task.other)] = True
    names = found[0][1]
    parts = {name: float(np.mean([each[name] for _, each in found])) for name in names}
    return Draws(np.array([value for value, _ in found]), one, other, parts)


def standard_error(draws: Draws) -> float:
    """Return the standard error of the mean distance: what other animals would have changed.

    Infinitesimal jackknife over individuals of both sides, for draws without replacement (Wager &
    Athey 2018, J. Am. Stat. Assoc. 113:1228), less what comes from the number of draws (Wager,
    Hastie & Efron 2014, JMLR 15:1625).
    """
    count = len(draws.value)
    centred = draws.value - draws.value.mean()
    own = float(centred @ centred) / (count - 1) / count
    variance = own
    for drawn in (draws.one, draws.other):
        among, size = drawn.shape[1], int(drawn[0].sum())
        if size >= among:
            continue
        influence = (drawn - drawn.mean(axis=0)).T @ centred / count
        noise = size * (1.0 - size / among) * own
        factor = (among - 1.0) / among * (among / (among - size)) ** 2
        variance += max(factor * (float(influence @ influence) - noise), 0.0)
    return float(np.sqrt(variance))
