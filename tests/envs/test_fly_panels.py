"""The visual arena: what its pixels show, and that physics does not notice it."""

import pickle

import mujoco
import numpy as np
import pytest

from embody.bodies.fly.eyes import lattice
from embody.bodies.fly.eyes.ray_casting import RayCastEyes
from embody.envs.fly.panel_patterns import (
    Bar,
    Grating,
    LoomingDisc,
    Pattern,
    Pixels,
    RandomChecker,
    Uniform,
)
from embody.envs.fly.panels import Panels, add_panels
from embody.errors import EmbodyError


def arena(**options) -> tuple[mujoco.MjModel, mujoco.MjData]:
    """Eyes in the middle of panels."""
    world = mujoco.MjSpec()
    add_panels(world, centre_mm=(0, 0, 0), **options)
    return with_eyes(world)


def with_eyes(world: mujoco.MjSpec) -> tuple[mujoco.MjModel, mujoco.MjData]:
    """A world with eyes in its middle."""
    head = world.worldbody.add_body()
    head.add_geom(size=(0.1, 0, 0))
    for name in ("eye_left", "eye_right"):
        head.add_site(name=name)
    model = world.compile()
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    return model, data


@pytest.fixture(scope="module")
def pixels() -> Pixels:
    return Panels(arena()[0]).pixels


def whole(pattern: Pattern, pixels: Pixels, time_s: float = 0.0) -> np.ndarray:
    shape = len(pixels.elevation_rad), pixels.azimuth_rad.shape[1]
    return np.broadcast_to(pattern.brightness(pixels, time_s), shape)


def averaged(pattern: Pattern, pixels: Pixels, time_s: float, finer: int = 40) -> np.ndarray:
    """Means over pixels, from a pattern drawn many times finer."""
    offset = (np.arange(finer) + 0.5) / finer - 0.5
    azimuth = pixels.azimuth_rad[..., None] + pixels.width_rad * offset
    elevation = pixels.elevation_rad[..., None] + pixels.height_rad[..., None] * offset
    fine = Pixels(
        azimuth.reshape(1, -1),
        elevation.reshape(-1, 1),
        pixels.width_rad / finer,
        np.repeat(pixels.height_rad / finer, finer, axis=0),
    )
    rows, columns = len(pixels.elevation_rad), pixels.azimuth_rad.shape[1]
    return whole(pattern, fine, time_s).reshape(rows, finer, columns, finer).mean(axis=(1, 3))


@pytest.mark.parametrize("square", [False, True])
def test_pixels_show_the_mean_of_a_grating_over_their_angle(pixels: Pixels, square: bool):
    pattern = Grating(np.deg2rad(10), 1.3, 0.8, square=square)
    assert whole(pattern, pixels, 0.37) == pytest.approx(averaged(pattern, pixels, 0.37), abs=0.01)


def test_gratings_move_where_they_are_told_at_their_frequency(pixels: Pixels):
    left = Grating(np.deg2rad(30), 2.0)
    # A quarter of a period in an eighth of a second: 7.5 degrees, three pixels counter-clockwise.
    now, later = (left.brightness(pixels, time_s) for time_s in (0.0, 0.125))
    assert later == pytest.approx(np.roll(now, 3, axis=1))
    assert left.brightness(pixels, 0.5) == pytest.approx(now)
    up = Grating(np.deg2rad(30), 2.0, direction_rad=np.pi / 2)
    now, later = (np.ptp(up.brightness(pixels, time_s), axis=1) for time_s in (0.0, 0.125))
    assert np.all(now < 1e-9) and np.all(later < 1e-9)
    row = len(pixels.elevation_rad) // 2
    below = np.interp(
        pixels.elevation_rad[row, 0] - np.deg2rad(7.5),
        pixels.elevation_rad[:, 0],
        up.brightness(pixels, 0.0)[:, 0],
    )
    assert up.brightness(pixels, 0.125)[row, 0] == pytest.approx(below, abs=0.03)


