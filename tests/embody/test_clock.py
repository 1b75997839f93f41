import pytest

from embody.clock import Clock, multiple
from embody.errors import EmbodyError, UnknownNameError


@pytest.mark.parametrize(
    ("period", "part", "count"), [(0.3, 0.1, 3), (0.05, 0.005, 10), (60, 0.005, 12000)]
)
def test_decimal_fractions_are_whole_multiples(period, part, count):
    assert multiple(period, part) == count


def test_a_period_that_does_not_fit_is_told_which_would():
    with pytest.raises(EmbodyError, match=r"control period of 0\.007 s .* 0\.005 s or 0\.01 s"):
        Clock.build(0.005, control=0.007)
    with pytest.raises(EmbodyError, match=r"; 0\.005 s would be"):
        multiple(0.001, 0.005)


@pytest.mark.parametrize("period", [0.0, -1.0, float("nan"), float("inf")])
def test_a_period_is_positive_and_finite(period):
    with pytest.raises(EmbodyError, match="positive"):
        multiple(period, 0.005)


def test_rates_never_drift():
    clock = Clock.build(0.0005, brain=0.0025, control=0.005)
    ticks = range(200_001)
    brain = sum(clock.due("brain", tick) for tick in ticks)
    control = sum(clock.due("control", tick) for tick in ticks)
    assert (brain, control) == (40_001, 20_001)
    assert clock.ratio("control", "brain") == 2
    assert clock.time_s(200_000) == pytest.approx(100.0, rel=1e-12)


def test_ratio_must_be_whole():
    clock = Clock.build(0.001, brain=0.002, control=0.005)
    with pytest.raises(EmbodyError, match="control period"):
        clock.ratio("control", "brain")
    with pytest.raises(EmbodyError, match="brain period"):
        clock.ratio("brain", "control")
    with pytest.raises(UnknownNameError, match="valid names: brain, control"):
        clock.period_s("render")
