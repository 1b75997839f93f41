"""The compound eyes: their lattice, their receptive fields, and sight by ray casting."""

import pickle

import mujoco
import numpy as np
import pytest

from embody.bodies.fly.eyes import lattice, photoreceptors
from embody.bodies.fly.eyes.mosaic import mosaic
from embody.bodies.fly.eyes.ray_casting import RayCastEyes
from embody.bodies.fly.eyes.receptive_field import (
    ACCEPTANCE_ANGLE_RAD,
    acceptance,
    shared_rays,
)
from embody.errors import EmbodyError, UnknownNameError

BLACK = (0.0, 0.0, 0.0)
EYES_MM = {"eye_left": (0.2, 0.25, 0.0), "eye_right": (0.2, -0.25, 0.0)}
DISTANCE_MM = 100.0


def looker(world: mujoco.MjSpec, yaw: float = 0.0) -> tuple[mujoco.MjModel, mujoco.MjData]:
    """A head with two eyes in a world, turned by an angle about the vertical."""
    body = world.worldbody.add_body(
        name="thorax", pos=(0, 0, 2), quat=(np.cos(yaw / 2), 0, 0, np.sin(yaw / 2))
    )
    for y in (1.0, -1.0):
        body.add_geom(size=(0.3, 0, 0), pos=(-0.3, y, -0.5), rgba=(0, 1, 0, 1))
    head = body.add_body(name="head")
    head.add_geom(size=(0.4, 0, 0), rgba=(1, 0, 0, 1))
    for name, place in EYES_MM.items():
        head.add_site(name=name, pos=place)
    model = world.compile()
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    return model, data


def target(world: mujoco.MjSpec, place: np.ndarray, radius: float, colour=(1, 1, 1)) -> None:
    world.worldbody.add_geom(size=(radius, 0, 0), pos=place, rgba=(*colour, 1))


def boxes(world: mujoco.MjSpec, yaw: float = 0.0, mirror: float = 1.0) -> None:
    """Boxes around the fly, all turned about the vertical, or mirrored."""
    chance = np.random.default_rng(3)
    cosine, sine = np.cos(yaw), np.sin(yaw)
    for _ in range(25):
        x, y, z, turn = chance.uniform(-6, 6, 4)
        size, colour = chance.uniform(0.3, 1.2, 3), chance.uniform(0, 1, 3)
        if np.hypot(x, y) < 2.5:
            continue
        place = (cosine * x - sine * mirror * y, sine * x + cosine * mirror * y, z)
        half = 0.5 * (mirror * turn + yaw)
        world.worldbody.add_geom(
            type=mujoco.mjtGeom.mjGEOM_BOX,
            size=size,
            pos=place,
            quat=(np.cos(half), 0, 0, np.sin(half)),
            rgba=(*colour, 1),
        )


def test_there_are_721_ommatidia_in_the_order_of_the_optic_lobe():
    axial = lattice.axial_coordinates()
    assert axial.shape == (721, 2)
    extent = lattice.EXTENT
    expected = [
        (u, v)
        for u in range(-extent, extent + 1)
        for v in range(max(-extent, -extent - u), min(extent, extent - u) + 1)
    ]
    assert axial.tolist() == [list(place) for place in expected]


def test_neighbours_are_one_step_apart_and_mutual():
    axial, neighbours = lattice.axial_coordinates(), lattice.neighbours()
    number, slot = np.nonzero(neighbours >= 0)
    other = neighbours[number, slot]
    assert np.all(lattice.hex_distance(axial[number], axial[other]) == 1)
    assert np.all(neighbours[other, (slot + 3) % 6] == number)
    assert np.count_nonzero(np.all(neighbours >= 0, axis=1)) == 3 * 14 * 15 + 1
    place = lattice.plane_coordinates()
    assert np.linalg.norm(place[number] - place[other], axis=1) == pytest.approx(1.0)


