"""Colour on a level ground, seen by a camera."""

from collections.abc import Callable

import numpy as np
from PIL import Image

from embody.video.camera import Camera

Wash = Callable[[np.ndarray], np.ndarray]
"""By what the colour of the ground is multiplied, (..., 3) 0 to 1, at places (..., 2) [mm]."""

_COARSENESS = 2  # pixels between places that are asked for
_FARTHEST = 6.0  # in distances of the target; farther ground is left as it is


def seen_wash(camera: Camera, wash: Wash, size: tuple[int, int]) -> np.ndarray:
    """Return a wash as a camera sees it, 1 where it sees no ground, (rows, columns, 3), float32.

    Parameters
    ----------
    camera
        Where the picture is taken from.
    wash
        The colours of the ground at height 0.
    size
        Width and height of what is returned [pixels]; a multiple of the camera's.
    """
    rows, columns = camera.height // _COARSENESS, camera.width // _COARSENESS
    right, up, away = camera.axes()
    eye = np.asarray(camera.target_mm) - camera.distance_mm * away
    x = ((np.arange(columns) + 0.5) / columns - 0.5) * camera.width / camera.pixels_per_mm
    y = (0.5 - (np.arange(rows) + 0.5) / rows) * camera.height / camera.pixels_per_mm
    # Right has no height: all pixels of a row meet the ground at the same multiple of their ray.
    with np.errstate(divide="ignore"):
        reach = -eye[2] / (camera.distance_mm * away[2] + y * up[2])
    met = (reach > 0) & (reach < _FARTHEST)
    seen = np.ones((rows, columns, 3), np.float32)
    if met.any():
        ray = (camera.distance_mm * away + y[met, None] * up)[:, None] + x[:, None] * right
        places = eye[:2] + reach[met, None, None] * ray[..., :2]
        seen[met] = wash(places.astype(np.float32))
    picture = Image.fromarray(np.rint(255 * seen).astype(np.uint8))
    whole = picture.resize(size, Image.Resampling.BILINEAR)
    return np.asarray(whole, np.float32) / 255
