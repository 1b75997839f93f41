"""A visual arena: a cylinder of luminous pixels around the fly.

The cylinder is one textured mesh without contact, lit from within and open to look into from
outside. Cameras see its texture; rays meet the cylinder by its formula, when the panels are among
the `screens` of `RayCastEyes`; physics does not see it.
"""

import mujoco
import numpy as np

from embody.envs.fly.panel_patterns import Pattern, Pixels
from embody.errors import EmbodyError

NAME = "panels"
"""Name of the geom, its mesh, material and texture."""


def add_panels(
    spec: mujoco.MjSpec,
    radius_mm: float = 20.0,
    height_mm: float = 40.0,
    columns: int = 144,
    rows: int = 48,
    centre_mm: tuple[float, float, float] = (0.0, 0.0, 1.5),
) -> None:
    """Put panels into a world.

    Parameters
    ----------
    spec
        The world.
    radius_mm, height_mm
        Of the cylinder [mm].
    columns, rows
        Pixels around and from bottom to top.
    centre_mm
        Middle of the cylinder in the world [mm]; about the height of the eyes.

    Raises
    ------
    EmbodyError
        If there are fewer than 8 columns or no row.
    """
    if columns < 8 or rows < 1:
        raise EmbodyError(f"panels need at least 8 columns and 1 row, not {columns} and {rows}")
    azimuth = 2 * np.pi * np.arange(columns + 1) / columns
    ring = radius_mm * np.stack([np.cos(azimuth), np.sin(azimuth)], axis=1)
    low, high = (
        np.concatenate([ring, np.full((columns + 1, 1), z)], axis=1)
        for z in (-0.5 * height_mm, 0.5 * height_mm)
    )
    across = np.linspace(0.0, 1.0, columns + 1)
    texture_place = np.stack([np.tile(across, 2), np.repeat([0.0, 1.0], columns + 1)], axis=1)
    here, there = np.arange(columns), np.arange(columns) + 1
    above = columns + 1
    # Counter-clockwise seen from inside: culled, and so open, from outside.
    faces = np.concatenate(
        [
            np.stack([here, here + above, there], axis=1),
            np.stack([there, here + above, there + above], axis=1),
        ]
    )
    spec.add_mesh(
        name=NAME,
        uservert=np.concatenate([low, high]).ravel().tolist(),
        userface=faces.ravel().tolist(),
        usertexcoord=texture_place.ravel().tolist(),
        inertia=mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL,
    )
    spec.add_texture(
        name=NAME,
        type=mujoco.mjtTexture.mjTEXTURE_2D,
        builtin=mujoco.mjtBuiltin.mjBUILTIN_FLAT,
        width=columns,
        height=rows,
        rgb1=[0.5, 0.5, 0.5],
        rgb2=[0.5, 0.5, 0.5],
    )
    material = spec.add_material(name=NAME, emission=1.0, specular=0.0)
    material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = NAME
    spec.worldbody.add_geom(
        name=NAME,
        type=mujoco.mjtGeom.mjGEOM_MESH,
        meshname=NAME,
        material=NAME,
        pos=centre_mm,
        contype=0,
        conaffinity=0,
        mass=0.0,
    )