def test_the_field_is_as_wide_as_declared_and_overlaps_in_front():
    left = lattice.directions("left")
    level = np.abs(left[:, 2]) < np.sin(np.deg2rad(3.0))
    azimuth = np.rad2deg(np.arctan2(left[level, 1], left[level, 0]))
    assert azimuth.min() == pytest.approx(-7.5, abs=0.1)
    assert azimuth.max() == pytest.approx(149.5, abs=0.1)
    middle = lattice.OMMATIDIA // 2
    beside = left[lattice.neighbours()[middle]]
    angle = np.rad2deg(np.arccos(beside @ left[middle]))
    assert np.all((angle > 4.9) & (angle < 5.6))


def test_every_ommatidium_owns_the_same_solid_angle():
    direction, neighbours = lattice.directions("left"), lattice.neighbours()
    inner = np.all(neighbours >= 0, axis=1)
    ring = direction[neighbours[inner]]
    # The hexagon of the six neighbours is three ommatidia large.
    axis = direction[inner]
    spans = np.cross(ring, np.roll(ring, -1, axis=1))
    area = 0.5 * np.abs(np.einsum("nkd,nd->n", spans, axis)) / 3
    assert area == pytest.approx(lattice.solid_angle_sr(), rel=0.02)


def test_the_right_eye_is_the_mirror_image_of_the_left():
    left, right = lattice.directions("left"), lattice.directions("right")
    assert np.linalg.norm(left, axis=1) == pytest.approx(1.0)
    assert np.array_equal(left * [1, -1, 1], right)


def test_pale_ommatidia_are_216_strewn_over_the_eye():
    pale, place = lattice.is_pale(), lattice.plane_coordinates()
    assert pale.sum() == 216
    for half in (place[:, 0] > 0, place[:, 0] < 0, place[:, 1] > 0, place[:, 1] < 0):
        share = pale[half].mean()
        # Three standard deviations of a fair draw of a half of the eye.
        assert abs(share - 216 / 721) < 3 * np.sqrt(0.3 * 0.7 / half.sum())


def test_acceptance_halves_at_half_its_width():
    assert acceptance(np.array([0.0, ACCEPTANCE_ANGLE_RAD / 2])) == pytest.approx([1.0, 0.5])


@pytest.mark.parametrize("fineness", [1, 2, 3])
def test_weights_of_the_rays_are_a_mean(fineness: int):
    ray, weights = shared_rays("left", fineness)
    assert np.linalg.norm(ray, axis=1) == pytest.approx(1.0)
    assert weights.sum(axis=1) == pytest.approx(1.0)
    mean = weights @ ray
    mean /= np.linalg.norm(mean, axis=1, keepdims=True)
    assert np.einsum("nd,nd->n", mean, lattice.directions("left")).min() > np.cos(np.deg2rad(0.3))


def test_an_empty_world_is_sky_everywhere():
    model, data = looker(mujoco.MjSpec())
    seen = RayCastEyes(model, sky=(0.1, 0.4, 0.6)).colour(data)
    assert seen == pytest.approx(np.broadcast_to([0.1, 0.4, 0.6], seen.shape))
    above = RayCastEyes(model, sky=lambda ray: np.repeat(ray[:, 2:] > 0, 3, axis=1).astype(float))
    brightness = above.brightness(data)[0]
    height = lattice.directions("left")[:, 2]
    assert np.all(brightness[height > np.sin(np.deg2rad(7))] == pytest.approx(1.0))
    assert np.all(brightness[height < -np.sin(np.deg2rad(7))] == 0.0)


@pytest.mark.parametrize("eye", [0, 1])
@pytest.mark.parametrize("number", [0, 133, 360, 481, 720])
def test_a_small_target_is_brightest_where_the_axis_points_at_it(eye: int, number: int):
    site, side = list(EYES_MM)[eye], lattice.SIDES[eye]
    direction = lattice.directions(side)[number]
    world = mujoco.MjSpec()
    place = np.array(EYES_MM[site]) + [0, 0, 2] + DISTANCE_MM * direction
    target(world, place, DISTANCE_MM * np.tan(np.deg2rad(2.0)))
    model, data = looker(world)
    seen = RayCastEyes(model, sky=BLACK).brightness(data)[eye]
    assert np.argmax(seen) == number
    angle = np.arccos(np.clip(lattice.directions(side) @ direction, -1, 1))
    assert np.all(seen[angle > np.deg2rad(9)] == 0)


