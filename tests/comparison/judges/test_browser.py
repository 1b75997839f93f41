"""The page in a real browser, driven by its keys, from consent to verdict."""

import json
import math
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from scipy.stats import norm

from embody.comparison.judges import SimulatedJudges, score_answers, score_study, serve
from embody.comparison.judges.study import ANSWERS, PAGE, Study, load_study

pytestmark = pytest.mark.slow

SHOWN = "showing.clips"
PRESS_KEYS = """({right, real}) => {
    const press = (key) => document.dispatchEvent(new KeyboardEvent("keydown", {key}));
    state.agreed = state.begun = true;
    next();
    while (screen === "trial") {
        shownAt -= EARLIEST_ANSWER_MS;
        const left = (showing.clips[0] === real[showing.name]) === right[showing.name];
        press(left ? "ArrowLeft" : "ArrowRight");
        press("3");
    }
}"""


@pytest.fixture
def faults() -> list[str]:
    return []


@pytest.fixture
def open_page(browser: Any, faults: list[str]) -> Iterator[Callable[..., Any]]:
    """Opens pages that keep what goes wrong in them, and shows that nothing did."""
    contexts = []

    def opened(address: str, **options: Any) -> Any:
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def server(study_folder: Path) -> Iterator[Any]:
    with serve(study_folder) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def agree_and_practise(page: Any) -> list[str]:
    """Go through consent and practice; return what the page said after each practice answer."""
    page.keyboard.press("Enter")
    said = []
    while page.evaluate("screen") == "trial":
        press(page, "ArrowLeft")
        page.keyboard.press("1")
        said.append(page.inner_text("#message"))
        page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    return said


def until(page: Any, condition: str) -> None:
    """Wait for a condition; the page's own policy forbids to evaluate it inside."""
    for _ in range(500):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(20)
    raise AssertionError(f"never true: {condition}")


def press(page: Any, key: str) -> None:
    until(page, "performance.now() - shownAt > EARLIEST_ANSWER_MS")
    page.keyboard.press(key)


def answer(page: Any, study: Study, wanted: Callable[[str, int], bool], confidence: int) -> None:
    """Answer the trial that is shown, rightly or wrongly as wanted."""
    name, number = page.evaluate("[showing.name, Object.keys(state.answers).length]")
    real = study.trials[name].real
    side = "left" if page.evaluate(SHOWN).index(real) == 0 else "right"
    if not wanted(study.trials[name].kind, number):
        side = {"left": "right", "right": "left"}[side]
    keys = {"left": ("ArrowLeft", "f"), "right": ("ArrowRight", "j")}[side]
    press(page, keys[number % 2])
    page.keyboard.press(str(confidence))


def test_twenty_trials_by_key_presses(
    study_folder: Path, server: Any, open_page: Callable[..., Any], faults: list[str]
) -> None:
    study = load_study(study_folder)
    page = open_page(server.url)
    said = agree_and_practise(page)
    assert len(said) == 4
    assert all(line == "Right." or line == "No: the right one is real." for line in said)
    outcomes = []

    def wanted(kind: str, number: int) -> bool:
        right = kind == "catch" or number % 4 != 0
        outcomes.append((kind, right))
        return right

    for number in range(8):
        answer(page, study, wanted, confidence=1 + number % 4)
    assert page.inner_text("#message") == ""
    before = page.evaluate("[state.judge, showing.name]")
    page.reload()
    assert page.evaluate("[state.judge, showing.name]") == before
    assert page.inner_text("#count") == "9 of 20"
    for number in range(8, 20):
        answer(page, study, wanted, confidence=1 + number % 4)
    until(page, "state.outbox.length === 0")
    assert page.inner_text("#done h1") == "Thank you."
    assert not page.is_visible("#save")

    lines = (study_folder / ANSWERS).read_text().splitlines()
    given = [json.loads(line) for line in lines]
    assert len(given) == 20
    assert sorted(entry["position"] for entry in given) == list(range(20))
    assert {entry["judge"] for entry in given} == {before[0]}
    assert all(entry["study"] == study.identity and entry["received_at"] for entry in given)
    score = score_study(study_folder)
    counted = [right for kind, right in outcomes if kind == "model"]
    assert (score.right, score.trials) == (sum(counted), len(counted)) == (sum(counted), 17)
    assert (score.judges[0].catch_right, score.judges[0].catch_trials) == (3, 3)
    assert score.judges[0].kept
    assert faults == []


def test_file_without_server_saves_the_answers(
    study_folder: Path, tmp_path: Path, open_page: Callable[..., Any], faults: list[str]
) -> None:
    study = load_study(study_folder)
    asked = []
    page = open_page("about:blank", accept_downloads=True)
    page.on("request", lambda request: asked.append(request.url))
    page.goto((study_folder / PAGE).as_uri())
    page.evaluate("() => { state.agreed = state.begun = true; next(); }")
    for _ in range(20):
        page.evaluate("shownAt -= EARLIEST_ANSWER_MS")
        answer(page, study, lambda kind, number: True, confidence=2)
    with page.expect_download() as download:
        page.click("#save")
    saved = tmp_path / download.value.suggested_filename
    download.value.save_as(saved)
    score = score_study(study_folder, [saved])
    assert (score.right, score.trials) == (17, 17)
    assert [url for url in asked if not url.startswith(("file:", "blob:"))] == []
    assert faults == []


