"""One frame of a film of flight: the fly with beating wings, and a panel about it."""

import numpy as np
from PIL import Image, ImageDraw

from embody.analysis.source import RecordingLike, scene
from embody.bodies.fly.wing_pattern import FREQUENCY_HZ
from embody.envs.fly.flight_panel import FlightPanel
from embody.envs.fly.flight_picture import (
    VIEW_HEIGHT_MM,
    FlightStage,
    camera_on,
    flat_view,
    open_flight_view,
)
from embody.errors import EmbodyError
from embody.video import caption
from embody.video.camera import Camera
from embody.video.painter import AbstractFramePainter
from embody.video.timeline import FILM_SECONDS, Timeline
from embody.video.view import View

MOMENTS_IN_BEAT = 9
"""Frames of a film in which wings seem to beat once."""

_NEEDED = ("position", "orientation", "joint_angle", "head_angle", "wing_beat", "wing_angle")


def flight_speed(seconds: float, fps: float, frequency_hz: float) -> float:
    """Return the playback speed of a film of flight of which nobody asked for another.

    Wings take nine frames for a beat: a short film is in slow motion, a longer one is lit as by a
    strobe lamp, and from frame to frame the wings beat a whole number of times more.

    Parameters
    ----------
    seconds
        Length of the recording [s].
    fps
        Frames per second of film [1/s].
    frequency_hz
        Beats of the wings per second [1/s].

    Examples
    --------
    >>> flight_speed(0.2, 25.0, 218.0), flight_speed(2.0, 25.0, 218.0)
    (0.0127, 0.127)
    """
    beats = 1 / MOMENTS_IN_BEAT
    while seconds * frequency_hz / beats > FILM_SECONDS * fps:
        beats += 1
    return float(f"{fps * beats / frequency_hz:.3g}")


class FlightFramePainter(AbstractFramePainter):
    """Paints the frames of a film of a flying fly; see `AbstractFramePainter` for its options.

    Without a `speed`, `flight_speed` chooses one.
    """

    def paint(self, frame: int) -> np.ndarray:
        """Return one frame, shape (height, width, 3), uint8; see `AbstractFramePainter`."""
        moment = float(self.timeline.moments[frame])
        arrays, at = self.timeline.arrays, self.timeline.at
        snapshot = {name: at(np.asarray(arrays[name], float), moment) for name in _NEEDED}
        self._stage.show(snapshot)
        camera = self._camera(snapshot["position"])
        image = Image.new("RGB", (self.width, self.height))
        image.paste(Image.fromarray(self._view.paint(self._stage.body.data, camera)), (0, 0))
        image.paste(self._lettering, (0, 0), self._lettering)
        draw, right = ImageDraw.Draw(image), self.width - self._panel_width
        caption.draw_clock(draw, self._unit, right, moment, self.timeline.speed)
        image.paste(self._panel.paint(moment), (right, 0))
        return np.asarray(image)

    def close(self) -> None:
        """Give back what the backend holds."""
        self._view.close()

    def _require(self, recording: RecordingLike) -> None:
        missing = [name for name in _NEEDED if name not in recording.arrays]
        if missing:
            raise EmbodyError(f"this recording lacks the flying fly's {', '.join(missing)}")

    def _suitable_view_mm(self, recording: RecordingLike) -> float:
        return VIEW_HEIGHT_MM

    def _lay_time(self, recording: RecordingLike, fps: float, speed: float | None) -> Timeline:
        if speed is None and fps > 0 and len(recording.arrays["time"]):
            time = np.asarray(recording.arrays["time"], float)
            beats = np.median(np.asarray(recording.arrays["wing_beat"])[:, 1])
            speed = flight_speed(float(time[-1] - time[0]), fps, float(beats) or FREQUENCY_HZ)
        return Timeline(recording, fps, speed)

    def _prepare(self, recording: RecordingLike, backend: str) -> None:
        self._panel = FlightPanel(recording, (self.width, self.height), self._unit)
        self._stage = FlightStage(scene(recording))
        width = self.width - self._panel_width
        self._view = open_flight_view(backend, self._stage, width, self.height)
        self.backend = self._view.name

    def _flat_view(self, centre_mm: tuple[float, float] = (0.0, 0.0)) -> View:
        return flat_view(self._camera(np.array([*centre_mm, 0.0])))

    def _camera(self, place: np.ndarray) -> Camera:
        width = self.width - self._panel_width
        return camera_on(place, width, self.height, self._view_mm)
