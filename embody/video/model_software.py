"""A MuJoCo model drawn without OpenGL: every pixel's ray meets the solids it can meet."""

from collections.abc import Sequence

import mujoco
import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from scipy.spatial import ConvexHull, QhullError

from embody.screen import Screen
from embody.video.camera import Camera
from embody.video.hull import Hull
from embody.video.model_view import LAST_GROUP
from embody.video.relief import Relief
from embody.video.solids import Hit, hit_box, hit_capsule, hit_ellipsoid
from embody.video.wash import Wash, seen_wash

_SHARPNESS = 2  # pixels drawn for each pixel shown, each way
_SKY_TOP, _SKY_BOTTOM = np.array([158, 178, 199.0]), np.array([237, 242, 247.0])
_SUN = np.array([-0.34, 0.48, 0.81], np.float32)  # direction to the light
_AMBIENT, _DIFFUSE, _FRONTAL, _GLOSS = 0.44, 0.58, 0.12, 46.0
_SHADOW, _SHADOW_OPACITY = (38, 42, 48), 120
_SCREEN_STEP = 4  # pixels between rays towards a screen
_LEAST_FILLED = 0.12  # volume of a mesh over that of its hull
_THIN_MM = 0.03  # what is thinner is computed in double precision
_OTHER_SQUARE = 0.955  # brightness of every other square of the ground
_UNPAINTED = np.array([0.5, 0.5, 0.5, 1.0], np.float32)
_CORNERS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
_RING = np.array([[np.cos(a), np.sin(a), z] for z in (-1, 1) for a in np.arange(0, 6.28, 0.4)])
_KIND = mujoco.mjtGeom
_FORMULAS = (
    int(_KIND.mjGEOM_ELLIPSOID),
    int(_KIND.mjGEOM_SPHERE),
    int(_KIND.mjGEOM_CAPSULE),
    int(_KIND.mjGEOM_BOX),
)


