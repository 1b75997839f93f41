"""Lettering."""

from functools import cache

from PIL import ImageFont


@cache
def font(size: float) -> "ImageFont.FreeTypeFont | ImageFont.ImageFont":
    """Return Pillow's own sans-serif at a size [pixels]; needs no font installed."""
    return ImageFont.load_default(max(6.0, size))


def clock(seconds: float) -> str:
    """Return minutes and seconds, "02:07"."""
    return f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"


def speed_label(speed: float) -> str:
    """Return how fast a film plays, "8x speed" or "real time"."""
    return "real time" if speed == 1 else f"{speed:g}x speed"


def length_label(millimetres: float) -> str:
    """Return a length in millimetres, "0.2 mm"."""
    return f"{millimetres:g} mm"
