"""The clips that give a candidate away."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from embody.comparison.described import Described
from embody.comparison.draws import NO_KIN
from embody.comparison.measures.classifiers import Judge
from embody.comparison.measures.measure import Lessons
from embody.comparison.sample import Sample, whole_individual

FOLDS = 4
FEWEST_FOLDS = 3
MOST = 12


class Telling(NamedTuple):
    """A clip that a judge is sure about.

    Attributes
    ----------
    individual
        Whose it is.
    start_s
        Where it begins in the record [s].
    rating
        Share of the animals' clips that look less like the candidate, 0 to 1.
    session
        Which recording of the individual; empty if that is not known.
    individual_hash
        Hash of the individual; see `BehaviourRecord.individual_hash`.
    """

    individual: str
    start_s: float
    rating: float
    session: str = ""
    individual_hash: str = ""


def most_telling(
    judge: Judge, animals: Sample, candidate: Sample, kin: Sequence[int], seed: int
) -> tuple[Telling, ...]:
    """Return the clips of a candidate that a judge is surest about, surest first.

    The judge has seen neither the individual, nor its kin, nor the animals that its clips are
    rated against.
    """
    random = np.random.default_rng([seed, 2])
    count = min(FOLDS, len(candidate.individuals), len(animals.individuals))
    if count < FEWEST_FOLDS:
        return ()
    fold = random.permutation(np.arange(len(candidate.individuals)) % count)
    fold_of_animal = random.permutation(np.arange(len(animals.individuals)) % count)
    for who, animal in enumerate(kin):
        if animal != NO_KIN:
            fold[who] = fold_of_animal[animal]
    real, other = judge.describe(animals), judge.describe(candidate)
    windows = candidate.cut(judge.window_s)
    found = []
    for number in range(count):
        beside = (number + 1) % count
        asked, asked_animals = fold == number, fold_of_animal == beside
        learn, learn_animals = (~np.isin(each, (number, beside)) for each in (fold, fold_of_animal))
        if not (asked.any() and asked_animals.any() and learn.any() and learn_animals.any()):
            continue
        lessons = Lessons(_those(real, learn_animals), _those(other, learn))
        of_real, of_other = judge.rated(
            _those(real, asked_animals), _those(other, asked), seed, lessons
        )
        rows = np.flatnonzero(asked[other.owner])
        for row, rating in zip(rows, of_other, strict=True):
            owner = windows.owner[row]
            telling = Telling(
                windows.names[owner],
                float(windows.start_s[row]),
                float((of_real < rating).mean()),
                str(windows.session[row]) if len(windows.session) else "",
                whole_individual(windows.individuals[owner]),
            )
            found.append((rating, telling))
    found.sort(key=lambda entry: (-entry[1].rating, -entry[0]))
    surest: dict[tuple[str, str, float], Telling] = {}
    for _, telling in found:
        surest.setdefault((telling.individual_hash, telling.session, telling.start_s), telling)
    return tuple(surest.values())[:MOST]


def _those(described: Described, chosen: np.ndarray) -> Described:
    return described.of(np.flatnonzero(chosen).tolist())
