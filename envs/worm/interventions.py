"""What is done to the neurons of one worm or of many, at any moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from embody.perturbation import Perturbation


class Intervention(NamedTuple):
    """Something done to neurons from `start_s` until before `stop_s` [s]; (...) is () or (b,).

    Attributes
    ----------
    start_s, stop_s
        When it holds, (...) [s].
    effect
        Current [pA], or 1 where a neuron is silenced and 0 elsewhere, (..., n).
    """

    start_s: np.ndarray
    stop_s: np.ndarray
    effect: np.ndarray


@dataclass(frozen=True)
class Interventions:
    """Stimulations and silencings of one worm, or of b worms whose own ones differ."""

    stimulations: tuple[Intervention, ...] = ()
    silencings: tuple[Intervention, ...] = ()

    @classmethod
    def of(cls, perturbations: Sequence[Perturbation], neurons: Sequence[str]) -> "Interventions":
        """Return those of one worm; ablations are not among them."""

        def each(kind: str) -> tuple[Intervention, ...]:
            return tuple(
                Intervention(
                    np.array(p.start_s),
                    np.array(p.stop_s),
                    np.isin(np.asarray(neurons), p.targets)
                    * (p.current_pA if kind == "stimulation" else 1.0),
                )
                for p in perturbations
                if p.kind == kind
            )

        return cls(each("stimulation"), each("silencing"))

    @classmethod
    def stack(cls, those: Sequence["Interventions"], size: int) -> "Interventions":
        """Return the interventions of b worms with `size` neurons each."""
        never = Intervention(np.array(0.0), np.array(0.0), np.zeros(size))

        def together(lists: Sequence[tuple[Intervention, ...]]) -> tuple[Intervention, ...]:
            most = max(map(len, lists))
            padded = [[*own, *[never] * (most - len(own))] for own in lists]
            return tuple(
                Intervention(*map(np.stack, zip(*kth, strict=True)))
                for kth in zip(*padded, strict=True)
            )

        return cls(
            together([t.stimulations for t in those]), together([t.silencings for t in those])
        )

    def at(self, time_s: np.ndarray | float) -> tuple[np.ndarray | None, np.ndarray | None]:
        """Return the current, (..., n) [pA], and the silenced neurons, a mask, (..., n)."""
        current = _total(self.stimulations, time_s)
        silenced = _total(self.silencings, time_s)
        return current, None if silenced is None else silenced > 0.0


def _total(those: tuple[Intervention, ...], time_s: np.ndarray | float) -> np.ndarray | None:
    total = None
    for start_s, stop_s, effect in those:
        holds = (start_s <= time_s) & (time_s < stop_s)
        if np.any(holds):
            now = np.asarray(holds)[..., None] * effect
            total = now if total is None else total + now
    return total
