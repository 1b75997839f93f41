"""Cards as web pages: one file each, nothing from the network."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from embody.comparison.card.axes import axis, load_axes, load_groups
from embody.comparison.card.emulation_card import EmulationCard
from embody.comparison.card.heat_map import SHADES, Row, rows_of, sections
from embody.comparison.card.level import AxisLevel
from embody.comparison.card.published import PublishedModel, published_models
from embody.comparison.card.text import (
    NOT_AN_EMULATION,
    REPORT,
    all_b_line,
    bounds_line,
    cost_line,
    fit_line,
    individuals_line,
    shown,
    title,
)

STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, sans-serif; color: #22303a; background: #fff;
  max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin-bottom: .2rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; border-bottom: 1px solid #d7dee2; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0;
  border-bottom: 1px solid #e8edef; overflow-wrap: break-word; }
.wide td { overflow-wrap: anywhere; min-width: 5rem; }
.axes td:last-child { width: 60%; }
th { font-size: .8rem; color: #5b6b76; font-weight: 600; }
.axis { white-space: nowrap; }
.steps { white-space: nowrap; }
.step { display: inline-block; width: 1.1rem; height: 1.1rem; margin-right: 2px;
  border: 1px solid #c3ced4; }
table.axes .rests { overflow-wrap: anywhere; }
.chip { white-space: nowrap; font-size: .75rem; padding: .1rem .45rem;
  border-radius: .6rem; border: 1px solid; }
.measured { color: #0b7a75; } .declared { color: #9a5b00; } .unknown { color: #5b6b76; }
.rests, .small { color: #5b6b76; font-size: .85rem; }
.map { width: auto; } .map td, .map th { padding: .1rem .25rem; border: none; }
.map .cell { width: 1.9rem; min-width: 1.9rem; height: 1.4rem; text-align: center;
  font-size: .75rem; border: 1px solid #fff; }
.map .gap { width: .6rem; } .map .name { text-align: right; white-space: nowrap; }
.map .section { padding-top: .9rem; font-weight: 600; }
.none { background: repeating-linear-gradient(135deg, #fff 0 4px, #b8c4cb 4px 5px); }
""" + "".join(
    f".l{number} {{ background: {shade}; color: {'#fff' if number >= 2 else '#22303a'}; }}\n"
    for number, shade in enumerate(SHADES)
)


def card_page(card: EmulationCard) -> str:
    """Return the page of one card, beside the published models of its species."""
    peers = [model for model in published_models() if model.animal == card.species]
    body = [
        f"<h1>{escape(title(card))}</h1>",
        f"<p>{escape(card.description)}{'. ' if card.description else ''}"
        f"<i>{escape(card.species)}</i></p>",
        f"<p><b>{all_b_line(card)}.</b> {escape(NOT_AN_EMULATION)} Axes and levels: "
        f"{escape(REPORT)}.</p>",
        *(_axes_table(card, group.id) for group in load_groups()),
        "<h2>Beside published models</h2>",
        map_table(rows_of([card], peers)),
        "<h2>Data</h2>",
        _table(
            ("table", "source", "DOI", "licence"),
            [(t.table, t.source, ", ".join(t.doi), t.licence) for t in card.tables],
        ),
        "<h2>Parameters</h2>",
        _table(
            ("set", "measured", "literature", "calibrated", "bounds", "fit"),
            [
                (p.name, *map(str, p.tags.values()), bounds_line(p), fit_line(p))
                for p in card.parameters
            ],
        ),
        "<h2>Known failures</h2>",
        _table(
            ("what fails", "as said in"),
            [(f.text, f.page) for f in card.failures],
        ),
        "<h2>Individuals used in fitting</h2>",
        f"<p>{escape(individuals_line(card))}</p>",
        "<h2>Compute cost</h2>",
        f"<p>{escape(cost_line(card))}</p>",
    ]
    return document(f"Emulation card: {title(card)}", body)


