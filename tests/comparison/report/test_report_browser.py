"""The report in a real browser: no complaint, clips that move, keys, still when that is wished."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from embody.comparison.report import write_report

pytestmark = pytest.mark.slow

PICTURE = "document.querySelector('.pair canvas').toDataURL()"
PLAYED = "Number(document.querySelector('.pair input').value)"


@pytest.fixture
def report(compared: Callable[..., Any], worms: Callable[..., Any], tmp_path: Path) -> Path:
    return write_report(
        compared(crawler=(4.0, 1.0), still=(0.2, 0.1)),
        tmp_path / "report.html",
        reference=worms("worm", 4, 0.5, "animal"),
        candidates={"crawler": worms("crawler", 4, 1.0)},
    )


def opened(browser: Any, report: Path, **options: Any) -> tuple[Any, list[str], list[str]]:
    page = browser.new_context(**options).new_page()
    faults, asked = [], []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(report.as_uri())
    page.evaluate("document.documentElement.style.scrollBehavior = 'auto'")
    page.locator(".pair").first.scroll_into_view_if_needed()
    return page, faults, asked


def until(page: Any, condition: str) -> None:
    """Wait for a condition; the page's own policy forbids to evaluate it inside."""
    for _ in range(500):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(20)
    raise AssertionError(f"never true: {condition}")


def test_clips_play_and_pause_by_keys(browser: Any, report: Path) -> None:
    page, faults, asked = opened(browser, report)
    until(page, f"{PLAYED} > 0")
    page.locator(".pair button").first.focus()
    page.keyboard.press("Space")
    assert page.inner_text(".pair button") == "play"
    stopped = page.evaluate(PLAYED)
    picture = page.evaluate(PICTURE)
    page.wait_for_timeout(150)
    assert page.evaluate(PLAYED) == stopped
    page.keyboard.press("Tab")
    page.keyboard.press("Home")
    until(page, f"{PICTURE} !== {picture!r}")
    assert page.evaluate(PLAYED) == 0
    page.locator(".pair button").first.focus()
    page.keyboard.press("Enter")
    until(page, f"{PLAYED} > 0")
    assert faults == []
    assert [url for url in asked if not url.startswith("file:")] == []


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_nothing_hangs_over_the_side(browser: Any, report: Path, width: int) -> None:
    page, faults, _ = opened(browser, report, viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert faults == []


def test_still_for_those_who_wish_it(browser: Any, report: Path) -> None:
    page, faults, _ = opened(browser, report, reduced_motion="reduce", color_scheme="dark")
    page.wait_for_timeout(300)
    assert page.evaluate(PLAYED) == 0
    assert page.inner_text(".pair button") == "play"
    assert len(page.evaluate(PICTURE)) > 1000
    assert faults == []


def test_numbers_can_be_taken_along(browser: Any, report: Path, tmp_path: Path) -> None:
    page, _, _ = opened(browser, report, accept_downloads=True)
    with page.expect_download() as download:
        page.click(".download")
    download.value.save_as(tmp_path / download.value.suggested_filename)
    assert len((tmp_path / "comparison.jsonl").read_text().splitlines()) == 2