class Panels:
    """The panels of a world, by which patterns are shown.

    Parameters
    ----------
    model
        A world that `add_panels` put panels into.
    colour
        Red, green and blue of full brightness, 0..1.

    Attributes
    ----------
    geom
        The geom of the cylinder.
    pixels
        Where the pixels are.

    Raises
    ------
    EmbodyError
        If the world has no panels.
    """

    def __init__(
        self, model: mujoco.MjModel, colour: tuple[float, float, float] = (1.0, 1.0, 1.0)
    ) -> None:
        geom = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_GEOM, NAME)
        if geom < 0:
            raise EmbodyError("this world has no panels; call add_panels on its spec first")
        self.geom = geom
        self._texture = model.texture(NAME).id
        rows, columns = (int(size[self._texture]) for size in (model.tex_height, model.tex_width))
        self._model = model
        self._colour = 255.0 * np.array(colour)
        mesh = model.geom_dataid[geom]
        # MuJoCo turns and shifts a mesh into its frame of inertia.
        turn = np.empty(9)
        mujoco.mju_quat2Mat(turn, model.mesh_quat[mesh])
        self._turn, self._shift = turn.reshape(3, 3), np.array(model.mesh_pos[mesh])
        first = model.mesh_vertadr[mesh]
        vertices = model.mesh_vert[first : first + model.mesh_vertnum[mesh]] @ self._turn.T
        vertices = vertices + self._shift
        self._height = float(np.ptp(vertices[:, 2]))
        self._radius = float(np.hypot(*vertices[0, :2]))
        self.pixels = _pixels(self._radius, self._height, columns, rows)

    def show(self, pattern: Pattern, time_s: float) -> None:
        """Show a pattern as it is at a time.

        Parameters
        ----------
        pattern
            What to show.
        time_s
            Time since the pattern began [s].
        """
        level = np.clip(pattern.brightness(self.pixels, time_s), 0.0, 1.0)
        self._shown()[:] = np.rint(level[..., None] * self._colour)

    def brightness(self) -> np.ndarray:
        """Return red, green and blue of every pixel, 0..1, shape (rows, columns, 3), from below."""
        return self._shown() / 255.0

    def distance(self, data: mujoco.MjData, place: np.ndarray, ray: np.ndarray) -> np.ndarray:
        """Return how far along each ray the panels are, inf for never, shape (N,) [mm].

        Panels are seen from inside: a ray that comes from outside meets the far side.

        Parameters
        ----------
        data
            State of the world.
        place
            Where the rays begin, shape (3,) [mm].
        ray
            Their directions, unit vectors of shape (N, 3).
        """
        start = self._local(data, place)
        along = ray @ data.geom_xmat[self.geom].reshape(3, 3) @ self._turn.T
        # |start + distance along| = radius across the axis of the cylinder.
        square = np.maximum(along[:, 0] ** 2 + along[:, 1] ** 2, 1e-12)
        half = along[:, :2] @ start[:2]
        rest = half**2 - square * (start[:2] @ start[:2] - self._radius**2)
        root = np.sqrt(np.maximum(rest, 0.0))
        away = (root - half) / square
        height = start[2] + away * along[:, 2]
        here = (rest > 0) & (away > 0) & (np.abs(height) < 0.5 * self._height)
        return np.where(here, away, np.inf)

    def colour(self, data: mujoco.MjData, point: np.ndarray) -> np.ndarray:
        """Return red, green and blue 0..1 at points of the panels, shape (N, 3).

        Parameters
        ----------
        data
            State of the world.
        point
            Points in the world, shape (N, 3) [mm].
        """
        place = self._local(data, point)
        shown = self._shown()
        rows, columns = shown.shape[:2]
        azimuth = np.arctan2(place[:, 1], place[:, 0]) % (2 * np.pi)
        column = (azimuth / (2 * np.pi) * columns).astype(int) % columns
        row = ((place[:, 2] / self._height + 0.5) * rows).astype(int)
        return shown[np.clip(row, 0, rows - 1), column] / 255.0

    def _shown(self) -> np.ndarray:
        """Pixels of the texture, 0..255, shape (rows, columns, 3): those of the model itself."""
        rows, columns = len(self.pixels.elevation_rad), self.pixels.azimuth_rad.shape[1]
        start = self._model.tex_adr[self._texture]
        return self._model.tex_data[start : start + 3 * rows * columns].reshape(rows, columns, 3)

    def _local(self, data: mujoco.MjData, point: np.ndarray) -> np.ndarray:
        turn = data.geom_xmat[self.geom].reshape(3, 3)
        return (point - data.geom_xpos[self.geom]) @ turn @ self._turn.T + self._shift


def panels_of(model: mujoco.MjModel) -> tuple[Panels, ...]:
    """Return the panels of a world that may have none."""
    has_panels = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_GEOM, NAME) >= 0
    return (Panels(model),) if has_panels else ()


def _pixels(radius_mm: float, height_mm: float, columns: int, rows: int) -> Pixels:
    edges = np.arctan2(np.linspace(-0.5, 0.5, rows + 1) * height_mm, radius_mm)
    width = 2 * np.pi / columns
    return Pixels(
        azimuth_rad=((np.arange(columns) + 0.5) * width)[None],
        elevation_rad=0.5 * (edges[1:] + edges[:-1])[:, None],
        width_rad=width,
        height_rad=np.diff(edges)[:, None],
    )
