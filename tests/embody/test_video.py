"""Films: decodable, of the right length, whole or absent, with OpenGL or without."""

import os
import subprocess
import sys
import tracemalloc

import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from embody.analysis.synthetic import crawling_worm
from embody.errors import EmbodyError, UnknownNameError
from embody.video import FramePainter, VideoWriter, opengl, write_still, write_video

DROP = {"kind": "gaussian", "peak_mm": [3.0, 1.0], "sigma_mm": 3.0, "weight": 1.0}
SMALL = {"width": 480, "height": 270}


@pytest.fixture(scope="module")
def recording():
    return crawling_worm(4.0, fields=[DROP], dish_radius_mm=17.5)


@pytest.fixture
def without_opengl(monkeypatch):
    monkeypatch.setattr(opengl, "available", lambda: (False, "no driver"))


def decode(path, width=480, height=270):
    program = imageio_ffmpeg.get_ffmpeg_exe()
    raw = subprocess.run(
        [program, "-v", "error", "-i", path, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
        capture_output=True,
        check=True,
    )
    return np.frombuffer(raw.stdout, np.uint8).reshape(-1, height, width, 3)


def facts(path):
    program = imageio_ffmpeg.get_ffmpeg_exe()
    return subprocess.run([program, "-i", path], capture_output=True, text=True).stderr


@pytest.mark.parametrize("ending", ["mp4", "webm", "gif"])
def test_film_can_be_decoded_and_has_every_frame(recording, tmp_path, ending):
    path = write_video(
        recording, tmp_path / f"worm.{ending}", "software", fps=5, progress=False, **SMALL
    )
    assert "480x270" in facts(path) and "5 fps" in facts(path)
    frames = decode(path)
    assert len(frames) == 4 * 5 + 1
    assert np.abs(frames[0].astype(int) - frames[-1]).mean() > 2
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_film_shows_what_the_painter_paints(recording, tmp_path):
    painter = FramePainter(recording, fps=5, backend="software", **SMALL)
    path = write_video(recording, tmp_path / "a.mp4", "software", fps=5, progress=False, **SMALL)
    frames = decode(path)
    assert np.abs(frames[10].astype(int) - painter.paint(10)).mean() < 6


def test_long_runs_are_time_lapsed_and_say_so():
    painter = FramePainter(crawling_worm(300.0, period_s=0.25), backend="software", **SMALL)
    assert painter.timeline.speed == 10
    assert len(painter) / 25 <= 35
    assert FramePainter(crawling_worm(5.0), backend="software").timeline.speed == 1


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.3])
def test_the_shortest_recordings_make_a_film(seconds, tmp_path):
    write_video(crawling_worm(seconds), tmp_path / "a.mp4", "software", progress=False, **SMALL)
    assert len(decode(tmp_path / "a.mp4")) >= 1


def test_frames_do_not_depend_on_the_order_in_which_they_are_painted(recording):
    painter = FramePainter(recording, backend="software", **SMALL)
    early, late = painter.paint(10).copy(), painter.paint(60).copy()
    np.testing.assert_array_equal(painter.paint(10), early)
    np.testing.assert_array_equal(painter.paint(60), late)


