"""What `render` shows of a worm: the microscope's view that follows it, drawn without OpenGL."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from embody.bodies.worm.geometry import MUSCLES
from embody.video import anatomy
from embody.video.agar import Agar, shade
from embody.video.caption import draw_scale
from embody.video.outline import outline, radius_profile
from embody.video.software import SoftwareBody
from embody.video.view import View

WIDTH, HEIGHT = 640, 480
VIEW_HEIGHT_MM = 1.6

_SHARPNESS = 2  # pixels drawn for each pixel shown, each way
_SHADOW_OFFSET, _SHADOW_BLUR = (3, 5), 4.0
_UNIT = HEIGHT / 720  # the sizes of captions are given for films of that height


class WormPicture:
    """Draws one moment at a time.

    Parameters
    ----------
    scene
        As `WormEnv.scene` returns it.
    """

    def __init__(self, scene: Mapping[str, Any]) -> None:
        self._agar = Agar(scene["fields"], scene["dish_radius_mm"])
        self._profile = radius_profile(scene["body_radius_mm"])
        self._body = SoftwareBody()

    def paint(
        self, snapshot: Mapping[str, np.ndarray], scene: Mapping[str, Any], time_s: float
    ) -> np.ndarray:
        """Return a picture, shape (480, 640, 3), uint8.

        Parameters
        ----------
        snapshot
            As `WormEnv.snapshot` returns it.
        scene
            As `WormEnv.scene` returns it; only its odour may have changed.
        time_s
            Time since the reset [s].
        """
        self._agar.fields = scene["fields"]
        nodes = snapshot["centreline"]
        x, y = nodes.mean(axis=0).tolist()
        view = View((x, y), HEIGHT / VIEW_HEIGHT_MM, WIDTH, HEIGHT)
        body = outline(nodes, self._profile)
        ground = self._agar.paint(view, time_s)
        shade(ground, body.seen_in(view).edge(), _SHADOW_OFFSET, _SHADOW_BLUR)
        sharp = view.magnified(_SHARPNESS)
        canvas = ground.resize((sharp.width, sharp.height), Image.Resampling.NEAREST)
        draw, seen = ImageDraw.Draw(canvas, "RGBA"), body.seen_in(sharp)
        self._agar.paint_peaks(draw, sharp)
        self._agar.paint_wall(draw, sharp)
        self._body.paint(canvas, seen)
        anatomy.draw_organs(draw, seen)
        rows = anatomy.muscle_rows(MUSCLES, snapshot["muscle_activation"])
        anatomy.draw_muscles(draw, seen, *rows)
        anatomy.draw_touch(draw, seen, snapshot["touch"])
        picture = canvas.reduce(_SHARPNESS)
        draw_scale(ImageDraw.Draw(picture), _UNIT, view)
        return np.array(picture)
