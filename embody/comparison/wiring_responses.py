"""C, asked of responses: whether the measured wiring does as animals do more often."""

import math
from collections.abc import Mapping

import numpy as np

from embody.comparison.finding import Finding, FindingPart
from embody.comparison.wiring_decision import bound_of, found_of_wiring, require_both_sides

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
    require_both_sides(measured, rewired)
    own = np.array([found.value for found in measured.values()])
    null = np.array([found.value for found in rewired.values()])
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
    return found_of_wiring(
        RESPONSES,
        own,
        null,
        bound_of(own, null, 0.0, 2),
        "does as animals do more often than",
        parts,
        (f"share that agrees with the measured wiring: {told}; rewired: {null.mean():.2f}",),
        budget,
        seconds=sum(found.seconds for found in (*measured.values(), *rewired.values())),
    )
