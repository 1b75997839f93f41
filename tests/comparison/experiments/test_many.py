"""Experiments on several controllers at once."""

import pytest

from embody.comparison.experiments import Asked, Experiments, load_experiments, many, run_many
from embody.errors import EmbodyError

FEW = ("A-type motor neurons (DA, VA) ablated", "Touched in front")


@pytest.fixture
def few(monkeypatch):
    table = load_experiments("worm")
    chosen = tuple(e for e in table.perturbations if e.name in FEW)
    assert len(chosen) == len(FEW)
    monkeypatch.setattr(many, "load_experiments", lambda battery: Experiments(chosen, ()))


def test_the_same_bits_in_processes_as_in_this_one(few):
    asked = {
        "wired": Asked("connectome", (100,)),
        "other": Asked("connectome", (100,), {"parameters": "connectome-seed-1"}),
    }
    at_once, alone = (run_many(asked, workers=workers) for workers in (2, 1))
    assert list(at_once) == list(asked)
    assert repr(at_once) == repr(alone)
    assert repr(at_once["wired"]) != repr(at_once["other"])


def test_one_that_cannot_be_made_ends_them_all(few):
    asked = {"wave": Asked("open-loop", (0,)), "wrong": Asked("connectome", (0,), {"knob": 1})}
    for workers in (1, 2):
        with pytest.raises(EmbodyError, match="knob"):
            run_many(asked, workers=workers)


def test_ctrl_c_reaches_the_workers(few, monkeypatch):
    """The third look at the bar is interrupted; nobody waits for the rest of the experiments."""
    looks = iter((False, False, True))

    def show(bar, seconds):
        if next(looks):
            raise KeyboardInterrupt

    monkeypatch.setattr(many, "_show", show)
    asked = {name: Asked("connectome", range(40)) for name in ("one", "two", "three")}
    with pytest.raises(KeyboardInterrupt):
        run_many(asked, workers=2)


def test_the_bar_tells_controllers_and_their_time(few, capsys):
    run_many({"wave": Asked("open-loop", (0,))}, workers=1, progress=True)
    last = capsys.readouterr().err.rsplit("\r", 1)[-1]
    assert "1 of 1 controllers" in last
    seconds = last.split(", ")[1]
    assert seconds.endswith("s of animals' time")
    assert float(seconds.split()[0]) > 1.0
