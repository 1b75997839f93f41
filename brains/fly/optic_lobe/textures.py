"""Periodic random images on the plane of the eye: natural noise, and fallen leaves."""

from dataclasses import dataclass

import numpy as np

from embody.brains.fly.optic_lobe.lattice import plane_positions

ACCEPTANCE_COLUMNS = 0.42
"""Standard deviation of an ommatidium's Gaussian acceptance [column spacings].

Its full width at half maximum is one spacing, about that of the fly.
"""

_TO_PLANE = plane_positions(np.eye(2))


@dataclass(frozen=True, eq=False)
class Texture:
    """Brightness on the plane of the eye, as blurred by the ommatidia; repeats in u and in v.

    Attributes
    ----------
    image
        Brightness, mean 0 and standard deviation 1, (rows along u, rows along v).
    per_column
        Number of rows between neighbouring columns.
    """

    image: np.ndarray
    per_column: int

    def at(self, positions: np.ndarray) -> np.ndarray:
        """Return the brightness at points (..., 2) of the plane, linear between samples, (...)."""
        places = positions @ (self.per_column * np.linalg.inv(_TO_PLANE))
        low = np.floor(places).astype(np.intp)
        (u_part, v_part), (rows, columns) = np.moveaxis(places - low, -1, 0), self.image.shape
        u, v = low[..., 0] % rows, low[..., 1] % columns
        next_u, next_v = (u + 1) % rows, (v + 1) % columns
        return (1.0 - u_part) * (
            (1.0 - v_part) * self.image[u, v] + v_part * self.image[u, next_v]
        ) + u_part * ((1.0 - v_part) * self.image[next_u, v] + v_part * self.image[next_u, next_v])


def noise(
    size: tuple[int, int], rng: np.random.Generator, exponent: float = 1.0, per_column: int = 6
) -> Texture:
    """Return noise whose amplitude falls with spatial frequency to the power of `exponent`.

    Natural scenes have an exponent near 1: Field 1987, J. Opt. Soc. Am. A 4:2379.

    Parameters
    ----------
    size
        Period along u and v [columns].
    """
    white = rng.standard_normal((size[0] * per_column, size[1] * per_column))
    frequency = _frequencies(white.shape, per_column)
    frequency[0, 0] = np.inf
    return _blurred(np.fft.ifft2(np.fft.fft2(white) / frequency**exponent).real, per_column)


def fallen_leaves(
    size: tuple[int, int],
    rng: np.random.Generator,
    leaves: int = 60,
    radii: tuple[float, float] = (0.7, 4.0),
    per_column: int = 6,
) -> Texture:
    """Return overlapping polygons and discs of random brightness: sharp edges and occlusion.

    Parameters
    ----------
    size
        Period along u and v [columns].
    leaves
        Number of shapes on every 72 columns.
    radii
        Smallest and largest radius [columns]; their logarithm is uniform.
    """
    u, v = np.mgrid[: size[0] * per_column, : size[1] * per_column] / per_column
    places, image = np.stack([u, v], axis=-1), np.zeros(u.shape)
    count = max(1, round(leaves * size[0] * size[1] / 72))
    largest = min(radii[1], min(size) / 3)
    for _ in range(count):
        centre = rng.random(2) * size
        offset = (places - centre + np.array(size) / 2) % np.array(size) - np.array(size) / 2
        x, y = np.moveaxis(offset @ _TO_PLANE, -1, 0)
        radius = np.exp(rng.uniform(np.log(radii[0]), np.log(largest)))
        corners = int(rng.integers(3, 8))
        reach = radius if corners == 7 else _polygon(x, y, radius, corners, rng.random())
        image[np.hypot(x, y) < reach] = rng.standard_normal()
    return _blurred(image, per_column)


def _polygon(x: np.ndarray, y: np.ndarray, radius: float, corners: int, turn: float) -> np.ndarray:
    """Return the distance from the centre to the edge of a regular polygon towards each point."""
    sector = 2.0 * np.pi / corners
    angle = (np.arctan2(y, x) + turn * sector) % sector - sector / 2.0
    return radius * np.cos(sector / 2.0) / np.cos(angle)


def _blurred(image: np.ndarray, per_column: int) -> Texture:
    frequency = _frequencies(image.shape, per_column)
    acceptance = np.exp(-2.0 * (np.pi * ACCEPTANCE_COLUMNS * frequency) ** 2)
    seen = np.fft.ifft2(np.fft.fft2(image) * acceptance).real
    seen -= seen.mean()
    return Texture((seen / max(seen.std(), 1e-9)).astype(np.float32), per_column)


def _frequencies(shape: tuple[int, ...], per_column: int) -> np.ndarray:
    """Return the spatial frequency of each Fourier component [1/column spacing]."""
    along = [np.fft.fftfreq(rows) * per_column for rows in shape]
    components = np.stack(np.meshgrid(*along, indexing="ij"), axis=-1)
    return np.linalg.norm(components @ np.linalg.inv(_TO_PLANE).T, axis=-1)
