"""Pictures and films of the fly, with OpenGL or without."""

import gymnasium
import mujoco
import numpy as np
import pytest

import embody
from embody.analysis.synthetic import crawling_worm
from embody.envs.fly.film import FlyFramePainter
from embody.envs.fly.ground import Ground, colour_of
from embody.envs.fly.panel_patterns import Grating
from embody.envs.fly.panels import Panels, add_panels, panels_of
from embody.envs.fly.picture import Shot, StageView
from embody.envs.fly.stage import Stage
from embody.envs.fly.way_map import FlyMap, Mover
from embody.errors import EmbodyError
from embody.video import opengl, write_video
from embody.video.camera import Camera
from embody.video.footfalls import motion_strip
from embody.video.hull import Hull
from embody.video.model_software import SoftwareView
from embody.video.model_view import open_view
from embody.video.relief import Relief
from embody.video.solids import hit_box, hit_capsule, hit_ellipsoid

SMALL = {"width": 320, "height": 240}
BACKENDS = [
    "software",
    pytest.param(
        "opengl", marks=pytest.mark.skipif(not opengl.available()[0], reason="needs OpenGL")
    ),
]
FLAT = {"kind": "fly", "body": "procedural", "tether": None, "world": {"name": "flat"}}
DROP = {"kind": "gaussian", "peak_mm": [3.0, 1.0], "sigma_mm": 2.0, "weight": 1.0}


@pytest.fixture(scope="module")
def recording():
    return embody.rollout("Fly-Walk-v0", "cpg", seconds=0.08, seed=1)


def rays_towards(points, origin):
    return np.moveaxis(np.asarray(points, float) - origin, -1, 0).reshape(3, -1, 1)


@pytest.mark.parametrize("height", [-0.3, 0.0, 0.4])
def test_rays_meet_solids_where_they_are(height):
    origin = np.array([5.0, 0.0, height])
    ray = rays_towards([[0.0, 0.0, height]], origin)
    assert 5 * hit_ellipsoid(origin, ray, np.array([1.0, 2.0, 1.0])).reach.item() == pytest.approx(
        5 - np.sqrt(1 - height**2)
    )
    assert 5 * hit_capsule(origin, ray, 0.5, 1.0).reach.item() == pytest.approx(4.5)
    assert 5 * hit_box(origin, ray, np.array([0.7, 1.0, 1.0])).reach.item() == pytest.approx(4.3)


def test_rays_beside_solids_miss_them():
    origin = np.array([5.0, 0.0, 0.0])
    ray = rays_towards([[0.0, 3.0, 0.0]], origin)
    for hit in (
        hit_ellipsoid(origin, ray, np.ones(3)),
        hit_capsule(origin, ray, 0.5, 1.0),
        hit_box(origin, ray, np.ones(3)),
    ):
        assert np.isinf(hit.reach).all()


def test_the_software_view_shows_what_a_camera_would():
    model = mujoco.MjModel.from_xml_string(
        "<mujoco><worldbody><geom type='sphere' size='1' pos='0 0 5' rgba='1 0 0 1'/>"
        "</worldbody></mujoco>"
    )
    data = mujoco.MjData(model)
    mujoco.mj_kinematics(model, data)
    camera = Camera((0.0, 0.0, 5.0), 90.0, -20.0, 4.0, 200, 200)
    picture = SoftwareView(model).paint(data, camera).astype(int)
    red = picture[..., 0] > 1.5 * picture[..., 2]
    rows, columns = np.nonzero(red)
    assert red.sum() == pytest.approx(np.pi * 50**2, rel=0.06)
    assert (rows.mean(), columns.mean()) == pytest.approx((99.5, 99.5), abs=1.0)


@pytest.mark.parametrize("lean", [0.0, 0.3])
def test_rays_meet_a_relief_where_it_is(lean):
    x = np.mgrid[-4:4:17j, -5:5:21j][1]
    relief = Relief(1.0 + lean * x, (5.0, 4.0))
    origin = np.array([0.0, -8.0, 6.0])
    places = np.array([[1.3, 0.4], [-2.1, 1.7], [4.0, -3.0], [5.5, 0.0]])
    points = np.column_stack([places, 1.0 + lean * places[:, 0]])
    hit = relief.hit(origin.astype(np.float32), rays_towards(points, origin).astype(np.float32))
    assert hit.reach[:3, 0] == pytest.approx(1.0, abs=2e-3)
    assert np.isinf(hit.reach[3, 0])
    normal = hit.normal[:, 0, 0]
    assert normal == pytest.approx([-lean, 0.0, 1.0], abs=1e-3)


