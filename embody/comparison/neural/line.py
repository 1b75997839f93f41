"""One line of a neural benchmark: a verdict of tier N1 that never stands without its nulls."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from embody.comparison.verdict import FAIL, INCONCLUSIVE, PASS, Verdict
from embody.errors import EmbodyError

TIER = "N1"
VERSION = 1
SIGNIFICANT = 0.05
AT_CHANCE = 0.5


@dataclass(frozen=True)
class NeuralLine:
    """What one benchmark says of one candidate, beside baselines and nulls.

    Attributes
    ----------
    candidate
        What was tested.
    verdict
        As in behavioural comparisons: distances (0 is best), floor, null, score, verdict, reason.
    quantity
        What the distance is, with its unit: "mean absolute error [dF/F]", "1 - correlation".
    baselines
        Distance of each trivial baseline, at least one.
    nulls
        Median distance of each null, at least one.
    p_values
        For each null, the share of its draws (counting the candidate as one) as good or better.
    """

    candidate: str
    verdict: Verdict
    quantity: str
    baselines: Mapping[str, float]
    nulls: Mapping[str, float]
    p_values: Mapping[str, float]

    def __post_init__(self) -> None:
        if not self.baselines or not self.nulls or self.verdict.null is None:
            raise EmbodyError(
                f"{self.verdict.measure} of {self.candidate!r} cannot be told without a baseline "
                "and a null"
            )

    def to_dict(self) -> dict[str, Any]:
        """Return JSON types: those of a verdict line, then candidate, baselines and nulls."""
        return {
            **self.verdict.to_dict(),
            "candidate": self.candidate,
            "quantity": self.quantity,
            "baselines": dict(self.baselines),
            "nulls": dict(self.nulls),
            "p_values": dict(self.p_values),
        }


def make_line(
    candidate: str,
    measure: str,
    quantity: str,
    distance: float,
    draws: np.ndarray,
    floor: np.ndarray,
    baselines: Mapping[str, float],
    nulls: Mapping[str, np.ndarray],
    counts: tuple[int, int],
    edge: float,
    edge_draws: np.ndarray | None = None,
    parts: Mapping[str, float] | None = None,
    note: str = "",
) -> NeuralLine:
    """Return the line.

    PASS: the candidate lies within the edge with its whole one-sided 95 % interval, and beats
    every null (p <= 0.05). FAIL: it lies beyond the edge with its whole interval, or is no better
    than a null usually is (p > 0.5). INCONCLUSIVE: the rest.

    Parameters
    ----------
    candidate, measure, quantity
        Names.
    distance
        Of the candidate.
    draws
        Bootstrap draws of it, shape (draws,).
    floor
        Draws of what the best possible candidate would reach, shape (any,).
    baselines
        Distances of the trivial baselines.
    nulls
        Draws of each null's distance.
    counts
        Animals, and individuals of the candidate (or blocks of time).
    edge
        What has to be reached.
    edge_draws
        The same bootstrap draws of the edge, where it is itself measured on the same data.
    parts
        Further numbers.
    note
        Added to the reason.
    """
    low, high = np.quantile(draws, [0.05, 0.95])
    beyond = draws - (edge if edge_draws is None else edge_draws)
    below, above = np.quantile(beyond, [0.05, 0.95])
    p_values = {name: float((1 + (null <= distance).sum()) / (1 + null.size))
                for name, null in nulls.items()}  # fmt: skip
    medians = {name: float(np.median(null)) for name, null in nulls.items()}
    verdict, reason = _decide(below, above, p_values, {n: v.size for n, v in nulls.items()})
    null, middle = min(medians.values()), float(np.median(floor))
    score = None
    if null > middle:
        score = float(np.clip((null - distance) / (null - middle), 0.0, 1.0))
    return NeuralLine(
        candidate,
        Verdict(
            measure,
            TIER,
            VERSION,
            float(distance),
            (float(low), float(high)),
            tuple(float(q) for q in np.quantile(floor, [0.05, 0.5, 0.95])),  # pyright: ignore
            null,
            score,
            verdict,
            reason + (f"; {note}" if note else ""),
            None,
            dict(parts or {}),
            *counts,
            float(edge),
        ),
        quantity,
        dict(baselines),
        medians,
        p_values,
    )


def _decide(
    below: float, above: float, p_values: Mapping[str, float], sizes: Mapping[str, int]
) -> tuple[str, str]:
    lost = [name for name, p in p_values.items() if p > AT_CHANCE and sizes[name] > 1]
    unclear = [name for name, p in p_values.items() if p > SIGNIFICANT]
    few = [name for name in unclear if 1 / (1 + sizes[name]) > SIGNIFICANT]
    if below > 0:
        return FAIL, "beyond the edge with its whole interval"
    if lost:
        return FAIL, f"no better than is usual of the null {' and '.join(lost)}"
    if few:
        return INCONCLUSIVE, f"too few draws of the null {' and '.join(few)}: 19 or more are needed"
    if unclear:
        return INCONCLUSIVE, f"not clearly better than the null {' and '.join(unclear)}"
    if above <= 0:
        return PASS, "within the edge, and better than every null"
    return INCONCLUSIVE, "the interval holds the edge"
