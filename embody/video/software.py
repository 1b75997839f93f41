"""The body drawn with Pillow alone: no OpenGL needed."""

import numpy as np
from PIL import Image, ImageDraw

from embody.video import palette
from embody.video.outline import Outline

_LAYERS = 14
_LIGHT = np.array([-0.45, -0.6])  # where the light comes from, in pixels right and down


class SoftwareBody:
    """Paints the body as layers that narrow and brighten towards the light."""

    name = "software"

    def paint(self, canvas: Image.Image, body: Outline) -> None:
        """Paint the body on a canvas.

        Parameters
        ----------
        canvas
            RGB image.
        body
            The worm in its pixels.
        """
        draw = ImageDraw.Draw(canvas)
        depth = np.linspace(0.0, 1.0, _LAYERS)
        edge, middle = np.array(palette.BODY_EDGE), np.array(palette.BODY_MIDDLE)
        shift = body.radius.max() * 0.36 * _LIGHT
        for level in depth:
            width = np.sqrt(1.0 - level**2) if level < 1 else 0.06
            colour = edge + (middle - edge) * level**0.8
            layer = (
                body.edge(width)
                + level
                * shift
                * np.minimum(
                    1.0, np.concatenate([body.radius, body.radius[::-1]]) / body.radius.max()
                )[:, None]
            )
            draw.polygon(layer.ravel().tolist(), fill=tuple(int(c) for c in colour))

    def close(self) -> None:
        """Nothing is held."""
