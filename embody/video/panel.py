"""What the frames of all animals share: their size, and the panel of strips at the right."""

from collections.abc import Sequence

from PIL import Image, ImageDraw

from embody.errors import EmbodyError
from embody.video import palette
from embody.video.activity import StripPainter
from embody.video.text import font

PANEL_SHARE = 0.31
"""Width of the panel over that of the frame."""

_LEAST_SIZE = (320, 240)


def panel_width(width: int) -> int:
    """Return the width of the panel of a frame that is that wide [pixels]."""
    return 2 * round(PANEL_SHARE * width / 2)


def check_frame(width: int, height: int, view_mm: float) -> None:
    """Refuse frames that cannot be filmed.

    Raises
    ------
    EmbodyError
        If a size is odd or too small, or the region shown [mm] is not positive.
    """
    if width % 2 or height % 2 or width < _LEAST_SIZE[0] or height < _LEAST_SIZE[1]:
        raise EmbodyError(
            f"frames are {width} x {height} pixels, both have to be even "
            f"and at least {_LEAST_SIZE[0]} x {_LEAST_SIZE[1]}"
        )
    if not view_mm > 0:
        raise EmbodyError(f"view_mm is {view_mm}, it has to be positive")


def paint_panel(
    size: tuple[int, int],
    width: int,
    strips: Sequence[StripPainter],
    heading: int,
    window: str,
    unit: float,
) -> Image.Image:
    """Return what never changes in the panel: its ground, and the names and titles of the strips.

    Parameters
    ----------
    size
        Width and height of a frame [pixels].
    width
        Width of the panel [pixels].
    strips
        Painters of the strips, the topmost first.
    heading
        Height of a title [pixels].
    window
        What is written over the end of the first strip.
    unit
        Size of the letters, 1 for a frame 720 pixels high.
    """
    frame = Image.new("RGB", size, palette.PANEL)
    draw = ImageDraw.Draw(frame)
    left = size[0] - width
    draw.line((left, 0, left, size[1]), fill=palette.PANEL_EDGE, width=2)
    letters = font(13 * unit)
    for index, painter in enumerate(strips):
        painter.write_names(frame)
        place = (painter.box[0], painter.box[1] - heading)
        draw.text(place, painter.strip.title, font=letters, fill=palette.FAINT)
        if index == 0:
            end = (painter.box[2], place[1])
            draw.text(end, window, font=letters, fill=palette.FAINT, anchor="ra")
    return frame.crop((left, 0, *size))
