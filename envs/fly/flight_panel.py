"""The panel beside a film of flight: the way from above, live numbers, strokes, errors."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from embody.analysis.flight_summary import stroke_deg
from embody.analysis.source import RecordingLike
from embody.bodies.fly.wing_pattern import FREQUENCY_HZ
from embody.video import caption, palette
from embody.video.panel import PANEL_SHARE
from embody.video.text import font

LEFT_COLOUR: palette.Colour = (255, 176, 72)
RIGHT_COLOUR: palette.Colour = (84, 190, 232)
BEATS_SHOWN = 6.0

_SAMPLES = 240  # points of a line
_FINE_S = 2e-4


@dataclass(frozen=True)
class Trace:
    """Lines over time that share their axes.

    Attributes
    ----------
    title
        What they show, with its unit.
    time
        Moments of the values [s], shape (samples,).
    lines
        Name, colour and values of each line, shape (samples,).
    window_s
        For how long the past is shown [s].
    low, high
        Ends of the axis.
    """

    title: str
    time: np.ndarray
    lines: tuple[tuple[str, palette.Colour, np.ndarray], ...]
    window_s: float
    low: float
    high: float


class FlightPanel:
    """Paints the panel.

    Parameters
    ----------
    recording
        One episode of a flying fly.
    size
        Width and height of the whole frame [pixels].
    unit
        Size of the letters, 1 for a frame 720 pixels high.

    Attributes
    ----------
    width
        Of the panel [pixels].
    """

    def __init__(self, recording: RecordingLike, size: tuple[int, int], unit: float) -> None:
        self._unit, self._height = unit, size[1]
        self.width = 2 * round(PANEL_SHARE * size[0] / 2)
        arrays = recording.arrays
        self._time = np.asarray(arrays["time"], float)
        self._place = np.asarray(arrays["position"], float)
        self._errors = np.asarray(arrays["flight_error"], float)
        self._pad = round(16 * unit)
        self._map = min(self.width - 2 * self._pad, round(0.34 * size[1]))
        self._traces = _traces(recording, self._time)
        self._ground = self._paint_ground()

    def paint(self, moment_s: float) -> Image.Image:
        """Return the panel at a moment of the recording [s]."""
        panel, pad, unit = self._ground.copy(), self._pad, self._unit
        draw = ImageDraw.Draw(panel)
        now = int(np.searchsorted(self._time, moment_s + 1e-9, side="right")) - 1
        now = min(max(now, 0), len(self._time) - 1)
        way = self._to_map(self._place[: now + 1 : max(1, len(self._time) // 400), :2])
        if len(way) > 1:
            draw.line(
                [*map(tuple, way.tolist())], fill=palette.FORWARD, width=max(1, round(2 * unit))
            )
        x, y = self._to_map(self._place[now, :2])
        dot = 4 * unit
        draw.ellipse((x - dot, y - dot, x + dot, y + dot), fill=palette.INK)
        _, speed, _, tilt = self._errors[now]
        numbers = [
            ("height, mm", f"{self._place[now, 2]:.1f}", palette.INK),
            ("speed error", f"{-speed:+.0f}", palette.FORWARD),
            ("tilt, deg", f"{np.degrees(tilt):.0f}", palette.INK),
        ]
        caption.draw_numbers(draw, unit, (pad, 2 * pad + self._map, self.width - pad), numbers)
        for trace, box in zip(self._traces, self._boxes(), strict=True):
            _draw_trace(draw, trace, box, moment_s, unit)
        return panel

    def _paint_ground(self) -> Image.Image:
        panel = Image.new("RGB", (self.width, self._height), palette.PANEL)
        draw, letters = ImageDraw.Draw(panel), font(13 * self._unit)
        draw.line((0, 0, 0, self._height), fill=palette.PANEL_EDGE, width=2)
        left = (self.width - self._map) // 2
        box = (left, self._pad, left + self._map, self._pad + self._map)
        draw.rectangle(box, fill=palette.AGAR)
        _, reach = self._frame()
        side = f"way from above, {2 * reach:.0f} mm"
        draw.text((left + 6, self._pad + 4), side, font=letters, fill=palette.FAINT)
        draw.line([*map(tuple, self._to_map(self._place[:, :2]).tolist())], fill=palette.WALL)
        for trace, box in zip(self._traces, self._boxes(), strict=True):
            draw.text(
                (box[0], box[1] - 18 * self._unit), trace.title, font=letters, fill=palette.FAINT
            )
            right = box[2]
            for name, colour, _ in reversed(trace.lines):
                place = (right, box[1] - 18 * self._unit)
                draw.text(place, name, font=letters, fill=colour, anchor="ra")
                right -= draw.textlength(f"{name}  ", font=letters)
            draw.rectangle(box, outline=palette.PANEL_EDGE)
        return panel

    def _frame(self) -> tuple[np.ndarray, float]:
        low, high = self._place[:, :2].min(axis=0), self._place[:, :2].max(axis=0)
        return 0.5 * (low + high), max(0.55 * float((high - low).max()), 5.0)

    def _to_map(self, place: np.ndarray) -> np.ndarray:
        centre, reach = self._frame()
        middle = np.array([0.5 * self.width, self._pad + 0.5 * self._map])
        return middle + (place - centre) / reach * 0.5 * self._map * [1.0, -1.0]

    def _boxes(self) -> list[tuple[float, float, float, float]]:
        top = 2 * self._pad + self._map + 50 * self._unit
        room = (self._height - self._pad - top) / len(self._traces)
        head = 24 * self._unit
        return [
            (self._pad, top + row * room + head, self.width - self._pad, top + (row + 1) * room)
            for row in range(len(self._traces))
        ]


def _traces(recording: RecordingLike, time: np.ndarray) -> tuple[Trace, ...]:
    arrays = recording.arrays
    beat = np.asarray(arrays["wing_beat"], float)
    fine = np.linspace(time[0], time[-1], 1 + round((time[-1] - time[0]) / _FINE_S))
    sides = (("left", LEFT_COLOUR), ("right", RIGHT_COLOUR))
    strokes = tuple(
        (name, colour, stroke)
        for (name, colour), stroke in zip(sides, stroke_deg(recording, fine).T, strict=True)
    )
    rate = float(beat[0, 1]) or FREQUENCY_HZ
    period = float(time[1] - time[0]) if len(time) > 1 else 1e-3
    whole = max(float(time[-1] - time[0]), period)
    amplitude = tuple(
        (name, colour, 2 * np.degrees(beat[:, 2 + side]))
        for side, (name, colour) in enumerate(sides)
    )
    speed = np.asarray(arrays["flight_error"], float)
    height = (("", palette.INK, np.asarray(arrays["position"], float)[:, 2]),)
    top = max(30.0, 1.1 * float(height[0][2].max()))
    turn = (("", palette.INK, -np.degrees(speed[:, 2])),)
    return (
        Trace("Wings forwards, degrees", fine, strokes, BEATS_SHOWN / rate, -90.0, 90.0),
        Trace("Stroke from end to end, degrees", time, amplitude, whole, 80.0, 155.0),
        Trace("Height, mm", time, height, whole, 0.0, top),
        Trace("Heading off, degrees", time, turn, whole, -90.0, 90.0),
    )


def _draw_trace(
    draw: ImageDraw.ImageDraw,
    trace: Trace,
    box: Sequence[float],
    moment_s: float,
    unit: float,
) -> None:
    left, top, right, bottom = box
    past = moment_s - trace.window_s * np.linspace(1.0, 0.0, _SAMPLES)
    past = past[past >= trace.time[0] - 1e-9]
    if len(past) < 2:
        return
    x = right - (moment_s - past) / trace.window_s * (right - left)
    for _, colour, values in trace.lines:
        shown = np.clip(np.interp(past, trace.time, values), trace.low, trace.high)
        y = bottom - (shown - trace.low) / (trace.high - trace.low) * (bottom - top)
        draw.line(
            [*zip(x.tolist(), y.tolist(), strict=True)],
            fill=colour,
            width=max(1, round(1.6 * unit)),
        )
