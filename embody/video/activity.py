"""The scrolling strips: activity of named neurons, or bending where there are no neurons."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw

from embody.analysis.posture import curvature
from embody.analysis.shown_neurons import choose_rows, robust_range
from embody.analysis.source import RecordingLike
from embody.video import palette
from embody.video.text import font

_LEAST_RANGE_MV = 2.0
_LEAST_BEND_PER_MM = 2.0


@dataclass(frozen=True)
class Strip:
    """Rows of colour over time, ready to be cut into windows.

    Attributes
    ----------
    title
        What it shows.
    names
        Name of each row; empty names are not written.
    groups
        Group of each row; a gap is left where it changes.
    blended
        Whether neighbouring rows run into each other, as points of one body do.
    columns
        Colours at even steps of time, shape (rows, steps, 3), uint8.
    step_s
        Time between two columns [s].
    start_s
        Time of the first column [s].
    """

    title: str
    names: tuple[str, ...]
    groups: tuple[str, ...]
    blended: bool
    columns: np.ndarray
    step_s: float
    start_s: float

    def window(self, moment_s: float, count: int) -> np.ndarray:
        """Return the last `count` columns up to a moment, shape (rows, count, 3).

        What lies before the start of the recording is left in the colour of the panel.
        """
        last = int((moment_s - self.start_s) / self.step_s + 1e-6)
        image = np.empty((len(self.names), count, 3), np.uint8)
        image[:] = palette.PANEL_EDGE
        first = last + 1 - count
        piece = self.columns[:, max(0, first) : last + 1]
        if piece.shape[1]:
            image[:, max(0, -first) : max(0, -first) + piece.shape[1]] = piece
        return image


def neuron_strip(recording: RecordingLike, rows: int, step_s: float) -> Strip | None:
    """Return the strip of membrane potentials, or None if no voltages were recorded.

    Parameters
    ----------
    recording
        One episode.
    rows
        Most rows.
    step_s
        Time between two columns [s].
    """
    signals = {signal.name: signal for signal in getattr(recording, "signals", ())}
    if "voltage" not in signals:
        return None
    voltage = np.asarray(recording.arrays["voltage"])
    chosen = choose_rows(signals["voltage"].labels, voltage, rows)
    values = voltage[:, [column for _, column, _ in chosen]].astype(float)
    low, high = robust_range(values, _LEAST_RANGE_MV)
    time, at = even_steps(recording, step_s)
    fraction = (values[at] - low) / (high - low)
    return Strip(
        "Neurons, each over its own range",
        tuple(name for name, _, _ in chosen),
        tuple(group for _, _, group in chosen),
        False,
        palette.heat_ramp(fraction.T),
        step_s,
        float(time[0]),
    )


def bend_strip(recording: RecordingLike, step_s: float) -> Strip:
    """Return the curvature kymograph as a strip, head at the top."""
    time, at = even_steps(recording, step_s)
    bend = curvature(np.asarray(recording.arrays["centreline"], float)[at])
    limit = max(_LEAST_BEND_PER_MM, float(np.percentile(np.abs(bend), 98)))
    count = bend.shape[1]
    names = ("head", *[""] * (count - 2), "tail")
    colours = palette.bend_ramp(np.clip(bend / limit, -1, 1).T)
    return Strip(
        "Bending, head to tail", names, ("",) * count, True, colours, step_s, float(time[0])
    )


def even_steps(recording: RecordingLike, step_s: float) -> tuple[np.ndarray, np.ndarray]:
    """Return even times and the index of the sample that holds at each."""
    time = np.asarray(recording.arrays["time"], float)
    even = time[0] + step_s * np.arange(int((time[-1] - time[0]) / step_s + 1e-6) + 1)
    return even, np.clip(np.searchsorted(time, even + 1e-9, side="right") - 1, 0, len(time) - 1)


class StripPainter:
    """Paints a strip into a box of a frame.

    Parameters
    ----------
    strip
        What to paint.
    box
        Left, top, right and bottom, the names included [pixels].
    label_width
        Room for the names, at the left [pixels].
    letter
        Height of the letters [pixels].
    """

    def __init__(
        self, strip: Strip, box: tuple[int, int, int, int], label_width: int, letter: float
    ) -> None:
        self.strip, self.box, self.label_width = strip, box, label_width
        left, top, right, bottom = box
        self._columns = right - left - label_width
        self._tops, self._heights = _row_places(strip.groups, top, bottom)
        row = float(self._heights.mean())
        self._letters = font(min(letter, 0.95 * row) if row > 7 else letter)

    def write_names(self, frame: Image.Image) -> None:
        """Write the names of the rows, which never change."""
        draw = ImageDraw.Draw(frame)
        right = self.box[0] + self.label_width - 7
        for name, top, height in zip(self.strip.names, self._tops, self._heights, strict=True):
            place = (right, top + 0.5 * height)
            draw.text(place, name, font=self._letters, fill=palette.INK, anchor="rm")

    def paint(self, frame: Image.Image, moment_s: float) -> None:
        """Paint the window that ends at a moment."""
        image = self.strip.window(moment_s, self._columns)
        left = self.box[0] + self.label_width
        if self.strip.blended:
            height = int(self._tops[-1] + self._heights[-1] - self._tops[0])
            size = (self._columns, height)
            picture = Image.fromarray(image).resize(size, Image.Resampling.BILINEAR)
            frame.paste(picture, (left, int(self._tops[0])))
            return
        for row, (top, height) in enumerate(zip(self._tops, self._heights, strict=True)):
            band = np.repeat(image[row : row + 1], max(1, int(height) - 1), axis=0)
            frame.paste(Image.fromarray(band), (left, int(top)))


def _row_places(groups: tuple[str, ...], top: int, bottom: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the top and the height of each row, with gaps between groups [pixels]."""
    gaps = sum(a != b for a, b in pairwise(groups))
    gap = 4 if gaps else 0
    height = (bottom - top - gap * gaps) / len(groups)
    tops, place = [], float(top)
    for index, group in enumerate(groups):
        if index and group != groups[index - 1]:
            place += gap
        tops.append(place)
        place += height
    edges = np.floor(tops).astype(int)
    return edges, np.floor(np.array(tops) + height).astype(int) - edges
