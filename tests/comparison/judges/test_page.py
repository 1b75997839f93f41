"""What the page holds, and what it keeps to itself."""

import base64
import json
import re
import stat
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embody.comparison.judges import build_page
from embody.comparison.judges.clips import Clip
from embody.comparison.judges.study import ANSWERS, KEY, PAGE, load_study
from embody.comparison.judges.trials import draw_pairs, speed_cue
from embody.errors import EmbodyError


def content_of(folder: Path) -> dict:
    page = (folder / PAGE).read_text()
    found = re.search(r'id="study">(.*?)</script>', page, re.S)
    assert found
    return json.loads(found[1])


def group(worm, source: str, count: int = 4, **options) -> list:
    return [worm(number, source, **options) for number in range(count)]


def test_page_says_nothing_of_the_source(built_study: Path) -> None:
    page, study = (built_study / PAGE).read_text(), load_study(built_study)
    key = json.loads((built_study / KEY).read_text())
    secrets = {key["hmac_key"]}
    for clip in study.clips.values():
        secrets |= {clip["individual"], clip["record_sha256"]}
    shown = page[page.index('id="study">') : page.index("<script>")]
    assert not [secret for secret in secrets if secret in page]
    assert not re.search("animal-|simulation|surrogate|catch|shuffled", shown)
    content = content_of(built_study)
    assert list(content["clips"]) == sorted(content["clips"])
    assert list(content["trials"]) == sorted(content["trials"])
    assert len({len(text) for text in content["clips"].values()}) == 1
    assert all(pair == sorted(pair) for pair in content["trials"].values())
    assert "seed" not in content


def test_order_of_names_does_not_tell_which_is_real(worm, tmp_path: Path) -> None:
    real, model = group(worm, "animal"), group(worm, "simulation")
    first = []
    for repeat in range(8):
        folder = tmp_path / str(repeat)
        build_page(real, model, folder, seed=100, trials=40, clip_seconds=2.0)
        trials = load_study(folder).trials.values()
        first += [trial.real == trial.clips[0] for trial in trials]
    assert abs(np.mean(first) - 0.5) < 4 * 0.5 / len(first) ** 0.5


def test_page_asks_nothing_of_any_network(built_study: Path) -> None:
    page = (built_study / PAGE).read_text()
    assert "default-src 'none'" in page
    assert "unsafe-inline" not in page
    assert not re.search(r"https?://|@import|url\(|src=", page)
    assert [path.name for path in (built_study / "page").iterdir()] == ["index.html"]


def test_key_is_for_its_owner_alone(built_study: Path) -> None:
    assert stat.S_IMODE((built_study / KEY).stat().st_mode) == 0o600
    assert stat.S_IMODE((built_study / KEY).parent.stat().st_mode) == 0o700


def test_same_seed_and_secret_give_the_same_page(worm, tmp_path: Path) -> None:
    pages = []
    for name, seed, key in (("a", 1, b"k"), ("b", 1, b"k"), ("c", 2, b"k"), ("d", 1, b"l")):
        real, model = group(worm, "animal", 2), group(worm, "simulation", 2)
        page = build_page(real, model, tmp_path / name, seed, trials=10, key=key)
        pages.append(page.read_bytes())
    assert pages[0] == pages[1]
    assert len(set(pages)) == 3


def test_counts_and_identity(built_study: Path) -> None:
    content, study = content_of(built_study), load_study(built_study)
    assert content["study"] == study.identity
    assert len(content["trials"]) == len(study.trials) == 20
    assert sum(trial.kind == "catch" for trial in study.trials.values()) == 3
    assert len(content["practice"]) == 4
    practised = {clip for pair in content["practice"] for clip in pair["clips"]}
    tested = [clip for pair in content["trials"].values() for clip in pair]
    assert len(tested) == len(set(tested)) == 40
    assert not practised & set(tested)
    size = content["frames"] * content["points"] * 2 * 2
    assert all(len(base64.b64decode(text)) == size for text in content["clips"].values())


def test_every_trial_has_one_living_animal(built_study: Path) -> None:
    study = load_study(built_study)
    for trial in study.trials.values():
        other = next(clip for clip in trial.clips if clip != trial.real)
        assert study.clips[trial.real]["source"] == "animal"
        expected = "simulation" if trial.kind == "model" else "shuffled"
        assert study.clips[other]["source"] == expected


