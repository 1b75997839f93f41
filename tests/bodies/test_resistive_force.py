from dataclasses import replace

import numpy as np
import pytest

from embody.bodies.worm.medium import medium
from embody.bodies.worm.prescribed_wave import CRAWL, SWIM
from embody.bodies.worm.resistive_force import (
    BendingWave,
    forward_speed,
    gray_hancock_speed,
    infinite_filament_speed,
    motion_of_posture,
)

LONG = 20.0  # mm, twenty waves: nearly endless
RIPPLE = BendingWave(curvature_per_mm=0.1, wavelength_mm=1.0, frequency_hz=1.0)


@pytest.mark.parametrize("name", ["agar", "water"])
def test_endless_filament_of_small_amplitude_is_gray_and_hancocks(name):
    assert infinite_filament_speed(RIPPLE, medium(name)) == pytest.approx(
        gray_hancock_speed(RIPPLE, medium(name)), rel=0.006
    )


@pytest.mark.parametrize("name", ["agar", "water"])
def test_long_chain_of_small_amplitude_is_gray_and_hancocks(name):
    speed = forward_speed(RIPPLE, medium(name), rods=800, length_mm=LONG, samples=40)
    assert speed == pytest.approx(gray_hancock_speed(RIPPLE, medium(name)), rel=0.02)


@pytest.mark.parametrize("name", ["agar", "water"])
def test_long_chain_of_large_amplitude_is_lighthills(name):
    wave = replace(RIPPLE, curvature_per_mm=5.0)
    speed = forward_speed(wave, medium(name), rods=800, length_mm=LONG, samples=80)
    assert speed == pytest.approx(infinite_filament_speed(wave, medium(name)), rel=0.02)


@pytest.mark.parametrize(("wave", "name"), [(CRAWL, "agar"), (SWIM, "water")])
def test_twenty_five_rods_come_close_to_a_smooth_filament(wave, name):
    coarse, fine, finer = (
        forward_speed(wave, medium(name), rods, samples=100) for rods in (25, 50, 100)
    )
    assert coarse == pytest.approx(finer, rel=0.02)
    assert abs(fine - finer) < abs(coarse - finer) / 2


def test_a_wave_that_runs_the_other_way_drives_the_other_way():
    backwards = replace(CRAWL, towards_tail=False)
    assert forward_speed(CRAWL, medium("agar")) > 0
    assert forward_speed(backwards, medium("agar")) == pytest.approx(
        -forward_speed(CRAWL, medium("agar")), rel=1e-9
    )


def test_reciprocal_motion_goes_nowhere():
    """Purcell 1977, Am. J. Phys. 45:3: the scallop theorem."""
    time = np.linspace(0.0, 1.0, 2001)
    bend = 0.2 * np.sin(2 * np.pi * time)[:, None] * np.linspace(0.2, 1.0, 24)
    motion = motion_of_posture(time, bend, medium("agar"))
    assert abs(motion.position_mm[500] - motion.position_mm[0]).max() > 1e-3
    np.testing.assert_allclose(motion.position_mm[-1], motion.position_mm[0], atol=1e-6)
    assert motion.heading_rad[-1] == pytest.approx(motion.heading_rad[0], abs=1e-5)


def test_isotropic_drag_gives_no_thrust():
    agar = medium("agar")
    isotropic = replace(agar, normal_drag=agar.tangential_drag)
    assert abs(forward_speed(CRAWL, isotropic)) < 2e-3 * forward_speed(CRAWL, agar)
