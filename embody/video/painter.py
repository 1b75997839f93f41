"""What the films of all animals have in common."""

import abc

import numpy as np
from PIL import Image, ImageDraw

from embody.analysis.source import RecordingLike
from embody.video import caption
from embody.video.panel import check_frame, panel_width
from embody.video.timeline import Timeline
from embody.video.view import View


class AbstractFramePainter(abc.ABC):
    """Paints the frames of a film: a view of the animal, and a panel about it at the right.

    Parameters
    ----------
    recording
        One episode.
    width, height
        Size of a frame [pixels]; even, at least 320 x 240.
    fps
        Frames per second of film [1/s].
    speed
        Playback speed; None chooses the slowest that suits the animal and keeps the film below
        35 s.
    backend
        "software", "opengl", or "auto" for OpenGL where it works.
    view_mm
        Height of the region that is shown [mm]; None takes what suits the animal and its task.

    Attributes
    ----------
    width, height
        Size of a frame [pixels].
    timeline
        The moments of the frames.
    backend
        Which backend draws the animal.

    Raises
    ------
    EmbodyError
        If a size or a rate is out of range, the backend is unknown or does not work here, or the
        recording is not one of this animal.
    """

    backend: str

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
        self._require(recording)
        self._view_mm = self._suitable_view_mm(recording) if view_mm is None else view_mm
        check_frame(width, height, self._view_mm)
        self.width, self.height = width, height
        self.timeline = self._lay_time(recording, fps, speed)
        self._unit = (height / 720) ** 0.8  # letters of a small frame stay readable
        self._panel_width = panel_width(width)
        self._prepare(recording, backend)
        self._lettering = self._letter(caption.run_title(recording))

    def __len__(self) -> int:
        return len(self.timeline)

    @abc.abstractmethod
    def paint(self, frame: int) -> np.ndarray:
        """Return one frame, shape (height, width, 3), uint8.

        Parameters
        ----------
        frame
            Number of the frame, from 0; frames in order are cheapest.
        """

    @abc.abstractmethod
    def close(self) -> None:
        """Give back what the backend holds."""

    @abc.abstractmethod
    def _require(self, recording: RecordingLike) -> None:
        """Raise `EmbodyError` if the recording is not one of this animal."""

    @abc.abstractmethod
    def _suitable_view_mm(self, recording: RecordingLike) -> float:
        """Return the height of the region that is shown if nobody asks for another [mm]."""

    @abc.abstractmethod
    def _prepare(self, recording: RecordingLike, backend: str) -> None:
        """Open the backend, and work out what frames need of the whole recording."""

    def _lay_time(self, recording: RecordingLike, fps: float, speed: float | None) -> Timeline:
        return Timeline(recording, fps, speed)

    def _letter(self, title: tuple[str, str]) -> Image.Image:
        """Return what is written over the view and never changes, on a clear ground."""
        view = self._flat_view()
        overlay = Image.new("RGBA", (view.width, view.height), (0, 0, 0, 0))
        draw = ImageDraw.Draw(overlay)
        caption.draw_title(draw, self._unit, title)
        caption.draw_scale(draw, self._unit, view)
        return overlay

    def _flat_view(self, centre_mm: tuple[float, float] = (0.0, 0.0)) -> View:
        """Return the window on the plane that is shown, without its tilt."""
        width = self.width - self._panel_width
        return View(centre_mm, self.height / self._view_mm, width, self.height)
