"""From distances to a verdict: PASS, FAIL or INCONCLUSIVE."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from embody.comparison.draws import Draws, standard_error

PASS, FAIL, INCONCLUSIVE = "PASS", "FAIL", "INCONCLUSIVE"
FLOOR_QUANTILES = (0.05, 0.5, 0.95)
FEWEST_INDIVIDUALS = 6
MOST_SUGGESTED = 1000
MOST_PARTS = 20


class Question(NamedTuple):
    """What is asked: a measure's `identifier`, `tier` and `version`."""

    measure: str
    tier: str
    version: int


class Verdict(NamedTuple):
    """What one measure says of one candidate.

    Attributes
    ----------
    measure, tier, version
        Which measure.
    distance
        Mean distance of the candidate from the animals.
    interval
        One-sided 95 % bounds of it, lower and upper.
    floor
        5th, 50th and 95th percentile of the distance among the animals.
    null
        Median distance of the controls that the measure rejects; None if it rejects none.
    score
        0 as far as the null, 1 as close as the animals among themselves; None without a null.
    verdict
        "PASS": the upper bound lies within the edge. "FAIL": the lower bound lies beyond it.
    reason
        In words.
    needed
        How many individuals of each would probably decide, where more would; else None.
    parts
        What gives the candidate away: features by how far they are apart, largest first, at most
        20.
    animals, individuals
        How many animals and how many individuals of the candidate there were.
    edge
        Where the floor ends: what groups of animals exceed in 5 % of draws in any measure of the
        battery.
    part_floors
        How far animals are apart in each of the parts: median and 95th percentile of the draws.
    """

    measure: str
    tier: str
    version: int
    distance: float
    interval: tuple[float, float]
    floor: tuple[float, float, float]
    null: float | None
    score: float | None
    verdict: str
    reason: str
    needed: int | None
    parts: Mapping[str, float]
    animals: int
    individuals: int
    edge: float
    part_floors: Mapping[str, tuple[float, float]] = {}

    def to_dict(self) -> dict[str, Any]:
        """Return the line of the report as JSON types."""
        content = self._asdict()
        return {
            **content,
            "interval": list(self.interval),
            "floor": list(self.floor),
            "part_floors": {name: list(floor) for name, floor in self.part_floors.items()},
        }


def quantiles(floor: Draws) -> tuple[float, float, float]:
    """Return the 5th, 50th and 95th percentile of the distance among the animals."""
    low, middle, high = (float(q) for q in np.quantile(floor.value, FLOOR_QUANTILES))
    return low, middle, high


def judge(
    question: Question,
    floor: Draws,
    candidate: Draws,
    edge: float,
    controls: Mapping[str, tuple[float, bool]],
    must_reject: tuple[str, ...],
    counts: tuple[int, int],
    within: bool = False,
) -> Verdict:
    """Return the verdict.

    Parameters
    ----------
    question
        Which measure.
    floor
        Distances among the animals.
    candidate
        Distances of the candidate, with as many individuals on each side.
    edge
        The largest mean distance that passes.
    controls
        Of each control its mean distance, and whether the measure rejected it.
    must_reject
        Which of them it has to reject before it may let anyone pass.
    counts
        How many animals and how many individuals of the candidate there were.
    within
        Whether the floor is one of stretches of few animals instead of animals.
    """
    distance = float(candidate.value.mean())
    error = standard_error(candidate)
    bound = error.bound()
    interval = (distance - bound, distance + bound)
    fewest = min(counts)
    missed = [name for name in must_reject if not controls[name][1]]
    needed = None
    if within or fewest < FEWEST_INDIVIDUALS:
        verdict = INCONCLUSIVE
        needed = max(FEWEST_INDIVIDUALS, _needed(distance, bound, edge, fewest))
        animals = "1 animal" if counts[0] == 1 else f"{counts[0]} animals"
        reason = f"{animals} against {counts[1]} are too few; about {needed} of each are needed"
        if within:
            reason += "; the floor is that within individuals, too tight"
    elif not math.isfinite(edge):
        verdict, reason = (
            INCONCLUSIVE,
            "all draws of animals are equally far apart: it sees nothing",
        )
    elif interval[0] > edge:
        verdict, reason = FAIL, "further from the animals than they are from each other"
    elif missed:
        verdict = INCONCLUSIVE
        reason = f"it did not tell {' and '.join(missed)} from the animals either"
    elif interval[1] <= edge:
        verdict, reason = PASS, "as close to the animals as they are to each other"
    else:
        verdict = INCONCLUSIVE
        needed = _needed(distance, bound, edge, fewest)
        reason = f"the interval holds the edge of the floor; about {needed} of each may decide"
    parts = dict(sorted(candidate.parts.items(), key=lambda item: -item[1])[:MOST_PARTS])
    null = null_of(controls)
    middle = quantiles(floor)[1]
    return Verdict(
        *question,
        distance,
        interval,
        quantiles(floor),
        null,
        score(distance, null, middle),
        verdict,
        reason,
        needed,
        parts,
        *counts,
        edge,
        {name: floor.part_floors[name] for name in parts if name in floor.part_floors},
    )


def null_of(controls: Mapping[str, tuple[float, bool]]) -> float | None:
    """Return the median distance of the controls that were rejected; None if none was."""
    told = [away for away, was_rejected in controls.values() if was_rejected]
    return float(np.median(told)) if told else None


def score(distance: float, null: float | None, middle: float) -> float | None:
    """Return 0 as far as the null, 1 as close as the animals; None if the null is no further.

    Parameters
    ----------
    distance
        Mean distance of a candidate.
    null
        That of the rejected controls.
    middle
        Median distance among the animals.
    """
    if null is None or null <= middle:
        return None
    return float(np.clip((null - distance) / (null - middle), 0.0, 1.0))


def is_rejected(control: Draws, edge: float) -> bool:
    """Whether a control lies beyond the edge of the floor with its whole interval."""
    return float(control.value.mean()) - standard_error(control).bound() > edge


def _needed(distance: float, bound: float, edge: float, now: int) -> int:
    """Return how many take the edge out of the interval; errors shrink by root n."""
    apart = abs(distance - edge)
    if not (math.isfinite(bound) and apart > 0.0):
        return MOST_SUGGESTED
    return min(MOST_SUGGESTED, max(now + 1, math.ceil(now * (bound / apart) ** 2)))
