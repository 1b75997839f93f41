"""What two compound eyes see, as hexagons side by side."""

import numpy as np
from PIL import Image
from scipy.spatial import KDTree

from embody.video import palette

_GAP = 2.5  # between the eyes, in rows of ommatidia


class EyesPainter:
    """Paints the brightness of every ommatidium.

    Parameters
    ----------
    places
        Where each ommatidium lies in the plane of an eye, the first number to the front, the
        second up, neighbours 1 apart, shape (ommatidia, 2).
    width
        Width of the picture of both eyes [pixels].

    Attributes
    ----------
    size
        Width and height of the picture [pixels].
    """

    def __init__(self, places: np.ndarray, width: int) -> None:
        low, high = places.min(axis=0) - 0.6, places.max(axis=0) + 0.6
        across = 2 * (high[0] - low[0]) + _GAP
        step = across / width
        self.size = (width, max(1, round((high[1] - low[1]) / step)))
        x, y = np.meshgrid(step * (np.arange(width) + 0.5), step * (np.arange(self.size[1]) + 0.5))
        is_right = x > 0.5 * across
        front = np.where(is_right, across - x, x) + low[0]
        away, nearest = KDTree(places).query(np.stack([front, high[1] - y], axis=-1))
        self._which = nearest + len(places) * is_right
        self._seen = away < 0.6  # just over the corner of a hexagon

    def paint(self, left: np.ndarray, right: np.ndarray) -> Image.Image:
        """Return a picture of both eyes, the fronts facing each other.

        Parameters
        ----------
        left, right
            Brightness of every ommatidium, 0 to 1, shape (ommatidia,).
        """
        bright = np.concatenate([left, right])[self._which]
        grey = (np.clip(bright, 0, 1) ** 0.8 * 235 + 12)[..., None].repeat(3, axis=-1)
        grey[~self._seen] = palette.PANEL
        return Image.fromarray(grey.astype(np.uint8))
