"""What the two eyes see as a picture: a mosaic of hexagons, for videos and figures."""

from functools import cache

import numpy as np
from PIL import Image, ImageDraw

from embody.bodies.fly.eyes import lattice
from embody.errors import EmbodyError

GAP = 0.06
"""Dark line between hexagons, in distances between neighbours, where it is not too thin."""

_SMOOTHING = 3
_LEAST_GAP_PIXELS = 0.5


def mosaic(
    seen: np.ndarray, height: int = 160, background: tuple[int, int, int] = (16, 17, 20)
) -> Image.Image:
    """Draw what both eyes see, the left one on the left, each with its front towards the middle.

    Parameters
    ----------
    seen
        Brightness of the left and right eye, 0..1, shape (2, 721), or colours (2, 721, 3).
    height
        Of the picture [pixels].
    background
        Colour around the hexagons, 0..255.

    Returns
    -------
    Image
        RGB picture, a little less than twice as wide as high.

    Raises
    ------
    EmbodyError
        If `seen` has another shape.
    """
    seen = np.asarray(seen, float)
    eyes = len(lattice.SIDES)
    if seen.shape not in ((eyes, lattice.OMMATIDIA), (eyes, lattice.OMMATIDIA, 3)):
        raise EmbodyError(
            f"a mosaic needs brightness (2, 721) or colour (2, 721, 3), not {seen.shape}"
        )
    if seen.ndim == 2:
        seen = np.repeat(seen[..., None], 3, axis=2)
    ommatidium = _ommatidium_of_pixels(height * _SMOOTHING)
    palette = np.clip(np.rint(255 * seen), 0, 255).astype(np.uint8)
    around = np.array([background], np.uint8)
    # In the lattice the front is to the right: so it is for who looks out through the left eye.
    left = np.concatenate([palette[0], around])[ommatidium]
    right = np.concatenate([palette[1], around])[ommatidium][:, ::-1]
    both = Image.fromarray(np.concatenate([left, right], axis=1))
    return both.resize((both.width // _SMOOTHING, height), Image.Resampling.BOX)


def mosaic_width(height: int) -> int:
    """Return the width of a mosaic of both eyes that is that high [pixels]."""
    across = np.sqrt(3) * lattice.EXTENT + 2
    return len(lattice.SIDES) * round(height / (2 * lattice.EXTENT + 2) * across)


@cache
def _ommatidium_of_pixels(height: int) -> np.ndarray:
    """Which ommatidium of the left eye every pixel shows, the number after the last for none."""
    scale = height / (2 * lattice.EXTENT + 2)
    width = _SMOOTHING * (mosaic_width(height // _SMOOTHING) // len(lattice.SIDES))
    canvas = Image.new("I", (width, height), lattice.OMMATIDIA)
    draw = ImageDraw.Draw(canvas)
    angle = np.arange(6) * np.pi / 3
    gap = GAP if GAP * scale > _LEAST_GAP_PIXELS * _SMOOTHING else 0.0
    corner = (0.5 - gap / 2) / np.cos(np.pi / 6) * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    for number, place in enumerate(lattice.plane_coordinates()):
        outline = (place + corner) * [scale, -scale] + [width / 2, height / 2]
        draw.polygon([(x, y) for x, y in outline.tolist()], fill=number)
    return np.asarray(canvas)
