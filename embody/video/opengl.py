"""The body rendered by MuJoCo with OpenGL, without a display."""

import os
import subprocess
import sys
import weakref
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from embody.errors import EmbodyError
from embody.video import palette
from embody.video.outline import POINTS, Outline
from embody.video.tube import tube

_PLATFORMS = {
    "linux": ("egl", "osmesa", "glfw"),
    "darwin": ("cgl", "glfw"),
    "win32": ("glfw",),
}
_PROBE_TIMEOUT_S = 30
_PROBE = """
import mujoco, sys
from embody.video.opengl import OpenGLBody
OpenGLBody(16, sys.argv[1]).close()
"""
_INFLATED = 1.04  # so that the edge of the mask always lies on the body

_SCENE = """
<mujoco>
  <statistic extent="1" center="0 0 0"/>
  <visual>
    <headlight ambient="0.30 0.30 0.31" diffuse="0.20 0.20 0.20" specular="0 0 0"/>
    <map znear="0.01" zfar="10"/>
    <quality offsamples="0"/>
    <global offwidth="{size}" offheight="{size}"/>
  </visual>
  <asset>
    <material name="cuticle" rgba="{rgba}" specular="0.55" shininess="0.55"/>
    <skin name="worm" material="cuticle" vertex="{vertex}" face="{face}" inflate="0">
      <bone body="stage" bindpos="0 0 0" bindquat="1 0 0 0" vertid="{ids}" vertweight="{weights}"/>
    </skin>
  </asset>
  <worldbody>
    <light pos="-1 1.4 2.2" dir="0.42 -0.55 -1" directional="true" castshadow="false"
           diffuse="0.52 0.52 0.50" specular="0.42 0.42 0.42"/>
    <camera name="above" pos="0 0 2" xyaxes="1 0 0 0 1 0" projection="orthographic" fovy="{fovy}"/>
    <body name="stage"/>
  </worldbody>
</mujoco>
"""


@cache
def available() -> tuple[bool, str]:
    """Return whether OpenGL works here, and by which platform, or why not.

    Every platform is tried in a process of its own, because a driver that fails can take the
    process with it. An MUJOCO_GL in the environment narrows the choice to that one.

    Returns
    -------
    tuple of bool and str
        (True, "egl") or (False, reason in words).
    """
    wanted = os.environ.get("MUJOCO_GL", "").lower().strip()
    if wanted in ("disable", "disabled", "off", "false", "0"):
        return False, f"MUJOCO_GL={wanted} turns rendering off"
    reasons = []
    for platform in (wanted,) if wanted in ("egl", "osmesa", "glfw", "cgl") else platforms():
        reason = why_not(platform)
        if reason is None:
            return True, platform
        reasons.append(f"{platform}: {reason}")
    return False, "; ".join(reasons)


def platforms() -> tuple[str, ...]:
    """Return the platforms of OpenGL that this system may have, the best first."""
    return _PLATFORMS.get(sys.platform, _PLATFORMS["linux"])


def why_not(platform: str) -> str | None:
    """Return why a platform of OpenGL does not draw here; None if it does.

    Parameters
    ----------
    platform
        "egl", "osmesa", "glfw" or "cgl".
    """
    environment = {**os.environ, "MUJOCO_GL": platform}
    environment.pop("PYOPENGL_PLATFORM", None)
    if sys.platform.startswith("linux") and platform == "glfw" and not os.environ.get("DISPLAY"):
        return "there is no display"
    try:
        result = subprocess.run(
            [sys.executable, "-c", _PROBE, platform],
            env=environment,
            capture_output=True,
            text=True,
            timeout=_PROBE_TIMEOUT_S,
        )
    except (subprocess.TimeoutExpired, OSError) as error:
        return type(error).__name__
    if result.returncode == 0:
        return None
    said = [line for line in result.stderr.strip().splitlines() if line.strip()]
    return said[-1].strip() if said else f"the driver ended the process ({result.returncode})"


def free(context: Any, render: Any) -> None:
    """Free a context and its renderer while the interpreter stands: drivers fail at its end."""
    context.make_current()
    render.free()
    context.free()


