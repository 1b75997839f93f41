"""Shape of the worm: a chain of rods, its outline, and the muscles along it."""

import functools
from dataclasses import dataclass

import numpy as np

from embody.bodies.worm.parameters import body_parameters
from embody.errors import EmbodyError

RODS = 25
JOINTS = RODS - 1

MIDDLE_ROD = RODS // 2
"""The rod that carries the coordinates of the whole body. Both halves then hang on short chains: a
step is a quarter cheaper than for a chain that starts at the head, and its error in speed is 0.6 %
instead of 40 % (of opposite sign in the two directions) at 5 ms in water."""

ROD_NAMES = tuple(f"rod{number:02d}" for number in range(1, RODS + 1))
JOINT_NAMES = tuple(f"joint{number:02d}" for number in range(1, RODS))

_MUSCLES = tuple(
    (f"{quadrant}{row:02d}", row, 1 if quadrant.startswith("MD") else -1)
    for quadrant, rows in (("MDL", 24), ("MDR", 24), ("MVL", 23), ("MVR", 24))
    for row in range(1, rows + 1)
)

MUSCLES: tuple[str, ...] = tuple(name for name, _, _ in _MUSCLES)
"""Names of the 95 body-wall muscles, in the order of every muscle vector."""

muscle_rows = np.array([row for _, row, _ in _MUSCLES])
"""Row 1 (head) to 24 (tail) of every muscle, shape (95,); row r acts on joint r."""

muscle_sides = np.array([side for _, _, side in _MUSCLES])
"""+1 for dorsal muscles, -1 for ventral ones, shape (95,)."""

muscle_strengths = np.where(np.array(MUSCLES) == "MVR24", 2.0, 1.0)
"""Strength of every muscle, shape (95,): MVR24, which has no partner MVL24, counts double."""

for _array in (muscle_rows, muscle_sides, muscle_strengths):
    _array.setflags(write=False)


@dataclass(frozen=True)
class WormGeometry:
    """A chain of 25 rods of equal length, thick in the middle and blunt at both ends.

    The outline is the ellipse of Boyle, Berri & Cohen 2012, Front. Comput. Neurosci. 6:10.

    Attributes
    ----------
    length_mm
        Length from head to tail [mm].
    maximum_radius_mm
        Radius halfway along the body [mm].
    end_margin
        Fraction by which the ellipse is longer than the body.

    Raises
    ------
    EmbodyError
        If a length is not positive, or the margin is negative.
    """

    length_mm: float = body_parameters()["length"]
    maximum_radius_mm: float = body_parameters()["maximum_radius"]
    end_margin: float = body_parameters()["end_margin"]

    def __post_init__(self) -> None:
        if not (self.length_mm > 0 and self.maximum_radius_mm > 0 and self.end_margin >= 0):
            raise EmbodyError(
                "length and radius of a worm must be positive and its end margin not negative, "
                f"unlike {self}"
            )

    @property
    def rod_length_mm(self) -> float:
        """Length of one rod [mm]."""
        return self.length_mm / RODS

    def radius_mm(self, fraction: np.ndarray) -> np.ndarray:
        """Return the radius [mm] at fractions of the length, 0 head to 1 tail, same shape."""
        from_middle = (2.0 * np.asarray(fraction, dtype=float) - 1.0) / (1.0 + self.end_margin)
        return self.maximum_radius_mm * np.sqrt(1.0 - from_middle**2)

    @functools.cached_property
    def rod_radius_mm(self) -> np.ndarray:
        """Radius at the middle of every rod, shape (25,) [mm]."""
        return _frozen(self.radius_mm((np.arange(RODS) + 0.5) / RODS))

    @functools.cached_property
    def node_radius_mm(self) -> np.ndarray:
        """Radius at every node of the centreline, shape (26,) [mm]."""
        return _frozen(self.radius_mm(np.arange(RODS + 1) / RODS))


def centreline(joint_angle: np.ndarray, rod_length_mm: float) -> np.ndarray:
    """Return the nodes from head to tail of a posture, shape (26, 2) [mm].

    The mean of the nodes is at the origin and the nose lies from the tail in the direction of x.

    Parameters
    ----------
    joint_angle
        Angle of every joint, positive to dorsal, shape (24,) [rad].
    rod_length_mm
        Length of a rod [mm].
    """
    direction = rod_directions(joint_angle)
    steps = rod_length_mm * np.stack([np.cos(direction), np.sin(direction)], axis=-1)
    nodes = np.concatenate([np.zeros((1, 2)), -np.cumsum(steps, axis=0)])
    return nodes - nodes.mean(axis=0)


def place_nodes(root: np.ndarray, joint_angle: np.ndarray, rod_length_mm: float) -> np.ndarray:
    """Return the nodes from head to tail of a placed body, shape (..., 26, 2) [mm].

    One animal and a batch of them give the same bits: every sum runs along the body in order.

    Parameters
    ----------
    root
        Middle (x, y) [mm] and direction [rad] of the middle rod, shape (..., 3).
    joint_angle
        Angle of every joint, positive to dorsal, shape (..., 24) [rad].
    rod_length_mm
        Length of a rod [mm].
    """
    turned = joint_angle.cumsum(axis=-1)
    first = root[..., 2:] + turned[..., MIDDLE_ROD - 1 : MIDDLE_ROD]
    direction = np.empty((*joint_angle.shape[:-1], RODS))
    direction[..., :1] = first
    np.subtract(first, turned, out=direction[..., 1:])
    nodes = np.empty((*joint_angle.shape[:-1], RODS + 1, 2))
    nodes[..., 0, :] = 0.0
    np.cos(direction, out=nodes[..., 1:, 0])
    np.sin(direction, out=nodes[..., 1:, 1])
    nodes = nodes.cumsum(axis=-2)
    nodes *= -rod_length_mm
    ends = nodes[..., MIDDLE_ROD : MIDDLE_ROD + 2, :]
    nodes += root[..., None, :2] - 0.5 * (ends[..., :1, :] + ends[..., 1:, :])
    return nodes


def mean_of_nodes(nodes: np.ndarray) -> np.ndarray:
    """Return the middle of the body for its nodes (..., 26, 2), shape (..., 2) [mm]."""
    return nodes.cumsum(axis=-2)[..., -1, :] / (RODS + 1)


def rod_directions(joint_angle: np.ndarray) -> np.ndarray:
    """Return the direction of every rod of a worm that heads along x, shape (25,) [rad].

    The heading is the direction from tail to nose.

    Parameters
    ----------
    joint_angle
        Angle of every joint, positive to dorsal, shape (24,) [rad].
    """
    direction = -np.concatenate([[0.0], np.cumsum(joint_angle)])
    return direction - np.arctan2(np.sin(direction).sum(), np.cos(direction).sum())


def _frozen(array: np.ndarray) -> np.ndarray:
    array.setflags(write=False)
    return array
