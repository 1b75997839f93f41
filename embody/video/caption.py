"""What is written over a frame: run, clock, scale, and live numbers."""

from typing import Any

import numpy as np
from PIL import ImageDraw

from embody.analysis.source import RecordingLike
from embody.perturbation import Perturbation
from embody.video import palette
from embody.video.text import clock, font, length_label, speed_label
from embody.video.view import View

_BARS_MM = (10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05)


def run_title(recording: RecordingLike) -> tuple[str, str]:
    """Return two lines: env, controller and seed; and what was done to the animal."""
    meta = recording.meta
    parts = [_name(meta.get("env"), "id"), _name(meta.get("controller"), "name")]
    if meta.get("seed") is not None:
        parts.append(f"seed {meta['seed']}")
    done = [str(Perturbation.from_dict(content)) for content in meta.get("perturbations") or ()]
    dot = "  \N{MIDDLE DOT}  "
    return dot.join(part for part in parts if part), dot.join(done)


def _name(content: Any, key: str) -> str:
    return str(content.get(key, "")) if isinstance(content, dict) else str(content or "")


def draw_title(draw: ImageDraw.ImageDraw, unit: float, lines: tuple[str, str]) -> None:
    """Write the run in the upper left corner."""
    write(draw, (18 * unit, 15 * unit), lines[0], 21 * unit, palette.INK, "la")
    write(draw, (18 * unit, 43 * unit), lines[1], 15 * unit, palette.REVERSE, "la")


def draw_clock(
    draw: ImageDraw.ImageDraw, unit: float, right: float, time_s: float, speed: float | None
) -> None:
    """Write the time and the playback speed in the upper right corner of the view.

    In slow motion, and in a single picture (`speed` None), the time has hundredths.
    """
    told = f"{time_s:.2f} s" if speed is None or speed < 1 else clock(time_s)
    write(draw, (right - 18 * unit, 13 * unit), told, 27 * unit, palette.INK, "ra")
    label = "" if speed is None else speed_label(speed)
    write(draw, (right - 18 * unit, 46 * unit), label, 15 * unit, palette.FAINT, "ra")


def draw_scale(draw: ImageDraw.ImageDraw, unit: float, view: View) -> None:
    """Draw the scale bar in the lower right corner of the view."""
    length = next(
        (bar for bar in _BARS_MM if bar * view.pixels_per_mm < 0.2 * view.width), _BARS_MM[-1]
    )
    right, bottom = view.width - 22 * unit, view.height - 22 * unit
    left = right - length * view.pixels_per_mm
    box = (left, bottom - 5 * unit, right, bottom)
    draw.rectangle(box, fill=palette.INK, outline=(12, 15, 18))
    middle = 0.5 * (left + right)
    write(draw, (middle, bottom - 8 * unit), length_label(length), 16 * unit, palette.INK, "mb")


def draw_muscle_key(draw: ImageDraw.ImageDraw, unit: float, height: int) -> None:
    """Say which tint is which side, in the lower left corner of the view."""
    left, bottom = 20 * unit, height - 24 * unit
    for label, colour in (("dorsal muscles", palette.DORSAL), ("ventral", palette.VENTRAL)):
        draw.rounded_rectangle(
            (left, bottom - 9 * unit, left + 16 * unit, bottom), 3 * unit, fill=colour
        )
        write(draw, (left + 23 * unit, bottom - 4.5 * unit), label, 15 * unit, palette.INK, "lm")
        left += 39 * unit + draw.textlength(label, font=font(15 * unit))


def draw_numbers(
    draw: ImageDraw.ImageDraw,
    unit: float,
    box: tuple[float, float, float],
    numbers: list[tuple[str, str, palette.Colour]],
) -> None:
    """Write live numbers side by side.

    Parameters
    ----------
    draw
        The frame.
    unit
        Size of everything, 1 for a frame 720 pixels high.
    box
        Left, top and right [pixels].
    numbers
        Label, value and colour of each.
    """
    left, top, right = box
    for index, (label, value, colour) in enumerate(numbers):
        x = left + index * (right - left) / len(numbers)
        draw.text((x, top), label, font=font(13 * unit), fill=palette.FAINT)
        draw.text((x, top + 16 * unit), value, font=font(22 * unit), fill=colour)


def live_numbers(
    speed_mm_s: float, odour: float | None, distance_mm: float | None, travelled_mm: float
) -> list[tuple[str, str, palette.Colour]]:
    """Return the numbers of one moment as label, value and colour.

    Parameters
    ----------
    speed_mm_s
        Signed speed along the body [mm/s].
    odour
        Relative concentration at the nose; None without odour.
    distance_mm
        Distance to the nearest peak [mm]; None without odour.
    travelled_mm
        Length of the way so far [mm].
    """
    colour = palette.REVERSE if speed_mm_s < -0.02 else palette.FORWARD
    told = f"{speed_mm_s:+.2f}" if np.isfinite(speed_mm_s) else "-"
    numbers = [("speed, mm/s", told, colour)]
    if odour is not None and distance_mm is not None:
        numbers.append(("odour at nose", f"{odour:.2f}", palette.INK))
        numbers.append(("to peak, mm", f"{distance_mm:.1f}", palette.INK))
    else:
        numbers.append(("path, mm", f"{travelled_mm:.1f}", palette.INK))
    return numbers


def write(
    draw: ImageDraw.ImageDraw,
    place: tuple[float, float],
    text: str,
    size: float,
    colour: palette.Colour,
    anchor: str,
) -> None:
    """Write with a dark rim, so that it can be read on any ground."""
    draw.text(
        place,
        text,
        font=font(size),
        fill=colour,
        anchor=anchor,
        stroke_width=1,
        stroke_fill=(12, 15, 18),
    )
