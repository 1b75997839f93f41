"""Sight by camera: the world drawn with OpenGL, then taken up by the ommatidia.

Four square pictures per eye, tilted up, down, forward and back from its axis, cover its field.
Light comes evenly from everywhere, so that a surface shows its own colour, as it does to a ray.
"""

import weakref
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

import mujoco
import numpy as np

from embody.bodies.fly.eyes import lattice
from embody.bodies.fly.eyes.compound_eyes import EYE_SITES, SKY, CompoundEyes, Sky
from embody.bodies.fly.eyes.own_body import VISIBLE_GROUPS, kept_out_of_sight
from embody.bodies.fly.eyes.receptive_field import uptake
from embody.errors import EmbodyError
from embody.video.opengl import available, free
from embody.video.textures import Textures

if TYPE_CHECKING:
    from scipy.sparse import csr_array

RESOLUTION = 112
"""Side of one picture [pixels]."""

_VIEWS = 4
_TILT_RAD = np.deg2rad(50.0)
_FIELD_RAD = np.deg2rad(102.0)
_NEAR_MM = 0.02
_FAR_MM = 2000.0
_MAX_GEOMS = 10000


class CameraEyes(CompoundEyes):
    """Two eyes that look through cameras.

    Parameters
    ----------
    model
        The world with the fly.
    sites
        Names of the sites of the left and the right eye.
    resolution
        Side of one of the four pictures per eye [pixels].
    own_body
        "hidden", or "visible" for a fly that sees its thorax and legs.
    sky
        Colour where there is nothing, or a function of the direction.
    platform
        "egl", "osmesa", "glfw" or "cgl"; None takes the one that works.

    Raises
    ------
    UnknownNameError
        If the model lacks a site.
    EmbodyError
        If OpenGL does not work here.
    """

    def __init__(
        self,
        model: mujoco.MjModel,
        sites: Sequence[str] = EYE_SITES,
        resolution: int = RESOLUTION,
        own_body: str = "hidden",
        sky: Sky = SKY,
        platform: str | None = None,
    ) -> None:
        super().__init__(model, sites, own_body, sky)
        self._arguments = (model, tuple(sites), resolution, own_body, sky, platform)
        if platform is None:
            works, platform = available()
            if not works:
                raise EmbodyError(f"cameras need OpenGL ({platform}); use RayCastEyes instead")
        self._resolution = resolution
        self._gl = import_module(f"mujoco.{platform}").GLContext(resolution, resolution)
        self._gl.make_current()
        self._render = _flat_context(model, resolution)
        self._textures = Textures(model, self._render)
        self._scene = mujoco.MjvScene(model, maxgeom=_MAX_GEOMS)
        for flag in ("SHADOW", "REFLECTION", "SKYBOX", "FOG", "HAZE", "CULL_FACE"):
            self._scene.flags[int(getattr(mujoco.mjtRndFlag, f"mjRND_{flag}"))] = 0
        self._release = weakref.finalize(self, free, self._gl, self._render)
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN, self._render)
        self._option = _surfaces_only()
        self._area = mujoco.MjrRect(0, 0, resolution, resolution)
        self._pixels = np.empty((resolution, resolution, 3), np.uint8)
        self._depth = np.empty((resolution, resolution), np.float32)

    def __reduce__(self) -> tuple:
        return type(self), self._arguments

    def colour(self, data: mujoco.MjData) -> np.ndarray:
        """Return red, green and blue of every ommatidium, 0..1, shape (2, 721, 3), left first.

        Parameters
        ----------
        data
            State of the world, its positions up to date (after `mj_forward` or `mj_step`).
        """
        seen = np.empty((len(lattice.SIDES), lattice.OMMATIDIA, 3))
        for eye, pictures in enumerate(self.pictures(data)):
            weights = _uptake_of_pixels(lattice.SIDES[eye], self._resolution)
            seen[eye] = weights @ pictures.reshape(-1, 3)
        return seen

    def pictures(self, data: mujoco.MjData) -> np.ndarray:
        """Return the pictures of both eyes, 0..1, shape (2, 4, rows, columns, 3), top row first.

        Parameters
        ----------
        data
            State of the world, its positions up to date.
        """
        self._gl.make_current()
        self._textures.update()
        with kept_out_of_sight(self.model, self._own):
            mujoco.mjv_updateScene(
                self.model,
                data,
                self._option,
                None,
                self._overview(data),
                mujoco.mjtCatBit.mjCAT_STATIC | mujoco.mjtCatBit.mjCAT_DYNAMIC,
                self._scene,
            )
        _light_evenly(self._scene)
        taken = [
            [self._picture(place, frame, view) for view in _views(side)]
            for side, (place, frame) in zip(lattice.SIDES, self._frames(data), strict=True)
        ]
        return np.array(taken)

    def close(self) -> None:
        """Give back the OpenGL context."""
        self._release()

    def _overview(self, data: mujoco.MjData) -> mujoco.MjvCamera:
        """Return a camera near the eyes: endless planes are drawn around it."""
        camera = mujoco.MjvCamera()
        camera.type = mujoco.mjtCamera.mjCAMERA_FREE
        camera.lookat[:] = self._frames(data)[0][0]
        camera.distance = _NEAR_MM
        return camera

    def _picture(self, place: np.ndarray, frame: np.ndarray, view: np.ndarray) -> np.ndarray:
        axes = frame @ view
        for camera in self._scene.camera:
            camera.pos, camera.forward, camera.up = place, -axes[:, 2], axes[:, 1]
            camera.frustum_near, camera.frustum_far = _NEAR_MM, _FAR_MM
            half = _NEAR_MM * np.tan(_FIELD_RAD / 2)
            camera.frustum_bottom, camera.frustum_top = -half, half
            camera.frustum_center, camera.frustum_width = 0.0, half
            camera.orthographic = 0
        mujoco.mjr_render(self._area, self._scene, self._render)
        mujoco.mjr_readPixels(self._pixels, self._depth, self._area, self._render)
        picture = self._pixels[::-1] / 255.0
        open_sky = self._depth[::-1] >= 1.0
        if open_sky.any():
            picture[open_sky] = self._sky_colour(_rays(self._resolution)[open_sky] @ axes.T)
        return picture


