"""Wiring causality, on made-up fits of which it is known who is closer to the animals."""

import dataclasses
import functools
import math

import numpy as np
import pytest
from oscillators import records

from embody.comparison import batteries
from embody.comparison.batteries import BATTERIES
from embody.comparison.finding import Finding, FindingPart, overall
from embody.comparison.measures.dynamics import irreversibility, rhythm
from embody.comparison.measures.marginals import Marginals
from embody.comparison.wiring_causality import compare_wirings
from embody.comparison.wiring_decision import bound_of
from embody.comparison.wiring_responses import compare_wiring_responses
from embody.errors import EmbodyError

pytest.importorskip("sklearn")
QUICK = dataclasses.replace(
    BATTERIES["worm"],
    name="quick",
    measures=lambda: (Marginals(), rhythm(), irreversibility()),
    surrogates=("time-reversed", "shuffled"),
)


@pytest.fixture(scope="module", autouse=True)
def quick_battery():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(batteries.BATTERIES, "quick", QUICK)
        yield


def fits(count, seed, shift):
    return {
        f"{seed}-{n}": records(6, seed + n, shift=shift, name=f"fit{seed}-{n}", source="simulation")
        for n in range(count)
    }


@functools.cache
def found(shift, null_shift, fitted=1, rewirings=6):
    return compare_wirings(
        records(10, 100),
        fits(fitted, 200, shift),
        fits(rewirings, 300, null_shift),
        "quick",
        draws=30,
        workers=1,
        seed=100,
    )


def test_a_wiring_that_alone_makes_an_animal_passes():
    wiring = found(0.0, 5.0)
    assert wiring.verdict == "PASS"
    assert wiring.value > 0.2
    assert "0 of 6 rewirings reach it (rank p = 0.14)" in wiring.reason
    assert [part.agrees for part in wiring.parts] == [True] * 6


def test_a_wiring_further_away_than_its_rewirings_fails():
    wiring = found(5.0, 0.0)
    assert wiring.verdict == "FAIL"
    assert "not so that the measured wiring is closer to the animals" in wiring.reason
    assert "(rank p = 1)" in wiring.reason


def test_wirings_that_do_not_matter_are_not_found_to():
    assert found(2.0, 2.0, fitted=3).verdict == "INCONCLUSIVE"


def test_four_rewirings_decide_nothing():
    wiring = found(0.0, 5.0, rewirings=4)
    assert wiring.verdict == "INCONCLUSIVE"
    assert wiring.needed == 5


def test_it_never_changes_the_verdict_on_the_candidate():
    wiring = found(5.0, 0.0)
    assert overall("PASS", [wiring]) == "PASS"
    assert wiring.tier == "C"


def test_bounds_are_those_of_welch():
    from scipy.stats import ttest_ind

    random = np.random.default_rng(100)
    own, null = random.normal(0.5, 0.1, 5), random.normal(0.3, 0.05, 10)
    low = own.mean() - null.mean() - bound_of(own, null, 0.0, 12)
    welch = ttest_ind(own, null, equal_var=False, alternative="greater").confidence_interval(0.95)
    assert low == pytest.approx(welch.low)


def test_one_fit_takes_its_spread_from_the_rewirings():
    null = np.array([0.1, 0.2, 0.3, 0.2, 0.2])
    wide, narrow = (bound_of(np.full(n, 0.5), null, 0.0, 12) for n in (1, 5))
    assert wide / narrow == pytest.approx(math.sqrt(6.0))


def responses(*agreeing, of=20, first=0):
    """Return findings in which so many of 20 experiments agree, from the first one on."""

    def finding(many):
        parts = tuple(
            FindingPart(f"experiment {k}", "", 0.0, (0, 0), first <= k < first + many, "")
            for k in range(of)
        )
        return Finding("perturbations", "T5", 1, 0.0, (0, 1), 0.75, "FAIL", "", None, {}, parts)

    return {f"fit {number}": finding(many) for number, many in enumerate(agreeing)}


def test_responses_are_compared_by_the_share_that_agrees():
    rewired = responses(6, 4, 5, 6, 4)
    for own, verdict in (((12, 14), "PASS"), ((2, 3), "FAIL"), ((5, 5), "INCONCLUSIVE")):
        (found,) = compare_wiring_responses(responses(*own), rewired)
        assert (found.verdict, found.measure) == (verdict, "wiring, responses")
        assert found.value == pytest.approx(np.mean(own) / 20 - 0.25)
    (few,) = compare_wiring_responses(responses(12), responses(4, 6))
    assert (few.verdict, few.needed, few.tier) == ("INCONCLUSIVE", 5, "C")


def test_what_the_fits_had_asked_for_foretells_nothing():
    """All that the measured wiring does better is what its fits were paid for."""
    in_the_fit = [f"experiment {k}" for k in range(10)]
    measured, rewired = responses(9, 8, 9), responses(1, 0, 1, 2, 0)
    every, unasked = compare_wiring_responses(measured, rewired, in_the_fit=in_the_fit)
    assert (every.verdict, unasked.verdict) == ("PASS", "FAIL")
    assert unasked.value == 0.0
    assert "experiment 8 (2 of 3 against 0 of 5)" in every.notes[1]
    assert "one side: none" in unasked.notes[1]
    assert unasked.parts[0].note == "0 of 10 agree"
    equal = responses(4, 4, 4, 4, 4, first=10)
    _, tie = compare_wiring_responses(responses(5, 4, 5, 3, 3, first=10), equal, "", in_the_fit)
    assert "5 of 5 rewirings reach it" in tie.reason
    measured = responses(9, 8, 9, first=10)
    _, unasked = compare_wiring_responses(measured, rewired, in_the_fit=in_the_fit)
    assert unasked.verdict == "PASS"


def test_a_rewiring_does_worse_by_the_spread_among_fits_of_the_measured_wiring():
    rewired = responses(6, 6, 10, 4, 1)
    (found,) = compare_wiring_responses(responses(5, 6, 9, 8), rewired)
    value, (_, high) = found.parts[3].value, found.parts[3].interval
    own = np.array([5, 6, 9, 8]) / 20
    error = own.std(ddof=1) / 2
    assert (value, high - value) == pytest.approx((own.mean() - 0.2, 2.353363 * error), rel=1e-5)
    assert [part.agrees for part in found.parts] == [None, None, False, True, True]
    (alone,) = compare_wiring_responses(responses(9), rewired)
    assert {part.agrees for part in alone.parts} == {None}


def test_sides_have_to_be_there_and_of_one_size():
    with pytest.raises(EmbodyError, match="one fit of the measured wiring"):
        compare_wirings(records(10, 100), {}, fits(2, 300, 0.0), "quick")
    uneven = {"few": records(4, 500, name="few", source="simulation")}
    with pytest.raises(EmbodyError, match="as many individuals"):
        compare_wirings(records(10, 100), uneven, fits(2, 300, 0.0), "quick", workers=1)
