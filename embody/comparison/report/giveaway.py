"""What gives a candidate away: its features by how far they are from those of the animals."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from embody.comparison.measures.classifiers import AREA
from embody.comparison.report.marks import tier, verdict
from embody.comparison.report.words import UNITS, feature, number, span, text
from embody.comparison.verdict import FAIL, INCONCLUSIVE, PASS, Verdict

if TYPE_CHECKING:
    from embody.comparison.results import CandidateResult

MOST_FEATURES = 6
OPEN = 2
"""So many of the failed measures are shown with their features at once."""

ANIMALS_BESIDE = (
    '<p class="fine">Beside each: how far animals are apart in it, in the median and, the upright '
    "line, at most in 95 of 100 draws.</p>"
)

_ORDER = {FAIL: 0, INCONCLUSIVE: 1, PASS: 2}


class Bar(NamedTuple):
    """One line of a ranking: what, how far, and the verdict that it stands under.

    Beside it, how far animals are apart in it: median and 95th percentile, where that is known.
    """

    label: str
    size: float
    verdict: str
    floor: tuple[float, float] | None = None


def overview(result: "CandidateResult") -> str:
    """Return how far each measure sees a candidate beyond the animals, on one scale for all.

    The parts of the verdict of all measures together: 0 is the median of a measure's floor, 1 its
    95th percentile.
    """
    verdict_of = {found.measure: found.verdict for found in result.verdicts}
    bars = [
        Bar(name, size, verdict_of.get(name, INCONCLUSIVE))
        for name, size in result.joint.parts.items()
    ]
    return (
        f'<div class="overview">{_bars(bars, result.joint.edge)}</div>'
        '<p class="fine">0: as far as animals are from each other in the median; 1: as far as in '
        f"the 95th percentile; up to {number(result.joint.edge)} passes.</p>"
    )


def giveaways(result: "CandidateResult", titles: Mapping[str, str]) -> str:
    """Return the measures of a candidate, failures first, with the features that made them.

    Parameters
    ----------
    result
        What the battery says of it.
    titles
        What each measure asks.
    """
    ranked = sorted(result.verdicts, key=lambda found: (_ORDER[found.verdict], found.tier))
    return "".join(
        _measure(found, titles.get(found.measure, ""), place < OPEN and found.verdict == FAIL)
        for place, found in enumerate(ranked)
    )


def _features(found: Verdict) -> list[tuple[str, float]]:
    return [(name, size) for name, size in found.parts.items() if name != AREA]


def _measure(found: Verdict, title: str, opened: bool) -> str:
    furthest = _features(found)[:MOST_FEATURES]
    features = ""
    if furthest:
        floors = found.part_floors
        features = _bars(
            [Bar(feature(name), size, found.verdict, floors.get(name)) for name, size in furthest]
        )
        if AREA in found.parts:
            features += '<p class="fine">What the judge went by most, in shares of all.</p>'
        elif floors:
            features += ANIMALS_BESIDE
    unit = UNITS.get(found.measure, "")
    in_units = f"; {unit}" if unit else ""
    return (
        f'<details class="measure {text(found.verdict)}"{" open" * opened}>'
        f"<summary>{tier(found.tier)}"
        f'<span class="question">{text(title or found.measure)}</span>{verdict(found.verdict)}'
        f"</summary><p>{text(found.reason[:1].upper() + found.reason[1:])}. "
        f'<span class="soft">{text(found.measure)}: distance {number(found.distance)} '
        f"({span(*found.interval)}), animals among themselves up to {number(found.edge)}"
        f"{in_units}; score {number(found.score)}.</span></p>{features}</details>"
    )


def _bars(bars: Sequence[Bar], edge: float | None = None) -> str:
    """Return bars, with a line at the edge if they share one."""
    longest = max((abs(bar.size) for bar in bars), default=0.0)
    longest = max([longest, edge or 0.0, *(bar.floor[1] for bar in bars if bar.floor)]) or 1.0
    lines = "".join(_bar(bar, longest, edge) for bar in bars)
    kind = "features beside" if any(bar.floor for bar in bars) else "features"
    return f'<ol class="{kind}">{lines}</ol>'


def _bar(bar: Bar, longest: float, edge: float | None) -> str:
    line, beside = edge, ""
    if bar.floor:
        middle, line = bar.floor
        beside = f"<small>animals {number(middle)}, at most {number(line)}</small>"
    drawn = "" if line is None else _upright(min(max(line, 0.0) / longest, 1.0))
    return (
        f'<li><span class="feature">{text(bar.label)}</span>'
        f'<svg class="bar" height="16" aria-hidden="true"><rect class="{text(bar.verdict)}" y="3" '
        f'height="10" rx="2" width="{100.0 * min(max(bar.size, 0.0) / longest, 1.0):.1f}%"/>'
        f'{drawn}</svg><span class="value">{number(bar.size)}{beside}</span></li>'
    )


def _upright(share: float) -> str:
    place = f"{100.0 * share:.1f}%"
    return f'<line class="edge" x1="{place}" x2="{place}" y1="0" y2="100%"/>'


def strongest(result: "CandidateResult") -> str:
    """Return in one sentence what gives a candidate away first; empty if nothing does."""
    failed = [found for found in result.verdicts if found.verdict == FAIL]
    if not failed:
        return ""
    first = min(failed, key=lambda found: found.tier)
    told = [feature(name) for name, _ in _features(first)[:2]]
    by = f", most by {' and by '.join(told)}" if told else ""
    return f"It is given away first at {first.tier}, by {first.measure}{by}."
