"""All measures of a battery as one: how far the worst of them lies beyond the animals.

Nine measures that each accept real animals in 95 of 100 comparisons accept them all in far fewer.
So the battery has a statistic of its own, the largest excess of any measure, with a floor from the
same draws (the step of Westfall & Young 1993, Resampling-Based Multiple Testing).
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from embody.comparison.draws import Draws, summarised
from embody.comparison.verdict import FLOOR_QUANTILES, quantiles

NAME = "all together"
STILL = 1e-9


class Scale(NamedTuple):
    """What takes distances of a measure to excesses: 0 at its floor's median, 1 at its 95th.

    The width is infinite where all draws of animals are equally far apart: nothing exceeds that.
    """

    middle: float
    width: float

    def excess(self, distance: np.ndarray) -> np.ndarray:
        """Return distances in units of the floor."""
        return (distance - self.middle) / self.width

    def distance(self, excess: float) -> float:
        """Return the distance that has an excess."""
        return self.middle + excess * self.width


def scales(floors: Mapping[str, Draws]) -> dict[str, Scale]:
    """Return the scale of each measure from its distances among animals."""
    found = {}
    for name, floor in floors.items():
        _, middle, high = quantiles(floor)
        width = high - middle
        found[name] = Scale(middle, width if width > STILL * abs(middle) else np.inf)
    return found


def together(drawn: Mapping[str, Draws], scale_of: Mapping[str, Scale]) -> Draws:
    """Return the largest excess of any measure in each draw.

    Parameters
    ----------
    drawn
        Of each measure, distances in the same draws.
    scale_of
        Of each measure.
    """
    excess = np.stack([scale_of[name].excess(draws.value) for name, draws in drawn.items()])
    any_of_them = next(iter(drawn.values()))
    parts = summarised(list(drawn), excess.T)
    return Draws(excess.max(axis=0), any_of_them.one, any_of_them.other, *parts)


def edge(floor: Draws) -> float:
    """Return the excess that the worst measure stays below in 95 % of draws of animals; 1 at least.

    No measure's edge lies below its own 95th percentile.
    """
    return max(float(np.quantile(floor.value, FLOOR_QUANTILES[2])), 1.0)


def edges(scale_of: Mapping[str, Scale], joint_edge: float) -> dict[str, float]:
    """Return the distance at which each measure reaches the edge of the battery."""
    return {name: scale.distance(joint_edge) for name, scale in scale_of.items()}


def overall(words: Sequence[str]) -> str:
    """Return "FAIL" if any verdict is, "PASS" if all are, else "INCONCLUSIVE".

    Examples
    --------
    >>> overall(["PASS", "INCONCLUSIVE"])
    'INCONCLUSIVE'
    """
    if "FAIL" in words:
        return "FAIL"
    return "PASS" if set(words) == {"PASS"} else "INCONCLUSIVE"