def test_contrast_is_that_of_michelson(pixels: Pixels):
    shown = whole(Grating(np.deg2rad(60), contrast=0.4, square=True), pixels)
    assert (shown.max() - shown.min()) / (shown.max() + shown.min()) == pytest.approx(0.4)
    assert shown.mean() == pytest.approx(0.5)


def test_a_grating_that_does_not_close_is_refused():
    with pytest.raises(EmbodyError, match="whole number"):
        Grating(np.deg2rad(50))
    with pytest.raises(EmbodyError, match="whole number"):
        Grating(np.deg2rad(30), direction_rad=0.3)


@pytest.mark.parametrize("width_deg", [1.0, 2.5, 16.0])
def test_a_bar_keeps_its_width_wherever_it_is(pixels: Pixels, width_deg: float):
    for azimuth in np.linspace(-7, 7, 23):
        shown = Bar(np.deg2rad(width_deg), azimuth).brightness(pixels, 0.0)
        dark = np.sum(1 - shown) * pixels.width_rad
        assert dark == pytest.approx(np.deg2rad(width_deg))


def test_a_bar_moves_counter_clockwise(pixels: Pixels):
    bar = Bar(np.deg2rad(20), np.deg2rad(30), np.deg2rad(90))
    dark = 1 - bar.brightness(pixels, 2.0)[0]
    middle = np.angle(np.sum(dark * np.exp(1j * pixels.azimuth_rad[0])))
    assert abs(np.rad2deg(middle)) % 360 == pytest.approx(150)
    assert np.rad2deg(middle) < 0 or np.rad2deg(middle) == pytest.approx(-150 + 360)


def test_a_disc_looms_as_an_object_of_constant_speed(pixels: Pixels):
    disc = LoomingDisc(0.05, start_rad=np.deg2rad(6), final_rad=np.deg2rad(70))
    assert disc.angle_rad(0.0) == pytest.approx(np.deg2rad(6))
    # At a distance d = v (collision - t), an object of half size l subtends 2 atan(l / d).
    for time_s in (0.2, 0.7):
        left = disc.collision_s - time_s
        assert disc.angle_rad(time_s) == pytest.approx(2 * np.arctan(0.05 / left))
    assert disc.angle_rad(disc.collision_s + 1) == pytest.approx(np.deg2rad(70))


@pytest.mark.parametrize("size_deg", [8.0, 30.0, 60.0])
def test_a_disc_covers_its_solid_angle(pixels: Pixels, size_deg: float):
    disc = LoomingDisc(
        azimuth_rad=2.0, elevation_rad=0.1, start_rad=1e-3, final_rad=np.deg2rad(size_deg)
    )
    dark = 1 - whole(disc, pixels, 1e9)
    solid_angle = pixels.width_rad * pixels.height_rad * np.cos(pixels.elevation_rad)
    expected = 2 * np.pi * (1 - np.cos(np.deg2rad(size_deg) / 2))
    assert np.sum(dark * solid_angle) == pytest.approx(expected, rel=0.03)


def test_impossible_discs_are_refused():
    with pytest.raises(EmbodyError, match="start_rad < final_rad"):
        LoomingDisc(start_rad=1.0, final_rad=0.5)


def test_checkers_repeat_with_their_seed(pixels: Pixels):
    first = RandomChecker(4, 1).brightness(pixels, 0.0)
    assert np.array_equal(first, RandomChecker(4, 1).brightness(pixels, 3.0))
    assert not np.array_equal(first, RandomChecker(4, 2).brightness(pixels, 0.0))
    assert np.array_equal(first[:4, :4], np.full((4, 4), first[0, 0]))


