"""The map of a fly's film: odours, sources, nest and food, wind, and what else moves there."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw

from embody.envs.fly.ground import WARM_COLOUR, Ground, Mark
from embody.video import palette
from embody.video.palette import Colour
from embody.video.text import font
from embody.video.way_map import SHARPNESS, AbstractWayMap, paint_odours, region_of

_ROWS = 120
_WIND_ARROW = 0.16  # length over the side of the map
_LETTERS = 0.048  # height over the side of the map


@dataclass(frozen=True)
class Mover:
    """Something else that moves over the ground.

    Attributes
    ----------
    path
        Where it is at each frame of the film, shape (frames, 2) [mm]; NaN while it is not there.
    radius_mm
        Its size [mm]; what is too small to be seen is drawn larger.
    colour
        Of it and of its way.
    """

    path: np.ndarray
    radius_mm: float
    colour: Colour


class FlyMap(AbstractWayMap):
    """What lies on the ground, the way so far and where the fly is.

    Parameters
    ----------
    size
        Side of the square map [pixels].
    ground
        What lies on the ground, shown as it is at the time of the frame.
    path
        Where the fly is at each frame of the film, shape (frames, 2) [mm].
    movers
        What else moves.
    """

    def __init__(
        self, size: int, ground: Ground, path: np.ndarray, movers: Sequence[Mover] = ()
    ) -> None:
        self._terrain, self._movers = ground, tuple(movers)
        reaches = [np.array([mark.place_mm], float) for mark in ground.marks]
        reaches += [_there(mover.path) for mover in movers]
        super().__init__(size, path, *region_of(np.concatenate([path, *reaches])))

    @property
    def changes(self) -> bool:
        """Whether a plume drifts, food is eaten, or something else moves."""
        return self._terrain.changes or bool(self._movers)

    def paint_ground(self, frame: int, time_s: float) -> Image.Image:
        """Return what lies under the way at a frame; the ground shows the moment already."""
        ground, view = self._terrain, self.view
        places = view.grid(_ROWS, _ROWS)
        strengths = ground.strength(places)
        tints = [(strength, ground.colours[name]) for name, strength in strengths.items()]
        warmth = ground.warmth(places)
        if warmth is not None:
            tints.append((0.4 * warmth, WARM_COLOUR))
        image = paint_odours(view, tints)
        draw = ImageDraw.Draw(image, "RGBA")
        self._draw_rims(draw)
        corners = [mark.place_mm for mark in ground.marks if mark.kind == "corner"]
        for start, stop in pairwise(view.to_pixels(np.array(corners).reshape(-1, 2))):
            draw.line([*start, *stop], fill=(*palette.FAINT, 90), width=SHARPNESS)
        food_left = iter(ground.food_left)
        for mark in ground.marks:
            self._draw_mark(draw, mark, float(next(food_left)) if mark.kind == "food" else 1.0)
        for mover in self._movers:
            self._draw_mover(draw, mover, frame)
        if ground.wind_mm_s is not None:
            self._draw_wind(draw, ground.wind_mm_s)
        return image

    def _draw_rims(self, draw: ImageDraw.ImageDraw) -> None:
        ground, view = self._terrain, self.view
        if ground.arena_radius_mm:
            self._ring(draw, (0.0, 0.0), ground.arena_radius_mm, palette.WALL)
        if ground.half_width_mm:
            for side in (-ground.half_width_mm, ground.half_width_mm):
                y = float(view.to_pixels(np.array([0.0, side]))[1])
                draw.line((0, y, view.width, y), fill=palette.WALL, width=SHARPNESS)

    def _draw_mark(self, draw: ImageDraw.ImageDraw, mark: Mark, share: float) -> None:
        x, y = self.view.to_pixels(np.array(mark.place_mm)).tolist()
        reach = max(mark.radius_mm * self.view.pixels_per_mm, 2.5 * SHARPNESS)
        box = (x - reach, y - reach, x + reach, y + reach)
        if mark.kind == "food":
            draw.ellipse(box, fill=(*mark.colour, round(60 + 195 * share)))
            return
        if mark.kind == "corner":
            draw.ellipse(box, fill=(*palette.FAINT, 160))
            return
        if mark.kind == "nest":
            draw.ellipse(box, fill=mark.colour, outline=palette.INK, width=SHARPNESS)
        else:
            arm = 5 * SHARPNESS
            for line in ((x - arm, y, x + arm, y), (x, y - arm, x, y + arm)):
                draw.line(line, fill=palette.INK, width=SHARPNESS)
        letters = font(_LETTERS * self.view.height)
        width = draw.textlength(mark.name, font=letters)
        left = min(max(x - 0.5 * width, 4), self.view.width - width - 4)
        below = y + 0.14 * self.view.height < self.view.height
        place = (left, y + 9 * SHARPNESS if below else y - 9 * SHARPNESS)
        draw.text(place, mark.name, font=letters, fill=palette.INK, anchor="la" if below else "ld")

    def _draw_mover(self, draw: ImageDraw.ImageDraw, mover: Mover, frame: int) -> None:
        past = self.view.to_pixels(_there(mover.path[: frame + 1]))
        if len(past) > 1:
            draw.line(past.ravel().tolist(), fill=(*mover.colour, 150), width=SHARPNESS)
        if np.isfinite(mover.path[frame]).all():
            least_mm = 3.2 * SHARPNESS / self.view.pixels_per_mm
            x, y = mover.path[frame].tolist()
            self._ring(draw, (x, y), max(least_mm, mover.radius_mm), mover.colour, filled=True)

    def _draw_wind(self, draw: ImageDraw.ImageDraw, wind_mm_s: np.ndarray) -> None:
        length = _WIND_ARROW * self.view.width
        way = wind_mm_s / max(float(np.linalg.norm(wind_mm_s)), 1e-9) * [1.0, -1.0]
        middle = np.array([0.5 * length + 8 * SHARPNESS, 16 * SHARPNESS])
        draw_arrow(draw, middle - 0.5 * length * way, middle + 0.5 * length * way, 2 * SHARPNESS)
        place = (float(middle[0]), 26 * SHARPNESS)
        letters = font(_LETTERS * self.view.height)
        draw.text(place, "wind", font=letters, fill=palette.INK, anchor="ma")

    def _ring(
        self,
        draw: ImageDraw.ImageDraw,
        place_mm: tuple[float, float],
        radius_mm: float,
        colour: Colour,
        filled: bool = False,
    ) -> None:
        x, y = self.view.to_pixels(np.array(place_mm)).tolist()
        reach = radius_mm * self.view.pixels_per_mm
        box = (x - reach, y - reach, x + reach, y + reach)
        draw.ellipse(box, outline=colour, width=SHARPNESS, fill=colour if filled else None)


def draw_arrow(draw: ImageDraw.ImageDraw, tail: np.ndarray, tip: np.ndarray, width: int) -> None:
    """Draw an arrow between two places of a picture, shape (2,) [pixels], that thick [pixels]."""
    way = tip - tail
    length = max(float(np.linalg.norm(way)), 1e-9)
    ahead = way / length
    aside = np.array([-ahead[1], ahead[0]])
    head = min(5.0 * width, 0.5 * length)
    neck = tip - head * ahead
    corners = [tip, neck + 0.55 * head * aside, neck - 0.55 * head * aside]
    draw.line([*tail, *neck], fill=palette.INK, width=width)
    draw.polygon([tuple(corner) for corner in corners], fill=palette.INK)


def _there(path: np.ndarray) -> np.ndarray:
    return path[np.isfinite(path).all(axis=1)]
