"""Batteries of one's own: given as they are, or brought by an installed package."""

import dataclasses
from importlib.metadata import EntryPoint

import pytest
from oscillators import records
from own_battery import OWN, dying, refusing

from embody.command_line.main import main
from embody.comparison import batteries
from embody.comparison.batteries import find_battery, known_batteries
from embody.comparison.compare import compare
from embody.comparison.measures.marginals import Marginals
from embody.errors import EmbodyError, UnknownNameError

pytest.importorskip("sklearn")


NO_BATTERY = {"name": "own"}
ODD = dataclasses.replace(OWN, measures=lambda: (Marginals(),))


@pytest.fixture
def installed(monkeypatch):
    def install(*points):
        found = [EntryPoint(name, value, batteries.GROUP) for name, value in points]
        monkeypatch.setattr(batteries, "entry_points", lambda group: found)

    return install


def test_a_battery_of_ones_own_runs_in_processes_as_in_this_one():
    sides = records(6, 100, clips=2), {"other": records(6, 101, clips=2)}
    one, two = (compare(*sides, OWN, draws=20, workers=workers) for workers in (1, 2))
    assert one.candidates["other"].verdicts == two.candidates["other"].verdicts
    assert [v.measure for v in one.candidates["other"].verdicts] == ["marginals"]
    assert one.lines()[0]["battery"] == "own"


def test_measures_that_processes_cannot_make_are_refused_in_one_sentence():
    sides = records(6, 100, clips=2), {"other": records(6, 101, clips=2)}
    with pytest.raises(EmbodyError, match="function of a module instead of a lambda"):
        compare(*sides, ODD, draws=20, workers=2)
    assert compare(*sides, ODD, draws=20, workers=1).candidates["other"].verdicts


@pytest.mark.parametrize(
    ("measures", "told"), [(dying, "a worker process died"), (refusing, "do not move")]
)
def test_what_goes_wrong_in_a_process_ends_the_comparison(measures, told):
    sides = records(6, 100, clips=2), {"other": records(6, 101, clips=2)}
    broken = dataclasses.replace(OWN, measures=measures)
    with pytest.raises(EmbodyError, match=told):
        compare(*sides, broken, draws=20, workers=2)


def test_an_installed_battery_has_a_name(installed, capsys):
    installed(("own", "own_battery:OWN"))
    assert known_batteries()["own"] is OWN
    assert find_battery("own", "C. elegans") is OWN
    assert main(["list", "batteries"]) == 0
    assert "how often postures are large and small" in capsys.readouterr().out
    with pytest.raises(UnknownNameError, match="did you mean own"):
        find_battery("owl", "C. elegans")
    with pytest.raises(EmbodyError, match=r"'own' is for C. elegans"):
        find_battery(OWN, "D. rerio")


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("worm", "own_battery:OWN", "a name that is taken"),
        ("own", "no.such.module:OWN", "cannot be loaded: ModuleNotFoundError"),
        ("own", f"{__name__}:NO_BATTERY", "is not a Battery that is called 'own'"),
        ("other", "own_battery:OWN", "is not a Battery that is called 'other'"),
    ],
)
def test_a_broken_plug_in_is_named(installed, name, value, told):
    installed((name, value))
    with pytest.raises(EmbodyError, match=told):
        known_batteries()