def test_a_point_is_spread_by_the_acceptance_angle():
    number, side = lattice.OMMATIDIA // 2, "left"
    axis = lattice.directions(side)[number]
    offsets = np.deg2rad(np.arange(-6.0, 6.1, 0.5))
    responses = []
    model, data = None, None
    for offset in offsets:
        world = mujoco.MjSpec()
        direction = np.cos(offset) * axis + np.sin(offset) * np.array([0, 0, 1])
        place = np.array(EYES_MM["eye_left"]) + [0, 0, 2] + DISTANCE_MM * direction
        target(world, place, DISTANCE_MM * np.tan(np.deg2rad(1.0)))
        model, data = looker(world)
        responses.append(RayCastEyes(model, fineness=8, sky=BLACK).brightness(data)[0, number])
    responses = np.array(responses)
    deviation = np.sqrt(np.sum(responses * offsets**2) / responses.sum())
    # A disc of radius r widens the variance along a line by r^2 / 4.
    expected = np.hypot(ACCEPTANCE_ANGLE_RAD / np.sqrt(8 * np.log(2)), np.deg2rad(1.0) / 2)
    assert deviation == pytest.approx(expected, rel=0.05)


def test_a_mirrored_world_swaps_the_eyes():
    seen = []
    for mirror in (1.0, -1.0):
        world = mujoco.MjSpec()
        boxes(world, mirror=mirror)
        model, data = looker(world)
        seen.append(RayCastEyes(model).colour(data))
    assert np.ptp(seen[0]) > 0.5
    assert seen[1][::-1] == pytest.approx(seen[0], abs=1e-9)


def test_turning_the_fly_and_the_world_together_changes_nothing():
    seen = []
    for yaw in (0.0, 1.1):
        world = mujoco.MjSpec()
        boxes(world, yaw=yaw)
        model, data = looker(world, yaw=yaw)
        seen.append(RayCastEyes(model).colour(data))
    assert seen[1] == pytest.approx(seen[0], abs=1e-9)


def test_a_fly_sees_neither_itself_nor_hidden_groups_but_other_animals():
    world = mujoco.MjSpec()
    other = world.worldbody.add_body(pos=(3, 3, 2))
    other.add_geom(size=(0.8, 0, 0), rgba=(0, 0, 1, 1))
    hidden = world.worldbody.add_geom(size=(1, 0, 0), pos=(3, -3, 2), rgba=(0, 1, 0, 1), group=3)
    model, data = looker(world)
    groups = model.geom_group.copy()
    seen = RayCastEyes(model, sky=BLACK).colour(data)
    assert seen[0, :, 2].max() > 0.9
    assert seen[..., :2].max() == 0
    assert np.array_equal(model.geom_group, groups)
    assert hidden.group == 3
    with_body = RayCastEyes(model, sky=BLACK, own_body="visible").colour(data)
    assert with_body[..., 1].max() > 0.9  # a leg
    assert with_body[..., 0].max() == 0  # the head
    with pytest.raises(UnknownNameError, match="hidden"):
        RayCastEyes(model, own_body="none")


def test_groups_are_restored_when_looking_fails():
    model, data = looker(mujoco.MjSpec())

    def fail(_: np.ndarray) -> np.ndarray:
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        RayCastEyes(model, sky=fail).colour(data)
    assert np.all(model.geom_group == 0)