def test_a_hull_is_met_as_the_box_that_it_is():
    camera = Camera((0.0, 0.0, 0.0), 60.0, -25.0, 6.0, 120, 90)
    half = np.array([1.0, 0.6, 0.4])
    hull = Hull(half * np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]))
    assert hull.volume == pytest.approx(8 * half.prod())
    right, up, away = camera.axes()
    eye = -camera.distance_mm * away
    across = ((np.arange(120) + 0.5) - 60) / camera.pixels_per_mm
    upward = (45 - (np.arange(90) + 0.5)) / camera.pixels_per_mm
    rays = np.moveaxis(-eye + across[None, :, None] * right + upward[:, None, None] * up, -1, 0)
    seen = hull.hit(eye, rays, camera.to_pixels(hull.corners)[0])
    true = hit_box(eye, rays, half)
    both = np.isfinite(seen.reach) & np.isfinite(true.reach)
    assert both.sum() > 0.9 * max(np.isfinite(seen.reach).sum(), np.isfinite(true.reach).sum())
    inner = both & (np.abs(seen.normal - true.normal).max(axis=0) < 1e-6)
    assert inner.sum() > 0.9 * both.sum()
    assert seen.reach[inner] == pytest.approx(true.reach[inner], rel=1e-5)


def test_meshes_have_the_colour_of_their_material_and_bristles_are_left_out():
    spec = mujoco.MjSpec()
    cube = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
    thin = np.array([[0, 0, 0], [2, 0, 0], [0, 2, 0], [0, 0, 2]], float)
    needles = np.concatenate([0.02 * thin + corner for corner in cube])
    faces = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]])
    spec.add_mesh(name="solid", uservert=cube.ravel().tolist())
    spec.add_mesh(
        name="fuzz",
        uservert=needles.ravel().tolist(),
        userface=np.concatenate([faces + 4 * row for row in range(8)]).ravel().tolist(),
    )
    spec.add_material(name="blue", rgba=[0.1, 0.2, 0.9, 1.0])
    for name, y in (("solid", 0.0), ("fuzz", 4.0)):
        spec.worldbody.add_geom(
            type=mujoco.mjtGeom.mjGEOM_MESH, meshname=name, material="blue", pos=(0, y, 0)
        )
    model = spec.compile()
    data = mujoco.MjData(model)
    mujoco.mj_kinematics(model, data)
    for y, expected in ((0.0, True), (4.0, False)):
        camera = Camera((0.0, y, 0.0), 0.0, -20.0, 3.0, 80, 60)
        red, _, blue = SoftwareView(model).paint(data, camera)[30, 40].astype(int)
        assert (blue > 2 * red) == expected


def test_rays_that_rise_miss_a_relief():
    relief = Relief(np.ones((5, 5)), (2.0, 2.0))
    up = np.array([[0.0], [1.0], [0.2]], np.float32)
    assert np.isinf(relief.hit(np.array([0.0, -5.0, 3.0], np.float32), up).reach).all()


def test_a_stage_takes_the_posture_of_a_recording(recording):
    stage = Stage(recording.meta["scene"])
    stage.show({name: recording[name][-1] for name in recording.arrays})
    claws = stage.body.claw_position()
    np.testing.assert_allclose(claws, recording["claw_position"][-1], atol=1e-6)


def test_a_frame_without_opengl(recording):
    painter = FlyFramePainter(recording, backend="software", **SMALL)
    assert painter.backend == "software" and painter.timeline.speed == 0.2
    first, last = painter.paint(0), painter.paint(len(painter) - 1)
    assert first.shape == (240, 320, 3) and first.dtype == np.uint8
    assert (first != last).any()


def test_a_film_is_written(recording, tmp_path):
    path = write_video(recording, tmp_path / "fly.mp4", "software", fps=5, progress=False, **SMALL)
    assert path.stat().st_size > 1000


