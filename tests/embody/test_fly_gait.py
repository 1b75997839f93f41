"""Measures of a six-legged gait on synthetic footfalls with known answers."""

import numpy as np
import pytest

from embody.analysis.fly_gait import (
    find_swings,
    measure_fly_gait,
    measure_fly_track,
    swing_mask,
    tripod_strengths,
)
from embody.errors import EmbodyError

PERIOD_S = 0.1
SAMPLE_S = 0.0005
HIND, MIDDLE, FRONT = 0.0, 1.0, 2.0
SEGMENT = np.array([FRONT, MIDDLE, HIND, FRONT, MIDDLE, HIND])
SIDE = np.array([0, 0, 0, 1, 1, 1])


def metachronal(lag: float, swing_share: float, seconds: float = 3.0) -> tuple:
    """Swings in which each leg follows the one behind it by `lag` of a step, sides in antiphase."""
    time_s = np.arange(0.0, seconds, SAMPLE_S)
    start = lag * SEGMENT + 0.5 * SIDE
    turn = (time_s[:, None] / PERIOD_S - start + 1e-9) % 1.0
    return time_s, turn < swing_share


def test_perfect_tripod() -> None:
    gait = measure_fly_gait(*metachronal(0.5, 0.4))
    assert gait.tripod_strength == pytest.approx(1.0, abs=1e-6)
    np.testing.assert_allclose(gait.step_frequency_hz, 1.0 / PERIOD_S, rtol=1e-6)
    np.testing.assert_allclose(gait.swing_s, 0.04, atol=1e-9)
    np.testing.assert_allclose(gait.stance_s, 0.06, atol=1e-9)
    np.testing.assert_allclose(gait.duty_factor, 0.6, atol=1e-9)
    np.testing.assert_allclose(gait.legs_in_stance, 3.6, atol=0.02)


def test_wave_gait_has_no_tripods() -> None:
    gait = measure_fly_gait(*metachronal(1 / 6, 1 / 6))
    assert gait.tripod_strength == 0.0
    assert gait.legs_in_stance == pytest.approx(5.0, abs=0.02)


@pytest.mark.parametrize("lag", [0.35, 0.4, 0.45, 0.48])
@pytest.mark.parametrize("share", [0.3, 0.45])
def test_strength_between_wave_and_tripod(lag: float, share: float) -> None:
    """Three equal swings spread over d of a step overlap for share - d of share + d."""
    spread = 1.0 - 2.0 * lag
    expected = max(share - spread, 0.0) / (share + spread)
    time_s, swing = metachronal(lag, share)
    assert measure_fly_gait(time_s, swing).tripod_strength == pytest.approx(expected, abs=0.02)


def test_phases_follow_the_legs() -> None:
    phase = measure_fly_gait(*metachronal(0.4, 0.3)).phase
    np.testing.assert_allclose(phase, (0.4 * SEGMENT + 0.5 * SIDE) % 1.0, atol=0.01)


def test_only_whole_swings_count() -> None:
    time_s, swing = metachronal(0.5, 0.4, seconds=0.33)
    for leg in find_swings(time_s, swing):
        assert all(step.seconds == pytest.approx(0.04) for step in leg)


def test_a_fly_that_stands_has_no_gait() -> None:
    time_s = np.arange(100) * 0.002
    gait = measure_fly_gait(time_s, np.zeros((100, 6), bool))
    assert np.isnan(gait.tripod_strength)
    assert np.isnan(gait.step_frequency_hz).all()
    assert gait.legs_in_stance == 6.0
    assert tripod_strengths([[]] * 6).shape == (0,)


def test_chatter_is_no_step() -> None:
    _, swing = metachronal(0.5, 0.4)
    load = np.where(swing, 0.0, 3.0)
    noisy = load.copy()
    noisy[50::400] = 3.0 - noisy[50::400]
    np.testing.assert_array_equal(swing_mask(noisy, SAMPLE_S), swing_mask(load, SAMPLE_S))
    np.testing.assert_array_equal(swing_mask(load, SAMPLE_S), swing)


def test_track_of_a_circle() -> None:
    """Speed v on a circle of radius r turns with v / r, all of it forwards."""
    time_s = np.arange(2000) * 0.002
    rate, radius = 0.8, 12.0
    heading = rate * time_s + 0.3
    place = radius * np.stack([np.sin(heading), -np.cos(heading)], axis=1)
    wrapped = np.angle(np.exp(1j * heading))
    track = measure_fly_track(time_s, place, wrapped)
    assert track.forward_speed_mm_s == pytest.approx(rate * radius, rel=1e-6)
    assert track.sideways_speed_mm_s == pytest.approx(0.0, abs=1e-6)
    assert track.turn_rate_deg_s == pytest.approx(np.degrees(rate), rel=1e-9)
    assert track.path_mm == pytest.approx(rate * radius * time_s[-1], rel=1e-6)


def test_wrong_shapes_are_named() -> None:
    with pytest.raises(EmbodyError, match="swing must have shape"):
        find_swings(np.arange(5), np.zeros((5, 4), bool))
    with pytest.raises(EmbodyError, match="5 frames"):
        find_swings(np.arange(4), np.zeros((5, 6), bool))