def index_page(
    cards: Sequence[EmulationCard],
    published: Iterable[PublishedModel],
    links: Mapping[str, str],
    left_out: Sequence[tuple[str, str]] = (),
) -> str:
    """Return the page that shows all cards and the published models on one map.

    Parameters
    ----------
    links
        From the name of a row to the page of its card.
    left_out
        Controllers without a card, and why.
    """
    published = list(published)
    body = [
        "<h1>Emulation cards</h1>",
        f"<p>{escape(NOT_AN_EMULATION)} Axes and levels: {escape(REPORT)}.</p>",
        map_table(rows_of(cards, published), links),
        "<p class='small'>Hatched: unknown. Behaviour (A) is unknown until a battery has been "
        "run. Hover over a cell for the text of its level.</p>",
        "<h2>Published models</h2>",
        f"<p class='small'>Scores: {escape(published[0].scored_by)}.</p>" if published else "",
        _table(
            ("model", "animal", "what it is", "publications"),
            [(m.name, m.animal, m.features, "; ".join(m.sources)) for m in published],
        ),
    ]
    if left_out:
        body += ["<h2>Left out</h2>", _table(("controller", "why"), list(left_out))]
    return document("Emulation cards", body)


def map_table(rows: Sequence[Row], links: Mapping[str, str] | None = None) -> str:
    """Return the heat map as an HTML table."""
    links = links or {}
    lines = ["<table class='map'>", _map_header()]
    for section, members in sections(rows).items():
        lines.append(f"<tr><td class='section' colspan='13'>{escape(section)}</td></tr>")
        for row in members:
            name = escape(row.name)
            if row.name in links:
                name = f"<a href='{escape(links[row.name])}'>{name}</a>"
            lines.append(f"<tr><td class='name'>{name}</td>{_map_cells(row)}</tr>")
    return "\n".join([*lines, "</table>"])


def document(heading: str, body: Iterable[str]) -> str:
    """Return a whole page."""
    return (
        "<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>{escape(heading)}</title><style>{STYLE}</style></head>\n<body>\n"
        + "\n".join(body)
        + "\n</body></html>\n"
    )


def _map_header() -> str:
    cells = ["<tr><th></th>"]
    for group in load_groups():
        for one in load_axes():
            if one.group == group.id:
                cells.append(f"<th class='cell' title='{escape(one.title)}'>{one.id}</th>")
        cells.append("<th class='gap'></th>")
    return "".join([*cells[:-1], "</tr>"])


def _map_cells(row: Row) -> str:
    cells: list[str] = []
    for group in load_groups():
        for one in load_axes():
            if one.group != group.id:
                continue
            level = row.levels[one.id]
            kind = "none" if level is None else f"l{level}"
            text = "unknown" if level is None else one.levels[level]
            cells.append(
                f"<td class='cell {kind}' title='{escape(f'{one.title}: {text}')}'>"
                f"{'' if level is None else level}</td>"
            )
        cells.append("<td class='gap'></td>")
    return "".join(cells[:-1])


def _axes_table(card: EmulationCard, group: str) -> str:
    own = next(one for one in load_groups() if one.id == group)
    rows = [_axis_row(level) for level in card.axes if axis(level.axis).group == group]
    return (
        f"<h2>{group}: {escape(own.title)}</h2>"
        f"<p class='small'>0 is “{escape(own.lowest)}”, 3 is “{escape(own.highest)}”.</p>"
        "<table class='axes'><tr><th>axis</th><th>level</th><th></th><th>evidence</th>"
        "<th>what the level says, and what it rests on</th></tr>" + "".join(rows) + "</table>"
    )


def _axis_row(level: AxisLevel) -> str:
    if level.level is None:
        steps = "<span class='step none'></span>" * 4
    else:
        steps = "".join(
            f"<span class='step {f'l{number}' if number <= (level.level or 0) else ''}'></span>"
            for number in range(4)
        )
    rests = escape("; ".join((level.sentence, *level.sources)))
    return (
        f"<tr><td class='axis'><b>{level.axis}</b> {escape(axis(level.axis).title)}</td>"
        f"<td>{shown(level.level)}</td><td class='steps'>{steps}</td>"
        f"<td><span class='chip {level.evidence}'>{level.evidence}</span></td>"
        f"<td>{escape(level.text)}<div class='rests'>{rests}</div></td></tr>"
    )


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return "<p>none</p>"
    head = "".join(f"<th>{escape(cell)}</th>" for cell in header)
    lines = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows)
    return (
        f"<table class='wide'><tr>{head}</tr>"
        + "".join(f"<tr>{line}</tr>" for line in lines)
        + "</table>"
    )