def test_the_worm_is_in_the_picture_and_the_stage_follows_it():
    quick = crawling_worm(40.0, speed_mm_s=0.3)
    painter = FramePainter(quick, backend="software", fps=2, **SMALL)
    view = slice(0, painter.width - painter._panel_width)
    for frame in (0, len(painter) // 2, len(painter) - 1):
        bright = painter.paint(frame)[60:230, view].min(axis=2) > 140
        rows, columns = np.nonzero(bright)
        assert len(rows) > 500
        assert abs(columns.mean() - view.stop / 2) < 80


def test_muscles_glow_where_they_contract(recording):
    arrays = {**recording.arrays}
    dorsal = np.array([name[1] == "D" for name in recording.signals[2].labels])

    def redness(dorsal_level):
        arrays["muscle_activation"] = np.where(dorsal, dorsal_level, 0.0) * np.ones((81, 1))
        changed = type(recording)(arrays, recording.signals, recording.meta)
        picture = FramePainter(changed, backend="software", **SMALL).paint(0).astype(int)
        return np.count_nonzero(picture[60:230, :330, 0] - picture[60:230, :330, 2] > 80)

    assert redness(0.0) == 0
    assert redness(1.0) > 300


def test_any_controller_any_scene_can_be_drawn(tmp_path):
    bare = crawling_worm(2.0)
    names = {"time", "centreline"}
    without = type(bare)(
        {name: bare.arrays[name] for name in names},
        tuple(signal for signal in bare.signals if signal.name in names),
        {"scene": None},
    )
    assert write_still(without, tmp_path / "still.png", backend="software", **SMALL).exists()
    with Image.open(tmp_path / "still.png") as picture:
        assert picture.size == (480, 270)


def test_a_film_at_the_wall_with_touch_and_a_spreading_odour():
    spreading = {**DROP, "diffusivity_mm2_s": 0.01}
    ramp = {"kind": "linear", "peak_mm": [5, 0], "uphill_rad": 0.4, "length_mm": 9, "weight": 0.5}
    recording = crawling_worm(3.0, fields=[spreading, ramp], dish_radius_mm=2.0, start_mm=(1.5, 0))
    arrays = {**recording.arrays, "touch": np.ones((61, 25))}
    touched = type("Touched", (), {"arrays": arrays, "meta": recording.meta})()
    painter = FramePainter(touched, backend="software", **SMALL)
    assert painter.paint(len(painter) - 1).shape == (270, 480, 3)


def test_memory_does_not_grow_with_the_length_of_the_film(tmp_path):
    def peak(frames):
        tracemalloc.start()
        with VideoWriter(tmp_path / "a.mp4") as film:
            for level in range(frames):
                film.add(np.full((240, 320, 3), level % 256, np.uint8))
        peak_bytes = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak_bytes

    peak(5)
    assert peak(150) < peak(15) + 2 * 240 * 320 * 3


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_interrupted_film_leaves_nothing_and_keeps_the_old_one(tmp_path, error):
    path = tmp_path / "film.mp4"
    path.write_bytes(b"old")
    with pytest.raises(error), VideoWriter(path) as film:
        film.add(np.zeros((240, 320, 3), np.uint8))
        raise error
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["film.mp4"]


def test_an_encoder_that_cannot_write_says_why(recording, tmp_path):
    film = VideoWriter(tmp_path / "film.mp4")
    film.add(np.zeros((240, 320, 3), np.uint8))
    film._encoder.kill()
    film._encoder.wait()
    with pytest.raises(EmbodyError, match="could not write"):
        for _ in range(50):
            film.add(np.zeros((240, 320, 3), np.uint8))
    assert not list(tmp_path.iterdir())


def test_wrong_arguments_say_what_would_be_right(recording, tmp_path):
    with pytest.raises(EmbodyError, match=r"\.mp4, \.webm, \.webp, \.gif"):
        write_video(recording, tmp_path / "film.avi")
    with pytest.raises(EmbodyError, match="fps"):
        write_video(recording, tmp_path / "film.mp4", fps=0)
    with pytest.raises(EmbodyError, match="playback speed"):
        write_video(recording, tmp_path / "film.mp4", speed=-1)
    with pytest.raises(EmbodyError, match="even"):
        write_video(recording, tmp_path / "film.mp4", width=641)
    with pytest.raises(UnknownNameError, match="auto, opengl, software"):
        write_video(recording, tmp_path / "film.mp4", "vulkan")
    with pytest.raises(EmbodyError, match="at least one frame"), VideoWriter(tmp_path / "a.mp4"):
        pass
    film = VideoWriter(tmp_path / "a.mp4")
    film.add(np.zeros((240, 320, 3), np.uint8))
    with pytest.raises(EmbodyError, match="not uint8 of shape"):
        film.add(np.zeros((120, 320, 3), np.uint8))
    film.discard()
    assert not list(tmp_path.iterdir())


def test_opengl_that_does_not_work_is_one_clear_sentence(recording, without_opengl, tmp_path):
    with pytest.raises(EmbodyError, match=r"does not work here \(no driver\); use 'software'"):
        write_video(recording, tmp_path / "film.mp4", "opengl")
    assert not list(tmp_path.iterdir())


def test_auto_falls_back_on_software(recording, without_opengl):
    assert FramePainter(recording, backend="auto", **SMALL).backend == "software"


def test_auto_survives_a_driver_that_fails_after_the_probe(recording, monkeypatch):
    def fail(*_):
        raise RuntimeError("context lost")

    monkeypatch.setattr(opengl, "available", lambda: (True, "egl"))
    monkeypatch.setattr(opengl, "OpenGLBody", fail)
    assert FramePainter(recording, backend="auto", **SMALL).backend == "software"
    with pytest.raises(EmbodyError, match="context lost"):
        FramePainter(recording, backend="opengl", **SMALL)


@pytest.mark.parametrize("setting", ["disable", "egl"])
def test_probe_answers_in_words_and_never_raises(setting):
    code = "from embody.video.opengl import available; print(*available(), sep='|')"
    environment = {**os.environ, "MUJOCO_GL": setting, "PYOPENGL_PLATFORM": ""}
    if setting == "egl":
        environment["MUJOCO_EGL_DEVICE_ID"] = "999"  # a device that does not exist
    answer = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    ).stdout.strip()
    works, reason = answer.split("|", 1)
    assert works == "False"
    assert len(reason) > 5


def test_opengl_and_software_draw_the_same_worm(recording):
    works, reason = opengl.available()
    if not works:
        pytest.skip(f"no OpenGL here: {reason}")
    pictures = []
    for backend in ("software", "opengl"):
        painter = FramePainter(recording, backend=backend, **SMALL)
        assert painter.backend == backend
        pictures.append(painter.paint(40).astype(int))
        painter.close()
    assert np.abs(pictures[0] - pictures[1]).mean() < 1.5
    assert np.abs(pictures[0] - pictures[1]).max() > 5
