"""The shape of the worm in the plane: a smooth centreline and the edge of the body."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from embody.video.view import View

POINTS = 121
"""Points along the smooth centreline."""

_NOSE = 0.03
_HEAD = 0.12
_BLUNT = 0.4
_TAIL = 0.16
_TAIL_TIP = 0.12
_USUAL_RADIUS_MM = 0.04


@dataclass(frozen=True)
class Outline:
    """A worm at one moment, head first.

    Attributes
    ----------
    centre
        Smooth centreline, shape (points, 2).
    normal
        Unit vectors to the dorsal (left) side, shape (points, 2).
    radius
        Half width, shape (points,), in the unit of `centre`.
    """

    centre: np.ndarray
    normal: np.ndarray
    radius: np.ndarray

    def seen_in(self, view: View) -> "Outline":
        """Return the outline in the pixels of a view."""
        return Outline(
            view.to_pixels(self.centre), self.normal * [1, -1], self.radius * view.pixels_per_mm
        )

    def edge(self, fraction: float = 1.0) -> np.ndarray:
        """Return the closed edge of the body scaled in width, shape (2 points, 2)."""
        side = fraction * self.radius[:, None] * self.normal
        return np.concatenate([self.centre + side, (self.centre - side)[::-1]])

    def band(self, first: int, last: int, inner: float, outer: float) -> np.ndarray:
        """Return a band along the body between two fractions of the half width, as a polygon.

        Fractions are positive on the dorsal side; `first` and `last` are points of the centreline.
        """
        chosen = slice(first, last + 1)
        side = self.radius[chosen, None] * self.normal[chosen]
        centre = self.centre[chosen]
        return np.concatenate([centre + inner * side, (centre + outer * side)[::-1]])

    def at(self, place: float, across: float = 0.0) -> np.ndarray:
        """Return a point at a fraction of the length, and of the half width (dorsal positive)."""
        index = round(place * (len(self.radius) - 1))
        return self.centre[index] + across * self.radius[index] * self.normal[index]


def outline(nodes: np.ndarray, radius: np.ndarray) -> Outline:
    """Return the outline around a polyline, in the same unit.

    Parameters
    ----------
    nodes
        Nodes from head to tail, shape (nodes, 2).
    radius
        Half width at the points of the smooth centreline, from `radius_profile`.
    """
    centre = _spline(len(nodes)) @ nodes
    tangent = np.gradient(centre, axis=0)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-9)
    normal = np.stack([tangent[:, 1], -tangent[:, 0]], axis=1)  # tangents point to the tail
    return Outline(centre, normal, radius)


def radius_profile(rod_radius_mm: Sequence[float] | None) -> np.ndarray:
    """Return the half width along the body as it is drawn, shape (points,) [mm].

    The recorded radii, with a blunt nose and a tail that tapers to a tip, so that head and tail
    can be told apart.

    Parameters
    ----------
    rod_radius_mm
        Radius of each rod from head to tail [mm]; None for a worm of usual width.
    """
    place = np.linspace(0, 1, POINTS)
    if rod_radius_mm is None:
        width = np.full(POINTS, _USUAL_RADIUS_MM)
    else:
        rods = (np.arange(len(rod_radius_mm)) + 0.5) / len(rod_radius_mm)
        width = np.interp(place, rods, rod_radius_mm)
    width = np.where(place < _HEAD, np.maximum(width, _BLUNT * width.max()), width)
    nose = np.sqrt(1.0 - np.clip(1.0 - place / _NOSE, 0.0, 1.0) ** 2)
    into_tail = np.clip((place - (1.0 - _TAIL)) / _TAIL, 0.0, 1.0)
    return width * nose * (1.0 - (1.0 - _TAIL_TIP) * into_tail**1.4)


@cache
def _spline(nodes: int) -> np.ndarray:
    """Return the matrix from nodes to the points of their cubic spline, (POINTS, nodes)."""
    from scipy.interpolate import CubicSpline

    return CubicSpline(np.linspace(0, 1, nodes), np.eye(nodes))(np.linspace(0, 1, POINTS))
