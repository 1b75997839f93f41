"""Pictures and films of the fly, with OpenGL or without."""

import mujoco
import numpy as np
import pytest

import embody
from embody.envs.fly.film import FlyFramePainter
from embody.envs.fly.stage import Stage
from embody.errors import EmbodyError
from embody.video import write_video
from embody.video.camera import Camera
from embody.video.eyes_view import EyesPainter
from embody.video.model_software import SoftwareView
from embody.video.solids import hit_box, hit_capsule, hit_ellipsoid

SMALL = {"width": 320, "height": 240}


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


def test_eyes_are_painted_mirrored():
    places = np.array([[0.0, 0.0], [1.0, 0.0]])  # the second looks to the front
    eyes = EyesPainter(places, 120)
    picture = np.asarray(eyes.paint(np.array([0.0, 1.0]), np.array([0.0, 1.0])))[..., 0]
    np.testing.assert_array_equal(picture, picture[:, ::-1])
    row = picture[picture.shape[0] // 2]
    assert row[5] < row[25]
