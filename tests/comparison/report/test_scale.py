"""Scales keep the order of values, show the floor, and carry round numbers."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embody.comparison.report.scale import scale_of
from embody.comparison.report.words import feature, number

FINITE = st.floats(-1e6, 1e6, allow_subnormal=False)


@given(st.lists(FINITE, min_size=1, max_size=8), st.tuples(FINITE, FINITE, FINITE), FINITE)
def test_order_is_kept_within_the_drawing(values: list, floor: tuple, edge: float) -> None:
    low, middle, high = sorted(floor)
    scale = scale_of((low, middle, high), max(edge, high), values)
    places = [scale.share(value) for value in sorted(values)]
    assert places == sorted(places)
    assert all(0.0 <= place <= 1.0 for place in places)
    ticks = scale.ticks()
    assert ticks == sorted(set(ticks))
    assert all(scale.low <= tick <= scale.high for tick in ticks)


@pytest.mark.parametrize("furthest", [0.5, 3.0, 1e2, 1e5])
def test_floor_can_be_seen_however_far_a_candidate_is(furthest: float) -> None:
    scale = scale_of((0.1, 0.2, 0.3), 0.4, [furthest])
    assert scale.share(0.3) - scale.share(0.1) > 0.02
    assert scale.share(furthest) > scale.share(0.4)
    assert len(scale.ticks()) >= 2


def test_what_is_not_finite_is_left_out() -> None:
    scale = scale_of((0.1, 0.2, 0.3), 0.4, [math.nan, math.inf, 1.0])
    assert scale.high == 1.0


@given(st.floats(1e-30, 1e30))
def test_numbers_are_told_to_three_digits(value: float) -> None:
    told = (
        number(value).replace(" × 10", "e").translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    )
    assert float(told) == pytest.approx(value, rel=5.1e-3)
    assert number(-value) == f"−{number(value)}"


def test_features_become_words() -> None:
    assert feature("a1 before a2, 0.1 s") == "whether a1 leads a2, by 0.1 s"
    assert feature("<b>odd</b>") == "<b>odd</b>"