def test_controls_serve_as_catch_trials(worm, tmp_path: Path) -> None:
    random = replace(worm(50, "surrogate"), individual="random policy")
    build_page(
        group(worm, "animal"),
        group(worm, "simulation"),
        tmp_path,
        100,
        trials=20,
        controls=[random],
    )
    study = load_study(tmp_path)
    caught = [trial for trial in study.trials.values() if trial.kind == "catch"]
    for trial in caught:
        other = next(clip for clip in trial.clips if clip != trial.real)
        assert study.clips[other]["individual"] == "random policy"


def clip(speed: float, individual: str = "a", source: str = "animal") -> Clip:
    return Clip(np.zeros((5, 2, 2)), speed, source, individual, "1", 0.0, "")


def test_clips_are_matched_for_speed() -> None:
    rng = np.random.default_rng(100)
    real = [clip(speed, str(i % 5)) for i, speed in enumerate(rng.lognormal(0.0, 0.5, 200))]
    model = [clip(speed, "m") for speed in rng.lognormal(0.5, 0.5, 400)]
    pairs = draw_pairs(real, model, [], trials=100, catch_fraction=0.15, practice=4, rng=rng)
    against = [pair for pair in pairs if pair.kind == "model"]
    ratio = np.log([pair.real.speed / pair.other.speed for pair in against])
    assert np.median(np.abs(ratio)) < 0.02
    by_chance = np.mean(np.array([c.speed for c in real])[:, None] > [c.speed for c in model])
    assert abs(speed_cue(pairs) - 0.5) < abs(by_chance - 0.5)


def test_every_animal_takes_part() -> None:
    rng = np.random.default_rng(100)
    real = [clip(1.0, "much filmed")] * 200 + [
        clip(1.0, name) for name in "abcd" for _ in range(10)
    ]
    pairs = draw_pairs(
        real, [clip(1.0)] * 60, [], trials=46, catch_fraction=0.15, practice=4, rng=rng
    )
    shown = [pair.real.individual for pair in pairs]
    assert {name: shown.count(name) for name in shown} == dict.fromkeys(
        ["much filmed", *"abcd"], 10
    )


def test_too_few_clips_says_how_many_trials_there_could_be(worm, tmp_path: Path) -> None:
    real, model = [worm(1, seconds=60.0)], [worm(2, "simulation", seconds=60.0)]
    with pytest.raises(EmbodyError, match="at most 11 trials"):
        build_page(real, model, tmp_path, 100, trials=60)
    build_page(real, model, tmp_path, 100, trials=11)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"trials": 0}, "1 to 1000 trials"),
        ({"catch_fraction": 0.9}, "catch trials"),
        ({"practice": -1}, "practice"),
        ({"clip_seconds": 0.1}, "at least 5 frames"),
        ({"clip_seconds": float("nan")}, "at least 5 frames"),
    ],
)
def test_numbers_that_make_no_sense(worm, tmp_path: Path, options: dict, told: str) -> None:
    with pytest.raises(EmbodyError, match=told):
        build_page([worm(1)], [worm(2, "simulation")], tmp_path, 100, **options)


def test_groups_that_make_no_sense(worm, tmp_path: Path) -> None:
    with pytest.raises(EmbodyError, match="not an animal"):
        build_page([worm(1, "simulation")], [worm(2, "simulation")], tmp_path, 100)
    with pytest.raises(EmbodyError, match="one is missing"):
        build_page([worm(1)], [], tmp_path, 100)


def test_answers_are_never_built_over(worm, study_folder: Path) -> None:
    (study_folder / ANSWERS).write_text("")
    with pytest.raises(EmbodyError, match="another folder"):
        build_page([worm(1)], [worm(2, "simulation")], study_folder, 100, trials=10)


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b"\xff", b'{"format": "embody-judge-key", "version": 2}', b"[" * 100_000],
)
def test_damaged_key(study_folder: Path, content: bytes) -> None:
    (study_folder / KEY).write_bytes(content)
    with pytest.raises(EmbodyError, match="not the whole key"):
        load_study(study_folder)


def test_folder_without_study(tmp_path: Path) -> None:
    with pytest.raises(EmbodyError, match="holds no study"):
        load_study(tmp_path)
