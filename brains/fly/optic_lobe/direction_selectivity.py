"""Which direction of motion, and which contrast, each cell type prefers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embody.brains.fly.optic_lobe.lattice import BACK_TO_FRONT, DOWN, FRONT_TO_BACK, UP
from embody.brains.fly.optic_lobe.network import OpticLobe
from embody.brains.fly.optic_lobe.stimuli import moving_edge

DIRECTIONS_DEG = tuple(range(0, 360, 30))
SPEEDS = (5.0, 10.0, 20.0)
"""Speeds of the edges [columns/s]: 25, 50 and 100 degrees/s at 5 degrees between columns."""

KNOWN_DIRECTION_DEG: dict[str, float] = dict(
    zip(
        ("T4a", "T4b", "T4c", "T4d", "T5a", "T5b", "T5c", "T5d"),
        2 * (FRONT_TO_BACK, BACK_TO_FRONT, UP, DOWN),
        strict=True,
    )
)
"""What the animal's motion detectors prefer [degrees]: Maisak et al. 2013, Nature 500:212."""

MOTION_DETECTORS = tuple(KNOWN_DIRECTION_DEG)
KNOWN_CONTRAST = {name: "ON" if name.startswith("T4") else "OFF" for name in MOTION_DETECTORS}
LARGEST_DEVIATION_DEG = 30.0


@dataclass(frozen=True)
class Tuning:
    """What one cell type prefers.

    Attributes
    ----------
    cell_type
        Its name.
    on, off
        Peak of the rectified voltage as an ON or OFF edge passes the middle of the eye, for each
        direction, averaged over speeds, (directions,).
    on_depolarisation, off_depolarisation
        Largest peak over directions above the voltage in grey, averaged over speeds.
    """

    cell_type: str
    directions_deg: tuple[float, ...]
    on: np.ndarray
    off: np.ndarray
    on_depolarisation: float
    off_depolarisation: float

    @property
    def contrast(self) -> str:
        """Whether ON or OFF edges depolarise the type more."""
        return "ON" if self.on_depolarisation > self.off_depolarisation else "OFF"

    def vector(self, contrast: str) -> complex:
        """Return the mean direction of the peaks weighted by their size; length 0 to 1."""
        peaks = self.on if contrast == "ON" else self.off
        unit = np.exp(1j * np.deg2rad(self.directions_deg))
        return complex(peaks @ unit / max(float(peaks.sum()), 1e-12))

    def strength(self, contrast: str) -> float:
        """Return the direction selectivity index for edges of a contrast, 0 to 1."""
        return abs(self.vector(contrast))

    def preferred_deg(self, contrast: str) -> float:
        """Return the preferred direction for edges of a contrast, 0 to 360 degrees."""
        return float(np.rad2deg(np.angle(self.vector(contrast))) % 360.0)


def angle_between(first_deg: float, second_deg: float) -> float:
    """Return the angle between two directions, 0 to 180 degrees."""
    return abs((first_deg - second_deg + 180.0) % 360.0 - 180.0)


def measure(
    lobe: OpticLobe,
    cell_types: Sequence[str] = MOTION_DETECTORS,
    directions_deg: Sequence[float] = DIRECTIONS_DEG,
    speeds: Sequence[float] = SPEEDS,
    dt: float = 0.005,
    reach: float = 6.0,
) -> list[Tuning]:
    """Show moving edges to an adapted eye and read the cells of the middle column.

    Parameters
    ----------
    speeds
        Of the edges [columns/s].
    reach
        Edges move from this far before the middle to as far behind it [columns].

    Raises
    ------
    EmbodyError
        If the network does not come to rest in grey.
    """
    grey = lobe.adapted(dt)
    middle = lobe.wiring.index([f"{name}[0,0]" for name in cell_types])
    peaks = np.array(
        [_peaks(lobe, grey, middle, directions_deg, speed, dt, reach) for speed in speeds]
    )
    rectified = np.maximum(peaks, 0.0).mean(axis=0)
    above = (peaks - grey.voltage[middle]).max(axis=2).mean(axis=0)
    return [
        Tuning(
            name,
            tuple(directions_deg),
            rectified[0, :, k],
            rectified[1, :, k],
            float(above[0, k]),
            float(above[1, k]),
        )
        for k, name in enumerate(cell_types)
    ]


def _peaks(lobe, grey, middle, directions_deg, speed, dt, reach) -> np.ndarray:
    """Return the largest voltage of each cell for each edge, (contrasts, directions, cells)."""
    movies = np.stack(
        [
            moving_edge(lobe.columns, angle, brightness, speed, dt, reach=reach)
            for brightness in (1.0, 0.0)
            for angle in directions_deg
        ],
        axis=1,
    )
    edges = movies.shape[1]
    state = grey._replace(voltage=np.tile(grey.voltage, (edges, 1)))
    peak = np.full((edges, len(middle)), -np.inf)
    for light in movies:
        state = lobe.step(state, light, dt)
        peak = np.maximum(peak, state.voltage[:, middle])
    return peak.reshape(2, len(directions_deg), len(middle))


def verdict(tuning: Tuning, least_strength: float = 0.1) -> dict[str, object]:
    """Return whether a motion detector is what it is in the animal, and the numbers behind it.

    Parameters
    ----------
    least_strength
        Smallest direction selectivity index that counts as selective.

    Returns
    -------
    dict
        "selective", "direction" and "contrast", whether each holds, and "passes", all three.
    """
    name = tuning.cell_type
    contrast = KNOWN_CONTRAST[name]
    preferred, strength = tuning.preferred_deg(contrast), tuning.strength(contrast)
    off_by = angle_between(preferred, KNOWN_DIRECTION_DEG[name])
    selective = strength >= least_strength
    direction = off_by <= LARGEST_DEVIATION_DEG
    right_contrast = tuning.contrast == contrast
    return {
        "cell_type": name,
        "preferred_deg": preferred,
        "deviation_deg": off_by,
        "strength": strength,
        "preferred_contrast": tuning.contrast,
        "selective": selective,
        "direction": direction,
        "contrast": right_contrast,
        "passes": selective and direction and right_contrast,
    }
