"""Wiring causality, on made-up fits of which it is known who is closer to the animals."""

import dataclasses
import functools
import math

import numpy as np
import pytest
from oscillators import records

from embody.comparison import battery as batteries
from embody.comparison.battery import BATTERIES
from embody.comparison.finding import Finding, overall
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


def responses(*shares):
    def finding(share):
        return Finding("perturbations", "T5", 1, share, (0, 1), 0.75, "FAIL", "", None, {}, ())

    return {f"fit {number}": finding(share) for number, share in enumerate(shares)}


def test_responses_are_compared_by_the_share_that_agrees():
    rewired = (0.3, 0.2, 0.25, 0.3, 0.2)
    assert compare_wiring_responses(responses(0.6, 0.7), responses(*rewired)).verdict == "PASS"
    assert compare_wiring_responses(responses(0.1, 0.12), responses(*rewired)).verdict == "FAIL"
    assert (
        compare_wiring_responses(responses(0.25, 0.26), responses(*rewired)).verdict
        == "INCONCLUSIVE"
    )
    few = compare_wiring_responses(responses(0.6), responses(0.2, 0.3))
    assert (few.verdict, few.needed, few.tier) == ("INCONCLUSIVE", 5, "C")


def test_sides_have_to_be_there_and_of_one_size():
    with pytest.raises(EmbodyError, match="one fit of the measured wiring"):
        compare_wirings(records(10, 100), {}, fits(2, 300, 0.0), "quick")
    uneven = {"few": records(4, 500, name="few", source="simulation")}
    with pytest.raises(EmbodyError, match="as many individuals"):
        compare_wirings(records(10, 100), uneven, fits(2, 300, 0.0), "quick", workers=1)
