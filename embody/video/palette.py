"""Colours of the films."""

import numpy as np

Colour = tuple[int, int, int]

PANEL: Colour = (17, 21, 26)
PANEL_EDGE: Colour = (44, 52, 61)
AGAR: Colour = (40, 49, 56)
OUTSIDE: Colour = (20, 24, 28)
WALL: Colour = (120, 134, 143)
ODOUR: Colour = (58, 138, 92)
INK: Colour = (232, 236, 238)
FAINT: Colour = (146, 158, 167)
DORSAL: Colour = (255, 92, 92)
VENTRAL: Colour = (72, 164, 255)
TOUCH: Colour = (255, 226, 94)
FORWARD: Colour = (104, 214, 164)
REVERSE: Colour = (255, 138, 92)

BODY_EDGE: Colour = (96, 88, 74)
BODY_MIDDLE: Colour = (238, 228, 204)
GUT: Colour = (104, 82, 52)
PHARYNX: Colour = (250, 244, 228)

_TIME = ((72, 96, 214), (88, 168, 226), (126, 222, 208), (240, 246, 190))
_HEAT = ((13, 13, 28), (62, 26, 92), (148, 44, 108), (226, 88, 74), (250, 170, 72), (255, 244, 190))
_DIVERGING = (VENTRAL, (34, 66, 106), PANEL, (112, 46, 50), DORSAL)


def time_ramp(fraction: np.ndarray) -> np.ndarray:
    """Return the colours of moments, 0 start to 1 end of the run, shape (..., 3), uint8."""
    return _ramp(_TIME, fraction)


def heat_ramp(fraction: np.ndarray) -> np.ndarray:
    """Return the colours of activity, 0 low to 1 high, shape (..., 3), uint8."""
    return _ramp(_HEAT, fraction)


def bend_ramp(fraction: np.ndarray) -> np.ndarray:
    """Return the colours of -1 ventral to 1 dorsal, shape (..., 3), uint8."""
    return _ramp(_DIVERGING, 0.5 + 0.5 * np.asarray(fraction))


def _ramp(stops: tuple[Colour, ...], fraction: np.ndarray) -> np.ndarray:
    place = np.linspace(0, 1, len(stops))
    channels = [np.interp(fraction, place, channel) for channel in np.array(stops, float).T]
    return np.stack(channels, axis=-1).round().astype(np.uint8)
