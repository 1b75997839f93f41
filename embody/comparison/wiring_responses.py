"""C, asked of responses: whether the measured wiring does as animals do more often."""

import math
from collections.abc import Mapping

import numpy as np

from embody.comparison.finding import Finding, FindingPart
from embody.comparison.wiring_causality import TIER, VERSION
from embody.comparison.wiring_decision import bound_of, decided
from embody.errors import EmbodyError

RESPONSES = "wiring, responses"


def compare_wiring_responses(
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
    verdict, value, bound, reason, needed = decided(
        own, null, bound_of(own, null, 0.0, 2), "does as animals do more often than", None
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
