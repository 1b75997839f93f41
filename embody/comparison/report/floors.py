"""Floors, controls and candidates of each measure, drawn on one scale."""

import math
from collections.abc import Iterator, Mapping

from embody.comparison.report.marks import WORDS, mark_at, tier
from embody.comparison.report.scale import Scale, scale_of
from embody.comparison.report.words import UNITS, among_themselves, number, span, text
from embody.comparison.verdict import Verdict

HEIGHT = 28
TOLD, NOT_TOLD = "told apart", "not told apart"


def floor_panel(
    title: str,
    verdicts: Mapping[str, Verdict],
    controls: Mapping[str, tuple[float, bool]],
    must_reject: tuple[str, ...],
    within: bool = False,
) -> str:
    """Return the drawing of one measure.

    Parameters
    ----------
    title
        What the measure asks.
    verdicts
        Of every candidate, by its name.
    controls
        Mean distance of every control, and whether it was rejected.
    must_reject
        The controls that the measure has to reject.
    within
        Whether stretches of few animals stand for animals.
    """
    one = next(iter(verdicts.values()))
    scale = scale_of(one.floor, one.edge, _values(verdicts, controls))
    rows = [_candidate(name, found, scale) for name, found in verdicts.items()]
    rows += [_control(name, *controls[name], name in must_reject, one, scale) for name in controls]
    unit = UNITS.get(one.measure, "")
    bent = "the scale is compressed beyond the floor" if scale.bent else ""
    note = "; ".join(filter(None, (f"distance: {unit}" if unit else "", bent)))
    return (
        f'<figure class="floor" id="floor-{text(_anchor(one.measure))}">'
        f"<figcaption>{tier(one.tier)} <b>{text(one.measure)}</b>"
        f"<span>{text(title)}</span></figcaption>"
        f'{"".join(rows)}{_axis(scale)}<p class="fine">{among_themselves(within)}: '
        f"{number(one.floor[0])}, {number(one.floor[1])}, {number(one.floor[2])} (5th, 50th, 95th "
        f"percentile); edge {number(one.edge)}{f'; {note}' if note else ''}.</p></figure>"
    )


def _values(
    verdicts: Mapping[str, Verdict], controls: Mapping[str, tuple[float, bool]]
) -> Iterator[float]:
    for found in verdicts.values():
        yield from (found.distance, *found.interval)
    yield from (distance for distance, _ in controls.values())


def _candidate(name: str, found: Verdict, scale: Scale) -> str:
    low, high = found.interval
    spoken = (
        f"{name}: {WORDS[found.verdict]}, distance {number(found.distance)}, "
        f"{span(low, high)}; edge of the floor {number(found.edge)}"
    )
    drawn = (
        ""
        if math.isnan(found.distance)
        else (
            f'<line class="interval {text(found.verdict)}" x1="{scale.percent(low):.2f}%" '
            f'x2="{scale.percent(high):.2f}%" y1="50%" y2="50%"/>'
            + mark_at(found.verdict, scale.percent(found.distance))
        )
    )
    value = f"{number(found.distance)}<small>{span(low, high)}</small>"
    return _row(name, _strip(drawn, spoken, found, scale), value)


def _control(
    name: str, distance: float, rejected: bool, must: bool, one: Verdict, scale: Scale
) -> str:
    outcome = TOLD if rejected else NOT_TOLD
    kind = "missed" if must and not rejected else "must" if must else "may"
    spoken = f"control {name}: distance {number(distance)}, {outcome}"
    drawn = "" if math.isnan(distance) else mark_at("control", scale.percent(distance), 11)
    strip = _strip(drawn, spoken, one, scale)
    return _row(name, strip, f"{number(distance)}<small>{outcome}</small>", f"control {kind}")


def _row(name: str, strip: str, value: str, kind: str = "candidate-row") -> str:
    return (
        f'<div class="row {kind}"><span class="who" title="{text(name)}">{text(name)}</span>'
        f'{strip}<span class="value">{value}</span></div>'
    )


def _strip(drawn: str, spoken: str, found: Verdict, scale: Scale) -> str:
    low, middle, high = (scale.percent(value) for value in found.floor)
    edge = scale.percent(found.edge)
    return (
        f'<svg class="strip" height="{HEIGHT}" role="img" aria-label="{text(spoken)}">'
        f'<rect class="band" x="{low:.2f}%" width="{high - low:.2f}%" height="100%"/>'
        f'<line class="median" x1="{middle:.2f}%" x2="{middle:.2f}%" y1="0" y2="100%"/>'
        f'<line class="edge" x1="{edge:.2f}%" x2="{edge:.2f}%" y1="0" y2="100%"/>{drawn}</svg>'
    )


def _axis(scale: Scale) -> str:
    ticks = "".join(
        f'<line x1="{scale.percent(tick):.2f}%" x2="{scale.percent(tick):.2f}%" y1="0" y2="5"/>'
        f'<text x="{scale.percent(tick):.2f}%" y="18">{_short(tick)}</text>'
        for tick in scale.ticks()
    )
    return (
        '<div class="row axis" aria-hidden="true"><span class="who"></span>'
        f'<svg class="strip" height="22"><line x1="0" x2="100%" y1="0.5" y2="0.5"/>{ticks}</svg>'
        "</div>"
    )


def _short(value: float) -> str:
    return f"{value:.6g}".replace("-", "−")


def _anchor(name: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in name)
