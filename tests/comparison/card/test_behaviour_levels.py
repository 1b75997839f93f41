"""A1 to A4 come from a battery: whatever else one tries is refused."""

from dataclasses import replace

import pytest

from embody.comparison.card import AxisLevel, BatteryResults
from embody.comparison.card.battery_results import TestVerdict
from embody.comparison.card.behaviour import DAY_S, YEAR_S, read_level
from embody.comparison.card.level import behaviour_levels
from embody.errors import EmbodyError, UnknownNameError

A_AXES = ("A1", "A2", "A3", "A4")
THREE = ("crawling", "reversal", "turn")


def results(behaviours: tuple[str, ...] = (), **verdicts: str) -> BatteryResults:
    tests = (TestVerdict(f"{t} test", t, v, None, behaviours) for t, v in verdicts.items())  # type: ignore[arg-type]
    return BatteryResults("connectome", "Worm-Crawl-v0", tuple(tests))


def found(axis: str, given: BatteryResults) -> int | None:
    return read_level(axis, given).level


@pytest.mark.parametrize("axis", A_AXES)
@pytest.mark.parametrize("level", [0, 1, 2, 3])
@pytest.mark.parametrize("evidence", ["declared", "measured"])
def test_a_level_of_behaviour_cannot_be_declared(axis: str, level: int, evidence: str) -> None:
    with pytest.raises(EmbodyError, match="not declared by hand"):
        AxisLevel(axis, level, evidence, "I have seen it")  # type: ignore[arg-type]


@pytest.mark.parametrize("axis", A_AXES)
def test_nor_can_one_be_slipped_in_later_or_beside_the_results(axis: str) -> None:
    with pytest.raises(EmbodyError, match="not declared by hand"):
        replace(AxisLevel.unknown(axis, "no battery was run"), level=3, evidence="measured")
    honest = AxisLevel.of_battery(axis, results(T1="FAIL", T7="FAIL"))
    with pytest.raises(EmbodyError, match="results of the battery say"):
        replace(honest, level=3, evidence="measured")
    with pytest.raises(EmbodyError, match="results of the battery say"):
        replace(honest, sentence="better than it looks")


@pytest.mark.parametrize("level", [4, -1, 1.0, True, "2"])
def test_levels_are_whole_numbers_from_0_to_3(level: object) -> None:
    with pytest.raises(EmbodyError, match="0, 1, 2, 3 or None"):
        AxisLevel("B1", level, "measured", "")  # type: ignore[arg-type]


def test_a_level_and_its_evidence_go_together() -> None:
    with pytest.raises(EmbodyError, match="without evidence"):
        AxisLevel("B1", 2, "unknown", "")
    with pytest.raises(EmbodyError, match="without evidence"):
        AxisLevel("B1", None, "measured", "")
    with pytest.raises(UnknownNameError, match="valid names: declared, measured, unknown"):
        AxisLevel("B1", 2, "felt", "")  # type: ignore[arg-type]


def test_without_results_behaviour_is_unknown() -> None:
    assert {(one.level, one.evidence) for one in behaviour_levels(None)} == {(None, "unknown")}


@pytest.mark.parametrize(
    ("axis", "verdicts", "expected"),
    [
        ("A1", {"T0": "PASS"}, None),
        ("A1", {"T1": "INCONCLUSIVE", "T5": "PASS"}, None),
        ("A1", {"T1": "FAIL", "T5": "PASS"}, 0),
        ("A1", {"T1": "PASS"}, 1),
        ("A1", {"T1": "PASS", "T5": "FAIL", "T3": "PASS"}, 1),
        ("A1", {"T1": "PASS", "T5": "PASS"}, 2),
        ("A1", {"T1": "PASS", "T5": "PASS", "T3": "INCONCLUSIVE"}, 2),
        ("A1", {"T1": "PASS", "T5": "PASS", "T3": "PASS"}, 3),
        ("A3", {"T1": "INCONCLUSIVE"}, None),
        ("A3", {"T1": "FAIL", "T2": "PASS"}, 0),
        ("A3", {"T1": "PASS", "T2": "FAIL"}, 1),
        ("A3", {"T1": "PASS", "T2": "PASS", "T3": "PASS"}, 1),
        ("A3", {"T1": "PASS", "T2": "PASS", "T3": "PASS", "T4": "PASS"}, 2),
        ("A3", {"T1": "PASS", "T2": "PASS", "T3": "PASS", "T4": "PASS", "T6": "FAIL"}, 2),
        ("A3", {"T1": "PASS", "T2": "PASS", "T3": "PASS", "T4": "PASS", "T6": "PASS"}, 3),
        ("A3", {"T1": "PASS", "T2": "PASS", "T3": "PASS", "T4": "FAIL", "T6": "PASS"}, 1),
        ("A4", {"T1": "PASS"}, None),
        ("A4", {"T7": "FAIL"}, 0),
        ("A4", {"T7": "INCONCLUSIVE"}, None),
        ("A4", {"T7": "PASS"}, None),
    ],
)
def test_levels_follow_from_verdicts(axis: str, verdicts: dict, expected: int | None) -> None:
    assert found(axis, results(THREE, **verdicts)) == expected


def test_two_behaviours_are_not_complex() -> None:
    assert found("A1", results(THREE[:2], T1="PASS", T3="PASS", T5="PASS")) == 2


def test_a_tier_passes_only_if_all_of_its_tests_do() -> None:
    tests = [TestVerdict("speed", "T1", "PASS"), TestVerdict("modes", "T1", "PASS")]
    assert BatteryResults("c", "", tuple(tests)).tier("T1") == "PASS"
    tests.append(TestVerdict("waves", "T1", "INCONCLUSIVE"))
    assert BatteryResults("c", "", tuple(tests)).tier("T1") == "INCONCLUSIVE"
    tests.append(TestVerdict("size", "T1", "FAIL"))
    assert BatteryResults("c", "", tuple(tests)).tier("T1") == "FAIL"
    assert BatteryResults("c", "", tuple(tests)).lowest_failed_tier() == "T1"


@pytest.mark.parametrize(
    ("horizon", "expected"), [(30.0, 1), (DAY_S, 2), (YEAR_S, 3), (0.99 * DAY_S, 1)]
)
def test_horizon_of_learning(horizon: float, expected: int) -> None:
    tests = (TestVerdict("habituation", "T7", "PASS", horizon),)
    assert found("A4", BatteryResults("c", "", tests)) == expected


@pytest.mark.parametrize(
    ("verdict", "icc", "expected"),
    [
        ("PASS", (0.2, 0.6), 2),
        ("FAIL", (0.2, 0.6), 1),
        ("FAIL", (-0.1, 0.1), 0),
        ("INCONCLUSIVE", (-0.1, 0.6), None),
    ],
)
def test_individuality(verdict: str, icc: tuple[float, float], expected: int | None) -> None:
    tests = (TestVerdict("individuality", "T2", verdict, icc=icc),)  # type: ignore[arg-type]
    assert found("A2", BatteryResults("c", "", tests)) == expected


def test_contaminated_results_say_nothing() -> None:
    seen = replace(results(THREE, T1="PASS", T5="PASS"), contaminated=True)
    assert [found(axis, seen) for axis in A_AXES] == [None] * 4
    assert "contaminated" in read_level("A1", seen).sentence
