"""What a test says of a candidate where nothing is compared record by record: T5, T6, T7, C."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from embody.comparison import joint
from embody.comparison.result_lines import TIERS
from embody.comparison.verdict import FAIL


class FindingPart(NamedTuple):
    """One experiment of a finding.

    Attributes
    ----------
    name
        What was done.
    expected
        What animals do, in words.
    value
        What was found; NaN where nothing could be measured.
    interval
        95 % interval of it.
    agrees
        Whether it is as in animals; None if that stays open.
    source
        Where it was published.
    note
        What else has to be known; empty if nothing.
    """

    name: str
    expected: str
    value: float
    interval: tuple[float, float]
    agrees: bool | None
    source: str
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return JSON types."""
        return {**self._asdict(), "interval": list(self.interval)}


class Finding(NamedTuple):
    """What a test says of one candidate that is no distance between records.

    Attributes
    ----------
    measure
        "perturbations", "learning", "novel environment" or "wiring".
    tier
        "T5", "T6", "T7" or "C".
    version
        Raised when verdicts change.
    value
        What is asked, between 0 and 1 where it is a share.
    interval
        One-sided 95 % bounds of it, lower and upper.
    wanted
        The bound that it has to lie beyond.
    verdict
        "PASS", "FAIL" or "INCONCLUSIVE".
    reason
        In words, one sentence.
    needed
        How many experiments, animals or rewirings would probably decide; None if none would.
    controls
        Of each control that must fail its value, and whether it was rejected.
    parts
        Each experiment.
    seconds
        Simulated or recorded time behind it [s].
    notes
        What else has to be known.
    horizon_s
        Over how long the learning lasted that was tested [s]; None if none was.
    behaviours
        Names of the behaviours that were as in animals.
    """

    measure: str
    tier: str
    version: int
    value: float
    interval: tuple[float, float]
    wanted: float
    verdict: str
    reason: str
    needed: int | None
    controls: Mapping[str, tuple[float, bool]]
    parts: tuple[FindingPart, ...]
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    horizon_s: float | None = None
    behaviours: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return JSON types."""
        return {
            **self._asdict(),
            "interval": list(self.interval),
            "controls": {
                name: {"value": value, "rejected": rejected}
                for name, (value, rejected) in self.controls.items()
            },
            "parts": [part.to_dict() for part in self.parts],
            "notes": list(self.notes),
            "behaviours": list(self.behaviours),
        }


def bound(found: Finding) -> str:
    """Return on which side of what the value has to lie, in words before the number.

    Distances (T6, N1) have to be small; all else has to be large.
    """
    return {"T6": "at most", "N1": "at most", "C": "above"}.get(found.tier, "at least")


def decides(tier: str) -> bool:
    """Whether a finding of this tier counts for the verdict on a candidate.

    Examples
    --------
    >>> decides("T5"), decides("C")
    (True, False)
    """
    return tier in TIERS


def overall(measured: str, findings: Iterable[Finding]) -> str:
    """Return the verdict on a candidate from that of its measures and its findings.

    Parameters
    ----------
    measured
        "PASS", "FAIL" or "INCONCLUSIVE", as the measures say.
    findings
        Those of tiers that do not decide are left out.
    """
    return joint.overall([measured, *(f.verdict for f in findings if decides(f.tier))])


def lowest_failed_tier(measured: str | None, findings: Iterable[Finding]) -> str | None:
    """Return the lowest tier that failed, among measures (None: none of them) and findings."""
    failed = [f.tier for f in findings if decides(f.tier) and f.verdict == FAIL]
    return min([*failed, *([] if measured is None else [measured])], default=None)
