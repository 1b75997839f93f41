"""C, asked of responses: whether the measured wiring does as animals do more often."""

import math
from collections.abc import Collection, Mapping

import numpy as np

from embody.comparison.draws import StandardError
from embody.comparison.experiments.share import Share
from embody.comparison.finding import Finding, FindingPart
from embody.comparison.wiring_decision import (
    bound_of,
    found_of_wiring,
    part_of_wiring,
    require_both_sides,
)

RESPONSES = "wiring, responses"
UNASKED = "wiring, unasked responses"
TOLD = 0.25
"""Experiments are named that agree in so many more of the fits of one side, as a share."""


def compare_wiring_responses(
    measured: Mapping[str, Finding],
    rewired: Mapping[str, Finding],
    budget: str = "",
    in_the_fit: Collection[str] = (),
) -> tuple[Finding, ...]:
    """Say the same of responses to perturbations: the share of experiments that agree (T5).

    First of all experiments; then of those alone that the fits had not asked for, if they had
    asked for some: what a fit was paid for says how well a wiring can be fitted, the others what
    it foretells.

    Parameters
    ----------
    measured, rewired
        The finding "perturbations" of each fit.
    budget
        What each fit was allowed, in words.
    in_the_fit
        Names of the experiments that the fits had asked for.

    Raises
    ------
    EmbodyError
        If a side is empty.
    """
    require_both_sides(measured, rewired)
    names = {part.name for found in (*measured.values(), *rewired.values()) for part in found.parts}
    unasked = names.difference(in_the_fit)
    asked = {RESPONSES: names}
    if unasked and unasked != names:
        asked[UNASKED] = unasked
    return tuple(
        _compared(measure, measured, rewired, among, budget) for measure, among in asked.items()
    )


def _compared(
    measure: str,
    measured: Mapping[str, Finding],
    rewired: Mapping[str, Finding],
    among: Collection[str],
    budget: str,
) -> Finding:
    shares, others = (
        {fit: _share(found, among) for fit, found in fits.items()} for fits in (measured, rewired)
    )
    own, null = (np.array([share.value for share in side.values()]) for side in (shares, others))
    told = ", ".join(f"{fit} {_told(share)}" for fit, share in shares.items())
    apart = ", ".join(_apart(measured, rewired, among)) or "none"
    return found_of_wiring(
        measure,
        own,
        null,
        bound_of(own, null, 0.0, 2),
        "does as animals do more often than",
        tuple(_part(fit, share, own) for fit, share in others.items()),
        (
            f"agree with the measured wiring: {told}; rewired: {null.mean():.2f} of them",
            f"experiments that agree in more than {TOLD:.0%} more of the fits of one side: {apart}",
        ),
        budget,
        seconds=sum(found.seconds for found in (*measured.values(), *rewired.values())),
    )


def _apart(
    measured: Mapping[str, Finding], rewired: Mapping[str, Finding], among: Collection[str]
) -> list[str]:
    told = []
    for name in among:
        own, null = (
            [part.agrees is True for found in fits.values() for part in found.parts
             if part.name == name]
            for fits in (measured, rewired)
        )  # fmt: skip
        difference = sum(own) / len(measured) - sum(null) / len(rewired)
        if abs(difference) > TOLD:
            counts = f"{sum(own)} of {len(measured)} against {sum(null)} of {len(rewired)}"
            told.append((-difference, f"{name} ({counts})"))
    return [text for _, text in sorted(told)]


def _share(found: Finding, among: Collection[str]) -> Share:
    return Share.of([part.agrees for part in found.parts if part.name in among])


def _told(share: Share) -> str:
    return f"{share.agree} of {share.total}"


def _part(fit: str, share: Share, own: np.ndarray) -> FindingPart:
    difference = float(own.mean()) - share.value
    bound = math.nan
    if len(own) > 1:
        error = math.sqrt(float(own.var(ddof=1)) / len(own))
        bound = StandardError(error, len(own) - 1).bound()
    return part_of_wiring(fit, difference, bound, f"{_told(share)} agree")
