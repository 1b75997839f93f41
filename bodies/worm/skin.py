"""The worm's skin: a smooth, closed triangle mesh around a centreline."""

from typing import TYPE_CHECKING

import numpy as np

from embody.bodies.worm.geometry import RODS, WormGeometry
from embody.errors import EmbodyError

if TYPE_CHECKING:
    import trimesh

CAP_RINGS = 3
"""Rings of vertices in the rounded cap at either end."""


class WormSkin:
    """A tube around the spline through the 26 nodes, with rounded ends.

    The spline is linear in the nodes, so a frame costs a few matrix products; the faces never
    change.

    Parameters
    ----------
    geometry
        Shape of the body.
    rings
        Rings of vertices along the body.
    sides
        Vertices in a ring.

    Attributes
    ----------
    faces
        Triangles as triples of vertices, counter-clockwise from outside, shape (F, 3).
    fraction
        Where every vertex lies along the body, 0 head to 1 tail, shape (V,); for colouring.
    dorsal
        How dorsal every vertex is, 1 on the dorsal line to -1 on the ventral one, shape (V,).

    Raises
    ------
    EmbodyError
        If there are fewer than 2 rings or 3 sides.
    """

    def __init__(
        self, geometry: WormGeometry | None = None, rings: int = 96, sides: int = 20
    ) -> None:
        from scipy.interpolate import CubicSpline

        if rings < 2 or sides < 3:
            raise EmbodyError(
                f"a skin needs at least 2 rings of 3 sides, not {rings} rings of {sides}"
            )
        geometry = geometry or WormGeometry()
        fraction, beyond, radius, slope = _profile(geometry, rings)
        spline = CubicSpline(np.arange(RODS + 1) * geometry.rod_length_mm, np.eye(RODS + 1))
        place = fraction * geometry.length_mm
        self._to_centre, self._to_tangent, self._to_bend = (
            spline(place, derivative) for derivative in (0, 1, 2)
        )
        self._beyond, self._radius = beyond, radius
        self._slope_radial, self._slope_along = slope
        around = 2.0 * np.pi * np.arange(sides) / sides
        self._dorsal, self._up = np.cos(around), np.sin(around)
        self.faces = _faces(len(fraction), sides)
        self.fraction = np.concatenate([[0.0], np.repeat(fraction, sides), [1.0]])
        self.dorsal = np.concatenate([[0.0], np.tile(self._dorsal, len(fraction)), [0.0]])

    def surface(self, centreline: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return vertices [mm] and outward unit normals, both of shape (V, 3).

        Parameters
        ----------
        centreline
            Nodes from head to tail, shape (26, 2) [mm]; the skin lies about the plane z = 0.

        Raises
        ------
        EmbodyError
            If the centreline has another shape.
        """
        nodes = np.asarray(centreline, dtype=float)
        if nodes.shape != (RODS + 1, 2):
            raise EmbodyError(f"a centreline has shape ({RODS + 1}, 2), not {nodes.shape}")
        tangent = self._to_tangent @ nodes
        tangent /= np.hypot(*tangent.T)[:, None]
        left = np.stack([tangent[:, 1], -tangent[:, 0]], axis=-1)
        centre = self._to_centre @ nodes + self._beyond[:, None] * tangent
        bend = np.sum((self._to_bend @ nodes) * left, axis=-1)

        across = self._radius[:, None] * self._dorsal
        rings, sides = across.shape
        body = np.empty((rings, sides, 3))
        body[..., :2] = centre[:, None] + across[..., None] * left[:, None]
        body[..., 2] = self._radius[:, None] * self._up

        stretch = np.maximum(1.0 - bend[:, None] * across, 0.1)
        along = self._slope_along[:, None] / stretch
        radial = self._slope_radial[:, None]
        normal = np.empty_like(body)
        normal[..., :2] = (radial * self._dorsal)[..., None] * left[:, None]
        normal[..., :2] += along[..., None] * tangent[:, None]
        normal[..., 2] = radial * self._up
        normal /= np.linalg.norm(normal, axis=-1, keepdims=True)

        poles, outward = np.zeros((2, 3)), np.zeros((2, 3))
        outward[:, :2] = [-tangent[0], tangent[-1]]
        poles[:, :2] = nodes[[0, -1]]
        poles += self._pole_reach * outward
        return _closed(poles, body), _closed(outward, normal)

    @property
    def _pole_reach(self) -> float:
        """How far the cap reaches beyond the end of the centreline [mm]."""
        return float(np.hypot(self._beyond[0], self._radius[0]))

    def mesh(self, centreline: np.ndarray) -> "trimesh.Trimesh":
        """Return the skin around a centreline, shape (26, 2) [mm], as a trimesh."""
        import trimesh

        vertices, normals = self.surface(centreline)
        return trimesh.Trimesh(
            vertices=vertices, faces=self.faces, vertex_normals=normals, process=False
        )


def _profile(
    geometry: WormGeometry, rings: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return place, distance beyond the end, radius and normal (radial, along) of every ring."""
    fraction = 0.5 * (1.0 - np.cos(np.pi * np.linspace(0.0, 1.0, rings)))
    radius = geometry.radius_mm(fraction)
    margin = 1.0 + geometry.end_margin
    rise = geometry.maximum_radius_mm**2 * (2.0 * fraction - 1.0) * 2.0 / margin**2
    slope = -rise / (np.maximum(radius, 1e-9) * geometry.length_mm)

    cap = 0.5 * np.pi * np.arange(CAP_RINGS, 0, -1) / (CAP_RINGS + 1)
    end = geometry.radius_mm(np.array(0.0))
    flat, round_ = np.sin(cap), np.cos(cap)
    return (
        np.concatenate([0.0 * cap, fraction, 0.0 * cap + 1.0]),
        np.concatenate([-end * flat, 0.0 * fraction, end * flat[::-1]]),
        np.concatenate([end * round_, radius, end * round_[::-1]]),
        np.concatenate(
            [
                [round_, -flat],
                [np.ones_like(slope), -slope],
                [round_[::-1], flat[::-1]],
            ],
            axis=1,
        ),
    )


def _faces(rings: int, sides: int) -> np.ndarray:
    """Return the triangles of a tube of rings between two poles, shape (F, 3)."""
    around = np.arange(sides)
    after = (around + 1) % sides
    start = 1 + sides * np.arange(rings - 1)[:, None]
    a, b = start + around, start + after
    c, d = a + sides, b + sides
    tube = np.concatenate([np.stack([a, c, b], -1), np.stack([b, c, d], -1)]).reshape(-1, 3)
    last = 1 + sides * (rings - 1)
    head = np.stack([np.zeros(sides, int), 1 + around, 1 + after], -1)
    tail = np.stack([np.full(sides, last + sides), last + after, last + around], -1)
    return np.concatenate([head, tube, tail])


def _closed(poles: np.ndarray, rings: np.ndarray) -> np.ndarray:
    return np.concatenate([poles[:1], rings.reshape(-1, 3), poles[1:]])
