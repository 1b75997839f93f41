"""One frame of a fly's film: the fly, what lies on its ground, and a panel about it."""

import numpy as np
from PIL import Image, ImageDraw

from embody.analysis.fly_signals import track
from embody.analysis.posture import smooth, smooth_path
from embody.analysis.source import RecordingLike, scene
from embody.envs.fly.film_panel import EYES, FilmPanel
from embody.envs.fly.picture import Shot, StageView
from embody.envs.fly.stage import SHOWN
from embody.errors import EmbodyError
from embody.video import caption
from embody.video.painter import AbstractFramePainter
from embody.video.timeline import Timeline

SLOWEST = 0.2
"""Playback speed of a short film: steps of 10 Hz are too quick for the eye."""

_POSTURE = ("position", "orientation", "joint_angle", "head_angle", "tarsus_angle")
_BALL = ("ball_orientation", "ball_position")
_CAMERA_LAG_S = 0.25
_SPEED_WINDOW_S = 0.1


class FlyFramePainter(AbstractFramePainter):
    """Paints the frames of a film of a fly; parameters are those of `AbstractFramePainter`.

    Attributes
    ----------
    timeline
        The moments of the frames.
    backend
        Which backend draws the fly.
    """

    def _require(self, recording: RecordingLike) -> None:
        missing = [name for name in _POSTURE if name not in recording.arrays]
        if missing:
            raise EmbodyError(f"this recording lacks the fly's {', '.join(missing)}")

    def _suitable_view_mm(self, recording: RecordingLike) -> float:
        return Shot.of(scene(recording)).height_mm

    def _lay_time(self, recording: RecordingLike, fps: float, speed: float | None) -> Timeline:
        return Timeline(recording, fps, speed, SLOWEST)

    def _prepare(self, recording: RecordingLike, backend: str) -> None:
        facts = scene(recording)
        self._shot = Shot(self._view_mm, Shot.of(facts).elevation_deg)
        wanted = (*_BALL, *EYES, *SHOWN)
        self._shown = (*_POSTURE, *(name for name in wanted if name in recording.arrays))
        self._prepare_motion(recording)
        self._view = StageView(facts, backend, self.width - self._panel_width, self.height)
        self.backend = self._view.backend
        size = self.width, self.height
        self._panel = FilmPanel(
            recording, self.timeline, size, self._unit, self._view.ground, self._path, SLOWEST
        )

    def _prepare_motion(self, recording: RecordingLike) -> None:
        line = self.timeline
        position = np.asarray(line.arrays["position"], float)
        samples = 1.0 / line.period_s if np.isfinite(line.period_s) else 1.0
        window = max(1, round(_CAMERA_LAG_S * samples))
        self._stage_path = smooth_path(smooth_path(position, window), window)
        way, speed = track(recording)
        self._speed = smooth(speed, max(1, round(_SPEED_WINDOW_S * samples)))
        self._path = np.array([line.at(way, moment) for moment in line.moments])

    def paint(self, frame: int) -> np.ndarray:
        """Return one frame, shape (height, width, 3), uint8; frames in order are cheapest."""
        moment = float(self.timeline.moments[frame])
        arrays, at = self.timeline.arrays, self.timeline.at
        snapshot = {name: at(np.asarray(arrays[name]), moment) for name in self._shown}
        place, width = at(self._stage_path, moment), self.width - self._panel_width
        camera = self._shot.camera(place, width, self.height)
        image = Image.new("RGB", (self.width, self.height))
        image.paste(self._view.paint(snapshot, moment, camera), (0, 0))
        image.paste(self._lettering, (0, 0), self._lettering)
        draw = ImageDraw.Draw(image)
        self._view.draw_key(draw, self._unit, camera)
        caption.draw_clock(draw, self._unit, camera.width, moment, self.timeline.speed)
        here = self._flat_view((float(self._path[frame, 0]), float(self._path[frame, 1])))
        self._panel.paint(image, frame, here, float(at(self._speed, moment)), snapshot)
        return np.asarray(image)

    def close(self) -> None:
        """Give back what the backend holds."""
        self._view.close()
