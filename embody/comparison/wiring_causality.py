"""C: whether the measured wiring matters, told by rewirings that were fitted with equal budget."""

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

import numpy as np
from scipy.stats import t as student

from embody.comparison.battery import find_battery
from embody.comparison.compare import run_matches
from embody.comparison.draws import Draws, candidate_splits, group_size
from embody.comparison.finding import Finding, FindingPart
from embody.comparison.observed import observed
from embody.comparison.reading import one_species
from embody.comparison.record import BehaviourRecord
from embody.comparison.surrogates import surrogate
from embody.comparison.verdict import (
    FAIL,
    FEWEST_INDIVIDUALS,
    INCONCLUSIVE,
    MOST_SUGGESTED,
    PASS,
    quantiles,
)
from embody.comparison.yardstick import SURROGATE, By, Match, Yardstick, floor_matches
from embody.errors import EmbodyError

MEASURE = "wiring"
RESPONSES = "wiring, responses"
TIER = "C"
VERSION = 1
SCORED = ("T1", "T2", "T3", "T4")
FEWEST_REWIRINGS = 5
DRAWS = 40
CONFIDENCE = 0.95


def compare_wirings(
    reference: Iterable[BehaviourRecord],
    measured: Mapping[str, Sequence[BehaviourRecord]],
    rewired: Mapping[str, Sequence[BehaviourRecord]],
    battery: str,
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
        Name of a battery.
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
    if not measured or not rewired:
        raise EmbodyError("one fit of the measured wiring and one of a rewiring are needed")
    if len(fits) < len(measured) + len(rewired):
        raise EmbodyError("a fit of the measured wiring and a rewiring have the same name")
    test = find_battery(battery, one_species([*reference, *chain(*fits.values())]))
    seen = observed(test, reference, fits, seed)
    sizes = {len(sample.individuals) for sample in seen.candidates.values()}
    if len(sizes) > 1:
        raise EmbodyError(f"all fits need as many individuals, not {sorted(sizes)}")
    count = len(seen.animals.individuals)
    matches = floor_matches(test, seen.animals, draws, seed)
    for name in fits:
        splits = candidate_splits(count, seen.kin[name], group_size(count), draws, seed)
        matches.append(Match(None, name, splits, (count, sizes.copy().pop())))
    fakes = {SURROGATE + n: surrogate(n, seen.animals, seed) for n in test.surrogates}
    pool = {**seen.candidates, **fakes}
    drawn = run_matches(test, matches, seen.animals, pool, workers or os.cpu_count() or 1, progress)
    yardstick = Yardstick.made(
        test, drawn[None], {n: drawn[SURROGATE + n] for n in test.surrogates}
    )
    scored = _Scores(yardstick, {name: drawn[name] for name in fits})
    artefacts = tuple(name for name in fits if seen.nuisances[name].artefact)
    few = seen.within or min(count, *sizes) < FEWEST_INDIVIDUALS
    return _finding(scored, list(measured), list(rewired), few, artefacts, budget)


def compare_responses(
    measured: Mapping[str, Finding], rewired: Mapping[str, Finding], budget: str = ""
) -> Finding:
    """Say the same of responses to perturbations: the share of experiments that agree (T5).

    Parameters
    ----------
    measured, rewired
        The finding "perturbations" of each fit.
    budget
        What each fit was allowed, in words.

    Raises
    ------
    EmbodyError
        If a side is empty.
    """
    if not measured or not rewired:
        raise EmbodyError("one fit of the measured wiring and one of a rewiring are needed")
    own = np.array([found.value for found in measured.values()])
    null = np.array([found.value for found in rewired.values()])
    verdict, value, bound, reason, needed = _decided(
        own, null, _bound(own, null, 0.0, 2), "does as animals do more often than", None
    )
    parts = tuple(
        FindingPart(
            name,
            "above 0",
            own.mean() - found.value,
            (math.nan, math.nan),
            bool(own.mean() > found.value),
            "",
            f"share that agrees {found.value:.2f}",
        )
        for name, found in rewired.items()
    )
    told = ", ".join(f"{name} {one.value:.2f}" for name, one in measured.items())
    notes = [f"share that agrees with the measured wiring: {told}; rewired: {null.mean():.2f}"]
    return Finding(
        RESPONSES,
        TIER,
        VERSION,
        value,
        (value - bound, value + bound),
        0.0,
        verdict,
        reason,
        needed,
        {},
        parts,
        sum(found.seconds for found in (*measured.values(), *rewired.values())),
        (*notes, *((f"each fit: {budget}",) if budget else ())),
    )


class _Scores:
    """Scores of fits from the draws in which some animals take no part."""

    def __init__(self, yardstick: Yardstick, drawn: Mapping[str, By]) -> None:
        self._drawn = drawn
        self.scale: dict[str, tuple[float, float]] = {}
        for measure in yardstick.test.measures():
            name = measure.identifier
            told = [away for away, rejected in yardstick.controls[name].values() if rejected]
            middle = quantiles(yardstick.floors[name])[1]
            if measure.tier in SCORED and told and float(np.median(told)) > middle:
                self.scale[name] = (float(np.median(told)), middle)
        any_draws: Draws = next(iter(next(iter(drawn.values())).values()))
        self._animals = any_draws.one
        self.animals = self._animals.shape[1]

    def of(self, fit: str, without: int | None = None) -> dict[str, float]:
        """Return the score of each measure, of the draws without one animal."""
        kept = slice(None) if without is None else ~self._animals[:, without]
        return {
            name: float(
                np.clip(
                    (null - self._drawn[fit][name].value[kept].mean()) / (null - middle), 0.0, 1.0
                )
            )
            for name, (null, middle) in self.scale.items()
        }

    def mean(self, fits: Sequence[str], without: int | None = None) -> float:
        """Return the mean score of fits."""
        every = [value for fit in fits for value in self.of(fit, without).values()]
        return float(np.mean(every)) if every else math.nan

    def jackknifed(self, one: Sequence[str], other: Sequence[str]) -> float:
        """Return the variance of a difference of mean scores that comes from the animals."""
        left = [a for a in range(self.animals) if not self._animals[:, a].all()]
        values = [self.mean(one, a) - self.mean(other, a) for a in left]
        return (len(left) - 1) * float(np.var(values))


def _finding(
    scored: _Scores,
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
    bound = _bound(own, null, scored.jackknifed(measured, rewired), scored.animals)
    verdict, value, bound, reason, needed = _decided(
        own, null, bound, "is closer to the animals than", hindrance
    )
    return Finding(
        MEASURE,
        TIER,
        VERSION,
        value,
        (value - bound, value + bound),
        0.0,
        verdict,
        reason,
        needed,
        {},
        tuple(_part(scored, measured, name) for name in rewired),
        notes=(
            "score of the measured wiring "
            + ", ".join(f"{n} {s:.2f}" for n, s in zip(measured, own, strict=True))
            + f"; mean of the rewirings {null.mean():.2f}",
            *((f"each fit: {budget}",) if budget else ()),
            "difference by measure: " + ", ".join(_by_measure(scored, measured, rewired)),
        ),
    )


def _decided(
    own: np.ndarray, null: np.ndarray, bound: float, better: str, hindrance: str | None
) -> tuple[str, float, float, str, int | None]:
    """Return verdict, difference of means, its bound, reason, and how many would decide."""
    value = float(own.mean() - null.mean())
    as_good = int((null >= own.mean()).sum())
    rank = (1 + as_good) / (1 + len(null))
    needed, others = None, "its rewirings, fitted with the same budget"
    if len(null) < FEWEST_REWIRINGS:
        verdict, needed = INCONCLUSIVE, FEWEST_REWIRINGS
        reason = f"{len(null)} rewirings are too few; at least {FEWEST_REWIRINGS} are needed"
    elif hindrance is not None:
        verdict, reason = INCONCLUSIVE, hindrance
    elif value - bound > 0.0:
        verdict, reason = PASS, f"the measured wiring {better} {others}"
    elif value + bound <= 0.0:
        verdict, reason = FAIL, f"it is not so that the measured wiring {better} {others}"
    else:
        verdict, needed = INCONCLUSIVE, _needed(len(null), value, bound)
        reason = f"it is not shown that the measured wiring {better} {others}"
    told = f"{as_good} of {len(null)} rewirings reach it (rank p = {rank:.2g})"
    return verdict, value, bound, f"{reason}; {told}", needed


def _bound(own: np.ndarray, null: np.ndarray, of_animals: float, animals: int) -> float:
    """Return how far a one-sided bound lies from the difference of the means."""
    if len(null) < 2:
        return math.inf
    spread = float(null.var(ddof=1))
    parts = [(spread / len(null), len(null) - 1), (of_animals, animals - 1)]
    if len(own) > 1:
        parts.append((float(own.var(ddof=1)) / len(own), len(own) - 1))
    else:
        parts[0] = (spread * (1.0 + 1.0 / len(null)), len(null) - 1)
    variance = sum(part for part, _ in parts)
    weight = sum(part**2 / freedom for part, freedom in parts if freedom > 0)
    if not (math.isfinite(variance) and weight > 0.0):
        return 0.0 if variance == 0.0 else math.inf
    return math.sqrt(variance) * float(student.ppf(CONFIDENCE, variance**2 / weight))


def _part(scored: _Scores, measured: list[str], name: str) -> FindingPart:
    difference = scored.mean(measured) - scored.mean([name])
    variance = scored.jackknifed(measured, [name])
    bound = math.sqrt(variance) * float(student.ppf(CONFIDENCE, scored.animals - 1))
    low, high = difference - bound, difference + bound
    return FindingPart(
        name,
        "above 0",
        difference,
        (low, high),
        True if low > 0.0 else False if high <= 0.0 else None,
        "",
        f"score {scored.mean([name]):.2f}",
    )


def _by_measure(scored: _Scores, measured: list[str], rewired: list[str]) -> list[str]:
    def mean(fits: list[str], name: str) -> float:
        return float(np.mean([scored.of(fit)[name] for fit in fits]))

    return [f"{name} {mean(measured, name) - mean(rewired, name):+.2f}" for name in scored.scale]


def _needed(now: int, value: float, bound: float) -> int | None:
    if not (math.isfinite(bound) and value != 0.0):
        return None
    wanted = max(now + 1, math.ceil(now * (bound / abs(value)) ** 2))
    return wanted if wanted < MOST_SUGGESTED else None
