"""A border that keeps flies in an arena: the floor gets hot there, and they turn back."""

import math

import numpy as np

from embody.errors import EmbodyError
from embody.layout import Channel

HEAT = Channel(
    "heat",
    ("left_antenna", "right_antenna"),
    "1",
    0.0,
    1.0,
    "how hot it is at each antenna: 0 in the middle of the arena, 1 at its edge",
)


class WarmBorder:
    """The rim of a round arena, where the temperature rises linearly up to the edge.

    Flies feel heat with neurons at the base of the arista, on either side (Gallio et al. 2011,
    Cell 144, 614).

    Parameters
    ----------
    radius_mm
        Radius of the arena [mm].
    width_mm
        Width of the rim [mm].

    Raises
    ------
    EmbodyError
        If the rim is not narrower than the arena, or has no width.

    Examples
    --------
    >>> WarmBorder(30.0, 5.0).heat(np.array([[27.5, 0.0], [0.0, 0.0]]))
    array([0.5, 0. ])
    """

    def __init__(self, radius_mm: float, width_mm: float = 5.0) -> None:
        if not 0 < width_mm < radius_mm:
            raise EmbodyError(
                f"the radius of the arena is {radius_mm:g} mm, it has to be above {width_mm:g} mm, "
                "the width of its hot rim"
            )
        self.radius_mm, self.width_mm = radius_mm, width_mm

    def heat(self, places: np.ndarray) -> np.ndarray:
        """Return how hot it is, shape (places,), 0 to 1.

        Parameters
        ----------
        places
            Where, shape (places, 2) or (places, 3) [mm].
        """
        inside = np.hypot(places[:, 0], places[:, 1]) - (self.radius_mm - self.width_mm)
        return np.clip(inside / self.width_mm, 0.0, 1.0)

    def outside(self, x: float, y: float) -> bool:
        """Whether a place is beyond the edge."""
        return math.hypot(x, y) > self.radius_mm
