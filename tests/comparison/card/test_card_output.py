"""What `embody card` prints and writes."""

import html.parser
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from embody.command_line import card
from embody.command_line.main import main
from embody.comparison.card import EmulationCard, make_card, published_models
from embody.comparison.card.files import write_card, write_collection
from embody.comparison.card.heat_map import heat_map, rows_of
from embody.comparison.card.page import card_page
from embody.comparison.card.text import markdown, terminal_lines

HOSTILE = "<script>alert('1')</script> | \"&"


@pytest.fixture(scope="module")
def worm() -> EmulationCard:
    return make_card("Worm-Crawl-v0", "connectome")


class Page(html.parser.HTMLParser):
    """What a page asks for, and whether its tags close."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.asked, self.open, self.tags = [], [], set()
        self.feed(text)
        assert not self.open, self.open

    def handle_starttag(self, tag: str, attributes: list) -> None:
        self.tags.add(tag)
        self.asked += [value for key, value in attributes if key in ("src", "href", "action")]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_needs_no_network(worm: EmulationCard) -> None:
    text = card_page(worm)
    page = Page(text)
    assert page.asked == [] and "script" not in page.tags and "url(" not in text


def test_what_is_hostile_is_escaped(worm: EmulationCard) -> None:
    text = card_page(replace(worm, description=HOSTILE))
    assert "script" not in Page(text).tags and "&lt;script&gt;" in text


def test_rows_of_markdown_stay_whole(worm: EmulationCard) -> None:
    rows = [line for line in markdown(worm).splitlines() if line.startswith("| ")]
    assert sum(line.startswith(("| A", "| B")) for line in rows) == 11
    odd = markdown(replace(worm, tables=(replace(worm.tables[0], source=HOSTILE + "\n| x"),)))
    row = next(line for line in odd.splitlines() if "script" in line)
    assert len(re.findall(r"(?<!\\)\|", row)) == 5


@pytest.mark.parametrize("form", ["markdown", "page", "terminal", "json"])
def test_nothing_is_called_an_emulation(worm: EmulationCard, form: str) -> None:
    text = {
        "markdown": markdown,
        "page": card_page,
        "terminal": lambda card: "\n".join(terminal_lines(card)),
        "json": lambda card: json.dumps(card.to_dict()),
    }[form](worm)
    assert not re.search(r"\bis an? (minimal )?(brain )?emulation", text, re.I)
    assert "all B = 3: no" in text or '"all_B_are_3": false' in text


def test_the_picture_has_a_cell_for_each_model_and_axis(worm: EmulationCard) -> None:
    rows = rows_of([worm], published_models())
    (axes,) = heat_map(rows).axes
    key = 5
    cells = axes.patches[: len(axes.patches) - key]
    assert len(cells) == 11 * len(rows)
    hatched = [cell for cell in cells if cell.get_hatch()]
    assert len(hatched) == 4  # the behaviour of the one card
    shades = {cell.get_facecolor() for cell in cells if not cell.get_hatch()}
    brightness = sorted((sum(shade[:3]) for shade in shades), reverse=True)
    assert len(brightness) == 4 and brightness[0] > 2.7 and brightness[-1] < 1.0


def test_files_of_one_card(worm: EmulationCard, tmp_path: Path) -> None:
    written = write_card(replace(worm, controller="my.module:make/worm"), tmp_path)
    assert {path.parent for path in written} == {tmp_path}
    assert {path.suffix for path in written} == {".json", ".md", ".html"}


def test_a_collection_leads_to_its_cards(worm: EmulationCard, tmp_path: Path) -> None:
    written = write_collection([worm], [], tmp_path)
    index = (tmp_path / "index.html").read_text(encoding="utf-8")
    (link,) = Page(index).asked
    assert (tmp_path / link).is_file()
    assert (tmp_path / "heat-map.png").read_bytes().startswith(b"\x89PNG")
    assert set(tmp_path.iterdir()) == set(written)


def test_json_of_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(card, "COST_SECONDS", 0.05)
    results = tmp_path / "results.json"
    results.write_text(
        json.dumps(
            {"model": "open-loop", "tests": [{"id": "speed", "tier": "T1", "verdict": "FAIL"}]}
        )
    )
    command = ["card", "Worm-Crawl-v0", "--controller", "open-loop", "--json", "--measure-cost"]
    assert main([*command, "--results", str(results), "--out", str(tmp_path / "cards")]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert [axis["id"] for axis in printed["axes"]][:5] == ["A1", "A2", "A3", "A4", "B1"]
    assert {axis["evidence"] for axis in printed["axes"]} == {"declared", "measured", "unknown"}
    assert printed["axes"][2]["level"] == 0 and printed["cost"]["real_time_factor"] > 0
    assert printed["all_B_are_3"] is False
    assert all(Path(file).is_file() for file in printed["files"]) and len(printed["files"]) == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["Worm-Swim-v0"], "unknown env 'Worm-Swim-v0'"),
        (["Worm-Crawl-v0", "--controller", "conectome"], "did you mean connectome"),
        (["Worm-Crawl-v0", "--controller-option", "size=3"], "option of controller 'connectome'"),
        (["Worm-Crawl-v0", "--results", "nothing.json"], "no file of battery results"),
        (["Worm-Crawl-v0", "--controller", "policy"], "needs its option weights"),
        (["Fly-Walk-v0", "--controller", "replay"], "plays a recording"),
        (["Fly-Walk-v0", "--controller", "optic-lobe"], "not made for"),
        ([], "name an env"),
        (["--all"], "--out"),
        (["--all", "--controller", "connectome"], "name none beside it"),
        (["Worm-Crawl-v0", "--out", __file__], "is a file, not a folder"),
    ],
)
def test_what_is_wrong_is_said(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["card", *arguments]) == 2
    said = capsys.readouterr().err
    assert message in said and said.count("\n") == 1


def test_lines_for_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["card", "Worm-Crawl-v0"]) == 0
    said = capsys.readouterr().out
    assert "B2  Percentage of neurons" in said and "all B = 3: no" in said
