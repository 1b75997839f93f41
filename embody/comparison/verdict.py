"""From distances to a verdict: PASS, FAIL or INCONCLUSIVE."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from embody.comparison.draws import Draws, standard_error

PASS, FAIL, INCONCLUSIVE = "PASS", "FAIL", "INCONCLUSIVE"
FLOOR_QUANTILES = (0.05, 0.5, 0.95)
ONE_SIDED_95 = 1.6448536269514722
FEWEST_INDIVIDUALS = 6
MOST_SUGGESTED = 1000


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
        Median distance of the controls that must fail; None if there are none.
    score
        0 as far as the null, 1 as close as the animals among themselves; None without a null.
    verdict
        "PASS": the upper bound lies within the floor. "FAIL": the lower bound lies beyond it.
    reason
        In words.
    needed
        How many individuals of each would probably decide, where more would; else None.
    parts
        What gives the candidate away: features by how far they are apart, largest first.
    animals, individuals
        How many animals and how many individuals of the candidate there were.
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

    def to_dict(self) -> dict[str, Any]:
        """Return the line of the report as JSON types."""
        content = self._asdict()
        return {**content, "interval": list(self.interval), "floor": list(self.floor)}


def judge(
    measure: str,
    tier: str,
    version: int,
    floor: Draws,
    candidate: Draws,
    rejected: Mapping[str, bool],
    null: float | None,
) -> Verdict:
    """Return the verdict.

    Parameters
    ----------
    measure, tier, version
        Which measure.
    floor
        Distances among the animals.
    candidate
        Distances of the candidate, with as many individuals on each side.
    rejected
        Of each control that the measure must reject, whether it did in this run.
    null
        Median distance of those controls.
    """
    distance = float(candidate.value.mean())
    error = standard_error(candidate)
    interval = (distance - ONE_SIDED_95 * error, distance + ONE_SIDED_95 * error)
    low, middle, high = (float(q) for q in np.quantile(floor.value, FLOOR_QUANTILES))
    animals, individuals = candidate.one.shape[1], candidate.other.shape[1]
    needed = None
    missed = [name for name, was in rejected.items() if not was]
    if min(animals, individuals) < FEWEST_INDIVIDUALS:
        verdict = INCONCLUSIVE
        needed = max(FEWEST_INDIVIDUALS, _needed(distance, error, high, min(animals, individuals)))
        reason = (
            f"{animals} animals against {individuals} are too few; about {needed} each are needed"
        )
    elif missed:
        verdict = INCONCLUSIVE
        reason = f"it did not tell {' and '.join(missed)} from the animals either"
    elif interval[1] <= high:
        verdict, reason = PASS, "as close to the animals as they are to each other"
    elif interval[0] > high:
        verdict, reason = FAIL, "further from the animals than they are from each other"
    else:
        verdict = INCONCLUSIVE
        needed = _needed(distance, error, high, min(animals, individuals))
        reason = f"the interval holds the edge of the floor; about {needed} of each may decide"
    score = None
    if null is not None and null > middle:
        score = float(np.clip((null - distance) / (null - middle), 0.0, 1.0))
    return Verdict(
        measure,
        tier,
        version,
        distance,
        interval,
        (low, middle, high),
        null,
        score,
        verdict,
        reason,
        needed,
        dict(sorted(candidate.parts.items(), key=lambda item: -item[1])),
        animals,
        individuals,
    )


def is_rejected(floor: Draws, control: Draws) -> bool:
    """Whether a control lies beyond the floor with its whole interval."""
    bound = float(control.value.mean()) - ONE_SIDED_95 * standard_error(control)
    return bound > float(np.quantile(floor.value, FLOOR_QUANTILES[2]))


def _needed(distance: float, error: float, edge: float, now: int) -> int:
    """Return how many take the edge out of the interval; errors shrink by root n."""
    apart = abs(distance - edge)
    if apart <= 0.0 or not math.isfinite(error):
        return MOST_SUGGESTED
    return min(MOST_SUGGESTED, max(now + 1, math.ceil(now * (ONE_SIDED_95 * error / apart) ** 2)))