class SoftwareView:
    """Paints the geoms of a model.

    Ellipsoids, spheres, capsules, boxes and height fields are drawn as what they are, planes as a
    ground of squares a millimetre wide; all else as its convex hull.

    Parameters
    ----------
    model
        What is drawn; of materials only the colour counts, and lights do not.
    screens
        Luminous surfaces of the model, drawn behind all else.
    """

    name = "software"

    def __init__(self, model: mujoco.MjModel, screens: Sequence[Screen] = ()) -> None:
        self._model = model
        self._screens = tuple(screens)
        rgba = self._rgba()
        self._colour = (255.0 * rgba[:, :3]).astype(np.float32)
        self._opacity = rgba[:, 3]
        self._kind = model.geom_type.tolist()
        numbers = np.arange(model.ngeom)
        plane = model.geom_type == int(_KIND.mjGEOM_PLANE)
        self._planes = numbers[plane].tolist()
        relief = model.geom_type == int(_KIND.mjGEOM_HFIELD)
        self._reliefs = {geom: _relief(model, geom) for geom in numbers[relief].tolist()}
        shown = (model.geom_group <= LAST_GROUP) & (self._opacity > 0)
        shown[[screen.geom for screen in self._screens]] = False
        shown &= [not _is_fuzz(model, geom) for geom in numbers.tolist()]
        self._hulls = {
            geom: Hull(_corners(model, geom))
            for geom in numbers[~plane & ~relief & shown].tolist()
            if self._kind[geom] not in _FORMULAS
        }
        self._solids = numbers[~plane & ~relief & shown]
        fixed = model.body_weldid[model.geom_bodyid] == 0
        self._thrown = numbers[~plane & ~relief & ~fixed & shown & (self._opacity > 0.5)].tolist()

    def paint(self, data: mujoco.MjData, camera: Camera, wash: Wash | None = None) -> np.ndarray:
        """Return a picture, shape (height, width, 3), uint8; positions must be up to date.

        Parameters
        ----------
        data
            State of the model.
        camera
            Where the picture is taken from.
        wash
            Colour on the ground at height 0; None leaves it as it is.
        """
        self._opacity = self._rgba()[:, 3]
        canvas = _Canvas(camera.magnified(_SHARPNESS))
        for screen in self._screens:
            canvas.add_screen(screen, data)
        for geom in self._planes:
            normal = data.geom_xmat[geom].reshape(3, 3)[:, 2]
            if normal[2] > 0.99:
                height = float(data.geom_xpos[geom, 2])
                colour: np.ndarray = self._colour[geom]
                if wash is not None and height == 0:
                    sharp = canvas.camera
                    colour = colour * seen_wash(camera, wash, (sharp.width, sharp.height))
                canvas.add_ground(height, colour, self._shadow(canvas, data, height))
        for geom, relief in self._reliefs.items():
            turn = data.geom_xmat[geom].reshape(3, 3)
            canvas.add_relief(relief, data.geom_xpos[geom], turn, self._colour[geom])
        _, depth = camera.to_pixels(data.geom_xpos[self._solids])
        glassy = self._opacity[self._solids] < 1
        for index in np.lexsort((-depth, glassy)):
            self._paint_solid(canvas, data, int(self._solids[index]))
        picture = Image.fromarray(canvas.pixels.clip(0, 255).astype(np.uint8))
        return np.asarray(picture.reduce(_SHARPNESS))

    def close(self) -> None:
        """Nothing is held."""

    def _rgba(self) -> np.ndarray:
        """Return red, green, blue and opacity of all geoms, shape (geoms, 4).

        As MuJoCo has it, the material counts where a geom has no colour of its own.
        """
        model = self._model
        bare = (model.geom_matid >= 0) & (model.geom_rgba == _UNPAINTED).all(axis=1)
        if not bare.any():
            return model.geom_rgba
        return np.where(bare[:, None], model.mat_rgba[model.geom_matid], model.geom_rgba)

    def _shadow(self, canvas: "_Canvas", data: mujoco.MjData, height: float) -> np.ndarray:
        """Return how much of the light misses each pixel of the ground, shape (rows, columns)."""
        camera = canvas.camera
        mask = Image.new("L", (camera.width, camera.height), 0)
        draw = ImageDraw.Draw(mask)
        for geom in self._thrown:
            points = self._hull_points(data, geom)
            fall = np.maximum(points[:, 2:] - height, 0.0) / _SUN[2]
            _fill_hull(draw, camera.to_pixels(points - fall * _SUN)[0], _SHADOW_OPACITY)
        blurred = mask.filter(ImageFilter.GaussianBlur(0.008 * camera.height))
        return np.asarray(blurred, np.float32) / 255

    def _paint_solid(self, canvas: "_Canvas", data: mujoco.MjData, geom: int) -> None:
        kind, size = self._kind[geom], self._model.geom_size[geom]
        points = self._hull_points(data, geom)
        seen, _ = canvas.camera.to_pixels(points)
        piece = canvas.cut(seen, margin=2.0 + 0.05 * float(np.ptp(seen, axis=0).max()))
        if piece is None:
            return
        colour, opacity = self._colour[geom], float(self._opacity[geom])
        turn = data.geom_xmat[geom].reshape(3, 3)
        rays = canvas.rays(piece, turn)
        if kind == _KIND.mjGEOM_ELLIPSOID and size.min() < _THIN_MM:
            rays = rays.astype(np.float64)
        origin = ((canvas.eye - data.geom_xpos[geom]) @ turn).astype(rays.dtype)
        if kind == _KIND.mjGEOM_CAPSULE:
            hit = hit_capsule(origin, rays, size[0], size[1])
        elif kind in (_KIND.mjGEOM_ELLIPSOID, _KIND.mjGEOM_SPHERE):
            axes = size if kind == _KIND.mjGEOM_ELLIPSOID else np.full(3, size[0])
            hit = hit_ellipsoid(origin, rays, axes)
        elif kind == _KIND.mjGEOM_BOX:
            hit = hit_box(origin, rays, size)
        else:
            hull = self._hulls[geom]
            corners = data.geom_xpos[geom] + hull.corners @ turn.T
            corners_seen = canvas.camera.to_pixels(corners)[0]
            hit = hull.hit(origin, rays, corners_seen - [piece[1].start, piece[0].start])
        canvas.add(piece, hit, turn, colour, opacity, -rays)

    def _hull_points(self, data: mujoco.MjData, geom: int) -> np.ndarray:
        """Return points whose convex hull holds the geom, hardly more, shape (points, 3) [mm]."""
        kind, size = self._kind[geom], self._model.geom_size[geom]
        if geom in self._hulls:
            local = self._hulls[geom].corners
        elif kind == _KIND.mjGEOM_BOX:
            local = _CORNERS * size
        elif kind in (_KIND.mjGEOM_ELLIPSOID, _KIND.mjGEOM_SPHERE):
            axes = size if kind == _KIND.mjGEOM_ELLIPSOID else np.full(3, size[0])
            local = np.concatenate([_RING * [0.87, 0.87, 0.5], _RING[:16] * [1, 1, 0], _POLES])
            local = local * axes
        elif kind == _KIND.mjGEOM_CAPSULE:
            poles = _POLES * (size[1] + size[0])
            local = np.concatenate([_RING * [size[0], size[0], size[1]], poles])
        else:
            raise AssertionError(f"geom {geom} has neither a formula nor a hull")
        return data.geom_xpos[geom] + local @ data.geom_xmat[geom].reshape(3, 3).T


