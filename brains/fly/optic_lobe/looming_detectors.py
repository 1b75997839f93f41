r"""Cells beyond the optic lobe that see something grow: one for each column, nothing fitted.

They stand in for the LPLC2 cells of the lobula plate. Each sums the detectors of motion around its
column, those that prefer motion away from it positively and those that prefer motion towards it
negatively,

.. math:: d_c = \left[\frac{1}{n_c}\sum_{j \in D_c} \sum_k
    (e_k \cdot u_{cj} - \overline{e_k \cdot u_{cj}}) \, r_{kj}\right]_+

where D is the disc of n columns around column c, u the unit vector from c to j, e the direction
that T4 and T5 of subtype k (a, b, c, d) prefer in the animal, the bar the mean over the disc, so
that even activity cancels, and r what the cells release beyond what they do in a still world.

References
----------
Klapoetke et al. (2017), Nature 551, 237: LPLC2 sums outward motion in the four layers of T4 and T5
over about 60 degrees and is inhibited by inward motion; it responds neither to receding nor to
darkening discs.
"""

from dataclasses import dataclass

import numpy as np

from embody.brains.fly.optic_lobe.lattice import plane_positions
from embody.brains.fly.optic_lobe.network import OpticLobe
from embody.brains.fly.optic_lobe.object_detectors import cells_of, release_at_rest

FIELD_RADIUS = 6.0
"""Radius of what a detector sums over [columns], 30 degrees."""

PREFERRED = {"a": (-1.0, 0.0), "b": (1.0, 0.0), "c": (0.0, 1.0), "d": (0.0, -1.0)}
"""Direction that each subtype of T4 and T5 prefers, to the front and up (Maisak et al. 2013)."""


@dataclass(frozen=True, eq=False)
class LoomingDetectors:
    """Looming detectors of one eye. Immutable.

    Attributes
    ----------
    cells
        T4 and T5 cells of each subtype and column, (2, subtypes, columns).
    still
        What they release in a still world, (2, subtypes, columns).
    arms
        Weight of each subtype and column for each detector, (detectors, subtypes * columns).
    """

    cells: np.ndarray
    still: np.ndarray
    arms: np.ndarray

    @classmethod
    def build(cls, lobe: OpticLobe, light: np.ndarray, dt: float) -> "LoomingDetectors":
        """Return the detectors that read a lobe.

        Parameters
        ----------
        light
            The still world, light on each column, (columns,).
        dt
            Step of the lobe, which settles in that light [s].
        """
        cells = np.stack(
            [cells_of(lobe, tuple(kind + k for k in PREFERRED)) for kind in ("T4", "T5")]
        )
        weights = np.stack([arm(lobe.columns, direction) for direction in PREFERRED.values()], 1)
        still = release_at_rest(lobe, light, dt)[cells]
        return cls(cells, still, weights.reshape(len(lobe.columns), -1))

    def detect(self, voltage: np.ndarray) -> np.ndarray:
        """Return how strongly every detector responds, (..., columns).

        Parameters
        ----------
        voltage
            Of every neuron of the lobe, (..., n).
        """
        beyond = np.maximum(voltage[..., self.cells], 0.0) - self.still
        motion = beyond.sum(axis=-3)
        return np.maximum(motion.reshape(*motion.shape[:-2], -1) @ self.arms.T, 0.0)


def arm(columns: np.ndarray, direction: tuple[float, float]) -> np.ndarray:
    """Return the weight of cells that prefer a direction, for each detector, (columns, columns).

    Parameters
    ----------
    columns
        (u, v) of each column, (columns, 2).
    direction
        Unit vector on the plane of the eye, to the front and up.
    """
    place = plane_positions(columns)
    apart = place[None] - place[:, None]
    away = np.linalg.norm(apart, axis=2)
    inside = (away > 0.0) & (away <= FIELD_RADIUS)
    outward = np.where(inside, apart @ np.array(direction) / np.maximum(away, 1e-9), 0.0)
    count = np.maximum(inside.sum(axis=1, keepdims=True), 1)
    return np.where(inside, outward - outward.sum(axis=1, keepdims=True) / count, 0.0) / count