def test_red_is_dark_and_spectral_types_see_their_own_colour():
    colour = np.zeros((3, lattice.OMMATIDIA, 3))
    colour[[0, 1, 2], :, [0, 1, 2]] = 1.0
    assert photoreceptors.brightness(colour).mean(axis=1) == pytest.approx([0.0, 0.5, 0.5])
    yellow, pale = np.moveaxis(photoreceptors.spectral(colour), -1, 0)
    assert yellow.sum(axis=1).tolist() == [0, 505, 0]
    assert pale.sum(axis=1).tolist() == [0, 0, 216]


def checkered(field_mm: float) -> tuple[mujoco.MjModel, mujoco.MjData]:
    """Eyes over a checkerboard of black and white fields."""
    world = mujoco.MjSpec()
    world.add_texture(
        name="checker",
        type=mujoco.mjtTexture.mjTEXTURE_2D,
        builtin=mujoco.mjtBuiltin.mjBUILTIN_CHECKER,
        rgb1=(0, 0, 0),
        rgb2=(1, 1, 1),
        width=64,
        height=64,
    )
    repeats = 0.5 / field_mm
    material = world.add_material(name="checker", texuniform=True, texrepeat=(repeats, repeats))
    material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = "checker"
    world.worldbody.add_geom(type=mujoco.mjtGeom.mjGEOM_PLANE, size=(0, 0, 1), material="checker")
    return looker(world)


def test_a_checkerboard_is_sharp_below_and_grey_far_away():
    model, data = checkered(2.0)
    seen = RayCastEyes(model).brightness(data)
    height = lattice.directions("left")[:, 2]
    below, far = height < -0.8, np.abs(height + np.sin(np.deg2rad(8))) < 0.03
    assert np.mean((seen[0, below] < 0.1) | (seen[0, below] > 0.9)) > 0.5
    fine_model, fine_data = checkered(0.25)
    fine = RayCastEyes(fine_model).brightness(fine_data)
    assert fine[0, far] == pytest.approx(0.5, abs=0.03)


def test_fineness_converges():
    world = mujoco.MjSpec()
    boxes(world)
    model, data = looker(world)
    best = RayCastEyes(model, fineness=6).colour(data)
    error = [
        np.sqrt(np.mean((RayCastEyes(model, fineness=f).colour(data) - best) ** 2))
        for f in (1, 2, 4)
    ]
    assert error[0] > error[1] > error[2]
    assert error[1] < 0.03


def test_eyes_survive_pickling():
    world = mujoco.MjSpec()
    boxes(world)
    model, data = looker(world)
    eyes = RayCastEyes(model)
    again = pickle.loads(pickle.dumps(eyes))
    assert np.array_equal(again.colour(data), eyes.colour(data))


def test_what_is_not_possible_is_said():
    model, _ = looker(mujoco.MjSpec())
    with pytest.raises(UnknownNameError, match="eye_left"):
        RayCastEyes(model, sites=("eye_left", "eye_rihgt"))
    with pytest.raises(EmbodyError, match="two eyes"):
        RayCastEyes(model, sites=("eye_left",))
    with pytest.raises(EmbodyError, match="whole number from 1 to 8"):
        RayCastEyes(model, fineness=0)
    with pytest.raises(UnknownNameError, match="left, right"):
        lattice.directions("middle")
    with pytest.raises(EmbodyError, match=r"\(2, 721\)"):
        mosaic(np.zeros((721, 2)))


def test_the_mosaic_shows_fronts_towards_the_middle():
    front = lattice.plane_coordinates()[:, 0]
    image = np.asarray(mosaic(np.broadcast_to(front > 8, (2, 721)).astype(float), 120), float)
    assert image.shape[0] == 120
    thirds = np.array_split(image.mean(axis=(0, 2)), 3)
    assert thirds[1].mean() > 2 * max(thirds[0].mean(), thirds[2].mean())
    up = lattice.plane_coordinates()[:, 1]
    image = np.asarray(mosaic(np.broadcast_to(up > 5, (2, 721)).astype(float), 120), float)
    assert image[:40].mean() > 2 * image[60:].mean()