class OpenGLBody:
    """Renders the body as a lit skin, seen from straight above.

    Parameters
    ----------
    size
        Side of the square image that just holds the animal [pixels].
    platform
        "egl", "osmesa", "glfw" or "cgl"; None takes the one that works.

    Raises
    ------
    EmbodyError
        If OpenGL does not work here.
    """

    name = "opengl"

    def __init__(self, size: int, platform: str | None = None) -> None:
        import mujoco

        if platform is None:
            works, platform = available()
            if not works:
                raise EmbodyError(
                    f"backend 'opengl' does not work here ({platform}); "
                    "use backend 'software', or install EGL or OSMesa"
                )
        self.size = size
        self._tube = tube(POINTS)
        self._context = import_module(f"mujoco.{platform}").GLContext(size, size)
        self._context.make_current()
        self._model = mujoco.MjModel.from_xml_string(self._xml())
        data = mujoco.MjData(self._model)
        mujoco.mj_forward(self._model, data)
        self._scene = mujoco.MjvScene(self._model, maxgeom=8)
        camera = mujoco.MjvCamera()
        camera.type, camera.fixedcamid = mujoco.mjtCamera.mjCAMERA_FIXED, 0
        option = mujoco.MjvOption()
        mujoco.mjv_updateScene(
            self._model, data, option, None, camera, mujoco.mjtCatBit.mjCAT_ALL, self._scene
        )
        self._scene.flags[mujoco.mjtRndFlag.mjRND_SHADOW] = 0
        self._render = mujoco.MjrContext(self._model, mujoco.mjtFontScale.mjFONTSCALE_100)
        self._release = weakref.finalize(self, free, self._context, self._render)
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN, self._render)
        self._area = mujoco.MjrRect(0, 0, size, size)
        self._pixels = np.empty((size, size, 3), np.uint8)

    def paint(self, canvas: Image.Image, body: Outline) -> None:
        """Paint the body on a canvas.

        Parameters
        ----------
        canvas
            RGB image.
        body
            The worm in its pixels; it has to fit into a square of `size` pixels.
        """
        edge = body.edge()
        middle = np.round(0.5 * (edge.min(axis=0) + edge.max(axis=0)))
        image = self.render(body, middle)
        corner = (middle - self.size // 2).astype(int)
        mask = Image.new("L", image.size)
        ImageDraw.Draw(mask).polygon((edge - corner).ravel().tolist(), fill=255)
        canvas.paste(image, (int(corner[0]), int(corner[1])), mask)

    def render(self, body: Outline, middle: np.ndarray) -> Image.Image:
        """Return the square image around `middle` [pixels of the canvas], black ground."""
        import mujoco

        scale = np.array([1.0, -1.0]) / self.size
        placed = Outline(
            (body.centre - middle) * scale,
            body.normal * [1, -1],
            _INFLATED * body.radius / self.size,
        )
        vertices, normals = self._tube.vertices(placed)
        self._scene.skinvert[:] = vertices.ravel()
        self._scene.skinnormal[:] = normals.ravel()
        self._context.make_current()
        mujoco.mjr_render(self._area, self._scene, self._render)
        mujoco.mjr_readPixels(self._pixels, None, self._area, self._render)
        return Image.fromarray(self._pixels[::-1])

    def close(self) -> None:
        """Give back the OpenGL context."""
        self._release()

    def _xml(self) -> str:
        count = POINTS * self._tube.sides
        rgba = " ".join(f"{channel / 255:.3f}" for channel in palette.BODY_MIDDLE)
        flat = np.zeros((count, 3))
        flat[:, 0] = np.arange(count) / count
        return _SCENE.format(
            size=self.size,
            fovy=1.0,
            rgba=f"{rgba} 1",
            vertex=" ".join(f"{value:.5f}" for value in flat.ravel()),
            face=" ".join(str(index) for index in self._tube.faces.ravel()),
            ids=" ".join(str(index) for index in range(count)),
            weights=" ".join(["1"] * count),
        )
