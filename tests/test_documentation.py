"""Every Python block of every page runs, in order, as a reader would type it."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from embody.command_line import fit
from embody.command_line.main import build_parser

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^```python\n(.*?)^```", re.M | re.S)
COMMAND = re.compile(r"(?:^|&& |`)embody ((?!core )[^`\n&]*)", re.M)
ALL_PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/*.md")))


def python_of(page: Path) -> str:
    """The blocks of a page, each at the line where it stands there."""
    text, code = page.read_text(encoding="utf-8"), ""
    for block in BLOCK.finditer(text):
        code += "\n" * (text[: block.start(1)].count("\n") - code.count("\n")) + block[1]
    return code


PAGES = [page for page in ALL_PAGES if python_of(page)]


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_python_on_a_page_runs(
    page: Path, tmp_path: Path, fresh_python: Callable[[str], str]
) -> None:
    (tmp_path / "runs").mkdir()
    fresh_python(python_of(page))


@pytest.mark.parametrize("page", ALL_PAGES, ids=lambda page: page.stem)
def test_commands_on_a_page_are_understood(page: Path) -> None:
    for command in COMMAND.findall(page.read_text(encoding="utf-8")):
        arguments = build_parser().parse_args(shlex.split(command))
        if arguments.command is fit.start and "--help" not in arguments.rest:
            fit.parse(arguments.env, arguments.rest)
