"""C: whether the measured wiring matters, told by rewirings that were fitted with equal budget."""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

import numpy as np

from embody.comparison.batteries import find_battery
from embody.comparison.battery import Battery
from embody.comparison.drawing import all_drawn
from embody.comparison.draws import StandardError
from embody.comparison.finding import Finding, FindingPart
from embody.comparison.observed import observed
from embody.comparison.paired_scores import PairedScores
from embody.comparison.reading import one_species
from embody.comparison.record import BehaviourRecord
from embody.comparison.verdict import FEWEST_INDIVIDUALS
from embody.comparison.wiring_decision import (
    bound_of,
    found_of_wiring,
    part_of_wiring,
    require_both_sides,
)
from embody.errors import EmbodyError

MEASURE = "wiring"
DRAWS = 40


def compare_wirings(
    reference: Iterable[BehaviourRecord],
    measured: Mapping[str, Sequence[BehaviourRecord]],
    rewired: Mapping[str, Sequence[BehaviourRecord]],
    battery: str | Battery,
    *,
    draws: int = DRAWS,
    seed: int = 0,
    workers: int | None = None,
    budget: str = "",
    progress: bool = False,
) -> Finding:
    """Say whether fits of the measured wiring are closer to the animals than those of rewirings.

    What is compared is the mean score of tiers T1 to T4, 0 as far as the controls, 1 as close as
    animals to each other. Every fit is asked about the same draws of animals and of seeds, so that
    differences are paired. The unit is the fit: bounds come from the spread among fits of the
    measured wiring and among rewirings, and from a jackknife over the animals (Efron & Stein 1981,
    Ann. Stat. 9:586), with Welch's degrees of freedom. Where the measured wiring was fitted once,
    the spread among its fits is taken to be that among rewirings.

    Parameters
    ----------
    reference
        Records of the animals.
    measured
        Records of each fit of the measured wiring, at least one.
    rewired
        Records of each rewiring, fitted with the same budget; fewer than five decide nothing.
    battery
        Its name, or one of your own.
    draws
        How often animals are drawn for each measure.
    seed, workers, progress
        As in `compare`.
    budget
        What each fit was allowed, in words.

    Raises
    ------
    EmbodyError
        If a side is empty, or fits have different numbers of individuals.
    """
    reference = list(reference)
    fits = {**measured, **rewired}
    require_both_sides(measured, rewired)
    if len(fits) < len(measured) + len(rewired):
        raise EmbodyError("a fit of the measured wiring and a rewiring have the same name")
    test = find_battery(battery, one_species([*reference, *chain(*fits.values())]))
    seen = observed(test, reference, fits, seed)
    sizes = {len(sample.individuals) for sample in seen.candidates.values()}
    if len(sizes) > 1:
        raise EmbodyError(f"all fits need as many individuals, not {sorted(sizes)}")
    yardstick, drawn, _ = all_drawn(test, seen, draws, seed, workers, progress)
    scored = PairedScores(yardstick, drawn)
    artefacts = tuple(name for name in fits if seen.nuisances[name].artefact)
    few = seen.within or min(seen.animal_count, *sizes) < FEWEST_INDIVIDUALS
    return _finding(scored, list(measured), list(rewired), few, artefacts, budget)


def _finding(
    scored: PairedScores,
    measured: list[str],
    rewired: list[str],
    few: bool,
    artefacts: tuple[str, ...],
    budget: str,
) -> Finding:
    own = np.array([scored.mean([name]) for name in measured])
    null = np.array([scored.mean([name]) for name in rewired])
    hindrance = None
    if not scored.scale:
        hindrance = "no measure told any control from the animals"
    elif few:
        hindrance = f"fewer than {FEWEST_INDIVIDUALS} individuals on a side"
    elif artefacts:
        hindrance = f"{artefacts[0]} can be told by what is not behaviour"
    scores = ", ".join(f"{n} {s:.2f}" for n, s in zip(measured, own, strict=True))
    return found_of_wiring(
        MEASURE,
        own,
        null,
        bound_of(own, null, scored.jackknifed(measured, rewired), scored.animals),
        "is closer to the animals than",
        tuple(_part(scored, measured, name) for name in rewired),
        (
            f"score of the measured wiring {scores}; mean of the rewirings {null.mean():.2f}",
            "difference by measure: " + ", ".join(_by_measure(scored, measured, rewired)),
        ),
        budget,
        hindrance,
    )


def _part(scored: PairedScores, measured: list[str], name: str) -> FindingPart:
    difference = scored.mean(measured) - scored.mean([name])
    error = math.sqrt(scored.jackknifed(measured, [name]))
    bound = StandardError(error, scored.animals - 1).bound()
    return part_of_wiring(name, difference, bound, f"score {scored.mean([name]):.2f}")


def _by_measure(scored: PairedScores, measured: list[str], rewired: list[str]) -> list[str]:
    def mean(fits: list[str], name: str) -> float:
        return float(np.mean([scored.of(fit)[name] for fit in fits]))

    return [f"{name} {mean(measured, name) - mean(rewired, name):+.2f}" for name in scored.scale]
