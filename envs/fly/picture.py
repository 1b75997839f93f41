"""What `render` shows of a fly."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from embody.envs.fly.stage import Stage
from embody.video import caption
from embody.video.camera import Camera
from embody.video.model_view import open_view
from embody.video.view import View

WIDTH, HEIGHT = 640, 480
VIEW_HEIGHT_MM = 4.4
AZIMUTH_DEG, ELEVATION_DEG = 128.0, -24.0

_UNIT = HEIGHT / 720  # the sizes of captions are given for films of that height


class FlyPicture:
    """Draws one moment at a time.

    Parameters
    ----------
    scene
        As `FlyEnv.scene` returns it.
    """

    def __init__(self, scene: Mapping[str, Any]) -> None:
        self._stage = Stage(scene)
        self._view = open_view("auto", self._stage.body.model, WIDTH, HEIGHT)

    def paint(self, snapshot: Mapping[str, np.ndarray], time_s: float) -> np.ndarray:
        """Return a picture, shape (480, 640, 3), uint8.

        Parameters
        ----------
        snapshot
            As `FlyEnv.snapshot` returns it.
        time_s
            Time since the reset [s].
        """
        self._stage.show(snapshot)
        camera = camera_on(snapshot["position"], WIDTH, HEIGHT, VIEW_HEIGHT_MM)
        image = Image.fromarray(self._view.paint(self._stage.body.data, camera))
        draw = ImageDraw.Draw(image)
        caption.draw_scale(draw, _UNIT, flat_view(camera))
        caption.draw_clock(draw, _UNIT, WIDTH, time_s, None)
        return np.array(image)

    def close(self) -> None:
        """Give back what drawing took."""
        self._view.close()


def camera_on(place: np.ndarray, width: int, height: int, height_mm: float) -> Camera:
    """Return the camera that looks at a fly from its front left, a little from above."""
    x, y, z = np.asarray(place, float).tolist()
    target = (x - 0.4, y, z - 0.35)
    return Camera(target, AZIMUTH_DEG, ELEVATION_DEG, height_mm, width, height)


def flat_view(camera: Camera) -> View:
    """Return the window on the plane through the target that a camera looks through."""
    return View((0.0, 0.0), camera.pixels_per_mm, camera.width, camera.height)
