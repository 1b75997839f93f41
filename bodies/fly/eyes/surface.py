"""The colour of a geom where a ray meets it, without light and shadow.

Colours are what MuJoCo would draw under white light from everywhere: the colour of the geom or its
material, times its texture. A texture is read at the fineness that a ray can resolve [1]_, so that
a far checkerboard is an even grey and does not flicker as the fly moves. Flat textures of planes,
boxes, height fields and meshes are read point by point; of others only the mean is seen.

References
----------
.. [1] Williams, L. (1983). Pyramidal parametrics. SIGGRAPH Computer Graphics 17, 1-11.
       doi:10.1145/964967.801126
"""

from collections.abc import Mapping
from dataclasses import dataclass

import mujoco
import numpy as np

_UNSET_RGBA = np.array([0.5, 0.5, 0.5, 1.0], np.float32)
_RGB_ROLE = int(mujoco.mjtTextureRole.mjTEXROLE_RGB)
_FLAT = int(mujoco.mjtTexture.mjTEXTURE_2D)
_NEVER_GRAZING = 1e-3
_BY_VERTICES = (mujoco.mjtGeom.mjGEOM_HFIELD, mujoco.mjtGeom.mjGEOM_MESH)
_POINT_BY_POINT = (mujoco.mjtGeom.mjGEOM_PLANE, mujoco.mjtGeom.mjGEOM_BOX, *_BY_VERTICES)


@dataclass(frozen=True)
class Hits:
    """Where rays meet the world.

    Attributes
    ----------
    geom
        Geom that each ray meets, -1 for none, shape (N,).
    distance
        Length of each ray [mm], shape (N,).
    point
        Where it ends, shape (N, 3) [mm].
    cosine
        Cosine of the angle between ray and surface normal, shape (N,).
    """

    geom: np.ndarray
    distance: np.ndarray
    point: np.ndarray
    cosine: np.ndarray


class Surfaces:
    """The colours of all geoms of a model.

    Parameters
    ----------
    model
        The world. Colours are read anew at each call, textures now.
    ray_width_rad
        Angle that one ray stands for [rad].
    """

    def __init__(self, model: mujoco.MjModel, ray_width_rad: float) -> None:
        self._model = model
        self._width = ray_width_rad
        self._textured = _textured_geoms(model)
        self._tint = _tints(model, self._textured)

    def colour(self, data: mujoco.MjData, hits: Hits) -> np.ndarray:
        """Return red, green and blue of every hit, 0..1, shape (N, 3); black where there is none.

        Parameters
        ----------
        data
            Where the geoms are.
        hits
            Where rays meet them.
        """
        colour = np.append(geom_colours(self._model) * self._tint, np.zeros((1, 3)), axis=0)
        found = colour[hits.geom]
        for geom, texture in self._textured.items():
            here = np.flatnonzero(hits.geom == geom)
            if len(here):
                turn = data.geom_xmat[geom].reshape(3, 3)
                found[here] *= texture.sample(
                    (hits.point[here] - data.geom_xpos[geom]) @ turn,
                    hits.distance[here] * self._width,
                    np.maximum(hits.cosine[here], _NEVER_GRAZING),
                )
        return found


def geom_colours(model: mujoco.MjModel) -> np.ndarray:
    """Return the colour of every geom by MuJoCo's rule, 0..1, shape (ngeom, 3).

    A material gives it, unless the geom has a colour other than the default of its own.
    """
    rgba = np.array(model.geom_rgba)
    by_material = (model.geom_matid >= 0) & np.all(rgba == _UNSET_RGBA, axis=1)
    rgba[by_material] = model.mat_rgba[model.geom_matid[by_material]]
    return rgba[:, :3].astype(float)


