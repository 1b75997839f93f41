"""What `render` shows of a fly."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from embody.envs.fly.ground import Ground
from embody.envs.fly.panels import panels_of
from embody.envs.fly.stage import Stage
from embody.envs.fly.way_map import draw_arrow
from embody.video import caption, palette
from embody.video.camera import Camera
from embody.video.model_view import ModelView, open_view
from embody.video.text import font
from embody.video.view import View

WIDTH, HEIGHT = 640, 480
AZIMUTH_DEG = 128.0

_UNIT = HEIGHT / 720  # the sizes of captions are given for films of that height


@dataclass(frozen=True)
class Shot:
    """How a fly is looked at.

    Attributes
    ----------
    height_mm
        Height of what is seen at the fly [mm].
    elevation_deg
        Negative looks down [degrees].
    """

    height_mm: float = 4.6
    elevation_deg: float = -24.0

    @classmethod
    def of(cls, scene: Mapping[str, Any]) -> "Shot":
        """Return the shot for a scene: from farther away where there is something to get to."""
        world = scene["world"]["name"]
        if world in _WIDE:
            return _WIDE[world]
        if scene.get("plume"):
            return _IN_PLUME
        return _SEARCHING if Ground(scene) else cls()

    def camera(self, place: np.ndarray, width: int, height: int) -> Camera:
        """Return the camera that looks at a fly from its front left, a little from above.

        Parameters
        ----------
        place
            Of the thorax, shape (3,) [mm].
        width, height
            Of the picture [pixels].
        """
        x, y, z = np.asarray(place, float).tolist()
        target = (x - 0.4, y, z - 0.35)
        return Camera(target, AZIMUTH_DEG, self.elevation_deg, self.height_mm, width, height)


_SEARCHING, _IN_PLUME = Shot(8.5, -36.0), Shot(14.0, -42.0)
_WIDE = {"predator": Shot(20.0, -28.0), "pair": Shot(10.0, -32.0)}


class StageView:
    """Draws a fly and what lies on the ground, with what of it needs words.

    Parameters
    ----------
    scene
        As `FlyEnv.scene` returns it.
    backend
        As for `open_view`.
    width, height
        Of the pictures [pixels].

    Attributes
    ----------
    ground
        What lies on the ground, as it was drawn last.
    backend
        Which backend draws.
    """

    def __init__(self, scene: Mapping[str, Any], backend: str, width: int, height: int) -> None:
        self._stage = Stage(scene)
        self.ground = Ground(scene)
        model = self._stage.body.model
        self._view: ModelView = open_view(backend, model, width, height, panels_of(model))
        self.backend = self._view.name

    def paint(
        self, snapshot: Mapping[str, np.ndarray], time_s: float, camera: Camera
    ) -> Image.Image:
        """Return a picture.

        Parameters
        ----------
        snapshot
            As `FlyEnv.snapshot` returns it.
        time_s
            Time since the reset [s].
        camera
            Where it is taken from.
        """
        self._stage.show(snapshot)
        self.ground.show(time_s, snapshot)
        wash = self.ground.wash if self.ground else None
        return Image.fromarray(self._view.paint(self._stage.body.data, camera, wash))

    def draw_key(self, draw: ImageDraw.ImageDraw, unit: float, camera: Camera) -> None:
        """Say in the lower left corner what the colours are, and where the wind blows.

        Parameters
        ----------
        draw
            The picture.
        unit
            Size of the letters, 1 for a picture 720 pixels high.
        camera
            Where the picture was taken from.
        """
        left, bottom = 20 * unit, camera.height - 22 * unit
        names = dict.fromkeys(mark.name for mark in self.ground.marks)
        colours = {mark.name: mark.colour for mark in self.ground.marks} | self.ground.colours
        for name in names:
            box = (left, bottom - 13 * unit, left + 13 * unit, bottom)
            draw.ellipse(box, fill=colours[name], outline=(12, 15, 18))
            place = (left + 20 * unit, bottom - 6.5 * unit)
            caption.write(draw, place, name, 15 * unit, palette.INK, "lm")
            left += 42 * unit + draw.textlength(name, font=font(15 * unit))
        if self.ground.wind_mm_s is not None:
            self._draw_wind(draw, unit, camera, self.ground.wind_mm_s)

    def _draw_wind(
        self, draw: ImageDraw.ImageDraw, unit: float, camera: Camera, wind_mm_s: np.ndarray
    ) -> None:
        speed = float(np.linalg.norm(wind_mm_s))
        right, up, _ = camera.axes()
        way = np.append(wind_mm_s, 0.0) / max(speed, 1e-9)
        seen = 46 * unit * np.array([way @ right, -(way @ up)])  # as it lies on the ground
        middle = np.array([62 * unit, camera.height - 86 * unit])
        draw_arrow(draw, middle - seen, middle + seen, round(4 * unit))
        place = (20 * unit, camera.height - 50 * unit)
        caption.write(draw, place, f"wind, {speed:.0f} mm/s", 15 * unit, palette.INK, "lm")

    def close(self) -> None:
        """Give back what drawing took."""
        self._view.close()


class FlyPicture:
    """Draws one moment at a time.

    Parameters
    ----------
    scene
        As `FlyEnv.scene` returns it.
    """

    def __init__(self, scene: Mapping[str, Any]) -> None:
        self._scene, self._shot = scene, Shot.of(scene)
        self._view = StageView(scene, "auto", WIDTH, HEIGHT)

    def lay_ground(self, scene: Mapping[str, Any]) -> None:
        """Show what lies on the ground of this scene, in the same world: each episode has its own.

        Parameters
        ----------
        scene
            As `FlyEnv.scene` returns it.
        """
        if scene != self._scene:
            self._scene, self._view.ground = scene, Ground(scene)

    def paint(self, snapshot: Mapping[str, np.ndarray], time_s: float) -> np.ndarray:
        """Return a picture, shape (480, 640, 3), uint8.

        Parameters
        ----------
        snapshot
            As `FlyEnv.snapshot` returns it.
        time_s
            Time since the reset [s].
        """
        camera = self._shot.camera(snapshot["position"], WIDTH, HEIGHT)
        image = self._view.paint(snapshot, time_s, camera)
        draw = ImageDraw.Draw(image)
        self._view.draw_key(draw, _UNIT, camera)
        caption.draw_scale(draw, _UNIT, flat_view(camera))
        caption.draw_clock(draw, _UNIT, WIDTH, time_s, None)
        return np.array(image)

    def close(self) -> None:
        """Give back what drawing took."""
        self._view.close()


def flat_view(camera: Camera) -> View:
    """Return the window on the plane through the target that a camera looks through."""
    return View((0.0, 0.0), camera.pixels_per_mm, camera.width, camera.height)