def _flat_context(model: mujoco.MjModel, resolution: int) -> Any:
    """Return a context for small pictures without smoothing, whatever the model asks for."""
    wanted = model.vis.global_.offwidth, model.vis.global_.offheight, model.vis.quality.offsamples
    model.vis.global_.offwidth = model.vis.global_.offheight = resolution
    model.vis.quality.offsamples = 0
    try:
        return mujoco.MjrContext(model, mujoco.mjtFontScale.mjFONTSCALE_100)
    finally:
        model.vis.global_.offwidth, model.vis.global_.offheight = wanted[:2]
        model.vis.quality.offsamples = wanted[2]


def _surfaces_only() -> mujoco.MjvOption:
    """Geoms of the groups that eyes see, and none of MuJoCo's markers."""
    option = mujoco.MjvOption()
    option.flags[:] = 0
    for shown in (mujoco.mjtVisFlag.mjVIS_STATIC, mujoco.mjtVisFlag.mjVIS_TEXTURE):
        option.flags[int(shown)] = 1
    option.geomgroup[:] = 0
    option.geomgroup[list(VISIBLE_GROUPS)] = 1
    for markers in ("site", "joint", "tendon", "actuator", "flex", "skin"):
        getattr(option, f"{markers}group")[:] = 0
    return option


def _light_evenly(scene: mujoco.MjvScene) -> None:
    """Light every surface with its own colour, from every side alike."""
    scene.nlight = 1
    light = scene.lights[0]
    light.ambient[:], light.diffuse[:], light.specular[:] = 1.0, 0.0, 0.0
    light.headlight, light.castshadow = 1, 0
    for geom in scene.geoms[: scene.ngeom]:
        if geom.emission:
            geom.emission = 0.0


@cache
def _views(side: str) -> list[np.ndarray]:
    """Return the frames (right, up, back) of the pictures of an eye in the frame of the head."""
    axis = lattice.directions(side)[lattice.OMMATIDIA // 2]
    level = np.cross([0.0, 0.0, 1.0], axis)
    frames = []
    for turn in 2 * np.pi * np.arange(_VIEWS) / _VIEWS:
        away = np.cos(turn) * np.array([0.0, 0.0, 1.0]) + np.sin(turn) * level
        forward = np.cos(_TILT_RAD) * axis + np.sin(_TILT_RAD) * away
        right = np.cross(forward, away)
        right /= np.linalg.norm(right)
        frames.append(np.stack([right, np.cross(right, forward), -forward], axis=1))
    return frames


@cache
def _rays(resolution: int) -> np.ndarray:
    """Return unit vectors through the pixels, in the frame of a picture, top row first."""
    half = np.tan(_FIELD_RAD / 2)
    place = half * ((2 * np.arange(resolution) + 1) / resolution - 1)
    right, up = np.meshgrid(place, -place)
    ray = np.stack([right, up, -np.ones_like(up)], axis=-1)
    return ray / np.linalg.norm(ray, axis=-1, keepdims=True)


@cache
def _uptake_of_pixels(side: str, resolution: int) -> "csr_array":
    """Return the weights of the pixels of all pictures in every ommatidium, shape (721, pixels).

    A pixel counts with its solid angle, and only in the picture it is nearest the middle of.
    """
    local = _rays(resolution).reshape(-1, 3)
    frames = _views(side)
    ray = np.concatenate([local @ frame.T for frame in frames])
    solid_angle = np.tile(-(local[:, 2] ** 3), len(frames))
    middle = np.stack([-frame[:, 2] for frame in frames])
    own = np.repeat(np.arange(len(frames)), len(local)) == np.argmax(ray @ middle.T, axis=1)
    return uptake(lattice.directions(side), ray, np.where(own, solid_angle, 0.0))
