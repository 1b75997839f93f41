"""A camera that looks at a place, and how it maps millimetres to pixels."""

from dataclasses import dataclass

import numpy as np

FIELD_DEG = 16.0
"""Vertical field of view [degrees]: a long lens, so that sizes hardly change with depth."""


@dataclass(frozen=True)
class Camera:
    """Where a picture is taken from.

    Attributes
    ----------
    target_mm
        What lies in the middle of the picture (x, y, z) [mm].
    azimuth_deg, elevation_deg
        Direction of the look, as MuJoCo's free camera counts: azimuth 90 looks along y, and a
        negative elevation looks down [degrees].
    height_mm
        Height of what is seen at the target [mm].
    width, height
        Size of the picture [pixels].
    """

    target_mm: tuple[float, float, float]
    azimuth_deg: float
    elevation_deg: float
    height_mm: float
    width: int
    height: int

    @property
    def distance_mm(self) -> float:
        """Distance from the camera to its target [mm]."""
        return 0.5 * self.height_mm / float(np.tan(np.radians(0.5 * FIELD_DEG)))

    @property
    def pixels_per_mm(self) -> float:
        """Magnification at the target [1/mm]."""
        return self.height / self.height_mm

    def axes(self) -> np.ndarray:
        """Return the unit vectors right, up and away from the viewer as rows, shape (3, 3)."""
        azimuth, elevation = np.radians([self.azimuth_deg, self.elevation_deg])
        cosine, sine = np.cos(elevation), np.sin(elevation)
        away = np.array([cosine * np.cos(azimuth), cosine * np.sin(azimuth), sine])
        up = np.array([-sine * np.cos(azimuth), -sine * np.sin(azimuth), cosine])
        return np.stack([np.cross(away, up), up, away])

    def to_pixels(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return pixel coordinates (right, down), shape (..., 2), and depths [mm], shape (...).

        Parameters
        ----------
        points
            Places in the world, shape (..., 3) [mm].
        """
        seen = (np.asarray(points, float) - self.target_mm) @ self.axes().T
        depth = np.maximum(seen[..., 2] + self.distance_mm, 0.02 * self.distance_mm)
        scale = self.pixels_per_mm * self.distance_mm / depth
        middle = np.array([0.5 * self.width, 0.5 * self.height])
        return middle + seen[..., :2] * scale[..., None] * [1.0, -1.0], depth

    def magnified(self, factor: int) -> "Camera":
        """Return the same view with `factor` times as many pixels each way."""
        return Camera(
            self.target_mm,
            self.azimuth_deg,
            self.elevation_deg,
            self.height_mm,
            self.width * factor,
            self.height * factor,
        )
