"""Clips of behaviour: cut, resampled, turned and rounded off alike, so that only movement tells."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from embody.comparison.judges.drawing import Drawing
from embody.comparison.record import BehaviourRecord
from embody.errors import EmbodyError

LONGEST_GAP_S = 0.25
"""Missing frames are bridged by straight lines up to here; a longer gap ends the clip."""

LONGEST_S = 1800.0
"""Of a longer record, a part of this length is used, drawn at random [s]."""

_LARGEST = 32_000
_ELEVATION_RAD = np.deg2rad(30.0)


@dataclass(frozen=True, eq=False)
class Clip:
    """A few seconds of one animal.

    Attributes
    ----------
    points
        Shape (frames, points, 2) [body lengths], about the centroid of the first frame.
    speed
        Mean speed of the centroid [body lengths/s], or of posture where nothing moves.
    source
        "animal", "simulation", "replay", "surrogate", or "shuffled" for a clip whose frames are
        out of order.
    individual, session, start_s, record_hash
        Where it was cut from; the hash is of the part that was used.
    """

    points: np.ndarray
    speed: float
    source: str
    individual: str
    session: str
    start_s: float
    record_hash: str

    def quantised(self, unit: float) -> bytes:
        """Return the points as little-endian 16-bit multiples of `unit` [body lengths]."""
        return np.rint(self.points / unit).astype("<i2").tobytes()


def common_frame_rate(records: Sequence[BehaviourRecord], at_most_hz: float = 30.0) -> float:
    """Return the rate at which all clips are shown: the slowest record's, or the limit [Hz]."""
    return min(at_most_hz, *(record.frame_rate_hz for record in records))


def cut_clips(
    record: BehaviourRecord,
    points: np.ndarray,
    drawing: Drawing,
    *,
    seconds: float,
    frame_rate_hz: float,
    rng: np.random.Generator,
    offset_s: float = 0.0,
) -> list[Clip]:
    """Return all clips of a record, one after the other, without overlap.

    Each frame is the mean over one frame's time of the straight lines between the record's own
    frames, so that a fast camera looks no smoother than a slow one. Each clip is turned by an
    angle of its own, so that no arena's wall or gradient tells where it comes from; what has
    height is seen from thirty degrees above the ground.

    Parameters
    ----------
    record
        Where the points come from.
    points
        Shape (frames, points, 2 or 3) [body lengths].
    drawing
        How they are drawn.
    seconds
        Length of a clip [s].
    frame_rate_hz
        Frame rate of a clip [Hz].
    rng
        Draws the angles.
    offset_s
        Where the record begins in the one that it is a part of [s].
    """
    frames = round(seconds * frame_rate_hz)
    whole, present = _resampled(points, record.frame_rate_hz, frame_rate_hz)
    record_hash = record.hash()
    clips, start = [], 0
    while start + frames <= len(whole):
        missing = np.flatnonzero(~present[start : start + frames])
        if len(missing):
            start += int(missing[-1]) + 1
            continue
        part = whole[start : start + frames]
        part = _turned(part, rng.uniform(0.0, 2.0 * np.pi)) if drawing.moves else _upright(part)
        clips.append(
            Clip(
                points=part,
                speed=_speed(part, frame_rate_hz, drawing),
                source=record.source,
                individual=record.individual,
                session=record.session,
                start_s=offset_s + start / frame_rate_hz,
                record_hash=record_hash,
            )
        )
        start += frames
    return clips


def part_of(record: BehaviourRecord, rng: np.random.Generator) -> tuple[BehaviourRecord, float]:
    """Return a record, or a part of a very long one, and where the part begins [s]."""
    if record.seconds <= LONGEST_S:
        return record, 0.0
    start = float(rng.uniform(0.0, record.seconds - LONGEST_S))
    return record.clip(start, start + LONGEST_S), start


def shuffled(clip: Clip, rng: np.random.Generator) -> Clip:
    """Return the clip with its frames in a random order: what no animal does."""
    return replace(clip, points=rng.permutation(clip.points), source="shuffled")


