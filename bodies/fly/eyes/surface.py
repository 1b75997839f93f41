"""The colour of a geom where a ray meets it, without light and shadow.

Colours are what MuJoCo would draw under white light from everywhere: the colour of the geom or its
material, times its texture. A texture is read at the fineness that a ray can resolve [1]_, so that
a far checkerboard is an even grey and does not flicker as the fly moves.

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
    """

    def __init__(self, pixels: np.ndarray, scale: np.ndarray) -> None:
        self._scale = scale
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
        # MuJoCo starts a texture half a repeat off the centre and runs y downwards.
        place = np.stack([self._scale[0] * point[:, 0], -self._scale[1] * point[:, 1]], axis=1)
        place = (place - 0.5) % 1.0
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
        if texture < 0 or model.tex_type[texture] != _FLAT:
            continue
        material = model.geom_matid[geom]
        half_size = _half_size(model, geom)
        repeats = np.array(model.mat_texrepeat[material], float)
        spread = np.where(half_size > 0, half_size, 1.0)
        scale = 0.5 * repeats / (1.0 if model.mat_texuniform[material] else spread)
        textured[geom] = PlanarTexture(_pixels(model, texture), scale)
    return textured


def _half_size(model: mujoco.MjModel, geom: int) -> np.ndarray:
    """Half the extent along x and y that the texture is fitted to; 0 for endless."""
    size = model.geom_size[geom]
    round_kinds = (
        mujoco.mjtGeom.mjGEOM_SPHERE,
        mujoco.mjtGeom.mjGEOM_CAPSULE,
        mujoco.mjtGeom.mjGEOM_CYLINDER,
    )
    if model.geom_type[geom] == mujoco.mjtGeom.mjGEOM_HFIELD:
        return model.hfield_size[model.geom_dataid[geom], :2]
    return size[[0, 0]] if model.geom_type[geom] in round_kinds else size[:2]


def _tints(model: mujoco.MjModel, textured: Mapping[int, PlanarTexture]) -> np.ndarray:
    """Mean colour of the textures that wrap around a geom, which are not read point by point."""
    tint = np.ones((model.ngeom, 3))
    for geom in range(model.ngeom):
        texture = _texture_of(model, geom)
        if texture >= 0 and geom not in textured:
            tint[geom] = _pixels(model, texture).mean(axis=(0, 1))
    return tint
