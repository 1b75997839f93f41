"""B1 to B7: each rule, at both sides of each of its thresholds."""

from dataclasses import replace

import pytest

from embody.comparison.card import NervousSystem
from embody.comparison.card.brain import brain_levels
from embody.errors import EmbodyError

WORM = NervousSystem(
    "a worm",
    counted=True,
    neurons=302,
    motor_neurons=100,
    muscles=95,
    sensory_neurons=80,
    sensory_neurons_driven=80,
    wiring="full",
    wiring_source="an edge list",
    edges=1000,
    excitatory=True,
    inhibitory=True,
    parameter_sets=118,
    neuron_model="compartments",
    plasticity=("structural",),
    modulators=("serotonin", "dopamine"),
    modulator_feedback=True,
    time_step_s=1e-5,
)


def level(axis: str, **changes: object) -> int | None:
    levels = brain_levels(replace(WORM, **changes), "C. elegans")  # type: ignore[arg-type]
    return next(one.level for one in levels if one.axis == axis)


def test_what_has_everything_is_three_everywhere() -> None:
    assert {one.level for one in brain_levels(WORM, "C. elegans")} == {3}
    assert {one.evidence for one in brain_levels(WORM, "C. elegans")} == {"measured"}


@pytest.mark.parametrize(
    ("axis", "changes", "expected"),
    [
        ("B1", {"wiring": "partial"}, 2),
        ("B1", {"wiring": "rule"}, 1),
        ("B1", {"wiring": "random"}, 0),
        ("B1", {"silent_edges": 100}, 3),
        ("B1", {"silent_edges": 101}, 2),
        ("B1", {"imputed_edges": 60, "silent_edges": 60}, 2),
        ("B1", {"wiring": "partial", "imputed_edges": 500}, 2),
        ("B2", {"neurons": 271}, 0),
        ("B2", {"neurons": 272}, 3),
        ("B2", {"sensory_neurons_driven": 12}, 2),
        ("B2", {"muscles": 85}, 2),
        ("B2", {"motor_neurons": 0}, 2),
        ("B2", {"areas": ("nerve ring",)}, 1),
        ("B2", {"artificial": True}, 0),
        ("B3", {"parameter_sets": 49}, 2),
        ("B3", {"parameter_sets": 3}, 2),
        ("B3", {"parameter_sets": 2}, 1),
        ("B3", {"parameter_sets": 1}, 1),
        ("B3", {"parameter_sets": 1, "inhibitory": False}, 0),
        ("B3", {"parameter_sets": 1, "glia": True}, 3),
        ("B4", {"plasticity": ()}, 0),
        ("B4", {"plasticity": ("short-term",)}, 1),
        ("B4", {"plasticity": ("short-term", "long-term")}, 2),
        ("B5", {"neuron_model": "rate"}, 1),
        ("B5", {"neuron_model": "graded"}, 2),
        ("B5", {"neuron_model": "spiking"}, 2),
        ("B6", {"modulators": ()}, 0),
        ("B6", {"modulators": ("serotonin",), "modulator_feedback": False}, 1),
        ("B6", {"modulator_feedback": False}, 2),
        ("B7", {"time_step_s": None, "neuron_model": "rate"}, 0),
        ("B7", {"time_step_s": 0.051}, 1),
        ("B7", {"time_step_s": 0.05}, 2),
        ("B7", {"time_step_s": 1.1e-5}, 2),
    ],
)
def test_rules(axis: str, changes: dict, expected: int) -> None:
    assert level(axis, **changes) == expected


def test_graded_neurons_come_with_a_note() -> None:
    levels = brain_levels(replace(WORM, neuron_model="graded"), "C. elegans")
    assert "no level for them" in next(one.sentence for one in levels if one.axis == "B5")


def test_what_nobody_looked_into_is_unknown_not_zero() -> None:
    levels = brain_levels(None, "C. elegans")
    assert [(one.level, one.evidence) for one in levels] == [(None, "unknown")] * 7


def test_a_share_of_an_animal_that_is_not_counted_is_unknown() -> None:
    share = brain_levels(WORM, "S. unknown")[1]
    assert (share.axis, share.level, share.evidence) == ("B2", None, "unknown")


def test_a_rule_without_neurons_is_zero_and_declared() -> None:
    levels = brain_levels(NervousSystem("a wave"), "C. elegans")
    assert {(one.level, one.evidence, one.sentence) for one in levels} == {
        (0, "declared", "a wave")
    }


def test_what_is_said_but_not_counted_is_declared() -> None:
    assert {one.evidence for one in brain_levels(replace(WORM, counted=False), "C. elegans")} == {
        "declared"
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"wiring": "guessed"}, "unknown wiring"),
        ({"neuron_model": "quantum"}, "unknown model of a neuron"),
        ({"plasticity": ("magic",)}, "unknown kind of plasticity"),
        ({"neurons": -1}, "below 0"),
        ({"silent_edges": 1001}, "more silent and imputed edges"),
        ({"wiring": "none"}, "needs a wiring"),
        ({"neuron_model": "none"}, "needs a wiring"),
        ({"time_step_s": None}, "time_step_s"),
        ({"time_step_s": float("nan")}, "time_step_s"),
    ],
)
def test_impossible_facts_are_refused(changes: dict, message: str) -> None:
    with pytest.raises(EmbodyError, match=message):
        replace(WORM, **changes)
