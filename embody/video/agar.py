"""The ground: agar with a faint texture, odour, the wall of the dish, the worm's track."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from embody.analysis.odour import concentration
from embody.video import palette
from embody.video.view import View

_TILE = 768
_GRID = 8  # pixels between the places where the odour is computed
_WASH = 150
_CONTOURS = 20
_CONTOUR_STRENGTH = 44
_SHADOW = 0.5
_WALL_MM = 0.025
_TRACK_RUN = 10  # points of the track that share a colour


class Agar:
    """Paints the ground under the worm.

    Parameters
    ----------
    fields
        Parts of the odour field.
    dish_radius_mm
        Radius of the dish around (0, 0) [mm]; None for agar without end.
    """

    def __init__(self, fields: Sequence[Mapping[str, Any]], dish_radius_mm: float | None) -> None:
        self.fields = fields
        self.dish_radius_mm = dish_radius_mm
        grain = _grain()
        self._tiles = [_coloured(grain, colour) for colour in (palette.AGAR, palette.ODOUR)]
        self._vignette: Image.Image | None = None

    def paint(self, view: View, time_s: float) -> Image.Image:
        """Return agar and odour in a view at one moment, an RGB image."""
        size = (view.width, view.height)
        image = _window(self._tiles[0], view)
        if self.fields:
            scented = _window(self._tiles[1], view)
            image = Image.composite(scented, image, self._wash(view, time_s))
        if self._vignette is None or self._vignette.size != size:
            self._vignette = _vignette(*size)
        return Image.composite(image, Image.new("RGB", size, palette.OUTSIDE), self._vignette)

    def _wash(self, view: View, time_s: float) -> Image.Image:
        columns, rows = -(-view.width // _GRID), -(-view.height // _GRID)
        strength = np.clip(concentration(self.fields, view.grid(columns, rows), time_s), 0, 1)
        coarse = Image.fromarray(strength.astype(np.float32))
        fine = np.asarray(coarse.resize((view.width, view.height), Image.Resampling.BICUBIC))
        level = fine * _CONTOURS
        slope = max(float(np.abs(np.diff(level[:: view.height // 4], axis=1)).max()), 1e-4)
        near_line = np.clip(1.5 - np.abs(level - np.round(level)) / slope, 0, 1)
        near_line *= level > 0.5
        wash = _WASH * np.sqrt(np.clip(fine, 0, 1)) + _CONTOUR_STRENGTH * near_line
        return Image.fromarray(wash.astype(np.uint8))

    def paint_wall(self, draw: ImageDraw.ImageDraw, view: View) -> None:
        """Draw the wall of the dish, and cover what lies beyond it."""
        radius = self.dish_radius_mm
        if radius is None:
            return
        distance = float(np.hypot(*view.centre_mm))
        if distance + view.reach_mm < radius:
            return
        beyond = radius + 3 * view.reach_mm
        bearing = np.arctan2(view.centre_mm[1], view.centre_mm[0])
        spread = np.pi if distance < 1e-9 else min(np.pi, 2.0 * view.reach_mm / radius + 0.2)
        angles = bearing + np.linspace(-spread, spread, 181)
        ring = np.stack([np.cos(angles), np.sin(angles)], axis=1)
        inner, far = view.to_pixels(radius * ring), view.to_pixels(beyond * ring)
        draw.polygon(_flat(np.concatenate([inner, far[::-1]])), fill=palette.OUTSIDE)
        outer = view.to_pixels((radius + _WALL_MM) * ring)
        draw.polygon(_flat(np.concatenate([inner, outer[::-1]])), fill=palette.WALL)

    def paint_peaks(self, draw: ImageDraw.ImageDraw, view: View) -> None:
        """Mark the peaks of the odour."""
        for field in self.fields:
            if field["kind"] != "gaussian":
                continue
            x, y = view.to_pixels(np.asarray(field["peak_mm"], float))
            for radius_mm in (0.06, 0.12):
                reach = radius_mm * view.pixels_per_mm
                box = (x - reach, y - reach, x + reach, y + reach)
                line = max(1, round(0.007 * view.pixels_per_mm))
                draw.ellipse(box, outline=(*palette.INK, 170), width=line)


def paint_track(
    draw: ImageDraw.ImageDraw, view: View, path: np.ndarray, progress: np.ndarray, width_mm: float
) -> None:
    """Draw the way that a point of the body has gone, coloured by time.

    Parameters
    ----------
    draw
        Canvas of the view.
    view
        Where the microscope looks.
    path
        Points so far, shape (points, 2) [mm].
    progress
        When, 0 start to 1 end of the recording, shape (points,).
    width_mm
        Width of the line [mm].
    """
    if len(path) < 2:
        return
    pixels = view.to_pixels(path)
    colours = palette.time_ramp(progress)
    margin = 40
    inside = ((pixels > -margin) & (pixels < [view.width + margin, view.height + margin])).all(1)
    along = np.gradient(pixels, axis=0)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    across *= 0.5 * width_mm * view.pixels_per_mm / np.maximum(np.hypot(*along.T), 1e-9)[:, None]
    left, right = pixels + across, pixels - across
    for run in np.unique(np.flatnonzero(inside) // _TRACK_RUN):
        start = run * _TRACK_RUN
        piece = slice(max(0, start - 1), start + _TRACK_RUN + 1)
        colour = tuple(int(level) for level in colours[start])
        draw.polygon(_flat(np.concatenate([left[piece], right[piece][::-1]])), fill=colour)


def shade(image: Image.Image, edge: np.ndarray, offset: tuple[int, int], blur: float) -> None:
    """Darken an image, in place, where the body's shadow falls.

    Parameters
    ----------
    image
        Image of the view.
    edge
        Edge of the body in its pixels, shape (points, 2).
    offset
        How far the shadow is from the body [pixels].
    blur
        Softness [pixels].
    """
    margin = 3 * blur
    left, top = np.floor(edge.min(axis=0) + offset - margin).astype(int)
    right, bottom = np.ceil(edge.max(axis=0) + offset + margin).astype(int)
    small = 3
    size = (max(1, (right - left) // small), max(1, (bottom - top) // small))
    mask = Image.new("L", size)
    placed = (edge + offset - [left, top]) * [size[0] / (right - left), size[1] / (bottom - top)]
    ImageDraw.Draw(mask).polygon(_flat(placed), fill=round(255 * _SHADOW))
    mask = mask.filter(ImageFilter.GaussianBlur(blur / small))
    mask = mask.resize((int(right - left), int(bottom - top)), Image.Resampling.BILINEAR)
    image.paste((0, 0, 0), (int(left), int(top)), mask)


def _window(tile: Image.Image, view: View) -> Image.Image:
    """Cut the view out of the endless plane that the tile covers."""
    x, y = np.round(np.array(view.centre_mm) * view.pixels_per_mm * [1, -1]).astype(int)
    left, top = (x - view.width // 2) % _TILE, (y - view.height // 2) % _TILE
    image = Image.new("RGB", (view.width, view.height))
    for column in range(-left, view.width, _TILE):
        for row in range(-top, view.height, _TILE):
            image.paste(tile, (int(column), int(row)))
    return image


def _grain() -> np.ndarray:
    """Return a texture that tiles: soft clouds, fine grain and a few specks, about 0."""
    random = np.random.default_rng(20)
    frequency = np.fft.fftfreq(_TILE)
    radius = np.hypot(frequency[:, None], frequency) * _TILE
    texture = np.zeros((_TILE, _TILE))
    for scale, strength in ((5.0, 1.6), (40.0, 2.2), (170.0, 2.6)):
        noise = np.fft.fft2(random.normal(size=(_TILE, _TILE)))
        cloud = np.fft.ifft2(noise * np.exp(-0.5 * (radius / scale) ** 2)).real
        texture += strength * cloud / cloud.std()
    rows, columns = np.indices((9, 9)) - 4
    for _ in range(260):
        y, x = random.integers(_TILE, size=2)
        size, strength = random.uniform(0.6, 1.6), random.uniform(-16, 22)
        speck = strength * np.exp(-0.5 * (rows**2 + columns**2) / size**2)
        texture[np.ix_((y + np.arange(-4, 5)) % _TILE, (x + np.arange(-4, 5)) % _TILE)] += speck
    return texture


def _coloured(grain: np.ndarray, colour: palette.Colour) -> Image.Image:
    return Image.fromarray(np.clip(np.array(colour) + grain[..., None], 0, 255).astype(np.uint8))


def _vignette(width: int, height: int) -> Image.Image:
    x, y = np.linspace(-1, 1, width), np.linspace(-1, 1, height)[:, None]
    bright = 1.0 - 0.55 * np.clip(np.hypot(x, y) - 0.55, 0, 1) ** 1.5
    return Image.fromarray((255 * bright).astype(np.uint8))


def _flat(points: np.ndarray) -> list[float]:
    return points.ravel().tolist()
