"""Waves with known answers: the measures must find them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embody.analysis import measure_gait
from embody.analysis.posture import body_axis, curvature, smooth, smooth_path
from embody.analysis.synthetic import body_on_path, crawling_worm, wave_angles, worm_recording


def gait_of(recording):
    return measure_gait(recording.arrays["time"], recording.arrays["centreline"])


@settings(max_examples=15)
@given(
    frequency=st.floats(0.2, 2.0),
    wavelength=st.floats(0.5, 1.5),
    amplitude=st.floats(1.0, 8.0),
    bias=st.floats(-3.0, 3.0),
    forward=st.booleans(),
)
def test_finds_the_wave_that_was_put_in(frequency, wavelength, amplitude, bias, forward):
    recording = crawling_worm(
        30.0,
        frequency_hz=frequency,
        wavelength_body=wavelength,
        amplitude_per_mm=amplitude,
        bias_per_mm=bias,
        speed_mm_s=0.1 if forward else -0.1,
    )
    gait = gait_of(recording)
    assert gait.frequency_hz == pytest.approx(frequency, rel=0.02)
    assert gait.frequency_zero_crossing_hz == pytest.approx(frequency, rel=0.03)
    assert gait.wavelength_body == pytest.approx(wavelength, rel=0.03)
    assert gait.wave_direction == (1 if forward else -1)
    assert gait.curvature_amplitude_per_mm == pytest.approx(amplitude, rel=0.05)
    assert np.sign(gait.travelling_power) == gait.wave_direction
    assert abs(gait.travelling_power) > 0.6  # less than 1: the body holds few waves


def test_a_standing_wave_travels_nowhere():
    time = np.arange(400) * 0.05
    place = np.arange(1, 25) / 25
    standing = 0.2 * np.sin(np.pi * time)[:, None] * np.sin(2 * np.pi * place / 0.65)
    body = body_on_path(np.zeros((400, 2)), np.zeros(400), standing)
    assert abs(measure_gait(time, body).travelling_power) < 0.01


def test_rocking_as_a_whole_travels_nowhere():
    time = np.arange(400) * 0.05
    rocking = np.repeat(0.1 * np.sin(np.pi * time)[:, None], 24, axis=1)
    body = body_on_path(np.zeros((400, 2)), np.zeros(400), rocking)
    assert abs(measure_gait(time, body).travelling_power) < 0.01


def test_both_directions_in_one_record_cancel():
    ahead, back = crawling_worm(20.0), crawling_worm(20.0, speed_mm_s=-0.2)
    joined = np.concatenate([ahead.arrays["centreline"], back.arrays["centreline"][1:]])
    gait = measure_gait(np.arange(len(joined)) * 0.05, joined)
    assert abs(gait.travelling_power) < 0.1
    assert gait.wavelength_body == pytest.approx(0.65, rel=0.05)


def test_weakest_third_is_the_part_that_hardly_bends():
    time = np.arange(400) * 0.05
    joints = wave_angles(time, frequency_hz=0.5, wavelength_body=0.65, amplitude_per_mm=6.0)
    joints[:, 16:] *= 0.1
    body = body_on_path(np.zeros((400, 2)), np.zeros(400), joints)
    gait = measure_gait(time, body)
    assert gait.weakest_third_per_mm == pytest.approx(0.6, rel=0.02)
    assert gait.curvature_amplitude_per_mm == pytest.approx(4.2, rel=0.02)


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.5, 2.0])
def test_less_than_two_cycles_give_no_frequency(seconds):
    gait = gait_of(crawling_worm(seconds, frequency_hz=0.5))
    assert np.isnan(gait.frequency_hz)
    assert np.isnan(gait.wavelength_body)


def test_a_still_worm_has_no_frequency():
    time = np.arange(400) * 0.05
    body = body_on_path(np.zeros((400, 2)), np.zeros(400), np.full((400, 24), 0.1))
    gait = measure_gait(time, body)
    assert np.isnan(gait.frequency_hz) and np.isnan(gait.travelling_power)
    assert gait.curvature_amplitude_per_mm == pytest.approx(0.0, abs=1e-9)


def test_curvature_is_positive_where_the_dorsal_side_is_concave():
    joints = np.full((1, 24), 0.08)
    body = body_on_path(np.zeros((1, 2)), np.zeros(1), joints)
    np.testing.assert_allclose(curvature(body), 0.08 / 0.04, rtol=1e-9)
    assert body[0, 0, 1] > 0  # heading along x, the head bends to the left


def test_body_axis_points_to_the_head_and_hardly_sways():
    body = crawling_worm(10.0).arrays["centreline"]
    axis = body_axis(body)
    np.testing.assert_allclose(np.linalg.norm(axis, axis=1), 1.0)
    assert axis[:, 0].min() > 0.97


@given(window=st.integers(2, 40))
def test_smoothing_leaves_uniform_motion_alone(window):
    line = np.linspace(0, 3, 50)[:, None] * [1.0, -2.0]
    np.testing.assert_allclose(smooth_path(line, window), line, atol=1e-12)


def test_smoothing_a_rate_averages_jitter_out_up_to_the_ends():
    jitter = np.tile([1.0, -1.0], 100)
    assert np.abs(smooth(jitter, 20)).max() < 0.1


def test_analysis_takes_any_number_of_nodes():
    recording = crawling_worm(20.0)
    thinned = recording.arrays["centreline"][:, ::2]
    gait = measure_gait(recording.arrays["time"], thinned)
    assert gait.frequency_hz == pytest.approx(0.5, rel=0.02)
    assert worm_recording(recording.arrays["time"], recording.arrays["centreline"])
