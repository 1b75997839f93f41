"""The panel beside a fly's film: map, live numbers, what it sees, footfalls, drive, motion."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw

from embody.analysis.fly_signals import task_signals
from embody.analysis.source import RecordingLike
from embody.bodies.fly.eyes.lattice import SIDES
from embody.bodies.fly.eyes.mosaic import mosaic, mosaic_width
from embody.bodies.fly.geometry import LEGS
from embody.envs.fly.ground import Ground
from embody.envs.fly.way_map import FlyMap, Mover
from embody.video import caption, palette
from embody.video.activity import Strip, StripPainter
from embody.video.footfalls import drive_strip, footfall_strip, motion_strip
from embody.video.panel import paint_panel, panel_width
from embody.video.text import font
from embody.video.timeline import Timeline
from embody.video.view import View

EYES = tuple(f"eye_{side}" for side in SIDES)

_WINDOW_S = 0.8  # of the strips, in seconds of film at the slowest speed
_OTHER_FLY_COLOUR: palette.Colour = (255, 196, 92)
_PREDATOR_COLOUR: palette.Colour = (206, 74, 74)
_PREDATOR_DEPTH_MM = -100.0  # below it, it has not appeared
_MOST_TASK_NUMBERS = 2
_LEAST_ROW = 8  # height of a row that has room for its name [pixels]
_SIDES_ONLY = ("", "left", "", "", "right", "")


class FilmPanel:
    """Paints the panel.

    Parameters
    ----------
    recording
        One episode of a fly.
    timeline
        The moments of the frames.
    size
        Width and height of the whole frame [pixels].
    unit
        Size of the letters, 1 for a frame 720 pixels high.
    ground
        What lies on the ground, shown as it is at each frame before that is painted.
    path
        Where the fly is at each frame, shape (frames, 2) [mm].
    slowest
        The slowest playback speed.

    Attributes
    ----------
    width
        Of the panel [pixels].
    """

    def __init__(
        self,
        recording: RecordingLike,
        timeline: Timeline,
        size: tuple[int, int],
        unit: float,
        ground: Ground,
        path: np.ndarray,
        slowest: float,
    ) -> None:
        self._timeline, self._unit, self._size = timeline, unit, size
        self.width = panel_width(size[0])
        pad = round(16 * unit)
        left, right = pad, self.width - pad
        sees = all(name in recording.arrays for name in EYES)
        map_size = min(right - left, round((0.31 if sees else 0.36) * size[1]))
        self._map = FlyMap(map_size, ground, path, _movers(recording, timeline))
        self._map_corner = (left + (right - left - map_size) // 2, pad)
        self._numbers_box = (left, 2 * pad + map_size, right)
        steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
        self._travelled = np.concatenate([[0.0], steps.cumsum()])
        signals = task_signals(recording)
        self._numbers = [item for signal in signals for item in signal.numbers.items()]
        self._heading = round(20 * max(unit, 0.6))
        top = self._numbers_box[1] + round(48 * unit) + pad // 2
        self._eyes_box = (left, top + self._heading, right) if sees else None
        if sees:
            self._eye_height = round(0.245 * size[1])
            top += 2 * self._heading + self._eye_height
        self._place_strips(recording, (left, top, right, size[1] - pad), slowest)
        self._panel = self._paint_names()

    def paint(
        self,
        image: Image.Image,
        frame: int,
        view: View,
        speed_mm_s: float,
        snapshot: Mapping[str, np.ndarray],
    ) -> None:
        """Paint the panel into a frame.

        Parameters
        ----------
        image
            The frame.
        frame
            Its number.
        view
            What the large view shows; drawn on the map.
        speed_mm_s
            Forward speed of the fly [mm/s].
        snapshot
            What was recorded at this moment.
        """
        moment = float(self._timeline.moments[frame])
        panel = self._panel.copy()
        panel.paste(self._map.paint(frame, moment, view), self._map_corner)
        if self._eyes_box is not None:
            seen = np.stack([np.asarray(snapshot[name]) for name in EYES])
            picture = mosaic(seen, self._eye_height, palette.PANEL)
            left, top, right = self._eyes_box
            panel.paste(picture, ((left + right - picture.width) // 2, top))
        for painter in self._strips:
            painter.paint(panel, moment)
        self._write_numbers(ImageDraw.Draw(panel), frame, moment, speed_mm_s)
        image.paste(panel, (self._size[0] - self.width, 0))

    def _place_strips(
        self, recording: RecordingLike, box: tuple[int, int, int, int], slowest: float
    ) -> None:
        left, top, right, bottom = box
        unit = self._unit
        label_width = round(46 * max(unit, 0.7))
        self._window_s = _WINDOW_S * max(self._timeline.speed / slowest, 1.0)
        step_s = self._window_s / (right - left - label_width)
        strips: list[tuple[Strip, tuple[int, int, int, int]]] = []
        low = round(30 * unit)
        for strip in (drive_strip(recording, step_s), motion_strip(recording, step_s)):
            if strip is not None:
                strips.insert(0, (strip, (left, bottom - low, right, bottom)))
                bottom -= low + self._heading + round(4 * unit)
        foot = footfall_strip(recording, LEGS, step_s)
        if bottom - top - self._heading < _LEAST_ROW * len(LEGS):
            foot = replace(foot, names=_SIDES_ONLY)
        strips.insert(0, (foot, (left, top + self._heading, right, bottom)))
        letter = max(8.5, 13 * unit)
        self._strips = [StripPainter(strip, place, label_width, letter) for strip, place in strips]

    def _paint_names(self) -> Image.Image:
        """Return what never changes: ground, titles, names of rows."""
        panel = paint_panel(
            (self.width, self._size[1]),
            self.width,
            self._strips,
            self._heading,
            f"last {self._window_s:.1f} s",
            self._unit,
        )
        if self._eyes_box is None:
            return panel
        draw, letters = ImageDraw.Draw(panel), font(13 * self._unit)
        left, top, right = self._eyes_box
        draw.text((left, top - self._heading), "What it sees", font=letters, fill=palette.FAINT)
        quarter = mosaic_width(self._eye_height) // 4
        below = top + self._eye_height + round(2 * self._unit)
        for side, place in zip(SIDES, (-quarter, quarter), strict=True):
            middle = ((left + right) // 2 + place, below)
            draw.text(middle, f"{side} eye", font=letters, fill=palette.FAINT, anchor="ma")
        middle = ((left + right) // 2, below)
        draw.text(middle, "front", font=letters, fill=palette.FAINT, anchor="ma")
        return panel

    def _write_numbers(
        self, draw: ImageDraw.ImageDraw, frame: int, moment: float, speed_mm_s: float
    ) -> None:
        numbers = [("speed, mm/s", f"{speed_mm_s:+.1f}", palette.FORWARD)]
        if len(self._numbers) < _MOST_TASK_NUMBERS:
            numbers.append(("path, mm", f"{self._travelled[frame]:.1f}", palette.INK))
        for label, values in self._numbers[:_MOST_TASK_NUMBERS]:
            value = float(self._timeline.at(values, moment))
            told = f"{value:.2f}" if "," not in label else f"{value:.1f}"
            numbers.append((label, told if np.isfinite(value) else "-", palette.INK))
        caption.draw_numbers(draw, self._unit, self._numbers_box, numbers)


def _movers(recording: RecordingLike, timeline: Timeline) -> list[Mover]:
    """Return the other fly, or the ball that comes near, as a map shows it."""
    arrays, movers = recording.arrays, []
    if "other_fly" in arrays:
        other = np.asarray(arrays["other_fly"], float)[:, :2]
        path = np.array([timeline.at(other, moment) for moment in timeline.moments])
        movers.append(Mover(path, 0.0, _OTHER_FLY_COLOUR))
    if "predator" in arrays:
        ball = np.asarray(arrays["predator"], float)
        there = np.where(ball[:, 2:] > _PREDATOR_DEPTH_MM, ball[:, :2], np.nan)
        path = np.array([timeline.at(there, moment) for moment in timeline.moments])
        radius = float(recording.meta["scene"]["world"]["radius_mm"])
        movers.append(Mover(path, radius, _PREDATOR_COLOUR))
    return movers
