"""What one ommatidium sees of the world: its acceptance function, and rays that stand for it.

The sensitivity of an ommatidium falls off with the angle from its axis as a Gaussian, whose width
at half height is the acceptance angle [1]_.

References
----------
.. [1] Götz, K. G. (1965). Die optischen Übertragungseigenschaften der Komplexaugen von
       Drosophila. Kybernetik 2, 215-221.
"""

import numpy as np

from embody.errors import EmbodyError

ACCEPTANCE_ANGLE_RAD = np.deg2rad(5.0)
"""Full width at half maximum of the acceptance function [rad]; about 5 degrees (Buchner 1976,
Biological Cybernetics 24, 85; Gonzalez-Bellido, Wardill & Juusola 2011, PNAS 108, 4224)."""
FWHM_PER_DEVIATION = 2.0 * np.sqrt(2.0 * np.log(2.0))
"""Full width at half maximum of a Gaussian in standard deviations."""
RAYS = (1, 3, 7)
"""Numbers of rays per ommatidium there are rules for."""


def acceptance(angle_rad: np.ndarray, width_rad: float = ACCEPTANCE_ANGLE_RAD) -> np.ndarray:
    """Return the sensitivity to light from an angle off the axis, 1 on the axis.

    Parameters
    ----------
    angle_rad
        Angle from the axis [rad], any shape.
    width_rad
        Full width at half maximum [rad].
    """
    deviation = width_rad / FWHM_PER_DEVIATION
    return np.exp(-0.5 * (np.asarray(angle_rad) / deviation) ** 2)


def cubature(rays: int) -> tuple[np.ndarray, np.ndarray]:
    """Return points and weights that integrate over the standard normal distribution in a plane.

    One ray integrates constants and slopes exactly; three on a circle all polynomials of degree 2;
    seven, one in the middle and six on a circle, all of degree 5 (Stroud 1971, Approximate
    Calculation of Multiple Integrals, formula E2^(r^2) 5-1).

    Parameters
    ----------
    rays
        1, 3 or 7.

    Returns
    -------
    tuple of ndarray
        Points in standard deviations, shape (rays, 2), and weights that sum to 1, shape (rays,).

    Raises
    ------
    EmbodyError
        If there is no rule for this number.
    """
    if rays == 1:
        return np.zeros((1, 2)), np.ones(1)
    if rays == 3:
        return np.sqrt(2.0) * _circle(3), np.full(3, 1 / 3)
    if rays == 7:
        points = np.concatenate([np.zeros((1, 2)), 2.0 * _circle(6)])
        return points, np.array([1 / 2, *[1 / 12] * 6])
    known = ", ".join(str(number) for number in RAYS)
    raise EmbodyError(f"an ommatidium is sampled by {known} rays, not {rays}")


def sample_directions(
    directions: np.ndarray, rays: int, width_rad: float = ACCEPTANCE_ANGLE_RAD
) -> tuple[np.ndarray, np.ndarray]:
    """Return the rays that stand for every ommatidium, and the weights of the rays of each.

    Parameters
    ----------
    directions
        Axes of the ommatidia, unit vectors of shape (N, 3); none may be vertical.
    rays
        Rays per ommatidium.
    width_rad
        Acceptance angle, full width at half maximum [rad].

    Returns
    -------
    tuple of ndarray
        Unit vectors of shape (N, rays, 3) and weights of shape (rays,).
    """
    points, weights = cubature(rays)
    offset = points * (width_rad / FWHM_PER_DEVIATION)
    across = np.cross([0.0, 0.0, 1.0], directions)
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    above = np.cross(directions, across)
    angle = np.linalg.norm(offset, axis=1)
    # np.sinc(x / pi) is sin(x) / x, so an offset becomes an arc of its own length.
    arc = offset * np.sinc(angle / np.pi)[:, None]
    sampled = (
        np.cos(angle)[:, None] * directions[:, None]
        + arc[:, :1] * across[:, None]
        + arc[:, 1:] * above[:, None]
    )
    return sampled, weights


def _circle(points: int) -> np.ndarray:
    angle = np.pi / 2 + 2 * np.pi * np.arange(points) / points
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)