class PlanarTexture:
    """A flat texture as it lies on a geom, at every fineness.

    Parameters
    ----------
    pixels
        Colours 0..1, shape (height, width, 3).
    scale
        Repeats of the texture per mm along x and y of the geom, shape (2,) [1/mm].
    offset
        Which part of the texture lies at the middle of the geom, in repeats, shape (2,).
    """

    def __init__(self, pixels: np.ndarray, scale: np.ndarray, offset: np.ndarray) -> None:
        self._scale, self._offset = scale, offset
        self._levels = [pixels]
        while min(self._levels[-1].shape[:2]) > 1:
            self._levels.append(_halved(self._levels[-1]))
        self._levels.append(pixels.mean(axis=(0, 1), keepdims=True))
        self._texels_per_mm = float(np.max(np.abs(scale) * pixels.shape[1::-1]))

    def sample(self, point: np.ndarray, width_mm: np.ndarray, cosine: np.ndarray) -> np.ndarray:
        """Return the colours at points of the geom, shape (N, 3).

        Parameters
        ----------
        point
            Points in the frame of the geom, shape (N, 3) [mm].
        width_mm
            Width of the ray where it ends, shape (N,) [mm].
        cosine
            Cosine of the angle between ray and normal, shape (N,).
        """
        texels = np.maximum(width_mm / cosine * self._texels_per_mm, 1.0)
        level = np.rint(np.log2(texels)).astype(int)
        level = np.minimum(level, len(self._levels) - 1)
        # The rows of a texture run against y.
        place = (point[:, :2] * (self._scale * [1.0, -1.0]) + self._offset) % 1.0
        found = np.empty((len(point), 3))
        for this in np.unique(level):
            here = level == this
            pixels = self._levels[this]
            size = pixels.shape[1::-1]
            column, row = np.minimum((place[here] * size).astype(int), np.subtract(size, 1)).T
            found[here] = pixels[row, column]
        return found


def _halved(pixels: np.ndarray) -> np.ndarray:
    height, width = (max(1, side // 2) for side in pixels.shape[:2])
    return pixels[: 2 * height, : 2 * width].reshape(height, 2, width, 2, 3).mean(axis=(1, 3))


def _texture_of(model: mujoco.MjModel, geom: int) -> int:
    material = model.geom_matid[geom]
    return int(model.mat_texid[material, _RGB_ROLE]) if material >= 0 else -1


def _pixels(model: mujoco.MjModel, texture: int) -> np.ndarray:
    height, width = model.tex_height[texture], model.tex_width[texture]
    channels, start = model.tex_nchannel[texture], model.tex_adr[texture]
    flat = model.tex_data[start : start + height * width * channels]
    pixels = flat.reshape(height, width, channels) / 255.0
    return np.repeat(pixels, 3, axis=2) if channels == 1 else pixels[..., :3]


def _textured_geoms(model: mujoco.MjModel) -> dict[int, PlanarTexture]:
    textured = {}
    for geom in range(model.ngeom):
        texture = _texture_of(model, geom)
        if texture < 0 or int(model.tex_type[texture]) != _FLAT:
            continue
        if mujoco.mjtGeom(model.geom_type[geom]) not in _POINT_BY_POINT:
            continue
        scale, offset = _placement(model, geom)
        textured[geom] = PlanarTexture(_pixels(model, texture), scale, offset)
    return textured


def _placement(model: mujoco.MjModel, geom: int) -> tuple[np.ndarray, np.ndarray]:
    """Return scale and offset of a flat texture as MuJoCo lays it on a geom, shapes (2,)."""
    kind, material = mujoco.mjtGeom(model.geom_type[geom]), model.geom_matid[geom]
    half_size = np.array(model.geom_size[geom, :2])
    if kind == mujoco.mjtGeom.mjGEOM_HFIELD:
        half_size = np.array(model.hfield_size[model.geom_dataid[geom], :2])
    endless = half_size <= 0
    scale = 0.5 * np.array(model.mat_texrepeat[material], float)
    if not model.mat_texuniform[material]:
        scale /= np.where(endless, 1.0, half_size)
    # It starts at a corner of the geom, or half a repeat off the middle.
    from_middle = endless | (kind in _BY_VERTICES)
    return scale, np.where(from_middle, 0.5, scale * half_size)


def _tints(model: mujoco.MjModel, textured: Mapping[int, PlanarTexture]) -> np.ndarray:
    """Mean colour of the textures that wrap around a geom, which are not read point by point."""
    tint = np.ones((model.ngeom, 3))
    for geom in range(model.ngeom):
        texture = _texture_of(model, geom)
        if texture >= 0 and geom not in textured:
            tint[geom] = _pixels(model, texture).mean(axis=(0, 1))
    return tint