def test_a_recording_of_something_else_is_refused(recording):
    class Other:
        arrays = {"time": recording.time}  # noqa: RUF012
        meta = recording.meta

    with pytest.raises(EmbodyError, match="lacks the fly's position"):
        FlyFramePainter(Other())


@pytest.fixture(scope="module")
def standing():
    env = gymnasium.make("Fly-Walk-v0")
    env.reset(seed=0, options={"position_mm": (0.0, 0.0), "heading_rad": 0.0})
    yield env.unwrapped.snapshot()  # pyright: ignore[reportAttributeAccessIssue]
    env.close()


def test_the_plume_of_a_film_is_the_plume_of_the_episode():
    env = gymnasium.make("Fly-Plume-v0")
    inner = env.unwrapped
    env.reset(seed=3)
    ground = Ground(inner.scene())  # pyright: ignore[reportAttributeAccessIssue]
    for steps in (0, 7, 40):
        while inner._steps < steps:  # pyright: ignore[reportAttributeAccessIssue]
            env.step(inner.resting_action)  # pyright: ignore[reportAttributeAccessIssue]
        ground.show(steps * 0.002, {})
        plume = inner.plume  # pyright: ignore[reportAttributeAccessIssue]
        np.testing.assert_array_equal(ground.wind_mm_s, plume.wind_mm_s)
        places = np.random.default_rng(0).uniform((0, -20), (100, 20), (200, 2))
        strength = ground.strength(places)["vinegar"]
        told = np.sqrt(np.clip(plume.concentration(places), 0, 1))
        np.testing.assert_allclose(strength, 0.8 * told, atol=0.05)
    ground.show(0.0, {})  # going back is possible
    env.reset(seed=3)
    np.testing.assert_array_equal(ground.wind_mm_s, inner.plume.wind_mm_s)  # pyright: ignore[reportAttributeAccessIssue]
    env.close()


def test_ground_takes_the_colour_of_the_odour_and_of_its_source():
    ground = Ground({**FLAT, "odours": {"vinegar": [DROP]}, "valence": {"vinegar": 1.0}})
    far, near, ring = ground.wash(np.array([[60.0, 0.0], [3.5, 1.0], [4.0, 1.0]]))
    assert far == pytest.approx(1.0)
    red, green, blue = near
    assert green > red and green > blue
    assert ring.sum() < 0.7 * near.sum()
    assert [mark.kind for mark in ground.marks] == ["source"]


def test_what_repels_is_painted_over_what_attracts():
    odours = {"geosmin": [DROP], "vinegar": [DROP]}
    ground = Ground({**FLAT, "odours": odours, "valence": {"vinegar": 1.0, "geosmin": -1.0}})
    assert list(ground.strength(np.zeros((1, 2)))) == ["vinegar", "geosmin"]


def test_ground_without_anything_is_left_as_it_is():
    assert not Ground(FLAT)
    assert Ground({**FLAT, "nest_mm": [0.0, 0.0]})
    assert colour_of("something") != colour_of("something", 1)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_wash_colours_the_ground_and_not_the_fly(backend, standing):
    width, height = 320, 240
    view = StageView(FLAT, backend, width, height)
    camera = Shot.of(FLAT).camera(standing["position"], width, height)
    data, painter = view._stage.body.data, view._view
    view._stage.show(standing)
    plain = painter.paint(data, camera).astype(float)
    red = painter.paint(data, camera, lambda places: np.zeros((*places.shape[:-1], 3)) + RED)
    ratio = (red + 1.0) / (plain + 1.0)
    washed = ratio[..., 1] < 0.6
    floor = np.zeros_like(washed)
    floor[:40, :40] = floor[-40:, -40:] = True
    assert washed[floor].all()
    assert ratio[floor][:, 0] == pytest.approx(1.0, abs=0.03)
    middle = np.zeros_like(washed)
    middle[95:115, 145:170] = True  # the thorax
    assert not washed[middle].any()
    view.close()


RED = np.array([1.0, 0.4, 0.4], np.float32)


def arena():
    spec = mujoco.MjSpec()
    add_panels(spec)
    model = spec.compile()
    model.stat.extent = 8.0
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    return model, data


