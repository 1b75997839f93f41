"""What gives a candidate away: its features by how far they are from those of the animals."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from embody.comparison.report.marks import verdict
from embody.comparison.report.words import UNITS, feature, number, span, text
from embody.comparison.verdict import FAIL, INCONCLUSIVE, PASS, Verdict

if TYPE_CHECKING:
    from embody.comparison.results import CandidateResult

MOST_FEATURES = 6
_ORDER = {FAIL: 0, INCONCLUSIVE: 1, PASS: 2}


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
    return "".join(_measure(found, titles.get(found.measure, "")) for found in ranked)


def _measure(found: Verdict, title: str) -> str:
    parts = list(found.parts.items())
    bars = _bars(parts[:MOST_FEATURES], found.measure) if len(parts) > 1 else ""
    unit = UNITS.get(found.measure, "")
    more = f"<span>the furthest {MOST_FEATURES} of {len(parts)} features</span>"
    return (
        f'<details class="measure {text(found.verdict)}"{" open" * (found.verdict == FAIL)}>'
        f'<summary><span class="tier">{text(found.tier)}</span>'
        f'<span class="question">{text(title or found.measure)}</span>{verdict(found.verdict)}'
        f'</summary><p>{text(found.reason[:1].upper() + found.reason[1:])}. '
        f'<span class="soft">{text(found.measure)}: distance {number(found.distance)} '
        f"({span(*found.interval)}), animals among themselves up to {number(found.edge)}"
        f"{f'; {unit}' if unit else ''}; score {number(found.score)}.</span></p>"
        f"{bars}{f'<p class=fine>{more}</p>' if len(parts) > MOST_FEATURES else ''}</details>"
    )


def _bars(parts: Iterable[tuple[str, float]], measure: str) -> str:
    parts = list(parts)
    longest = max((abs(size) for _, size in parts), default=0.0) or 1.0
    lines = "".join(
        f'<li><span class="feature">{text(_meaning(name, measure))}</span>'
        f'<svg class="bar" height="10" aria-hidden="true"><rect width="'
        f'{100.0 * min(abs(size) / longest, 1.0):.1f}%" height="100%" rx="2"/></svg>'
        f'<span class="value">{number(size)}</span></li>'
        for name, size in parts
    )
    return f'<ol class="features">{lines}</ol>'


def _meaning(name: str, measure: str) -> str:
    return "area under the curve" if measure.endswith("judge") else feature(name)


def strongest(result: "CandidateResult") -> str:
    """Return in one sentence what gives a candidate away first; empty if nothing does."""
    failed = [found for found in result.verdicts if found.verdict == FAIL]
    if not failed:
        return ""
    first = min(failed, key=lambda found: found.tier)
    told = [feature(name) for name in list(first.parts)[:2]] if len(first.parts) > 1 else []
    by = f", most by {' and by '.join(told)}" if told else ""
    return f"It is given away first at {first.tier}, by {first.measure}{by}."
