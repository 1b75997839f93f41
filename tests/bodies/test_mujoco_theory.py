"""The MuJoCo body against what can be worked out on paper."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import trapezoid

from embody.bodies.worm.geometry import RODS, WormGeometry, muscle_rows, muscle_sides
from embody.bodies.worm.medium import medium
from embody.bodies.worm.mujoco_body import WormBody
from embody.bodies.worm.parameters import body_parameters
from embody.bodies.worm.prescribed_wave import CRAWL, SWIM, wave_speeds

RELAXED = np.zeros(95)
HEADING = 0.6
ALONG = np.array([np.cos(HEADING), np.sin(HEADING)])
ACROSS = np.array([-np.sin(HEADING), np.cos(HEADING)])


@pytest.mark.parametrize("name", ["agar", "water"])
@pytest.mark.parametrize(("axis", "drag"), [(ALONG, "tangential"), (ACROSS, "normal")])
def test_towed_straight_it_moves_at_force_over_drag(name, axis, drag):
    body = WormBody(name)
    body.reset(heading_rad=HEADING)
    coefficient = getattr(body.medium, f"{drag}_drag") * body.geometry.length_mm
    force = 0.1 * coefficient
    for rod in range(RODS):
        body.poke(rod, force / RODS * axis)
    for _ in range(10):
        body.step(RELAXED)
    start = body.rod_positions().mean(axis=0)
    for _ in range(10):
        body.step(RELAXED)
    velocity = (body.rod_positions().mean(axis=0) - start) / 0.05
    np.testing.assert_allclose(velocity, force / coefficient * axis, rtol=1e-6, atol=1e-9)


def test_turned_straight_it_turns_at_torque_over_rotational_drag():
    body = WormBody("agar")
    body.reset()
    rod_length = body.geometry.rod_length_mm
    share = 1e-3 * body.medium.normal_drag * rod_length
    for rod, place in enumerate(body.rod_positions()[:, 0]):
        number = body.indexing.rod_body[rod]
        body.data.xfrc_applied[number, 1] = share * place
        body.data.xfrc_applied[number, 5] = share * rod_length**2 / 12
    applied = body.data.xfrc_applied[body.indexing.rod_body]
    torque = np.sum(applied[:, 1] * body.rod_positions()[:, 0] + applied[:, 5])
    for _ in range(20):
        body.step(RELAXED)
    resistance = body.medium.normal_drag * body.geometry.length_mm**3 / 12
    assert body.heading() / body.time_s == pytest.approx(torque / resistance, rel=1e-5)


@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_a_bent_worm_relaxes_like_a_free_elastic_beam_in_drag(scale):
    """First free mode: rate EI k^4 / (c_N + damping EI k^4), cos(kL) cosh(kL) = 1."""
    body = WormBody(scale)
    length = body.geometry.length_mm
    wavenumber = 4.730040744862704 / length
    place = np.arange(1, RODS) / RODS * length
    mix = (np.cosh(wavenumber * length) - np.cos(wavenumber * length)) / (
        np.sinh(wavenumber * length) - np.sin(wavenumber * length)
    )
    phase = wavenumber * place
    mode = np.cosh(phase) - np.cos(phase) - mix * (np.sinh(phase) - np.sin(phase))
    mode *= 1e-3 / np.abs(mode).max()

    elastic = body_parameters()["bending_stiffness"] * wavenumber**4
    rate = elastic / (body.medium.normal_drag + body_parameters()["damping_time"] * elastic)
    body.reset(joint_angle=mode)
    steps = round(1.0 / rate / body.control_period_s)
    for _ in range(steps):
        body.step(RELAXED)
    left = trapezoid(body.joint_angle() * mode, place) / trapezoid(mode**2, place)
    assert -np.log(left) / body.time_s == pytest.approx(rate, rel=0.02)


def test_muscles_bend_a_joint_to_torque_over_stiffness():
    body = WormBody("water")
    body.reset()
    command = ((muscle_rows == 12) & (muscle_sides > 0)).astype(float)
    for _ in range(800):
        body.step(command)
    parameters = body_parameters()
    stiffness = parameters["bending_stiffness"] / body.geometry.rod_length_mm
    expected = np.zeros(24)
    expected[11] = 2 * parameters["muscle_torque"] / stiffness
    np.testing.assert_allclose(body.joint_angle(), expected, atol=1e-3)


def test_activation_follows_its_command_as_a_first_order_lag():
    body = WormBody()
    body.reset()
    for _ in range(20):
        body.step(np.full(95, 0.7))
    lag = body_parameters()["muscle_time_constant"]
    np.testing.assert_allclose(body.activation(), 0.7 * (1 - np.exp(-0.1 / lag)), rtol=1e-12)


def test_mass_is_that_of_the_outline_filled_with_water():
    geometry = WormGeometry()
    place = np.linspace(0, 1, 10001)
    volume = trapezoid(np.pi * geometry.radius_mm(place) ** 2, place)
    assert WormBody().model.body_mass.sum() == pytest.approx(volume, rel=2e-3)


@pytest.mark.parametrize("towards_tail", [True, False])
@pytest.mark.parametrize(
    ("wave", "name", "tolerance"), [(CRAWL, "agar", 0.05), (SWIM, "water", 0.10)]
)
def test_prescribed_wave_has_the_speed_of_resistive_force_theory(
    wave, name, tolerance, towards_tail
):
    wave, substance = replace(wave, towards_tail=towards_tail), medium(name)
    step = 0.005 / substance.physics_steps(0.005)
    speeds = wave_speeds(wave, substance, step, periods=1)
    assert (speeds.simulated_mm_s > 0) == towards_tail
    assert abs(speeds.error) < tolerance
    assert speeds.amplitude_per_mm == pytest.approx(wave.curvature_per_mm, rel=0.05)


@pytest.mark.parametrize(("name", "frequency"), [("agar", 0.45), ("water", 1.8)])
def test_error_falls_in_proportion_to_the_physics_step(name, frequency):
    wave = np.cos(2 * np.pi * (muscle_rows / 16 - frequency * 0.005 * np.arange(200)[:, None]))
    command = np.clip(0.5 * muscle_sides * wave, 0, 1)

    def posture(physics_steps: int) -> np.ndarray:
        body = WormBody(name, physics_steps=physics_steps)
        body.reset()
        for row in command:
            body.step(row)
        return body.centreline()

    first = medium(name).physics_steps(0.005)
    coarse, middle, fine = (posture(first * factor) for factor in (1, 2, 4))
    order = np.log2(np.linalg.norm(coarse - middle) / np.linalg.norm(middle - fine))
    assert 0.8 < order < 1.2
    assert np.linalg.norm(coarse - fine, axis=1).max() < 0.01
