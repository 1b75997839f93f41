"""Every Python block of every page runs, in order, as a reader would type it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^```python\n(.*?)^```", re.M | re.S)


def python_of(page: Path) -> str:
    """The blocks of a page, each at the line where it stands there."""
    text, code = page.read_text(encoding="utf-8"), ""
    for block in BLOCK.finditer(text):
        code += "\n" * (text[: block.start(1)].count("\n") - code.count("\n")) + block[1]
    return code


PAGES = [page for page in (ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))) if python_of(page)]


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_python_on_a_page_runs(
    page: Path, tmp_path: Path, fresh_python: Callable[[str], str]
) -> None:
    (tmp_path / "runs").mkdir()
    fresh_python(python_of(page))