class _Canvas:
    """A picture, and how far away what it shows is, in distances of the target."""

    def __init__(self, camera: Camera) -> None:
        self.camera = camera
        self.right, self.up, self.away = camera.axes()
        self.eye = np.asarray(camera.target_mm) - camera.distance_mm * self.away
        share = np.linspace(0, 1, camera.height, dtype=np.float32)[:, None, None]
        sky = (_SKY_TOP + (_SKY_BOTTOM - _SKY_TOP) * share).astype(np.float32)
        self.pixels = np.repeat(sky, camera.width, axis=1)
        self.reach = np.full((camera.height, camera.width), np.inf, np.float32)
        scale = 1.0 / camera.pixels_per_mm
        self._x = (scale * (np.arange(camera.width) + 0.5 - 0.5 * camera.width)).astype(np.float32)
        self._y = (scale * (0.5 * camera.height - np.arange(camera.height) - 0.5)).astype(
            np.float32
        )

    def cut(self, seen: np.ndarray, margin: float) -> tuple[slice, slice] | None:
        """Return rows and columns that hold some points; None if they are out of the picture."""
        low, high = seen.min(axis=0) - margin, seen.max(axis=0) + margin
        left, top = (max(0, int(value)) for value in low)
        right, bottom = int(high[0]) + 1, int(high[1]) + 1
        right, bottom = min(right, self.camera.width), min(bottom, self.camera.height)
        return (slice(top, bottom), slice(left, right)) if left < right and top < bottom else None

    def rays(self, piece: tuple[slice, slice], turn: np.ndarray) -> np.ndarray:
        """Return the directions of rays in a turned frame; at length 1 they reach the target."""
        rows, columns = piece
        base = (self.camera.distance_mm * self.away) @ turn
        across, upward = self.right @ turn, self.up @ turn
        rays = np.empty((3, rows.stop - rows.start, columns.stop - columns.start), np.float32)
        for axis in range(3):
            column = np.float32(upward[axis]) * self._y[rows] + np.float32(base[axis])
            rays[axis] = column[:, None] + np.float32(across[axis]) * self._x[columns]
        return rays

    def add_screen(self, screen: Screen, data: mujoco.MjData) -> None:
        """Paint a luminous surface; it hides nothing, for it is drawn before all else."""
        coarse = slice(_SCREEN_STEP // 2, None, _SCREEN_STEP)
        rays = self.camera.distance_mm * self.away + (
            self._y[coarse, None, None] * self.up + self._x[coarse, None] * self.right
        )
        ray = rays.reshape(-1, 3) / np.linalg.norm(rays, axis=-1).reshape(-1, 1)
        away = screen.distance(data, self.eye, ray)
        seen = np.flatnonzero(np.isfinite(away))
        shown = self.pixels[coarse, coarse].reshape(-1, 3)
        shown[seen] = 255 * screen.colour(data, self.eye + away[seen, None] * ray[seen])
        small = shown.reshape(rays.shape).clip(0, 255).astype(np.uint8)
        size = self.camera.width, self.camera.height
        whole = Image.fromarray(small).resize(size, Image.Resampling.BILINEAR)
        self.pixels[:] = np.asarray(whole)

    def add_ground(self, height: float, colour: np.ndarray, shadow: np.ndarray) -> None:
        everything = (slice(0, self.camera.height), slice(0, self.camera.width))
        rays = self.rays(everything, np.eye(3))
        with np.errstate(divide="ignore"):
            reach = np.float32(height - self.eye[2]) / rays[2]
        nearer = (reach > 0) & (reach < self.reach)
        reach = np.where(nearer, reach, 0)
        x = self.eye[0].astype(np.float32) + reach * rays[0]
        y = self.eye[1].astype(np.float32) + reach * rays[1]
        odd = (np.floor(x) + np.floor(y)).astype(np.int32) & 1
        bright = np.where(odd, np.float32(_OTHER_SQUARE), np.float32(1.0))[..., None]
        dark = shadow[..., None]
        painted = (1 - dark) * bright * colour + dark * np.array(_SHADOW, np.float32)
        haze = np.clip(0.25 * (reach - 1.5), 0, 1)[..., None]
        painted = (1 - haze) * painted + haze * _SKY_BOTTOM.astype(np.float32)
        self.pixels[nearer] = painted[nearer]
        self.reach[nearer] = reach[nearer]

    def add_relief(
        self, relief: Relief, place: np.ndarray, turn: np.ndarray, colour: np.ndarray
    ) -> None:
        """Paint a height field, one ray for each pixel that will be shown."""
        everything = (slice(0, self.camera.height), slice(0, self.camera.width))
        rays = self.rays(everything, turn)
        origin = ((self.eye - place) @ turn).astype(np.float32)
        coarse = relief.hit(origin, rays[:, ::_SHARPNESS, ::_SHARPNESS])
        reach, normal = (
            part.repeat(_SHARPNESS, axis=-1).repeat(_SHARPNESS, axis=-2) for part in coarse
        )
        self.add(everything, Hit(reach, normal), turn, colour, 1.0, -rays)

    def add(
        self,
        piece: tuple[slice, slice],
        hit: Hit,
        turn: np.ndarray,
        colour: np.ndarray,
        opacity: float,
        to_eye: np.ndarray,
    ) -> None:
        """Shade what rays hit before anything else; `to_eye` is in the solid's frame, as `hit`."""
        seen = (hit.reach > 0) & (hit.reach < self.reach[piece])
        if not seen.any():
            return
        normal, back = hit.normal[:, seen], to_eye[:, seen]
        normal = normal / np.sqrt((normal**2).sum(axis=0) + 1e-20)
        back = back / np.sqrt((back**2).sum(axis=0))
        sun = (_SUN @ turn).astype(np.float32)
        lit = np.maximum(sun @ normal, 0)
        frontal = np.maximum((normal * back).sum(axis=0), 0)
        middle = back + sun[:, None]
        shine = (normal * middle).sum(axis=0) / np.sqrt((middle**2).sum(axis=0))
        gloss = _GLOSS * np.maximum(shine, 0) ** 24
        bright = _AMBIENT + _DIFFUSE * lit + _FRONTAL * frontal
        painted = bright[:, None] * colour + gloss[:, None]
        target, reach = self.pixels[piece], self.reach[piece]
        target[seen] = opacity * painted + (1 - opacity) * target[seen]
        if opacity >= 1:
            reach[seen] = hit.reach[seen]


def _is_fuzz(model: mujoco.MjModel, geom: int) -> bool:
    """Whether a geom is a mesh of bristles or veins, of which the hull would be mostly empty."""
    if model.geom_type[geom] != int(_KIND.mjGEOM_MESH):
        return False
    mesh, points = model.geom_dataid[geom], _corners(model, geom)
    first = model.mesh_faceadr[mesh]
    faces = model.mesh_face[first : first + model.mesh_facenum[mesh]]
    one, other, third = (points[faces[:, corner]].astype(float) for corner in range(3))
    volume = abs(float(np.einsum("ij,ij->", one, np.cross(other, third)))) / 6
    return volume < _LEAST_FILLED * Hull(points).volume


def _corners(model: mujoco.MjModel, geom: int) -> np.ndarray:
    """Return points whose hull stands for a mesh, or is a cylinder, in its frame, (n, 3) [mm]."""
    if model.geom_type[geom] == int(_KIND.mjGEOM_MESH):
        mesh = model.geom_dataid[geom]
        first, count = model.mesh_vertadr[mesh], model.mesh_vertnum[mesh]
        return model.mesh_vert[first : first + count]
    radius, half, _ = model.geom_size[geom]
    return _RING * [radius, radius, half]


def _relief(model: mujoco.MjModel, geom: int) -> Relief:
    field = model.geom_dataid[geom]
    rows, columns = model.hfield_nrow[field], model.hfield_ncol[field]
    first = model.hfield_adr[field]
    x, y, high, _ = model.hfield_size[field].tolist()
    share = model.hfield_data[first : first + rows * columns].reshape(rows, columns)
    return Relief(high * share, (x, y))


_POLES = np.array([[0.0, 0.0, -1.0], [0.0, 0.0, 1.0]])


def _fill_hull(draw: ImageDraw.ImageDraw, points: np.ndarray, fill: int) -> None:
    try:
        corners = points[ConvexHull(points).vertices]
    except QhullError:
        return  # seen edge on
    draw.polygon(corners.ravel().tolist(), fill=fill)
