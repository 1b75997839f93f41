"""A level on an axis, and what it rests on."""

from dataclasses import dataclass
from typing import Any, Literal, get_args

from embody.comparison.card.axes import LEVELS, axis, load_axes
from embody.comparison.card.battery_results import BatteryResults
from embody.comparison.card.behaviour import read_level
from embody.errors import EmbodyError, require_known

Evidence = Literal["declared", "measured", "unknown"]

EVIDENCE: tuple[Evidence, ...] = get_args(Evidence)


@dataclass(frozen=True)
class AxisLevel:
    """Where a controller stands on one axis.

    Attributes
    ----------
    axis
        Id of the axis.
    level
        0 to 3, or None where it is not known.
    evidence
        "measured": counted in the brain that runs, or found by a battery; "declared": somebody
        says so; "unknown".
    sentence
        What it rests on.
    sources
        Files, tables and DOIs.
    battery
        The results that a behaviour level comes from; None otherwise.

    Raises
    ------
    EmbodyError
        If the level is none of 0 to 3, if it is known without evidence, or if it is a level of
        behaviour (A1 to A4) other than the one that `battery` warrants.
    """

    axis: str
    level: int | None
    evidence: Evidence
    sentence: str
    sources: tuple[str, ...] = ()
    battery: BatteryResults | None = None

    def __post_init__(self) -> None:
        require_known("evidence", [self.evidence], EVIDENCE)
        group = axis(self.axis).group
        if self.level is not None and (type(self.level) is not int or self.level not in LEVELS):
            raise EmbodyError(f"a level of {self.axis} is 0, 1, 2, 3 or None, not {self.level!r}")
        if (self.level is None) != (self.evidence == "unknown"):
            raise EmbodyError(
                f"{self.axis}: a level without evidence is None, and one with evidence is not"
            )
        if group == "A":
            self._require_battery()

    def _require_battery(self) -> None:
        if self.battery is None:
            if self.level is not None:
                raise EmbodyError(
                    f"{self.axis} is a level of behaviour: it comes from the results of a battery "
                    "(embody card --results FILE) and is not declared by hand"
                )
            return
        found = read_level(self.axis, self.battery)
        if (self.level, self.sentence) != found or self.evidence == "declared":
            raise EmbodyError(
                f"{self.axis} is a level of behaviour: the results of the battery say "
                f"{'unknown' if found.level is None else found.level}, not {self.level}"
            )

    @classmethod
    def unknown(cls, name: str, why: str) -> "AxisLevel":
        """Return a level that is not known."""
        return cls(name, None, "unknown", why)

    @classmethod
    def of_battery(cls, name: str, results: BatteryResults) -> "AxisLevel":
        """Return the level of behaviour that results warrant."""
        level, sentence = read_level(name, results)
        evidence: Evidence = "unknown" if level is None else "measured"
        return cls(name, level, evidence, sentence, (results.source,), results)

    @property
    def text(self) -> str:
        """The Report's text of this level; empty where it is not known."""
        return "" if self.level is None else axis(self.axis).levels[self.level]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON types: id, title, level, evidence, text, sentence and sources."""
        return {
            "id": self.axis,
            "title": axis(self.axis).title,
            "level": self.level,
            "evidence": self.evidence,
            "text": self.text,
            "sentence": self.sentence,
            "sources": list(self.sources),
        }


def behaviour_levels(results: BatteryResults | None) -> tuple[AxisLevel, ...]:
    """Return the levels of A1 to A4; all unknown without results."""
    axes = [one.id for one in load_axes() if one.group == "A"]
    if results is None:
        return tuple(AxisLevel.unknown(name, "no battery was run") for name in axes)
    return tuple(AxisLevel.of_battery(name, results) for name in axes)
