"""Where rays meet a height field, and how it leans there."""

import numpy as np

from embody.video.solids import Hit

_STEPS = 28  # along a ray, from the height of the highest hill to that of the lowest valley
_BELOW_MM = 1e-3


class Relief:
    """A height field, shaped as MuJoCo's are.

    Parameters
    ----------
    height
        Heights over the frame's plane, rows along y, shape (rows, columns) [mm].
    half_sizes
        Half its length along x and along y [mm].
    """

    def __init__(self, height: np.ndarray, half_sizes: tuple[float, float]) -> None:
        self._height = height.astype(np.float32)
        rows, columns = height.shape
        self._half = np.array(half_sizes, np.float32)
        self._scale = (np.array([columns, rows], np.float32) - 1) / (2 * self._half)
        along_y, along_x = np.gradient(self._height)
        self._slope = np.stack([along_x * self._scale[0], along_y * self._scale[1]])

    def hit(self, origin: np.ndarray, direction: np.ndarray) -> Hit:
        """Return where rays from above meet the field.

        Parameters
        ----------
        origin
            Where all rays start, in the field's frame, shape (3,) [mm].
        direction
            Where each ray goes, shape (3, ...).
        """
        fall = np.minimum(direction[2], -1e-6)
        first = np.maximum((float(self._height.max()) - origin[2]) / fall, 0)
        last = (float(self._height.min()) - _BELOW_MM - origin[2]) / fall
        step = (last - first) / _STEPS
        reach = np.full(fall.shape, np.inf, np.float32)
        before = self._clearance(origin, direction, first)
        for number in range(1, _STEPS + 1):
            there = first + number * step
            after = self._clearance(origin, direction, there)
            met = (after <= 0) & np.isinf(reach) & (direction[2] < 0) & (last > 0)
            share = before[met] / np.maximum(before[met] - after[met], 1e-9)
            reach[met] = there[met] - step[met] * np.clip(1 - share, 0, 1)
            before = after
        at = np.where(np.isfinite(reach), reach, 0)
        slope = [self._sample(part, *self._place(origin, direction, at)) for part in self._slope]
        return Hit(reach, np.stack([-slope[0], -slope[1], np.ones_like(at)]))

    def _clearance(
        self, origin: np.ndarray, direction: np.ndarray, reach: np.ndarray
    ) -> np.ndarray:
        """Return how far above the field rays are at a reach; high above it beside it [mm]."""
        column, row = self._place(origin, direction, reach)
        rows, columns = self._height.shape
        beside = (column < 0) | (column > columns - 1) | (row < 0) | (row > rows - 1)
        above = origin[2] + reach * direction[2] - self._sample(self._height, column, row)
        return np.where(beside, np.float32(1e3), above)

    def _place(
        self, origin: np.ndarray, direction: np.ndarray, reach: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the column and the row of the field, with fractions, that rays are over."""
        x, y = (origin[axis] + reach * direction[axis] + self._half[axis] for axis in (0, 1))
        return x * self._scale[0], y * self._scale[1]

    def _sample(self, values: np.ndarray, column: np.ndarray, row: np.ndarray) -> np.ndarray:
        """Return values between the nodes of the field, shape (...)."""
        rows, columns = values.shape
        left = np.clip(column.astype(np.int32), 0, columns - 2)
        low = np.clip(row.astype(np.int32), 0, rows - 2)
        across = np.clip(column - left, 0, 1).astype(np.float32)
        upward = np.clip(row - low, 0, 1).astype(np.float32)
        flat, corner = values.ravel(), low * columns + left
        below = flat[corner] + across * (flat[corner + 1] - flat[corner])
        corner += columns
        above = flat[corner] + across * (flat[corner + 1] - flat[corner])
        return below + upward * (above - below)
