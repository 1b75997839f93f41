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
from embody.video.panel import check_frame
from embody.video.timeline import FILM_SECONDS, Timeline

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


class FlightFramePainter:
    """Paints the frames of a film of a flying fly.

    Parameters
    ----------
    recording
        One episode of `FlyFlight`.
    width, height
        Size of a frame [pixels]; even, at least 320 x 240.
    fps
        Frames per second of film [1/s].
    speed
        Playback speed; None lets `flight_speed` choose.
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
        recording is not one of a flying fly.
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
        view_mm: float = VIEW_HEIGHT_MM,
    ) -> None:
        check_frame(width, height, view_mm)
        missing = [name for name in _NEEDED if name not in recording.arrays]
        if missing:
            raise EmbodyError(f"this recording lacks the flying fly's {', '.join(missing)}")
        self.width, self.height = width, height
        if speed is None and fps > 0 and len(recording.arrays["time"]):
            time = np.asarray(recording.arrays["time"], float)
            beats = (
                float(np.median(np.asarray(recording.arrays["wing_beat"])[:, 1])) or FREQUENCY_HZ
            )
            speed = flight_speed(float(time[-1] - time[0]), fps, beats)
        self.timeline = Timeline(recording, fps, speed)
        self._unit = (height / 720) ** 0.8  # letters of a small frame stay readable
        self._view_mm = view_mm
        self._panel = FlightPanel(recording, (width, height), self._unit)
        self._stage = FlightStage(scene(recording))
        self._view_width = width - self._panel.width
        self._view = open_flight_view(backend, self._stage, self._view_width, height)
        self.backend = self._view.name
        self._lettering = self._letter(caption.run_title(recording))

    def __len__(self) -> int:
        return len(self.timeline)

    def paint(self, frame: int) -> np.ndarray:
        """Return one frame, shape (height, width, 3), uint8.

        Parameters
        ----------
        frame
            Number of the frame, from 0.
        """
        moment = float(self.timeline.moments[frame])
        arrays, at = self.timeline.arrays, self.timeline.at
        snapshot = {name: at(np.asarray(arrays[name], float), moment) for name in _NEEDED}
        self._stage.show(snapshot)
        camera = self._camera(snapshot["position"])
        image = Image.new("RGB", (self.width, self.height))
        image.paste(Image.fromarray(self._view.paint(self._stage.body.data, camera)), (0, 0))
        image.paste(self._lettering, (0, 0), self._lettering)
        draw, right = ImageDraw.Draw(image), self._view_width
        caption.draw_clock(draw, self._unit, right, moment, self.timeline.speed)
        image.paste(self._panel.paint(moment), (right, 0))
        return np.asarray(image)

    def close(self) -> None:
        """Give back what the backend holds."""
        self._view.close()

    def _letter(self, title: tuple[str, str]) -> Image.Image:
        """Return what is written over the view and never changes, on a clear ground."""
        camera = self._camera(np.zeros(3))
        overlay = Image.new("RGBA", (camera.width, camera.height), (0, 0, 0, 0))
        draw = ImageDraw.Draw(overlay)
        caption.draw_title(draw, self._unit, title)
        caption.draw_scale(draw, self._unit, flat_view(camera))
        return overlay

    def _camera(self, place: np.ndarray) -> Camera:
        return camera_on(place, self._view_width, self.height, self._view_mm)
