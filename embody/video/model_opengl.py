"""A MuJoCo model rendered with OpenGL, without a display."""

import weakref
from importlib import import_module

import mujoco
import numpy as np

from embody.video.camera import FIELD_DEG, Camera
from embody.video.model_view import LAST_GROUP
from embody.video.opengl import free
from embody.video.textures import Textures
from embody.video.wash import Wash, seen_wash

_MOST_GEOMS = 4000
_LAMP_MM = 12.0
_LAMP_HEIGHTS = 2.6  # distance of the lamp in heights of the picture, where that is more
_ROUNDNESS = 40  # pieces around a ball
_BUMP_MM = 0.008  # what rises less is taken for the ground


class OpenGLView:
    """Renders a model with shadows.

    Textures that have changed since the last picture are brought to the renderer.

    Parameters
    ----------
    model
        What is drawn. Its size of the off-screen buffer and its field of view are set.
    width, height
        Largest size of a picture [pixels].
    platform
        "egl", "osmesa", "glfw" or "cgl".
    """

    name = "opengl"

    def __init__(self, model: mujoco.MjModel, width: int, height: int, platform: str) -> None:
        model.vis.global_.offwidth = max(width, model.vis.global_.offwidth)
        model.vis.global_.offheight = max(height, model.vis.global_.offheight)
        model.vis.global_.fovy = FIELD_DEG
        model.vis.quality.numslices = max(_ROUNDNESS, model.vis.quality.numslices)
        model.vis.quality.numstacks = max(_ROUNDNESS // 2, model.vis.quality.numstacks)
        self._model = model
        self._context = import_module(f"mujoco.{platform}").GLContext(width, height)
        self._context.make_current()
        self._scene = mujoco.MjvScene(model, maxgeom=_MOST_GEOMS)
        self._option = mujoco.MjvOption()
        self._option.geomgroup[:] = np.arange(len(self._option.geomgroup)) <= LAST_GROUP
        self._option.sitegroup[:] = 0
        self._camera = mujoco.MjvCamera()
        self._camera.type = mujoco.mjtCamera.mjCAMERA_FREE
        self._render = mujoco.MjrContext(model, mujoco.mjtFontScale.mjFONTSCALE_100)
        self._textures = Textures(model, self._render)
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN, self._render)
        self._release = weakref.finalize(self, free, self._context, self._render)

    def paint(self, data: mujoco.MjData, camera: Camera, wash: Wash | None = None) -> np.ndarray:
        """Return a picture, shape (height, width, 3), uint8; positions must be up to date.

        Lights are moved along with the target, so that it is always lit from the same side.

        Parameters
        ----------
        data
            State of the model.
        camera
            Where the picture is taken from.
        wash
            Colour on the ground at height 0; None leaves it as it is.
        """
        lamp_mm = max(_LAMP_MM, _LAMP_HEIGHTS * camera.height_mm)
        data.light_xpos[:] = camera.target_mm - lamp_mm * data.light_xdir
        seen = self._camera
        seen.lookat[:] = camera.target_mm
        seen.distance = camera.distance_mm
        seen.azimuth, seen.elevation = camera.azimuth_deg, camera.elevation_deg
        self._context.make_current()
        self._textures.update()
        # The headlight is put where the camera is as the scene knows it: let it know first.
        mujoco.mjv_updateCamera(self._model, data, seen, self._scene)
        mujoco.mjv_updateScene(
            self._model, data, self._option, None, seen, mujoco.mjtCatBit.mjCAT_ALL, self._scene
        )
        for geom in self._scene.geoms[: self._scene.ngeom]:
            if geom.type == mujoco.mjtGeom.mjGEOM_PLANE:
                geom.category = mujoco.mjtCatBit.mjCAT_DECOR  # casts no shadow on itself
        area = mujoco.MjrRect(0, 0, camera.width, camera.height)
        pixels = np.empty((camera.height, camera.width, 3), np.uint8)
        mujoco.mjr_render(area, self._scene, self._render)
        if wash is None:
            mujoco.mjr_readPixels(pixels, None, area, self._render)
            return pixels[::-1]
        depth = np.empty((camera.height, camera.width), np.float32)
        mujoco.mjr_readPixels(pixels, depth, area, self._render)
        tint = seen_wash(camera, wash, (camera.width, camera.height))
        tint[~self._shows_ground(depth[::-1], camera)] = 1
        return np.rint(pixels[::-1] * tint).astype(np.uint8)

    def _shows_ground(self, buffer: np.ndarray, camera: Camera) -> np.ndarray:
        """Return where a depth buffer, 0 near to 1 far, holds the plane at height 0."""
        extent = self._model.stat.extent
        near, far = self._model.vis.map.znear * extent, self._model.vis.map.zfar * extent
        nearness = (1 - buffer * (1 - near / far)) / near  # 1 / depth
        _, up, away = camera.axes()
        eye_height = camera.target_mm[2] - camera.distance_mm * away[2]
        rows = (0.5 * camera.height - 0.5 - np.arange(camera.height)) / camera.pixels_per_mm
        ground = -(away[2] + rows[:, None] * up[2] / camera.distance_mm) / eye_height
        # The depth of a pixel is that of one of its samples, off the middle.
        row = up[2] / (camera.pixels_per_mm * camera.distance_mm * eye_height)
        slack = 0.6 * row + _BUMP_MM / eye_height * np.abs(ground)
        return np.abs(nearness - ground) < slack

    def close(self) -> None:
        """Give back the OpenGL context."""
        self._release()
