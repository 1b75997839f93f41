"""One frame of a worm's film: microscope view, map of the dish, strips of activity."""

import numpy as np
from PIL import Image, ImageDraw

from embody.analysis.movement import signed_speed
from embody.analysis.odour import concentration, distance_to_peak
from embody.analysis.posture import body_length, centroid, smooth
from embody.analysis.source import RecordingLike, odour_fields, scene, time_and_centreline
from embody.video import anatomy, caption
from embody.video.activity import StripPainter, bend_strip, neuron_strip
from embody.video.agar import Agar, paint_track, shade
from embody.video.body import open_body
from embody.video.dish_map import DishMap
from embody.video.outline import outline, radius_profile
from embody.video.painter import AbstractFramePainter
from embody.video.panel import paint_panel
from embody.video.view import View, follow

_SHARPNESS = 2  # pixels drawn for each pixel shown, each way
_VIEW_HEIGHT_MM = 1.35
_TRACK_STEP_S = 0.05
_TRACK_WIDTH_MM = 0.008
_LEAST_ACTIVATION = 0.1  # at which the tint is full where all muscles are weaker
_STRIP_SECONDS = 10.0


class FramePainter(AbstractFramePainter):
    """Paints the frames of a film of a worm; parameters are those of `AbstractFramePainter`.

    Attributes
    ----------
    timeline
        The moments of the frames.
    backend
        Which backend draws the body.
    """

    def _require(self, recording: RecordingLike) -> None:
        _, self._centreline = time_and_centreline(recording)

    def _suitable_view_mm(self, recording: RecordingLike) -> float:
        return _VIEW_HEIGHT_MM

    def _prepare(self, recording: RecordingLike, backend: str) -> None:
        self._fields = odour_fields(recording)
        facts = scene(recording)
        self._agar = Agar(self._fields, facts.get("dish_radius_mm"))
        self._profile = radius_profile(facts.get("body_radius_mm"))
        self._prepare_motion()
        self._prepare_muscles(recording)
        self._prepare_panel(recording, facts.get("dish_radius_mm"))
        length = body_length(self._centreline) + 3 * self._profile.max()
        pixels_per_mm = self.height / self._view_mm
        self._body = open_body(backend, round(1.05 * length * pixels_per_mm * _SHARPNESS))
        self.backend = self._body.name

    def _prepare_motion(self) -> None:
        line = self.timeline
        lag_s = max(1.5, 0.4 * line.speed)
        self._stage = follow(self._centreline, line.period_s, lag_s)
        samples = 1.0 / line.period_s if np.isfinite(line.period_s) else 1.0
        self._speed = smooth(signed_speed(line.time, self._centreline), round(samples))
        stride = max(1, round(_TRACK_STEP_S * samples))
        middle = self._centreline.shape[1] // 2
        self._track_time = line.time[::stride]
        self._track = self._centreline[::stride, middle]
        path = centroid(self._centreline)
        self._path = np.array([line.at(path, moment) for moment in line.moments])
        steps = np.linalg.norm(np.diff(self._path, axis=0), axis=1)
        self._travelled = np.concatenate([[0.0], steps.cumsum()])
        seconds = line.time[-1] - line.time[0]
        self._duration_s = float(seconds) if seconds > 0 else 1.0

    def _prepare_muscles(self, recording: RecordingLike) -> None:
        signals = {signal.name: signal for signal in getattr(recording, "signals", ())}
        self._muscle_names = (
            tuple(signals["muscle_activation"].labels) if "muscle_activation" in signals else ()
        )
        if self._muscle_names:
            strongest = np.percentile(recording.arrays["muscle_activation"], 98)
            self._full_tint = max(_LEAST_ACTIVATION, float(strongest))

    def _prepare_panel(self, recording: RecordingLike, dish_radius_mm: float | None) -> None:
        unit, pad = self._unit, round(16 * self._unit)
        left = self.width - self._panel_width + pad
        right = self.width - pad
        self._map_size = min(right - left, round(0.38 * self.height))
        self._map_corner = (left + (right - left - self._map_size) // 2, pad)
        self._numbers_box = (left, 2 * pad + self._map_size, right)
        self._map = DishMap(self._map_size, self._fields, dish_radius_mm, self._path)
        top = self._numbers_box[1] + round(56 * unit) + pad
        letter = max(8.5, 13 * unit)
        label_width = round(54 * max(unit, 0.7))
        window_s = _STRIP_SECONDS * max(1.0, self.timeline.speed) ** 0.75
        step_s = window_s / (right - left - label_width)
        bends = bend_strip(recording, step_s)
        heading = round(20 * max(unit, 0.6))
        bend_height = round(78 * unit)
        bottom = self.height - pad
        rows = max(3, int((bottom - bend_height - 2 * heading - top) / (letter + 3.0 * unit)))
        neurons = neuron_strip(recording, rows, step_s)
        split = bottom - bend_height
        if neurons is None:
            strips = [(bends, (left, top + heading, right, bottom))]
        else:
            strips = [
                (neurons, (left, top + heading, right, split - heading - 4)),
                (bends, (left, split, right, bottom)),
            ]
        self._strips = [StripPainter(strip, box, label_width, letter) for strip, box in strips]
        self._panel = paint_panel(
            (self.width, self.height),
            self._panel_width,
            self._strips,
            heading,
            f"last {window_s:.0f} s",
            unit,
        )

    def _letter(self, title: tuple[str, str]) -> Image.Image:
        overlay = super()._letter(title)
        if self._muscle_names:
            caption.draw_muscle_key(ImageDraw.Draw(overlay), self._unit, self.height)
        return overlay

    def paint(self, frame: int) -> np.ndarray:
        """Return one frame, shape (height, width, 3), uint8; frames in order are cheapest."""
        moment = float(self.timeline.moments[frame])
        nodes = self.timeline.at(self._centreline, moment)
        centre = self.timeline.at(self._stage, moment)
        view = self._flat_view((float(centre[0]), float(centre[1])))
        image = Image.new("RGB", (self.width, self.height))
        image.paste(self._microscope(view, nodes, moment), (0, 0))
        image.paste(self._lettering, (0, 0), self._lettering)
        image.paste(self._panel, (view.width, 0))
        image.paste(self._map.paint(frame, moment, view), self._map_corner)
        for painter in self._strips:
            painter.paint(image, moment)
        self._write(image, view, frame, nodes, moment)
        return np.asarray(image)

    def close(self) -> None:
        """Give back what the backend holds."""
        self._body.close()

    def _microscope(self, view: View, nodes: np.ndarray, moment: float) -> Image.Image:
        body = outline(nodes, self._profile)
        unit = self._unit
        ground = self._agar.paint(view, moment)
        offset = (round(5 * unit), round(7 * unit))
        shade(ground, body.seen_in(view).edge(), offset, max(1.0, 6 * unit))
        sharp = view.magnified(_SHARPNESS)
        canvas = ground.resize((sharp.width, sharp.height), Image.Resampling.NEAREST)
        draw = ImageDraw.Draw(canvas, "RGBA")
        self._agar.paint_peaks(draw, sharp)
        past = self._track_time <= moment
        paint_track(
            draw,
            sharp,
            self._track[past],
            (self._track_time[past] - self.timeline.time[0]) / self._duration_s,
            _TRACK_WIDTH_MM,
        )
        self._agar.paint_wall(draw, sharp)
        seen = body.seen_in(sharp)
        self._body.paint(canvas, seen)
        anatomy.draw_organs(draw, seen)
        arrays, at = self.timeline.arrays, self.timeline.at
        if self._muscle_names:
            activation = at(arrays["muscle_activation"], moment) / self._full_tint
            anatomy.draw_muscles(draw, seen, *anatomy.muscle_rows(self._muscle_names, activation))
        if "touch" in arrays:
            anatomy.draw_touch(draw, seen, at(arrays["touch"], moment))
        return canvas.reduce(_SHARPNESS)

    def _write(
        self, image: Image.Image, view: View, frame: int, nodes: np.ndarray, moment: float
    ) -> None:
        draw, unit = ImageDraw.Draw(image), self._unit
        caption.draw_clock(draw, unit, view.width, moment, self.timeline.speed)
        odour = distance = None
        if self._fields:
            odour = float(concentration(self._fields, nodes[0], moment))
            distance = float(distance_to_peak(self._fields, self._path[frame]))
        speed = float(self.timeline.at(self._speed, moment))
        numbers = caption.live_numbers(speed, odour, distance, float(self._travelled[frame]))
        caption.draw_numbers(draw, unit, self._numbers_box, numbers)
