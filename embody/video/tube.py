"""A smooth triangle mesh around a centreline, as arrays for a renderer."""

from dataclasses import dataclass

import numpy as np

from embody.video.outline import Outline


@dataclass(frozen=True)
class Tube:
    """A closed tube of rings.

    Attributes
    ----------
    faces
        Triangles, counter-clockwise seen from outside, shape (faces, 3).
    sides
        Vertices in a ring.
    """

    faces: np.ndarray
    sides: int

    def vertices(self, body: Outline) -> tuple[np.ndarray, np.ndarray]:
        """Return vertices and unit normals around a centreline in the plane z = 0.

        Parameters
        ----------
        body
            The worm, as many points as the tube has rings.

        Returns
        -------
        tuple of numpy.ndarray
            Two arrays of shape (rings x sides, 3), in the unit of the outline.
        """
        angle = 2 * np.pi * np.arange(self.sides) / self.sides
        across = np.concatenate([body.normal, np.zeros((len(body.radius), 1))], axis=1)
        up = np.array([0.0, 0.0, 1.0])
        radial = np.cos(angle)[None, :, None] * across[:, None] + np.sin(angle)[:, None] * up
        centre = np.concatenate([body.centre, np.zeros((len(body.radius), 1))], axis=1)
        vertices = centre[:, None] + body.radius[:, None, None] * radial
        along = np.gradient(centre, axis=0)
        length = np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-12)
        slope = np.gradient(body.radius)[:, None] / length
        normals = radial - (slope * along / length)[:, None]
        normals /= np.linalg.norm(normals, axis=2, keepdims=True)
        return vertices.reshape(-1, 3), normals.reshape(-1, 3)


def tube(rings: int, sides: int = 24) -> Tube:
    """Return the mesh of a tube with closed ends.

    Parameters
    ----------
    rings
        Rings along the body.
    sides
        Vertices in a ring.
    """
    ring, side = np.meshgrid(np.arange(rings - 1), np.arange(sides), indexing="ij")
    a, b = ring * sides + side, ring * sides + (side + 1) % sides
    quads = np.stack([a, b, b + sides, a + sides], axis=-1).reshape(-1, 4)
    walls = np.concatenate([quads[:, [0, 2, 1]], quads[:, [0, 3, 2]]])
    fan = np.arange(1, sides - 1)
    nose = np.stack([np.zeros_like(fan), fan, fan + 1], axis=1)
    tail = (rings - 1) * sides + nose[:, [0, 2, 1]]
    return Tube(np.concatenate([walls, nose, tail]), sides)
