"""A card in words: Markdown for repositories, lines for a terminal."""

import textwrap
from collections.abc import Iterator

from embody.comparison.card.axes import axis, load_groups
from embody.comparison.card.emulation_card import EmulationCard
from embody.comparison.card.particulars import ParameterSummary

REPORT = "State of Brain Emulation Report 2025 (https://brainemulation.mxschons.com)"

NOT_AN_EMULATION = (
    "A card gives a level on each axis and what it rests on; whether that makes an emulation, "
    "minimal or not, it does not judge."
)


def shown(level: int | None) -> str:
    """Return a level as text, "unknown" where there is none."""
    return "unknown" if level is None else str(level)


def all_b_line(card: EmulationCard) -> str:
    """Return the one sentence that sums up the axes of brain representation."""
    return f"all B = 3: {'yes' if card.all_b_are_3 else 'no'}"


def title(card: EmulationCard) -> str:
    """Return the heading of a card."""
    return f"{card.controller} in {card.env}"


def cost_line(card: EmulationCard) -> str:
    """Return how fast it runs, or that it was not measured."""
    if card.cost is None:
        return "not measured (embody card --measure-cost)"
    return (
        f"{card.cost.real_time_factor:.3g} times real time over {card.cost.wall_s:.1f} s "
        f"({card.cost.device})"
    )


def individuals_line(card: EmulationCard) -> str:
    """Return which individuals the fit has seen."""
    hashes = card.individuals.hashes
    if hashes is None:
        return card.individuals.note
    return f"{', '.join(hashes) or 'none by hash'}. {card.individuals.note}"


def fit_line(parameters: ParameterSummary) -> str:
    """Return the record of a fit in one line; empty without one."""
    fit = parameters.fit
    if fit is None:
        return ""
    return (
        f"{fit['command']} (seed {fit['seed']}, {fit['budget']} evaluations, {fit['date']}, "
        f"cost {fit['cost']:.4g})"
    )


def bounds_line(parameters: ParameterSummary, most: int = 6) -> str:
    """Return which calibrated values lie at a bound."""
    names = parameters.at_bound
    if not names:
        return "none within 1 % of a bound"
    more = f", ... ({len(names)} in all)" if len(names) > most else ""
    return f"within 1 % of a bound: {', '.join(names[:most])}{more}"


def markdown(card: EmulationCard) -> str:
    """Return the card as Markdown."""
    return "\n".join(_markdown_lines(card)) + "\n"


def _markdown_lines(card: EmulationCard) -> Iterator[str]:
    yield f"# Emulation card: {title(card)}"
    yield ""
    yield f"{card.description or 'no description'}. {card.species or 'Species unknown'}."
    yield f"**{all_b_line(card)}.** {NOT_AN_EMULATION} Axes and levels: {REPORT}."
    for group in load_groups():
        yield from ("", f"## {group.id}: {group.title}", "")
        yield f"0 is “{group.lowest}”, 3 is “{group.highest}”."
        yield from ("", "| axis | level | evidence | what it says | what it rests on |")
        yield "|---|---|---|---|---|"
        for level in card.axes:
            if axis(level.axis).group == group.id:
                rests = "; ".join((level.sentence, *level.sources))
                cells = (f"{level.axis} {axis(level.axis).title}", shown(level.level))
                yield _row(*cells, level.evidence, level.text, rests)
    yield from ("", "## Data", "")
    yield from _table(
        ("table", "source", "DOI", "licence"),
        [(t.table, t.source, ", ".join(t.doi), t.licence) for t in card.tables],
    )
    yield from ("", "## Parameters", "")
    yield from _table(
        ("set", "measured", "literature", "calibrated", "bounds", "fit"),
        [
            (p.name, *map(str, p.tags.values()), bounds_line(p), fit_line(p))
            for p in card.parameters
        ],
    )
    yield from ("", "## Known failures", "")
    yield from (f"- {failure.text} ({failure.page})" for failure in card.failures)
    if not card.failures:
        yield "none on record"
    yield from ("", "## Individuals used in fitting", "", individuals_line(card))
    yield from ("", "## Compute cost", "", cost_line(card))


def _table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    if not rows:
        yield "none"
        return
    yield _row(*header)
    yield "|" + "---|" * len(header)
    for row in rows:
        yield _row(*row)


def _row(*cells: str) -> str:
    escaped = (cell.replace("|", "\\|").replace("\n", " ") for cell in cells)
    return f"| {' | '.join(escaped)} |"


def terminal_lines(card: EmulationCard, width: int = 100) -> Iterator[str]:
    """Yield the card as lines for a terminal."""
    yield f"{title(card)}: {card.description}"
    for level in card.axes:
        name = f"{level.axis}  {axis(level.axis).title}"
        yield f"{name:<41} {shown(level.level):<8} {level.evidence:<9} {level.text}".rstrip()
        yield from textwrap.wrap(
            level.sentence, width, initial_indent=" " * 4, subsequent_indent=" " * 4
        )
    yield all_b_line(card)
    yield f"known failures on record: {len(card.failures)}; cost: {cost_line(card)}"
