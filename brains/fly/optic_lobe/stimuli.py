"""Movies on the columns of the eye: moving edges and drifting gratings."""

import numpy as np
import scipy.special

from embody.brains.fly.optic_lobe.dynamics import GREY
from embody.brains.fly.optic_lobe.lattice import plane_positions
from embody.brains.fly.optic_lobe.textures import ACCEPTANCE_COLUMNS
from embody.errors import EmbodyError


def along(columns: np.ndarray, angle_deg: float) -> np.ndarray:
    """Return how far each column (columns, 2) lies in a direction [columns], (columns,)."""
    angle = np.deg2rad(angle_deg)
    return plane_positions(columns) @ np.array([np.cos(angle), np.sin(angle)])


def moving_edge(
    columns: np.ndarray,
    angle_deg: float,
    brightness: float,
    speed: float,
    dt: float,
    before: float = GREY,
    reach: float | None = None,
) -> np.ndarray:
    """Return a movie of an edge that moves across the whole eye and leaves it in other light.

    Parameters
    ----------
    columns
        (u, v) of each column, (columns, 2).
    angle_deg
        Direction of motion on the plane of the eye [degrees]: 180 is front to back, 90 up.
    brightness
        Light behind the edge: 1 for an ON edge, 0 for an OFF edge.
    speed
        Of the edge [columns/s].
    dt
        Time between frames [s].
    before
        Light in front of the edge.
    reach
        The edge moves from this far before the centre to as far behind it [columns]; by default
        from rim to rim.

    Returns
    -------
    numpy.ndarray
        Light, (frames, columns); blurred as by the acceptance of the ommatidia.

    Raises
    ------
    EmbodyError
        If speed or dt is not positive.
    """
    _require_positive(speed=speed, dt=dt)
    place = along(columns, angle_deg)
    reach = float(np.abs(place).max()) + 2.0 if reach is None else reach
    edge = np.arange(-reach, reach, speed * dt)
    passed = scipy.special.ndtr((edge[:, None] - place) / ACCEPTANCE_COLUMNS)
    return before + (brightness - before) * passed


def drifting_grating(
    columns: np.ndarray,
    angle_deg: float,
    wavelength: float,
    frequency_hz: float,
    seconds: float,
    dt: float,
    contrast: float = 1.0,
    mean: float = GREY,
) -> np.ndarray:
    """Return a movie of a sinusoidal grating that drifts, (frames, columns).

    Parameters
    ----------
    columns
        (u, v) of each column, (columns, 2).
    angle_deg
        Direction of motion on the plane of the eye [degrees].
    wavelength
        Distance between bright stripes [columns].
    frequency_hz
        How many stripes pass a column in a second [Hz].
    seconds, dt
        Duration and time between frames [s].
    contrast
        Michelson contrast before the blur of the ommatidia, which weakens fine gratings.
    mean
        Mean light.

    Raises
    ------
    EmbodyError
        If wavelength, duration or dt is not positive.
    """
    _require_positive(wavelength=wavelength, seconds=seconds, dt=dt)
    wave = 2.0 * np.pi / wavelength
    seen = contrast * np.exp(-0.5 * (wave * ACCEPTANCE_COLUMNS) ** 2)
    time = dt * np.arange(round(seconds / dt))
    phase = wave * along(columns, angle_deg) - 2.0 * np.pi * frequency_hz * time[:, None]
    return mean * (1.0 + seen * np.cos(phase))


def _require_positive(**values: float) -> None:
    for name, value in values.items():
        if not 0.0 < value < np.inf:
            raise EmbodyError(f"the {name} of a movie must be positive, not {value:g}")
