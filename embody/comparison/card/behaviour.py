"""The axes A1 to A4, from the verdicts of a battery and from nothing else."""

from collections.abc import Mapping
from typing import NamedTuple

from embody.comparison.card.battery_results import BatteryResults, Verdict
from embody.errors import UnknownNameError

DAY_S = 86_400.0
YEAR_S = 365.0 * DAY_S
LEAST_BEHAVIOURS = 3


class Finding(NamedTuple):
    """A level, None where it is not known, and the sentence that says why."""

    level: int | None
    sentence: str


def read_level(axis: str, results: BatteryResults) -> Finding:
    """Return the level of one axis that results warrant.

    A1: T1 passed is 1, T5 (responses to perturbations) as well is 2, T3 (ethogram) as well with
    three behaviours or more is 3. A2: an intraclass correlation between individuals above 0 is 1,
    as large as that of animals is 2. A3: T1 passed is 1, T1 to T4 is 2, T6 (novel environments)
    as well is 3. A4: T7 passed over seconds is 1, over days 2, over years 3. What was not tested,
    or is inconclusive, stays unknown; a test that failed at the first rung is 0.

    Raises
    ------
    UnknownNameError
        If the axis is no axis of behaviour.
    """
    rules = {"A1": _complexity, "A2": _personality, "A3": _distribution, "A4": _learning}
    if axis not in rules:
        raise UnknownNameError("axis of behaviour", axis, rules)
    if results.contaminated:
        return Finding(None, "the fit has seen animals of the test: contaminated")
    return rules[axis](results)


def _complexity(results: BatteryResults) -> Finding:
    verdict = _verdicts(results, "T1", "T3", "T5")
    told = _told(verdict)
    if verdict["T1"] not in ("PASS", "FAIL"):
        return Finding(None, told)
    if verdict["T1"] == "FAIL":
        return Finding(0, f"{told}: nothing it does lies in the range of the animal's")
    if verdict["T5"] != "PASS":
        return Finding(1, told)
    shown = {b for test in results.tests if test.verdict == "PASS" for b in test.behaviours}
    if verdict["T3"] == "PASS" and len(shown) >= LEAST_BEHAVIOURS:
        return Finding(3, f"{told}; behaviours: {', '.join(sorted(shown))}")
    return Finding(2, told)


def _personality(results: BatteryResults) -> Finding:
    tests = [test for test in results.tests if test.icc is not None]
    if len(tests) != 1:
        return Finding(None, "no test of what sets individuals apart (icc_ci)")
    test = tests[0]
    low, high = test.icc or (0.0, 0.0)
    told = f"{test.id} {test.verdict}, intraclass correlation {low:.2f} to {high:.2f}"
    if test.verdict == "INCONCLUSIVE":
        return Finding(None, told)
    if low <= 0.0:
        return Finding(0, told)
    return Finding(2 if test.verdict == "PASS" else 1, told)


def _distribution(results: BatteryResults) -> Finding:
    verdict = _verdicts(results, "T1", "T2", "T3", "T4", "T6")
    told = _told(verdict)
    if verdict["T1"] not in ("PASS", "FAIL"):
        return Finding(None, told)
    if verdict["T1"] == "FAIL":
        return Finding(0, f"{told}: no behaviour that lies in the distribution of the animal's")
    if any(verdict[tier] != "PASS" for tier in ("T2", "T3", "T4")):
        return Finding(1, told)
    return Finding(3 if verdict["T6"] == "PASS" else 2, told)


def _learning(results: BatteryResults) -> Finding:
    verdict = results.tier("T7")
    told = _told({"T7": verdict})
    if verdict == "FAIL":
        return Finding(0, told)
    if verdict != "PASS":
        return Finding(None, told)
    horizons = [test.horizon_s for test in results.tests if test.tier == "T7"]
    longest = max((one for one in horizons if one is not None), default=None)
    if longest is None:
        return Finding(None, f"{told}, but over what time it does not say (horizon_s)")
    level = 3 if longest >= YEAR_S else 2 if longest >= DAY_S else 1
    return Finding(level, f"{told}, learning over {longest:g} s")


def _verdicts(results: BatteryResults, *tiers: str) -> dict[str, Verdict | None]:
    return {tier: results.tier(tier) for tier in tiers}


def _told(verdicts: Mapping[str, Verdict | None]) -> str:
    return ", ".join(f"{tier} {verdict or 'not tested'}" for tier, verdict in verdicts.items())
