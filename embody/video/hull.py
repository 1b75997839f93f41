"""The convex hull of a solid that has no formula, such as a mesh, met by rays."""

import numpy as np
from PIL import Image, ImageDraw
from scipy.spatial import ConvexHull, QhullError

from embody.video.solids import Hit

_DIRECTIONS = 160  # in which the farthest point is kept: some 300 faces at most


class Hull:
    """The convex hull of points, with fewer faces where there are very many.

    Parameters
    ----------
    points
        Shape (n, 3) [mm].

    Attributes
    ----------
    corners
        Points of the hull, shape (m, 3) [mm].
    volume
        What it holds [mm^3].
    """

    def __init__(self, points: np.ndarray) -> None:
        farthest = np.unique((points @ _even_directions(_DIRECTIONS).T).argmax(axis=0))
        self.corners = np.asarray(points, float)[farthest]
        try:
            hull = ConvexHull(self.corners)
        except QhullError:  # flat
            hull = ConvexHull(self.corners, qhull_options="QJ")
        self.volume = float(hull.volume)
        self._faces = hull.simplices
        self._normal, self._offset = hull.equations[:, :3], hull.equations[:, 3]

    def hit(self, origin: np.ndarray, direction: np.ndarray, corners_seen: np.ndarray) -> Hit:
        """Return where rays meet the hull.

        Parameters
        ----------
        origin
            Where all rays start, outside the hull and in its frame, shape (3,) [mm].
        direction
            Where each ray goes, shape (3, rows, columns).
        corners_seen
            Where the corners are in the picture that the rays make, (right, down), shape (m, 2).
        """
        rows, columns = direction.shape[1:]
        which = Image.new("I", (columns, rows), -1)
        draw = ImageDraw.Draw(which)
        outside = self._normal @ origin + self._offset
        # Of a convex body the faces that look this way do not cover each other.
        for face in np.flatnonzero(outside > 0).tolist():
            draw.polygon(corners_seen[self._faces[face]].ravel().tolist(), fill=face)
        face = np.asarray(which)
        normal = np.moveaxis(self._normal[face], -1, 0).astype(direction.dtype)
        with np.errstate(divide="ignore", invalid="ignore"):
            reach = -outside[face] / (normal * direction).sum(axis=0)
        return Hit(np.where((face >= 0) & (reach > 0), reach, np.inf).astype(np.float32), normal)


def _even_directions(count: int) -> np.ndarray:
    """Return unit vectors spread evenly, on a spiral from pole to pole, shape (count, 3)."""
    height = 1 - 2 * (np.arange(count) + 0.5) / count
    turn = np.pi * (1 + np.sqrt(5)) * np.arange(count)
    ring = np.sqrt(1 - height**2)
    return np.stack([ring * np.cos(turn), ring * np.sin(turn), height], axis=1)
