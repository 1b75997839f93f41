"""Which parts of the recordings are shown: the most telling, and what is typical of animals."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from embody.comparison.held_out import SHORTEST_HASH
from embody.comparison.measures.classifiers import Judge
from embody.comparison.record import BehaviourRecord
from embody.comparison.report.words import plain
from embody.errors import EmbodyError

if TYPE_CHECKING:
    from embody.comparison.results import CandidateResult, Comparison
    from embody.comparison.telling import Telling

PAIRS = 3
ANIMALS = 12
CLIPS_OF_ANIMAL = 6
_SPARE_FRAMES = 2


class Part(NamedTuple):
    """A few seconds of a record.

    Attributes
    ----------
    record
        The part.
    start_s
        Where it begins in the whole [s].
    rating
        Share of the animals' clips that look less like the candidate; None for an animal.
    """

    record: BehaviourRecord
    start_s: float
    rating: float | None = None


def clip_seconds(comparison: "Comparison") -> float:
    """Return the length of what judges see at a time [s]."""
    lengths = [m.window_s for m in comparison.battery.measures() if isinstance(m, Judge)]
    return min(lengths, default=comparison.battery.clip_seconds)


def telling_parts(
    result: "CandidateResult", records: Iterable[BehaviourRecord], seconds: float
) -> list[Part]:
    """Return the clips that gave a candidate away most, of different individuals where it can be.

    Raises
    ------
    EmbodyError
        If the records are not those that were compared.
    """
    records = list(records)
    chosen: list[Part] = []
    for telling in _different_individuals_first(result.telling):
        own = [record for record in records if _shows(record, telling)]
        if not own:
            raise EmbodyError(
                f"the clips to be shown are of {telling.individual!r}, of whom there is no record: "
                "give the records that were compared"
            )
        found = (_part(record, telling.start_s, seconds) for record in own)
        part = next((part for part in found if part is not None), None)
        if part is not None:
            chosen.append(Part(part, telling.start_s, telling.rating))
        if len(chosen) == PAIRS:
            break
    return chosen


def parts_of_animals(records: Sequence[BehaviourRecord], seconds: float) -> list[Part]:
    """Return some clips of some animals, evenly spread over each record."""
    parts: list[Part] = []
    seen: set[str] = set()
    for record in records:
        if len(seen) == ANIMALS or record.individual_hash in seen or not len(record):
            continue
        seen.add(record.individual_hash)
        for start_s in np.linspace(0.0, max(record.seconds - seconds, 0.0), CLIPS_OF_ANIMAL):
            part = _part(record, float(start_s), seconds)
            if part is not None:
                parts.append(Part(part, float(start_s)))
    return parts


def told(part: Part) -> str:
    """Return whose a part is, and where it is found again: session, time, hash of the animal."""
    who = part.record
    return (
        f"{who.individual}, session {who.session}, from {plain(part.start_s)} s "
        f"[{who.individual_hash[:SHORTEST_HASH]}]"
    )


def percent(part: Part) -> str:
    """Return the rating of a part of a candidate."""
    return f"{100.0 * (part.rating or 0.0):.0f} %"


def typical(speeds: Mapping[int, float], owners: Sequence[str], count: int) -> list[int]:
    """Return the clips whose speed is nearest the median, of different animals first.

    Parameters
    ----------
    speeds
        Speed of each clip, by its number.
    owners
        Whose each clip is, by its number.
    count
        How many are wanted.
    """
    median = float(np.median(list(speeds.values())))
    order = sorted(speeds, key=lambda number: abs(speeds[number] - median))
    first = [n for i, n in enumerate(order) if owners[n] not in {owners[m] for m in order[:i]}]
    return [*first, *(n for n in order if n not in first)][:count]


def _different_individuals_first(telling: Sequence["Telling"]) -> list["Telling"]:
    seen: set[str] = set()
    first, later = [], []
    for one in telling:
        (later if one.individual in seen else first).append(one)
        seen.add(one.individual)
    return [*first, *later]


def _shows(record: BehaviourRecord, telling: "Telling") -> bool:
    same = record.individual == telling.individual and telling.session in ("", record.session)
    return same and telling.individual_hash in ("", record.individual_hash)


def _part(record: BehaviourRecord, start_s: float, seconds: float) -> BehaviourRecord | None:
    """Return a part with nothing missing; None if there is none."""
    if start_s + seconds > record.seconds + 0.5 / record.frame_rate_hz:
        return None
    stop_s = start_s + seconds + _SPARE_FRAMES / record.frame_rate_hz
    part = record.clip(start_s, stop_s)
    return part if part.valid.all() else None
