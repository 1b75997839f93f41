"""The small map: where the animal is, the way it came, what the large view shows."""

import abc

import numpy as np
from PIL import Image, ImageDraw

from embody.video import palette
from embody.video.text import font, length_label
from embody.video.view import View

SHARPNESS = 2
"""Pixels drawn for each pixel shown, each way."""

LEAST_HALF_MM = 1.5
"""Half the side of the smallest map [mm]."""

_BARS_MM = (50, 20, 10, 5, 2, 1, 0.5, 0.2)
_MARGIN = 1.2


class AbstractWayMap(abc.ABC):
    """Paints a square map; keeps the way drawn so far and adds to it.

    Parameters
    ----------
    size
        Side of the map [pixels].
    path
        Where the animal is at each frame of the film, shape (frames, 2) [mm].
    centre_mm, half_mm
        Middle (x, y) and half the side of the region shown [mm].

    Attributes
    ----------
    view
        The region, in the pixels that are drawn.
    """

    def __init__(self, size: int, path: np.ndarray, centre_mm: np.ndarray, half_mm: float) -> None:
        self.size, self.path = size, path
        sharp = size * SHARPNESS
        x, y = centre_mm.tolist()
        self.view = View((x, y), sharp / (2 * half_mm), sharp, sharp)
        self._ground: Image.Image | None = None
        self._way = Image.new("RGBA", (sharp, sharp), (*palette.FAINT, 0))
        self._drawn = 0

    @property
    @abc.abstractmethod
    def changes(self) -> bool:
        """Whether the ground looks different from one moment to the next."""

    @abc.abstractmethod
    def paint_ground(self, frame: int, time_s: float) -> Image.Image:
        """Return what lies under the way at a frame and its time [s], in the pixels drawn."""

    def paint(self, frame: int, time_s: float, view: View) -> Image.Image:
        """Return the map at one frame.

        Parameters
        ----------
        frame
            Number of the frame.
        time_s
            Time, for grounds that change [s].
        view
            What the large view shows; drawn as a frame.
        """
        if self._ground is None or self.changes:
            self._ground = self.paint_ground(frame, time_s)
        self._extend_way(frame)
        here = self.view.to_pixels(self.path[frame])
        image = self._ground.copy()
        image.paste(self._way, (0, 0), self._way)
        draw = ImageDraw.Draw(image, "RGBA")
        corner = np.array([view.width, view.height]) / (2 * view.pixels_per_mm)
        box = self.view.to_pixels(np.array(view.centre_mm) + np.stack([-corner, corner]))
        left, right = sorted(box[:, 0])
        top, bottom = sorted(box[:, 1])
        draw.rectangle((left, top, right, bottom), outline=(*palette.INK, 120), width=SHARPNESS)
        reach = 3.2 * SHARPNESS
        draw.ellipse((here[0] - reach, here[1] - reach, here[0] + reach, here[1] + reach), "white")
        return self._labelled(image.reduce(SHARPNESS))

    def _extend_way(self, frame: int) -> None:
        if frame < self._drawn:
            self._way.paste((*palette.FAINT, 0), (0, 0, *self._way.size))
            self._drawn = 0
        way = ImageDraw.Draw(self._way)
        pixels = self.view.to_pixels(self.path[self._drawn : frame + 1])
        progress = np.arange(self._drawn, frame + 1) / max(1, len(self.path) - 1)
        colours = palette.time_ramp(progress)
        for start, stop, colour in zip(pixels[:-1], pixels[1:], colours[1:], strict=True):
            fill = (*(int(level) for level in colour), 255)
            way.line([*start, *stop], fill=fill, width=2 * SHARPNESS)
        self._drawn = frame

    def _labelled(self, image: Image.Image) -> Image.Image:
        scale = self.view.pixels_per_mm / SHARPNESS
        bar = next((step for step in _BARS_MM if step * scale < 0.35 * self.size), 0.1)
        draw = ImageDraw.Draw(image)
        left, bottom = 4, self.size - 6
        draw.line((left, bottom, left + bar * scale, bottom), fill=palette.FAINT, width=2)
        draw.text(
            (left, bottom - 4),
            length_label(bar),
            font=font(0.042 * self.size),
            fill=palette.FAINT,
            anchor="lb",
        )
        return image


def region_of(points: np.ndarray) -> tuple[np.ndarray, float]:
    """Return middle (x, y) and half the side of a square that holds points (n, 2) [mm]."""
    low, high = points.min(axis=0), points.max(axis=0)
    return 0.5 * (low + high), max(LEAST_HALF_MM, 0.5 * _MARGIN * float((high - low).max()))


def paint_odours(view: View, strengths: list[tuple[np.ndarray, palette.Colour]]) -> Image.Image:
    """Return dark ground in a view, tinted by odours.

    Parameters
    ----------
    view
        The region.
    strengths
        How strong each odour is, 0 to 1, over rows and columns of the view, and its colour.
    """
    colours = np.full((1, 1, 3), palette.AGAR, float)
    for strength, odour in strengths:
        colours = colours + (np.array(odour) - colours) * strength[..., None]
    small = Image.fromarray(colours.round().astype(np.uint8))
    return small.resize((view.width, view.height), Image.Resampling.BICUBIC)
