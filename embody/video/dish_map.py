"""The small map: the whole dish, the odour, the way so far and where the worm is."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from embody.analysis.odour import concentration
from embody.video import palette
from embody.video.text import font, length_label
from embody.video.view import View

_SHARPNESS = 2
_LEAST_HALF_MM = 1.5


class DishMap:
    """Paints the map; keeps the way drawn so far and adds to it.

    Parameters
    ----------
    size
        Side of the square map [pixels].
    fields
        Parts of the odour field.
    dish_radius_mm
        Radius of the dish [mm]; None shows the region of the path.
    path
        Where the animal is at each frame of the film, shape (frames, 2) [mm].
    """

    def __init__(
        self,
        size: int,
        fields: Sequence[Mapping[str, Any]],
        dish_radius_mm: float | None,
        path: np.ndarray,
    ) -> None:
        self.size, self.fields, self.radius = size, fields, dish_radius_mm
        self.path = path
        self._spreads = any(field.get("diffusivity_mm2_s") for field in fields)
        if dish_radius_mm is not None:
            centre, half = np.zeros(2), 1.04 * dish_radius_mm
        else:
            peaks = np.array([field["peak_mm"] for field in fields], float).reshape(-1, 2)
            points = np.concatenate([path, peaks])
            low, high = points.min(axis=0), points.max(axis=0)
            centre = 0.5 * (low + high)
            half = max(_LEAST_HALF_MM, 0.6 * float((high - low).max()))
        sharp = size * _SHARPNESS
        self._view = View((float(centre[0]), float(centre[1])), sharp / (2 * half), sharp, sharp)
        self._ground: Image.Image | None = None
        self._way = Image.new("RGBA", (sharp, sharp), (*palette.FAINT, 0))
        self._drawn = 0

    def paint(self, frame: int, time_s: float, view: View) -> Image.Image:
        """Return the map at one frame.

        Parameters
        ----------
        frame
            Number of the frame.
        time_s
            Time, for odours that spread [s].
        view
            What the microscope shows; drawn as a frame.
        """
        if self._ground is None or self._spreads:
            self._ground = self._paint_ground(time_s)
        self._extend_way(frame)
        here = self._view.to_pixels(self.path[frame])
        image = self._ground.copy()
        image.paste(self._way, (0, 0), self._way)
        draw = ImageDraw.Draw(image, "RGBA")
        corner = np.array([view.width, view.height]) / (2 * view.pixels_per_mm)
        box = self._view.to_pixels(np.array(view.centre_mm) + np.stack([-corner, corner]))
        left, right = sorted(box[:, 0])
        top, bottom = sorted(box[:, 1])
        draw.rectangle((left, top, right, bottom), outline=(*palette.INK, 120), width=_SHARPNESS)
        reach = 3.2 * _SHARPNESS
        draw.ellipse((here[0] - reach, here[1] - reach, here[0] + reach, here[1] + reach), "white")
        return self._labelled(image.reduce(_SHARPNESS))

    def _extend_way(self, frame: int) -> None:
        if frame < self._drawn:
            self._way.paste((*palette.FAINT, 0), (0, 0, *self._way.size))
            self._drawn = 0
        way = ImageDraw.Draw(self._way)
        pixels = self._view.to_pixels(self.path[self._drawn : frame + 1])
        progress = np.arange(self._drawn, frame + 1) / max(1, len(self.path) - 1)
        colours = palette.time_ramp(progress)
        for start, stop, colour in zip(pixels[:-1], pixels[1:], colours[1:], strict=True):
            fill = (*(int(level) for level in colour), 255)
            way.line([*start, *stop], fill=fill, width=2 * _SHARPNESS)
        self._drawn = frame

    def _paint_ground(self, time_s: float) -> Image.Image:
        view = self._view
        rows = 160
        strength = np.zeros((rows, rows))
        if self.fields:
            strength = np.sqrt(
                np.clip(concentration(self.fields, view.grid(rows, rows), time_s), 0, 1)
            )
        agar, odour = np.array(palette.AGAR), np.array(palette.ODOUR)
        colours = agar + (odour - agar) * (0.85 * strength)[..., None]
        small = Image.fromarray(colours.round().astype(np.uint8))
        image = small.resize((view.width, view.height), Image.Resampling.BICUBIC)
        draw = ImageDraw.Draw(image, "RGBA")
        if self.radius is not None:
            reach = self.radius * view.pixels_per_mm
            x, y = view.to_pixels(np.zeros(2))
            box = (x - reach, y - reach, x + reach, y + reach)
            mask = Image.new("L", image.size, 255)
            ImageDraw.Draw(mask).ellipse(box, fill=0)
            image.paste(palette.PANEL, (0, 0), mask)
            draw.ellipse(box, outline=palette.WALL, width=2 * _SHARPNESS)
        for field in self.fields:
            if field["kind"] == "gaussian":
                x, y = view.to_pixels(np.asarray(field["peak_mm"], float))
                arm = 5 * _SHARPNESS
                for line in ((x - arm, y, x + arm, y), (x, y - arm, x, y + arm)):
                    draw.line(line, fill=palette.INK, width=_SHARPNESS)
        return image

    def _labelled(self, image: Image.Image) -> Image.Image:
        scale = self._view.pixels_per_mm / _SHARPNESS
        bar = next(
            (step for step in (10, 5, 2, 1, 0.5, 0.2) if step * scale < 0.35 * self.size), 0.1
        )
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