@pytest.mark.parametrize("backend", BACKENDS)
def test_films_show_panels_as_they_are_at_each_moment(backend):
    model, data = arena()
    panels = Panels(model)
    camera = Camera((0.0, 0.0, 1.5), 20.0, -5.0, 4.6, 320, 240)
    view = open_view(backend, model, 320, 240, panels_of(model))
    rows, columns = np.mgrid[40:200:7, 10:310:5]
    right, up, away = camera.axes()
    x, y = (columns + 0.5 - 160) / camera.pixels_per_mm, (120 - rows - 0.5) / camera.pixels_per_mm
    ray = camera.distance_mm * away + x[..., None] * right + y[..., None] * up
    ray = (ray / np.linalg.norm(ray, axis=-1, keepdims=True)).reshape(-1, 3)
    eye = np.asarray(camera.target_mm) - camera.distance_mm * away
    for time_s in (0.0, 0.3):
        panels.show(Grating(), time_s)
        picture = view.paint(data, camera)[rows, columns, 0].ravel() / 255
        there = panels.distance(data, eye, ray)
        shown = panels.colour(data, eye + there[:, None] * ray)[:, 0]
        assert np.ptp(shown) > 0.5
        assert np.corrcoef(picture, shown)[0, 1] > 0.97
        assert picture == pytest.approx(shown, abs=0.25)
    view.close()


def test_shots_are_wider_where_there_is_something_to_get_to():
    close = Shot.of(FLAT)
    assert Shot.of({**FLAT, "nest_mm": [0.0, 0.0]}).height_mm > close.height_mm
    assert Shot.of({**FLAT, "world": {"name": "pair"}}).height_mm > close.height_mm


def test_the_map_shows_what_else_moves():
    path = np.stack([np.linspace(0, 10, 5), np.zeros(5)], axis=1)
    other = np.where(np.arange(5)[:, None] > 1, path + np.array([0.0, 6.0]), np.nan)
    flies = FlyMap(120, Ground(FLAT), path, [Mover(other, 1.0, (255, 0, 0))])
    hidden, shown = flies.paint_ground(0, 0.0), flies.paint_ground(4, 0.0)
    assert flies.changes
    assert np.asarray(hidden)[..., 0].max() < 100
    reds = np.argwhere(np.asarray(shown)[..., 0] > 250)
    assert reds.mean(axis=0)[::-1] == pytest.approx(flies.view.to_pixels(other[4]), abs=25)


@pytest.mark.parametrize(
    ("env", "controller"), [("Fly-OdorTaxis-v0", "odour-taxis"), ("Fly-Looming-v0", "escape")]
)
def test_films_of_tasks_are_painted_and_say_what_the_task_is_about(env, controller):
    painter = FlyFramePainter(
        embody.rollout(env, controller, seconds=0.04, seed=1), backend="software", **SMALL
    )
    assert painter.paint(0).shape == (240, 320, 3)


def test_films_show_the_motion_that_optic_lobes_report():
    recording = embody.rollout("Fly-Optomotor-v0", "optic-lobe", seconds=0.1, seed=0)
    assert recording["motion"].shape == (len(recording.time), 2)
    strip = motion_strip(recording, 0.004)
    assert strip is not None and strip.names == ("left", "right")
    order = np.argsort(recording["motion"][-1])
    to_the_front, to_the_back = strip.columns[order, -1].astype(int)
    assert recording["motion"][-1].min() < 0 < recording["motion"][-1].max()
    assert to_the_back[0] > to_the_back[2] and to_the_front[2] > to_the_front[0]


def test_pictures_show_the_ground_of_the_present_episode():
    env = gymnasium.make("Fly-OdorTaxis-v0", render_mode="rgb_array")
    start = {"position_mm": (0.0, 0.0), "heading_rad": 0.0}
    pictures = []
    for seed in (0, 1, 0):
        env.reset(seed=seed, options=start)
        pictures.append(np.asarray(env.render()).astype(int))
    env.close()
    corner = np.s_[:60, :60]
    assert np.abs(pictures[0][corner] - pictures[1][corner]).max() > 5
    np.testing.assert_array_equal(pictures[0], pictures[2])


def test_a_worm_is_no_fly():
    with pytest.raises(EmbodyError, match="lacks the fly's"):
        FlyFramePainter(crawling_worm(0.2))
