"""Measures of the reduced body's gait against waves whose gait is known."""

import numpy as np
import pytest

from embody.bodies.worm.geometry import JOINTS, WormGeometry
from embody.envs.worm.gait_measures import measure

PERIOD_S = 0.05
FREQUENCY_HZ = 0.4
AMPLITUDE_PER_MM = 6.0


def wave(waves_per_body, speed=0.2, seconds=40.0, bias=0.0):
    time = np.arange(0.0, seconds, PERIOD_S)[:, None]
    along = (np.arange(JOINTS) + 1)[None, :] / (JOINTS + 1)
    curvature = bias + AMPLITUDE_PER_MM * np.sin(
        2 * np.pi * (FREQUENCY_HZ * time - waves_per_body * along)
    )
    angle = curvature * WormGeometry().rod_length_mm
    direction = np.concatenate([np.zeros_like(time), -np.cumsum(angle, axis=1)], axis=1)
    direction -= direction.mean(axis=1, keepdims=True)
    head = np.concatenate([speed * time, np.zeros_like(time)], axis=1)
    return head, direction


@pytest.mark.parametrize("waves", [1.5, -1.5])
def test_frequency_waves_and_amplitude_of_a_travelling_wave(waves):
    found = measure(*wave(waves), PERIOD_S)
    assert found.frequency == pytest.approx(FREQUENCY_HZ, abs=0.01)
    assert found.waves == pytest.approx(waves, rel=0.02)
    assert found.amplitude == pytest.approx(AMPLITUDE_PER_MM, rel=0.02)
    assert found.weakest_third == pytest.approx(AMPLITUDE_PER_MM, rel=0.03)
    assert found.strongest_third == pytest.approx(AMPLITUDE_PER_MM, rel=0.03)
    assert found.bias < 0.05
    assert np.sign(found.travelling) == np.sign(waves)
    assert abs(found.travelling) > 0.7


def test_speed_is_signed_along_the_body():
    ahead = measure(*wave(1.5, speed=0.2), PERIOD_S)
    astern = measure(*wave(1.5, speed=-0.2), PERIOD_S)
    assert ahead.speed == pytest.approx(0.2, rel=0.1)
    assert astern.speed == pytest.approx(-0.2, rel=0.1)


def test_a_standing_bend_is_bias_and_not_amplitude():
    head, direction = wave(1.5, bias=3.0)
    assert measure(head, direction, PERIOD_S).bias == pytest.approx(3.0, rel=0.05)


def test_turning_of_a_body_that_only_rotates():
    head, direction = wave(1.5)
    drift = 0.1 * np.arange(len(head))[:, None] * PERIOD_S
    assert measure(head, direction + drift, PERIOD_S).turning == pytest.approx(0.1, rel=0.05)
