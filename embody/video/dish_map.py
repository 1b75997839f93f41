"""The map of a worm's dish: the odour, its peaks, the wall."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from embody.analysis.odour import concentration
from embody.video import palette
from embody.video.way_map import SHARPNESS, AbstractWayMap, paint_odours, region_of

_ROWS = 160
_OPACITY = 0.85


class DishMap(AbstractWayMap):
    """The whole dish, the odour, the way so far and where the worm is.

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
        self.fields, self.radius = fields, dish_radius_mm
        if dish_radius_mm is not None:
            centre, half = np.zeros(2), 1.04 * dish_radius_mm
        else:
            peaks = np.array([field["peak_mm"] for field in fields], float).reshape(-1, 2)
            centre, half = region_of(np.concatenate([path, peaks]))
        super().__init__(size, path, centre, half)

    @property
    def changes(self) -> bool:
        """Whether an odour spreads."""
        return any(field.get("diffusivity_mm2_s") for field in self.fields)

    def paint_ground(self, frame: int, time_s: float) -> Image.Image:
        """Return the dish at a time [s]."""
        view = self.view
        strength = np.zeros((_ROWS, _ROWS))
        if self.fields:
            strength = np.sqrt(
                np.clip(concentration(self.fields, view.grid(_ROWS, _ROWS), time_s), 0, 1)
            )
        image = paint_odours(view, [(_OPACITY * strength, palette.ODOUR)])
        draw = ImageDraw.Draw(image, "RGBA")
        if self.radius is not None:
            reach = self.radius * view.pixels_per_mm
            x, y = view.to_pixels(np.zeros(2))
            box = (x - reach, y - reach, x + reach, y + reach)
            mask = Image.new("L", image.size, 255)
            ImageDraw.Draw(mask).ellipse(box, fill=0)
            image.paste(palette.PANEL, (0, 0), mask)
            draw.ellipse(box, outline=palette.WALL, width=2 * SHARPNESS)
        for field in self.fields:
            if field["kind"] == "gaussian":
                x, y = view.to_pixels(np.asarray(field["peak_mm"], float))
                arm = 5 * SHARPNESS
                for line in ((x - arm, y, x + arm, y), (x, y - arm, x, y + arm)):
                    draw.line(line, fill=palette.INK, width=SHARPNESS)
        return image