def common_unit(clips: Sequence[Clip]) -> float:
    """Return the length that one step of the clips' 16-bit numbers stands for [body lengths]."""
    return max(float(np.abs(clip.points).max()) for clip in clips) / _LARGEST


def as_text(content: bytes) -> str:
    """Return bytes as text that a page can hold."""
    return base64.b64encode(content).decode("ascii")


def sha256(content: bytes) -> str:
    """Return the fingerprint of a clip's numbers, hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _resampled(
    points: np.ndarray, rate_hz: float, wanted_hz: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the points at another rate, and which of the frames lie in no long gap."""
    seen = np.flatnonzero(np.isfinite(points).all(axis=(1, 2)))
    frames = int(len(points) / rate_hz * wanted_hz + 1e-9)
    if len(seen) < 2:
        return np.zeros((frames, *points.shape[1:])), np.zeros(frames, bool)
    flat = points.reshape(len(points), -1)[seen]
    edges = np.clip(np.arange(frames + 1) / wanted_hz * rate_hz - 0.5, seen[0], seen[-1])
    means = _means_of_polylines(seen.astype(float), flat, edges)
    return means.reshape(frames, *points.shape[1:]), _outside_gaps(seen, edges, rate_hz)


def _means_of_polylines(times: np.ndarray, values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return the mean between neighbouring edges of the straight lines through the values."""
    steps = 0.5 * (values[1:] + values[:-1]) * np.diff(times)[:, None]
    integral = np.concatenate([np.zeros((1, values.shape[1])), steps.cumsum(axis=0)])
    left = np.clip(np.searchsorted(times, edges, side="right") - 1, 0, len(times) - 2)
    along = (edges - times[left])[:, None]
    slope = (values[left + 1] - values[left]) / (times[left + 1] - times[left])[:, None]
    at_edge = values[left] + slope * along
    until_edge = integral[left] + 0.5 * (values[left] + at_edge) * along
    width = np.diff(edges)[:, None]
    return np.where(
        width > 0, np.diff(until_edge, axis=0) / np.where(width > 0, width, 1.0), at_edge[1:]
    )


def _outside_gaps(seen: np.ndarray, edges: np.ndarray, rate_hz: float) -> np.ndarray:
    present = np.diff(edges) > 0
    longest = max(LONGEST_GAP_S * rate_hz, 1.0)
    for gap in np.flatnonzero(np.diff(seen) > longest):
        present &= (edges[1:] <= seen[gap]) | (edges[:-1] >= seen[gap + 1])
    return present


def _turned(points: np.ndarray, angle: float) -> np.ndarray:
    """Turn about the vertical and project: from above, obliquely where there is height."""
    cosine, sine = np.cos(angle), np.sin(angle)
    centred = points - points[0].mean(axis=0)
    flat = centred[..., :2] @ np.array([[cosine, sine], [-sine, cosine]])
    if points.shape[-1] == 3:
        height = centred[..., 2] * np.cos(_ELEVATION_RAD)
        flat[..., 1] = flat[..., 1] * np.sin(_ELEVATION_RAD) + height
    return flat


def _upright(points: np.ndarray) -> np.ndarray:
    """Return postures on the spot, from the bottom of the picture to its top."""
    return _turned(points - points.mean(axis=1, keepdims=True), 0.5 * np.pi)


def _speed(points: np.ndarray, frame_rate_hz: float, drawing: Drawing) -> float:
    moving = points.mean(axis=1, keepdims=True) if drawing.moves else points
    steps = np.linalg.norm(np.diff(moving, axis=0), axis=2)
    return float(steps.mean() * frame_rate_hz)


def require_clip_length(seconds: float, frame_rate_hz: float) -> None:
    """Refuse clips in which nobody could see a movement.

    Raises
    ------
    EmbodyError
        If a clip would have fewer than five frames, or last longer than a minute.
    """
    if not 0 < seconds <= 60 or seconds * frame_rate_hz < 5:
        raise EmbodyError(
            f"a clip lasts up to 60 s and has at least 5 frames, not {seconds:g} s at "
            f"{frame_rate_hz:g} Hz"
        )
