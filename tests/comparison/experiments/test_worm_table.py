"""The worm's table of experiments, and the worm that they are made on."""

import re

import gymnasium
import numpy as np
import pytest

from embody import registry
from embody.command_line.main import main
from embody.comparison.experiments import (
    Experiments,
    Protocol,
    SimulatedSubject,
    Touch,
    ask,
    load_experiments,
)
from embody.comparison.experiments.table import read_experiments
from embody.connectome import load_connectome
from embody.errors import EmbodyError

TABLE = load_experiments("worm")
ALL = (*TABLE.perturbations, *TABLE.learning)
CRAWL = "Worm-Crawl-v0"


@pytest.mark.parametrize("asked", ALL, ids=lambda asked: asked.name)
def test_each_says_where_it_was_published(asked):
    assert re.search(r"\((19|20)\d\d\), .+ \d+:", asked.source)
    assert asked.published


@pytest.mark.parametrize("asked", TABLE.perturbations, ids=lambda asked: asked.name)
def test_each_names_neurons_and_envs_that_exist_and_fits_its_window(asked):
    connectome = load_connectome("worm")
    assert asked.done != asked.against
    for protocol in (asked.done, asked.against):
        registry.make_env(protocol.env, **dict(protocol.env_options)).close()
        for perturbation in protocol.perturbations:
            connectome.resolve(perturbation.targets)
            assert perturbation.start_s < asked.window_s[1]
        assert all(touch.start_s < asked.window_s[1] for touch in protocol.touches)


def test_the_table_asks_for_changes_both_ways_and_for_none():
    expected = [asked.expected for asked in TABLE.perturbations]
    assert 16 <= len(expected) <= 24
    assert {word: expected.count(word) >= 4 for word in ("less", "more", "none")} == {
        "less": True, "more": True, "none": True,
    }  # fmt: skip
    assert {asked.in_the_fit for asked in TABLE.perturbations} == {True, False}
    assert len(TABLE.learning) == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"format": "other"}, "format"),
        ({"experiments": [{"name": "half"}]}, "malformed"),
        ({"learning": None}, "malformed"),
    ],
)
def test_a_table_that_is_none_is_refused_in_one_sentence(change, told):
    with pytest.raises(EmbodyError, match=told):
        read_experiments(
            {"format": "embody-experiments-1", "experiments": [], "learning": [], **change}, CRAWL
        )


def test_touch_is_that_of_the_env():
    touch = Touch(0.15, 100.0, 0.1, 0.2)
    touched = Protocol(CRAWL, touches=(touch,))
    subject = SimulatedSubject(CRAWL, "connectome", [100, 101])
    traces = subject.run({touched: 0.6, Protocol(CRAWL): 0.6}, lambda seconds: None)
    env = gymnasium.make(CRAWL)
    body = env.unwrapped
    controller = registry.make_controller("connectome", env)
    seen, _ = env.reset(seed=101)
    state = controller.init(101)
    for step in range(120):
        if step == 20:
            body.touch(touch.position, touch.force_uN, touch.seconds)  # pyright: ignore
            seen = body._observe()  # pyright: ignore
        state, action = controller.step(state, seen)
        seen, *_ = env.step(action)
    end = body.snapshot()["centreline"].astype(np.float32)  # pyright: ignore
    np.testing.assert_array_equal(traces[touched][1].centreline[-1], end)
    assert not np.array_equal(traces[Protocol(CRAWL)][1].centreline[-1], end)


def test_the_list_names_them(capsys):
    assert main(["list", "experiments"]) == 0
    assert "Chalfie" in capsys.readouterr().out


@pytest.mark.slow
def test_a_worm_and_a_wave_under_two_experiments():
    wanted = ("B-type motor neurons (DB, VB) ablated", "A-type motor neurons (DA, VA) ablated")
    few = Experiments(tuple(a for a in TABLE.perturbations if a.name in wanted), TABLE.learning)
    worm = ask(SimulatedSubject(CRAWL, "connectome", range(100, 106)), few)
    assert [found.tier for found in worm] == ["T5", "T7"]
    assert [part.agrees for part in worm[0].parts] == [True, True]
    wave = ask(SimulatedSubject(CRAWL, "open-loop", range(100, 106)), few)
    assert [part.agrees for part in wave[0].parts] == [False, True]
    assert all(found.verdict != "PASS" for found in (*worm, *wave))
