"""What shows through the skin: pharynx, gut, and the muscles at work. Both backends draw it."""

import numpy as np
from PIL import ImageDraw

from embody.video import palette
from embody.video.outline import POINTS, Outline

_SPACING = 2  # points of the centreline in one piece of muscle
_GRANULES = 150
_MUSCLE_BANDS = ((0.30, 0.44, 90), (0.44, 0.82, 210), (0.82, 0.97, 150))  # soft edges


def draw_organs(draw: ImageDraw.ImageDraw, body: Outline) -> None:
    """Draw the gut with its granules, and the two bulbs of the pharynx."""
    gut = body.band(round(0.2 * POINTS), round(0.9 * POINTS), -0.48, 0.48)
    draw.polygon(_flat(gut), fill=(*palette.GUT, 84))
    places, across, sizes = _granules()
    index = np.round(places * (POINTS - 1)).astype(int)
    points = body.centre[index] + (across * body.radius[index])[:, None] * body.normal[index]
    for (x, y), size in zip(points, sizes * body.radius.max(), strict=True):
        draw.ellipse((x - size, y - size, x + size, y + size), fill=(*palette.GUT, 110))
    draw.polygon(_flat(body.band(2, round(0.15 * POINTS), -0.1, 0.1)), fill=(*palette.GUT, 90))
    for place, reach in ((0.085, 0.56), (0.15, 0.66)):
        x, y = body.at(place)
        size = reach * body.radius[round(place * POINTS)]
        box = (x - size, y - size, x + size, y + size)
        draw.ellipse(box, fill=(*palette.PHARYNX, 130), outline=(*palette.GUT, 130), width=2)


def draw_muscles(draw: ImageDraw.ImageDraw, body: Outline, dorsal: np.ndarray, ventral: np.ndarray):
    """Tint both sides of the body by the activation of their muscles.

    Parameters
    ----------
    draw
        Canvas.
    body
        The worm in its pixels.
    dorsal, ventral
        Activation of each row, 0 to 1, shape (rows,).
    """
    place = np.linspace(0, 1, POINTS)
    rows = (np.arange(len(dorsal)) + 0.5) / len(dorsal)
    for activation, colour, side in ((dorsal, palette.DORSAL, 1), (ventral, palette.VENTRAL, -1)):
        along = np.interp(place, rows, np.clip(activation, 0, 1))
        for first in range(2, POINTS - _SPACING, _SPACING):
            strength = float(along[first : first + _SPACING + 1].mean()) ** 0.8
            if strength > 0.02:
                for inner, outer, opacity in _MUSCLE_BANDS:
                    band = body.band(first, first + _SPACING, side * inner, side * outer)
                    draw.polygon(_flat(band), fill=(*colour, round(opacity * strength)))


def draw_touch(draw: ImageDraw.ImageDraw, body: Outline, touch: np.ndarray) -> None:
    """Ring the places where something pushes on the body.

    Parameters
    ----------
    draw
        Canvas.
    body
        The worm in its pixels.
    touch
        Force on each rod, shape (rods,); any unit.
    """
    for rod in np.flatnonzero(touch > 0.02 * max(float(touch.max()), 1e-9)):
        x, y = body.at((rod + 0.5) / len(touch))
        size = 1.7 * float(body.radius.max())
        box = (x - size, y - size, x + size, y + size)
        draw.ellipse(box, outline=(*palette.TOUCH, 150), width=3)


def muscle_rows(labels: tuple[str, ...], activation: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean activation of dorsal and of ventral muscles in each of 24 rows.

    Parameters
    ----------
    labels
        Names of the muscles, MDL01 to MVR24.
    activation
        Their activation, shape (muscles,).
    """
    sums = {"D": np.zeros(24), "V": np.zeros(24)}
    counts = {"D": np.zeros(24), "V": np.zeros(24)}
    for name, value in zip(labels, activation, strict=True):
        sums[name[1]][int(name[3:]) - 1] += value
        counts[name[1]][int(name[3:]) - 1] += 1
    dorsal, ventral = (sums[side] / np.maximum(counts[side], 1) for side in "DV")
    return dorsal, ventral


def _granules() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(7)
    return (
        random.uniform(0.2, 0.9, _GRANULES),
        np.clip(random.normal(0, 0.26, _GRANULES), -0.55, 0.55),
        random.uniform(0.05, 0.13, _GRANULES),
    )


def _flat(points: np.ndarray) -> list[float]:
    return points.ravel().tolist()
