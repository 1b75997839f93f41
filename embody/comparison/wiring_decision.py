"""When two groups of fits differ: the measured wiring's and its rewirings'."""

import math
from collections.abc import Sized

import numpy as np

from embody.comparison.draws import StandardError
from embody.comparison.finding import Finding, FindingPart
from embody.comparison.verdict import FAIL, INCONCLUSIVE, MOST_SUGGESTED, PASS
from embody.errors import EmbodyError

TIER = "C"
VERSION = 1

FEWEST_REWIRINGS = 5
TIE = 1e-9
"""What rounding may make of equal means."""


def require_both_sides(measured: Sized, rewired: Sized) -> None:
    """Raise `EmbodyError` if there is no fit of the measured wiring, or none of a rewiring."""
    if not measured or not rewired:
        raise EmbodyError("one fit of the measured wiring and one of a rewiring are needed")


def found_of_wiring(
    measure: str,
    own: np.ndarray,
    null: np.ndarray,
    bound: float,
    better: str,
    parts: tuple[FindingPart, ...],
    notes: tuple[str, ...],
    budget: str,
    hindrance: str | None = None,
    seconds: float = 0.0,
) -> Finding:
    """Return the finding on two groups of fits.

    Parameters
    ----------
    measure
        Name of the finding.
    own, null
        A number for each fit of the measured wiring, and for each rewiring.
    bound
        How far a one-sided bound lies from the difference of the means.
    better
        What the measured wiring would have to do better, in words.
    parts
        Each rewiring.
    notes, seconds
        As in `Finding`.
    budget
        What each fit was allowed, in words.
    hindrance
        Why nothing can be decided; None if something can.
    """
    verdict, value, reason, needed = _decided(own, null, bound, better, hindrance)
    return Finding(
        measure,
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
        seconds,
        (*notes, *((f"each fit: {budget}",) if budget else ())),
    )


def part_of_wiring(name: str, difference: float, bound: float, note: str) -> FindingPart:
    """Return how much better the measured wiring does than one rewiring.

    Parameters
    ----------
    bound
        How far a one-sided bound lies from the difference; NaN where that is not known.
    """
    low, high = difference - bound, difference + bound
    agrees = True if low > 0.0 else False if high <= 0.0 else None
    return FindingPart(name, "above 0", difference, (low, high), agrees, "", note)


def bound_of(own: np.ndarray, null: np.ndarray, of_animals: float, animals: int) -> float:
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
    return StandardError(math.sqrt(variance), variance**2 / weight).bound()


def _decided(
    own: np.ndarray, null: np.ndarray, bound: float, better: str, hindrance: str | None
) -> tuple[str, float, str, int | None]:
    """Return verdict, difference of means, reason, and how many would decide."""
    value = float(own.mean() - null.mean())
    as_good = int((null >= own.mean() - TIE).sum())
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
    return verdict, value, f"{reason}; {told}", needed


def _needed(now: int, value: float, bound: float) -> int | None:
    if not (math.isfinite(bound) and value != 0.0):
        return None
    wanted = max(now + 1, math.ceil(now * (bound / abs(value)) ** 2))
    return wanted if wanted < MOST_SUGGESTED else None
