"""One frame of a fly's film: the fly, its way, its footfalls, and what it sees."""

from collections.abc import Mapping

import numpy as np
from PIL import Image, ImageDraw

from embody.analysis.fly_summary import heading
from embody.analysis.posture import smooth, smooth_path
from embody.analysis.source import RecordingLike, odour_fields, scene
from embody.bodies.fly.eyes.lattice import plane_coordinates
from embody.bodies.fly.geometry import LEGS
from embody.envs.fly.picture import camera_on, flat_view
from embody.envs.fly.stage import SHOWN, Stage
from embody.errors import EmbodyError
from embody.video import caption, palette
from embody.video.activity import Strip, StripPainter
from embody.video.camera import Camera
from embody.video.dish_map import DishMap
from embody.video.eyes_view import EyesPainter
from embody.video.footfalls import drive_strip, footfall_strip
from embody.video.model_view import open_view
from embody.video.panel import PANEL_SHARE, check_frame, paint_panel
from embody.video.text import font
from embody.video.timeline import Timeline
from embody.video.view import View

SLOWEST = 0.2
"""Playback speed of a short film: steps of 10 Hz are too quick for the eye."""

_POSTURE = ("position", "orientation", "joint_angle", "head_angle", "tarsus_angle")
_BALL = ("ball_orientation", "ball_position")
_EYES = ("eye_left", "eye_right")
_VIEW_HEIGHT_MM = 4.6
_WINDOW_S = 0.8  # of the strips, in seconds of film at real time
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
        Height of the region that is shown [mm].

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
        view_mm: float = _VIEW_HEIGHT_MM,
    ) -> None:
        check_frame(width, height, view_mm)
        missing = [name for name in _POSTURE if name not in recording.arrays]
        if missing:
            raise EmbodyError(f"this recording lacks the fly's {', '.join(missing)}")
        self.width, self.height = width, height
        self.timeline = Timeline(recording, fps, speed, SLOWEST)
        self._view_mm = view_mm
        self._unit = (height / 720) ** 0.8  # letters of a small frame stay readable
        self._panel_width = 2 * round(PANEL_SHARE * width / 2)
        self._shown = (
            *_POSTURE,
            *(n for n in (*_BALL, *SHOWN) if n in recording.arrays),
        )
        self._prepare_motion()
        self._prepare_panel(recording)
        self._lettering = self._letter(caption.run_title(recording))
        self._stage = Stage(scene(recording))
        self._view = open_view(backend, self._stage.body.model, width - self._panel_width, height)
        self.backend = self._view.name

    def _prepare_motion(self) -> None:
        line = self.timeline
        position = np.asarray(line.arrays["position"], float)
        samples = 1.0 / line.period_s if np.isfinite(line.period_s) else 1.0
        window = max(1, round(_CAMERA_LAG_S * samples))
        self._stage_path = smooth_path(smooth_path(position, window), window)
        track, speed = _track(line.time, line.arrays)
        self._speed = smooth(speed, max(1, round(_SPEED_WINDOW_S * samples)))
        self._path = np.array([line.at(track, moment) for moment in line.moments])
        steps = np.linalg.norm(np.diff(self._path, axis=0), axis=1)
        self._travelled = np.concatenate([[0.0], steps.cumsum()])

    def _prepare_panel(self, recording: RecordingLike) -> None:
        unit, pad = self._unit, round(16 * self._unit)
        left, right = self.width - self._panel_width + pad, self.width - pad
        bottom = self.height - pad
        self._map_size = min(right - left, round(0.36 * self.height))
        self._map_corner = (left + (right - left - self._map_size) // 2, pad)
        radius = scene(recording).get("dish_radius_mm")
        self._map = DishMap(self._map_size, odour_fields(recording), radius, self._path)
        self._numbers_box = (left, 2 * pad + self._map_size, right)
        top = self._numbers_box[1] + round(56 * unit) + pad
        self._eyes: EyesPainter | None = None
        if all(name in recording.arrays for name in _EYES):
            self._eyes = EyesPainter(plane_coordinates(), round(0.8 * (right - left)))
            self._eyes_corner = (left + round(0.1 * (right - left)), top + round(20 * unit))
            top = self._eyes_corner[1] + self._eyes.size[1] + pad
        heading = round(20 * max(unit, 0.6))
        label_width = round(46 * max(unit, 0.7))
        window_s = _WINDOW_S * max(self.timeline.speed / SLOWEST, 1.0)
        step_s = window_s / (right - left - label_width)
        strips: list[tuple[Strip, tuple[int, int, int, int]]] = []
        drive = drive_strip(recording, step_s)
        if drive is not None:
            strips.append((drive, (left, bottom - round(34 * unit), right, bottom)))
            bottom -= round(34 * unit) + heading + pad // 2
        foot = footfall_strip(recording, LEGS, step_s)
        strips.insert(0, (foot, (left, top + heading, right, bottom)))
        letter = max(8.5, 13 * unit)
        self._strips = [StripPainter(strip, box, label_width, letter) for strip, box in strips]
        self._panel = paint_panel(
            (self.width, self.height),
            self._panel_width,
            self._strips,
            heading,
            f"last {window_s:.1f} s",
            unit,
        )
        if self._eyes is not None:
            place = (pad, self._eyes_corner[1] - round(20 * unit))
            letters = font(13 * unit)
            ImageDraw.Draw(self._panel).text(
                place, "What it sees", font=letters, fill=palette.FAINT
            )

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
        self._stage.show({name: at(np.asarray(arrays[name]), moment) for name in self._shown})
        camera = self._camera(at(self._stage_path, moment))
        image = Image.new("RGB", (self.width, self.height))
        image.paste(Image.fromarray(self._view.paint(self._stage.body.data, camera)), (0, 0))
        image.paste(self._lettering, (0, 0), self._lettering)
        image.paste(self._panel, (camera.width, 0))
        here = View(
            (float(self._path[frame, 0]), float(self._path[frame, 1])),
            camera.pixels_per_mm, camera.width, camera.height,
        )  # fmt: skip
        image.paste(self._map.paint(frame, moment, here), self._map_corner)
        if self._eyes is not None:
            seen = [np.asarray(at(arrays[name], moment)).reshape(-1, 721)[0] for name in _EYES]
            image.paste(self._eyes.paint(seen[0], seen[1]), self._eyes_corner)
        for painter in self._strips:
            painter.paint(image, moment)
        self._write(image, camera.width, frame, moment)
        return np.asarray(image)

    def close(self) -> None:
        """Give back what the backend holds."""
        self._view.close()

    def _camera(self, place: np.ndarray) -> Camera:
        return camera_on(place, self.width - self._panel_width, self.height, self._view_mm)

    def _write(self, image: Image.Image, right: int, frame: int, moment: float) -> None:
        draw, unit = ImageDraw.Draw(image), self._unit
        caption.draw_clock(draw, unit, right, moment, self.timeline.speed)
        numbers = [
            (
                "speed, mm/s",
                f"{float(self.timeline.at(self._speed, moment)):+.1f}",
                palette.FORWARD,
            ),
            ("path, mm", f"{self._travelled[frame]:.1f}", palette.INK),
        ]
        caption.draw_numbers(draw, unit, self._numbers_box, numbers)


def _track(time: np.ndarray, arrays: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return the way, (samples, 2) [mm], and the forward speed, (samples,) [mm/s].

    On a ball they are those of the fly over the ball.
    """
    place = np.asarray(arrays["position"], float)[:, :2]
    if len(place) < 2:
        return place, np.zeros(len(place))
    if "ball_motion" in arrays:
        forward, left, turn = np.asarray(arrays["ball_motion"], float).T
        step = np.diff(time, prepend=time[0])
        turned = np.cumsum(turn * step)
        x = (forward * np.cos(turned) - left * np.sin(turned)) * step
        y = (forward * np.sin(turned) + left * np.cos(turned)) * step
        return np.stack([x, y], axis=1).cumsum(axis=0), forward
    turned = heading(arrays["orientation"])
    ahead = np.stack([np.cos(turned), np.sin(turned)], axis=1)
    return place, (np.gradient(place, time, axis=0) * ahead).sum(axis=1)
