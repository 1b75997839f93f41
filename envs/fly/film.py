"""One frame of a fly's film: the fly, what lies on its ground, and a panel about it."""

import numpy as np
from PIL import Image, ImageDraw

from embody.analysis.fly_signals import track
from embody.analysis.posture import smooth, smooth_path
from embody.analysis.source import RecordingLike, scene
from embody.envs.fly.film_panel import EYES, FilmPanel, panel_width
from embody.envs.fly.picture import Shot, StageView, flat_view
from embody.envs.fly.stage import SHOWN
from embody.errors import EmbodyError
from embody.video import caption
from embody.video.camera import Camera
from embody.video.panel import check_frame
from embody.video.timeline import Timeline
from embody.video.view import View

SLOWEST = 0.2
"""Playback speed of a short film: steps of 10 Hz are too quick for the eye."""

_POSTURE = ("position", "orientation", "joint_angle", "head_angle", "tarsus_angle")
_BALL = ("ball_orientation", "ball_position")
_CAMERA_LAG_S = 0.25
_SPEED_WINDOW_S = 0.1


class FlyFramePainter:
    """Paints the frames of a film of a fly.

    Parameters
    ----------
    recording
        One episode of a fly.
    width, height
        Size of a frame [pixels]; even, at least 320 x 240.
    fps
        Frames per second of film [1/s].
    speed
        Playback speed; None chooses the slowest round one, from 0.2 on, that keeps the film below
        35 s.
    backend
        "software", "opengl", or "auto" for OpenGL where it works.
    view_mm
        Height of the region that is shown [mm]; None lets the task say.

    Attributes
    ----------
    timeline
        The moments of the frames.
    backend
        Which backend draws the fly.

    Raises
    ------
    EmbodyError
        If a size or a rate is out of range, the backend is unknown or does not work here, or the
        recording is not one of a fly.
    """

    def __init__(
        self,
        recording: RecordingLike,
        *,
        width: int = 1280,
        height: int = 720,
        fps: float = 25.0,
        speed: float | None = None,
        backend: str = "auto",
        view_mm: float | None = None,
    ) -> None:
        missing = [name for name in _POSTURE if name not in recording.arrays]
        if missing:
            raise EmbodyError(f"this recording lacks the fly's {', '.join(missing)}")
        facts = scene(recording)
        shot = Shot.of(facts)
        self._shot = shot if view_mm is None else Shot(view_mm, shot.elevation_deg)
        check_frame(width, height, self._shot.height_mm)
        self.width, self.height = width, height
        self.timeline = Timeline(recording, fps, speed, SLOWEST)
        self._unit = (height / 720) ** 0.8  # letters of a small frame stay readable
        wanted = (*_BALL, *EYES, *SHOWN)
        self._shown = (*_POSTURE, *(name for name in wanted if name in recording.arrays))
        self._prepare_motion(recording)
        self._view_width = width - panel_width(width)
        self._view = StageView(facts, backend, self._view_width, height)
        self.backend = self._view.backend
        self._panel = FilmPanel(
            recording, self.timeline, (width, height), self._unit, self._view.ground, self._path,
            SLOWEST,
        )  # fmt: skip
        self._lettering = self._letter(caption.run_title(recording))

    def _prepare_motion(self, recording: RecordingLike) -> None:
        line = self.timeline
        position = np.asarray(line.arrays["position"], float)
        samples = 1.0 / line.period_s if np.isfinite(line.period_s) else 1.0
        window = max(1, round(_CAMERA_LAG_S * samples))
        self._stage_path = smooth_path(smooth_path(position, window), window)
        way, speed = track(recording)
        self._speed = smooth(speed, max(1, round(_SPEED_WINDOW_S * samples)))
        self._path = np.array([line.at(way, moment) for moment in line.moments])

    def _letter(self, title: tuple[str, str]) -> Image.Image:
        """Return what is written over the view and never changes, on a clear ground."""
        camera = self._camera(np.zeros(3))
        overlay = Image.new("RGBA", (camera.width, camera.height), (0, 0, 0, 0))
        draw = ImageDraw.Draw(overlay)
        caption.draw_title(draw, self._unit, title)
        caption.draw_scale(draw, self._unit, flat_view(camera))
        return overlay

    def __len__(self) -> int:
        return len(self.timeline)

    def paint(self, frame: int) -> np.ndarray:
        """Return one frame, shape (height, width, 3), uint8.

        Parameters
        ----------
        frame
            Number of the frame, from 0; frames in order are cheapest.
        """
        moment = float(self.timeline.moments[frame])
        arrays, at = self.timeline.arrays, self.timeline.at
        snapshot = {name: at(np.asarray(arrays[name]), moment) for name in self._shown}
        camera = self._camera(at(self._stage_path, moment))
        image = Image.new("RGB", (self.width, self.height))
        image.paste(self._view.paint(snapshot, moment, camera), (0, 0))
        image.paste(self._lettering, (0, 0), self._lettering)
        draw = ImageDraw.Draw(image)
        self._view.draw_key(draw, self._unit, camera)
        caption.draw_clock(draw, self._unit, camera.width, moment, self.timeline.speed)
        here = View(
            (float(self._path[frame, 0]), float(self._path[frame, 1])),
            camera.pixels_per_mm, camera.width, camera.height,
        )  # fmt: skip
        self._panel.paint(image, frame, here, float(at(self._speed, moment)), snapshot)
        return np.asarray(image)

    def close(self) -> None:
        """Give back what the backend holds."""
        self._view.close()

    def _camera(self, place: np.ndarray) -> Camera:
        return self._shot.camera(place, self._view_width, self.height)
