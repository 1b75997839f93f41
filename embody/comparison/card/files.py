"""Cards as files: JSON, Markdown, a web page, and the picture of all models."""

import json
from collections.abc import Sequence
from pathlib import Path

from embody import atomic_file
from embody.comparison.card.collection import LeftOut
from embody.comparison.card.emulation_card import EmulationCard
from embody.comparison.card.heat_map import rows_of, save_heat_map
from embody.comparison.card.page import card_page, index_page
from embody.comparison.card.published import published_models
from embody.comparison.card.text import markdown

HEAT_MAP = "heat-map.png"


def file_stem(card: EmulationCard) -> str:
    """Return the name of a card's files, without their ending."""
    safe = (letter if letter.isalnum() or letter in "-._" else "_" for letter in card.controller)
    return f"{card.env.replace('/', '_')}-{''.join(safe)}"


def write_card(card: EmulationCard, folder: Path) -> list[Path]:
    """Write one card as .json, .md and .html; return the files."""
    stem = folder / file_stem(card)
    written = []
    for suffix, text in (
        (".json", json.dumps(card.to_dict(), indent=2, ensure_ascii=False) + "\n"),
        (".md", markdown(card)),
        (".html", card_page(card)),
    ):
        written.append(stem.with_name(stem.name + suffix))
        atomic_file.write_text(written[-1], text)
    return written


def write_heat_map(cards: Sequence[EmulationCard], folder: Path) -> Path:
    """Draw cards above the published models; return the file."""
    path = folder / HEAT_MAP
    save_heat_map(path, rows_of(cards, published_models()))
    return path


def write_collection(
    cards: Sequence[EmulationCard], left_out: Sequence[LeftOut], folder: Path
) -> list[Path]:
    """Write every card, the picture, and a page that leads to them; return the files."""
    written = [path for card in cards for path in write_card(card, folder)]
    links = {
        row.name: f"{file_stem(card)}.html"
        for row, card in zip(rows_of(cards, ()), cards, strict=True)
    }
    index = folder / "index.html"
    atomic_file.write_text(index, index_page(cards, published_models(), links, left_out))
    return [*written, write_heat_map(cards, folder), index]
