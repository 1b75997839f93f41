"""A MuJoCo model rendered with OpenGL, without a display."""

import weakref
from importlib import import_module
from typing import Any

import mujoco
import numpy as np

from embody.video.camera import FIELD_DEG, Camera
from embody.video.model_view import LAST_GROUP

_MOST_GEOMS = 4000
_LAMP_MM = 12.0


class OpenGLView:
    """Renders a model with shadows.

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
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN, self._render)
        self._release = weakref.finalize(self, _free, self._context, self._render)

    def paint(self, data: mujoco.MjData, camera: Camera) -> np.ndarray:
        """Return a picture, shape (height, width, 3), uint8; positions must be up to date.

        Lights are moved along with the target, so that it is always lit from the same side.
        """
        data.light_xpos[:] = camera.target_mm - _LAMP_MM * data.light_xdir
        seen = self._camera
        seen.lookat[:] = camera.target_mm
        seen.distance = camera.distance_mm
        seen.azimuth, seen.elevation = camera.azimuth_deg, camera.elevation_deg
        self._context.make_current()
        mujoco.mjv_updateScene(
            self._model, data, self._option, None, seen, mujoco.mjtCatBit.mjCAT_ALL, self._scene
        )
        for geom in self._scene.geoms[: self._scene.ngeom]:
            if geom.type == mujoco.mjtGeom.mjGEOM_PLANE:
                geom.category = mujoco.mjtCatBit.mjCAT_DECOR  # casts no shadow on itself
        area = mujoco.MjrRect(0, 0, camera.width, camera.height)
        pixels = np.empty((camera.height, camera.width, 3), np.uint8)
        mujoco.mjr_render(area, self._scene, self._render)
        mujoco.mjr_readPixels(pixels, None, area, self._render)
        return pixels[::-1]

    def close(self) -> None:
        """Give back the OpenGL context."""
        self._release()


def _free(context: Any, render: Any) -> None:
    """Free both while the interpreter still stands: drivers fail in its last moments."""
    context.make_current()
    render.free()
    context.free()