def test_judges_of_known_ability_one_after_the_other(
    study_folder: Path, server: Any, open_page: Callable[..., Any], faults: list[str]
) -> None:
    study = load_study(study_folder)
    able = SimulatedJudges(1.5, bias=0.3)
    answers = able.answer(study, 8, 100)
    page = open_page(server.url)
    for number in range(8):
        right = {
            answer.trial: answer.chosen == study.trials[answer.trial].real
            for answer in answers[20 * number : 20 * number + 20]
        }
        real = {name: trial.real for name, trial in study.trials.items()}
        page.evaluate(PRESS_KEYS, {"right": right, "real": real})
        until(page, "screen === 'done' && state.outbox.length === 0")
        page.click("#another")
    score, expected = score_study(study_folder), score_answers(study, answers)
    assert (score.right, score.trials) == (expected.right, expected.trials)
    assert [judge.right for judge in score.judges] == [judge.right for judge in expected.judges]
    low, high = score.d_prime_interval
    assert low is not None and high is not None
    assert low < math.sqrt(2) * norm.ppf(able.proportion_correct) < high
    assert score.verdict == "FAIL"
    assert faults == []


def test_answers_wait_for_a_server_that_is_away(
    study_folder: Path, open_page: Callable[..., Any]
) -> None:
    study = load_study(study_folder)
    real = {name: trial.real for name, trial in study.trials.items()}
    with serve(study_folder) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        page, port = open_page(server.url), server.server_port
        until(page, "served")
        server.shutdown()
    for _ in range(2):
        page.evaluate(PRESS_KEYS, {"right": dict.fromkeys(real, True), "real": real})
        until(page, "screen === 'done' && !sending")
        assert page.is_visible("#save")
        page.click("#another")
    assert page.evaluate("state.outbox.length") == 40
    with serve(study_folder, port) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        page.reload()
        until(page, "state.outbox.length === 0")
        server.shutdown()
    score = score_study(study_folder)
    assert (len(score.judges), score.right, score.trials) == (2, 34, 34)


def test_touch_alone_is_enough(
    server: Any, open_page: Callable[..., Any], faults: list[str]
) -> None:
    page = open_page(
        server.url, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page.tap("#agree")
    for _ in range(4):
        until(page, "performance.now() - shownAt > EARLIEST_ANSWER_MS")
        page.tap("#right")
        page.tap("#confidence button:nth-child(3)")
        page.tap("#onward")
    page.tap("#begin")
    until(page, "performance.now() - shownAt > EARLIEST_ANSWER_MS")
    page.tap("#left")
    page.tap("#confidence button:nth-child(2)")
    until(page, "state.outbox.length === 0")
    assert page.inner_text("#count") == "2 of 20"
    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert overflow <= 0
    assert faults == []


def test_both_clips_run_by_one_clock_and_nothing_shows_the_source(
    built_study: Path, open_page: Callable[..., Any]
) -> None:
    study = load_study(built_study)
    page = open_page((built_study / PAGE).as_uri())
    page.evaluate(
        "() => { window.frames_ = []; const draw_ = drawClip;"
        "drawClip = (c, clip, frame) => { frames_.push(frame); draw_(c, clip, frame); }; }"
    )
    page.keyboard.press("Enter")
    until(page, "frames_.length >= 20")
    frames = page.evaluate("frames_")
    assert frames[0:20:2] == frames[1:20:2]
    assert frames[0] < frames[18] < study.design["clip_seconds"] * study.design["frame_rate_hz"]
    shown = page.content()
    for clip in study.clips.values():
        assert clip["individual"] not in shown
        assert clip["record_sha256"] not in shown


def test_sides_are_random_whoever_judges(built_study: Path, open_page: Callable[..., Any]) -> None:
    study = load_study(built_study)
    page = open_page((built_study / PAGE).as_uri())
    plans = page.evaluate("Array.from({length: 200}, () => plan(randomJudge()).trials)")
    left = [
        trial["clips"][0] == study.trials[trial["name"]].real
        for trials in plans
        for trial in trials
    ]
    assert abs(sum(left) / len(left) - 0.5) < 4 * 0.5 / len(left) ** 0.5
    catch = [study.trials[trials[0]["name"]].kind == "catch" for trials in plans]
    assert abs(sum(catch) / 200 - 0.15) < 4 * (0.15 * 0.85 / 200) ** 0.5
    assert len({tuple(trial["name"] for trial in trials) for trials in plans}) == 200


def test_paused_where_motion_is_unwanted(built_study: Path, open_page: Callable[..., Any]) -> None:
    page = open_page((built_study / PAGE).as_uri(), reduced_motion="reduce")
    page.keyboard.press("Enter")
    page.wait_for_timeout(200)
    assert page.evaluate("elapsed()") == 0
    page.keyboard.press("p")
    until(page, "elapsed() > 50")