def test_eyes_see_a_bar_where_it_is():
    model, data = arena()
    panels = Panels(model)
    eyes = RayCastEyes(model, sky=(0, 0, 0), screens=[panels])
    direction = lattice.directions("left")
    azimuth = np.arctan2(direction[:, 1], direction[:, 0])
    level = np.abs(direction[:, 2]) < 0.5
    for place in np.deg2rad([20, 75, 130]):
        panels.show(Bar(np.deg2rad(20), place, level=1.0, background=0.0), 0.0)
        seen = eyes.brightness(data)[0]
        off = np.abs(azimuth - place)
        assert seen[level & (off < np.deg2rad(3))] == pytest.approx(1.0, abs=0.02)
        assert seen[level & (off > np.deg2rad(19))] == pytest.approx(0.0, abs=0.02)


def test_rays_meet_the_cylinder_where_geometry_says_so():
    model, data = arena(radius_mm=10.0, height_mm=12.0)
    panels = Panels(model)
    ray = np.array([[1, 0, 0], [-1, 0, 0], [0, 0.6, 0.8], [0, 0, 1], [0.8, 0, 0.6]], float)
    away = panels.distance(data, np.array([4.0, 0.0, -3.0]), ray)
    assert away[:2] == pytest.approx([6.0, 14.0])
    assert np.isinf(away[2:4]).all()
    assert away[4] == pytest.approx(7.5)
    outside = panels.distance(data, np.array([20.0, 0.0, 0.0]), ray[:2])
    assert np.isinf(outside[0])
    assert outside[1] == pytest.approx(30.0)  # the near side is open to look into from outside


def test_objects_in_front_of_panels_cover_them_and_others_do_not():
    world = mujoco.MjSpec()
    add_panels(world, radius_mm=10.0, centre_mm=(0, 0, 0))
    for distance in (5.0, 15.0):
        world.worldbody.add_geom(
            size=(0.2 * distance, 0, 0), pos=(0, distance, 0), rgba=(0, 0, 1, 1)
        )
    world.worldbody.add_geom(size=(2, 0, 0), pos=(15.0, 0, 0), rgba=(0, 0, 1, 1))
    model, data = with_eyes(world)
    panels = Panels(model, colour=(1, 0, 0))
    panels.show(Uniform(1.0), 0.0)
    seen = RayCastEyes(model, sky=(0, 0, 0), screens=[panels]).colour(data)[0]
    direction = lattice.directions("left")
    assert seen[np.argmax(direction[:, 1])] == pytest.approx([0, 0, 1], abs=0.01)
    assert seen[np.argmax(direction[:, 0])] == pytest.approx([1, 0, 0], abs=0.01)


def test_physics_does_not_notice_the_panels():
    heights = []
    for with_panels in (False, True):
        world = mujoco.MjSpec()
        world.worldbody.add_geom(type=mujoco.mjtGeom.mjGEOM_PLANE, size=(0, 0, 1))
        ball = world.worldbody.add_body(pos=(19.8, 0, 1.0))
        ball.add_freejoint()
        ball.add_geom(size=(0.5, 0, 0))
        if with_panels:
            add_panels(world)
        model = world.compile()
        data = mujoco.MjData(model)
        data.qvel[0] = 3.0
        mujoco.mj_step(model, data, 500)
        heights.append(data.qpos.copy())
    assert np.array_equal(*heights)


def test_panels_survive_pickling():
    model, data = arena()
    panels = Panels(model)
    panels.show(RandomChecker(), 0.0)
    eyes = RayCastEyes(model, screens=[panels])
    copied_eyes, copied = pickle.loads(pickle.dumps((eyes, panels)))
    assert np.array_equal(copied.brightness(), panels.brightness())
    copied.show(Uniform(0.2), 0.0)
    seen = copied_eyes.brightness(data)[0]
    level = np.abs(lattice.directions("left")[:, 2]) < 0.5
    assert seen[level] == pytest.approx(0.2)
    assert np.ptp(eyes.brightness(data)[0][level]) > 0.5


def test_a_world_without_panels_is_refused():
    world = mujoco.MjSpec()
    with pytest.raises(EmbodyError, match="add_panels"):
        Panels(world.compile())
    with pytest.raises(EmbodyError, match="8 columns"):
        add_panels(world, columns=3)
