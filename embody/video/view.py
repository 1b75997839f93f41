"""Where the microscope looks, and how millimetres become pixels."""

from dataclasses import dataclass

import numpy as np

from embody.analysis.posture import centroid, smooth_path


@dataclass(frozen=True)
class View:
    """A window on the dish, seen from above, x to the right and y up.

    Attributes
    ----------
    centre_mm
        What lies in the middle of the image (x, y) [mm].
    pixels_per_mm
        Magnification [1/mm].
    width, height
        Size of the image [pixels].
    """

    centre_mm: tuple[float, float]
    pixels_per_mm: float
    width: int
    height: int

    def to_pixels(self, points: np.ndarray) -> np.ndarray:
        """Return the pixel coordinates (right, down) of places [mm], shape (..., 2)."""
        offset = (np.asarray(points, float) - self.centre_mm) * self.pixels_per_mm
        return offset * [1.0, -1.0] + [0.5 * self.width, 0.5 * self.height]

    def grid(self, columns: int, rows: int) -> np.ndarray:
        """Return the places [mm] of a coarse grid over the image, shape (rows, columns, 2)."""
        half = np.array([self.width, self.height]) / (2 * self.pixels_per_mm)
        x = self.centre_mm[0] + half[0] * (2 * (np.arange(columns) + 0.5) / columns - 1)
        y = self.centre_mm[1] - half[1] * (2 * (np.arange(rows) + 0.5) / rows - 1)
        return np.stack(np.meshgrid(x, y), axis=-1)

    def magnified(self, factor: int) -> "View":
        """Return the same view with `factor` times as many pixels each way."""
        return View(
            self.centre_mm,
            self.pixels_per_mm * factor,
            self.width * factor,
            self.height * factor,
        )

    @property
    def reach_mm(self) -> float:
        """Distance from the centre to a corner [mm]."""
        return 0.5 * float(np.hypot(self.width, self.height)) / self.pixels_per_mm


def follow(centreline: np.ndarray, period_s: float, lag_s: float) -> np.ndarray:
    """Return where the stage moves to keep the animal in view, shape (frames, 2) [mm].

    The centroid's path averaged twice over `lag_s`, before and after each moment, so that the
    undulation and starts and stops do not shake the picture.

    Parameters
    ----------
    centreline
        Nodes from head to tail, shape (frames, nodes, 2) [mm].
    period_s
        Time between two samples [s].
    lag_s
        Width of the average [s].
    """
    window = max(1, round(lag_s / period_s)) if np.isfinite(period_s) else 1
    return smooth_path(smooth_path(centroid(centreline), window), window)
