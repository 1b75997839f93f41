"""Shares with exact bounds, effects with intervals, and when they agree."""

import numpy as np
import pytest
from made_up_animals import gliding
from scipy import stats

from embody.comparison.experiments.effect import Effect, agrees, effect, shows
from embody.comparison.experiments.quantities import QUANTITIES, Trace, measured
from embody.comparison.experiments.share import Share


@pytest.mark.parametrize(("agree", "total"), [(0, 5), (3, 7), (22, 24), (24, 24)])
def test_bounds_are_those_of_clopper_and_pearson(agree, total):
    low, high = Share(agree, 0, total).interval
    of_scipy = stats.binomtest(agree, total).proportion_ci(0.90, method="exact")
    expected_low = 0.0 if agree == 0 else of_scipy.low
    assert (low, high) == pytest.approx((expected_low, of_scipy.high))


def test_verdict_follows_the_bounds_and_what_is_open_helps_nobody():
    assert Share(22, 0, 24).verdict == "PASS"
    assert Share(21, 0, 24).verdict == "INCONCLUSIVE"
    assert Share(22, 2, 24).interval[0] == Share(22, 0, 24).interval[0]
    assert Share(8, 0, 24).verdict == "FAIL"
    assert Share(8, 8, 24).verdict == "INCONCLUSIVE"
    assert Share(0, 24, 24).verdict == "INCONCLUSIVE" and Share(0, 24, 24).needed is None


@pytest.mark.parametrize("share", [Share(9, 0, 10), Share(5, 0, 8), Share(10, 4, 20)])
def test_so_many_as_are_needed_would_decide(share):
    assert share.verdict == "INCONCLUSIVE"
    fraction = share.agree / (share.total - share.left_open)
    assert Share(round(fraction * share.needed), 0, share.needed).verdict != "INCONCLUSIVE"


def test_the_interval_of_an_effect_covers_it_as_often_as_it_says():
    random, held = np.random.default_rng(0), 0
    for _ in range(400):
        before = 1.0 + 0.2 * random.standard_normal(8)
        after = 0.6 * before + 0.1 * random.standard_normal(8)
        low, high = effect(after, before).interval
        held += low <= -0.4 <= high
    assert 0.92 <= held / 400 <= 0.98


def test_individuals_that_all_do_the_same_leave_no_width():
    found = effect(np.full(6, 0.1), np.full(6, 0.2))
    assert found.value == pytest.approx(-0.5)
    assert found.interval == pytest.approx((-0.5, -0.5))
    before = np.linspace(0.1, 0.3, 6)
    assert effect(0.5 * before, before).interval == pytest.approx((-0.5, -0.5))


@pytest.mark.parametrize("few", [1, 2, 5])
def test_few_individuals_tell_nothing(few):
    assert effect(np.ones(few), np.full(few, 2.0)).interval == (-np.inf, np.inf)
    assert shows(np.ones(few), 0.5) is None


@pytest.mark.parametrize(
    ("interval", "expected", "wanted"),
    [
        ((-0.7, -0.5), "less", True),
        ((-0.7, -0.2), "less", None),
        ((-0.2, 0.1), "less", False),
        ((0.5, 0.7), "less", False),
        ((0.5, 0.7), "more", True),
        ((-0.7, -0.5), "more", False),
        ((-0.2, 0.2), "none", True),
        ((-0.3, 0.2), "none", None),
        ((0.3, 0.4), "none", False),
        ((-0.4, -0.3), "none", False),
        ((-np.inf, np.inf), "none", None),
        ((np.nan, np.nan), "none", None),
    ],
)
def test_agreement_needs_the_whole_interval(interval, expected, wanted):
    assert agrees(Effect(0.0, interval), expected, 0.25) is wanted


def test_an_animal_shows_a_quantity_only_if_all_of_it_can_be_measured():
    assert shows(np.full(6, 0.2), 0.05) is True
    assert shows(np.zeros(6), 0.05) is False
    assert shows(np.array([0.0, 0.2, 0.0, 0.2, 0.05, 0.05]), 0.05) is None
    assert shows(np.array([np.nan, *[0.2] * 6]), 0.05) is False


def test_quantities_of_a_worm_that_glides():
    time_s = np.arange(0, 20.05, 0.1)
    speed = np.where(time_s < 10.0, 0.2, -0.1)
    trace = gliding(time_s, speed)
    assert measured("forward speed", (trace,), (2, 8)) == pytest.approx([0.2])
    assert measured("backward speed", (trace,), (12, 18)) == pytest.approx([0.1])
    assert measured("speeding up", (trace,), (10.5, 13.5))[0] == pytest.approx(-0.25, abs=0.02)
    assert measured("reversals", (trace,), (5, 20)) == pytest.approx([4.0])
    assert measured("bend frequency", (trace,), (0, 20)) == pytest.approx([0.0])
    assert measured("bend amplitude", (trace,), (0, 20)) == pytest.approx([0.0])
    assert np.isnan(measured("chemotaxis index", (trace,), (0, 20))).all()
    told = Trace(time_s, trace.centreline, {"chemotaxis_index": time_s / 40})
    assert measured("chemotaxis index", (told,), (0, 10)) == pytest.approx([0.25])
    assert all(quantity.unit for quantity in QUANTITIES.values())
