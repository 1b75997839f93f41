"""What gives a candidate away: its features by how far they are from those of the animals."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from embody.comparison.joint import NAME
from embody.comparison.report.marks import tier, verdict
from embody.comparison.report.words import UNITS, feature, number, span, text
from embody.comparison.verdict import FAIL, INCONCLUSIVE, PASS, Verdict

if TYPE_CHECKING:
    from embody.comparison.results import CandidateResult

MOST_FEATURES = 6
OPEN = 2
"""So many of the failed measures are shown with their features at once."""

_ORDER = {FAIL: 0, INCONCLUSIVE: 1, PASS: 2}


def overview(result: "CandidateResult") -> str:
    """Return how far each measure sees a candidate beyond the animals, on one scale for all.

    The parts of the verdict of all measures together: 0 is the median of a measure's floor, 1 its
    95th percentile.
    """
    return (
        f'<div class="overview">{_bars(result.joint.parts.items(), result.joint)}</div>'
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


def _measure(found: Verdict, title: str, opened: bool) -> str:
    parts = list(found.parts.items())
    features = ""
    if len(parts) > 1:
        features = _bars(parts[:MOST_FEATURES], found)
        if len(parts) > MOST_FEATURES:
            features += f'<p class="fine">The furthest {MOST_FEATURES} of {len(parts)}.</p>'
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


def _bars(parts: Iterable[tuple[str, float]], found: Verdict) -> str:
    """Return bars; those of the parts of all measures together with the edge that they share."""
    parts = list(parts)
    together = found.measure == NAME
    longest = max((abs(size) for _, size in parts), default=0.0)
    longest = max(longest, found.edge if together else 0.0) or 1.0
    edge = 100.0 * found.edge / longest
    line = f'<line class="edge" x1="{edge:.1f}%" x2="{edge:.1f}%" y1="0" y2="100%"/>'
    lines = "".join(
        f'<li><span class="feature">{text(name if together else feature(name))}</span>'
        f'<svg class="bar" height="{16 if together else 10}" aria-hidden="true">'
        f'<rect {_kind(size, found)}y="{3 * together}" height="10" rx="2" '
        f'width="{100.0 * min(max(size, 0.0) / longest, 1.0):.1f}%"/>{line * together}</svg>'
        f'<span class="value">{number(size)}</span></li>'
        for name, size in parts
    )
    return f'<ol class="features">{lines}</ol>'


def _kind(size: float, found: Verdict) -> str:
    beyond = size > found.edge if found.measure == NAME else found.verdict == FAIL
    return 'class="beyond" ' if beyond else ""


def strongest(result: "CandidateResult") -> str:
    """Return in one sentence what gives a candidate away first; empty if nothing does."""
    failed = [found for found in result.verdicts if found.verdict == FAIL]
    if not failed:
        return ""
    first = min(failed, key=lambda found: found.tier)
    told = [feature(name) for name in list(first.parts)[:2]] if len(first.parts) > 1 else []
    by = f", most by {' and by '.join(told)}" if told else ""
    return f"It is given away first at {first.tier}, by {first.measure}{by}."
