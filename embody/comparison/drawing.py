"""Draws of animals and of others, spread over processes, and the yardstick made of them."""

import os
from collections.abc import Iterator, Mapping, Sequence

from tqdm import tqdm

from embody.comparison.battery import Battery
from embody.comparison.draws import candidate_splits, group_size
from embody.comparison.observed import Observed
from embody.comparison.parallel import Found, run_tasks
from embody.comparison.sample import Sample
from embody.comparison.surrogates import surrogate
from embody.comparison.yardstick import SURROGATE, By, Match, Yardstick, floor_matches


def all_drawn(
    test: Battery,
    seen: Observed,
    draws: int,
    seed: int,
    workers: int | None = None,
    progress: bool = False,
) -> tuple[Yardstick, dict[str, By], dict[str, Sample]]:
    """Return `drawn_with_yardstick` of all candidates, asked about the same draws of animals."""
    count = len(seen.animals.individuals)
    matches = []
    for name, sample in seen.candidates.items():
        splits = candidate_splits(count, seen.kin[name], group_size(count), draws, seed)
        matches.append(Match(None, name, splits, (count, len(sample.individuals))))
    return drawn_with_yardstick(
        test,
        matches,
        seen.animals,
        seen.candidates,
        draws,
        seed,
        workers=workers,
        progress=progress,
    )


def drawn_with_yardstick(
    test: Battery,
    matches: Sequence[Match],
    animals: Sample,
    samples: Mapping[str, Sample],
    draws: int,
    seed: int,
    *,
    size: int | None = None,
    workers: int | None = None,
    progress: bool = False,
) -> tuple[Yardstick, dict[str, By], dict[str, Sample]]:
    """Return yardstick, draws of others by name, and the surrogates that the yardstick is made of.

    Parameters
    ----------
    matches
        Whom to compare besides the animals with themselves and with their surrogates.
    samples
        Whom the matches name.
    draws
        How often animals are drawn for floor and surrogates.
    size
        How many individuals are compared with how many; `group_size` of the animals if None.
    """
    fakes = {name: surrogate(name, animals, seed) for name in test.surrogates}
    drawn = run_matches(
        test,
        [*floor_matches(test, animals, draws, seed, size), *matches],
        animals,
        {**samples, **{SURROGATE + name: fake for name, fake in fakes.items()}},
        workers,
        progress,
    )
    of_others = {name: by for name, by in drawn.items() if name is not None}
    of_fakes = {name: of_others.pop(SURROGATE + name) for name in fakes}
    return Yardstick.made(test, drawn[None], of_fakes), of_others, fakes


def run_matches(
    test: Battery,
    matches: Sequence[Match],
    animals: Sample,
    pool: Mapping[str, Sample],
    workers: int | None = None,
    progress: bool = False,
) -> dict[str | None, By]:
    """Return the draws of each match, by the name of the others; None for the animals."""
    measures = test.measures()
    tasks = [task for match in matches for task in match.tasks(measures)]
    found = run_tasks(tasks, test, animals, pool, workers or os.cpu_count() or 1)
    with tqdm(found, total=len(tasks), unit=" draws", disable=not progress) as bar:
        coming: Iterator[Found] = iter(bar)
        return {match.others: match.draws(measures, coming) for match in matches}
