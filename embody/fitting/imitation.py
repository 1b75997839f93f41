"""Recorded postures as references: clips without gaps, and which animals are kept for testing."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter1d

from embody.errors import EmbodyError

HELD_OUT_SHARE = 0.5
FEWEST_FRAMES = 4


@dataclass(frozen=True, eq=False)
class ReferenceClip:
    """Posture of one animal over a time without gaps.

    Attributes
    ----------
    frame_rate_hz
        Frames a second [Hz].
    joint_angle
        Joint angles, (T, joints) [rad]; read-only.
    individual
        Which animal, unique within its source.
    source
        Which data set.
    start_s
        Where in the recording the clip begins [s].
    individual_hash
        As `BehaviourRecord.individual_hash` gives it; empty for an animal that is made up.

    Raises
    ------
    EmbodyError
        If the rate is not positive, or there are fewer than two postures, or one is not finite.
    """

    frame_rate_hz: float
    joint_angle: np.ndarray
    individual: str
    source: str
    start_s: float = 0.0
    individual_hash: str = ""

    def __post_init__(self) -> None:
        angle = np.array(self.joint_angle, np.float64)
        if not (np.isfinite(self.frame_rate_hz) and self.frame_rate_hz > 0):
            raise EmbodyError(f"a frame rate is a positive number, not {self.frame_rate_hz}")
        if angle.ndim != 2 or len(angle) < 2 or not np.isfinite(angle).all():
            raise EmbodyError(
                f"a clip of {self.individual!r} has shape {angle.shape}: it has to be (frames, "
                "joints), two frames or more, all finite"
            )
        angle.setflags(write=False)
        object.__setattr__(self, "joint_angle", angle)

    @property
    def seconds(self) -> float:
        """Time from the first frame to the last [s]."""
        return (len(self.joint_angle) - 1) / self.frame_rate_hz

    def at(self, time_s: np.ndarray | float) -> np.ndarray:
        """Return the posture at times after the first frame, (..., joints) [rad].

        Linear between frames; before the first and after the last the clip stands still.
        """
        place = np.clip(np.asarray(time_s) * self.frame_rate_hz, 0.0, len(self.joint_angle) - 1)
        before = np.minimum(place.astype(int), len(self.joint_angle) - 2)
        share = (place - before)[..., None]
        return self.joint_angle[before] * (1.0 - share) + self.joint_angle[before + 1] * share


def clips_of(
    angle: np.ndarray,
    frame_rate_hz: float,
    individual: str,
    source: str,
    wanted_rate_hz: float,
    smoothing_s: float,
    shortest_s: float,
    individual_hash: str = "",
) -> list[ReferenceClip]:
    """Return the clips of a recording: smoothed and resampled, cut wherever a frame is missing.

    Parameters
    ----------
    angle
        Joint angles, (T, joints) [rad]; rows with NaN are missing.
    wanted_rate_hz
        Frame rate of the clips [Hz]; in between runs a cubic spline.
    smoothing_s
        Standard deviation of the Gaussian that frames are smoothed with [s]; 0 for none.
    shortest_s
        Shorter clips are left out [s].
    individual_hash
        Of the animal.
    """
    clips = []
    for first, last in _whole_parts(np.isfinite(angle).all(axis=-1)):
        seconds = (last - 1 - first) / frame_rate_hz
        if last - first < FEWEST_FRAMES or seconds < shortest_s:
            continue
        part = angle[first:last]
        if smoothing_s > 0:
            part = gaussian_filter1d(part, smoothing_s * frame_rate_hz, axis=0, mode="nearest")
        spline = CubicSpline(np.arange(last - first) / frame_rate_hz, part)
        time = np.arange(int(seconds * wanted_rate_hz + 1e-9) + 1) / wanted_rate_hz
        start_s = first / frame_rate_hz
        clips.append(
            ReferenceClip(
                wanted_rate_hz, spline(time), individual, source, start_s, individual_hash
            )
        )
    return clips


class Split(NamedTuple):
    """Clips for fitting, and those of animals that no fit may see."""

    training: tuple[ReferenceClip, ...]
    held_out: tuple[ReferenceClip, ...]


def split_by_individual(
    clips: Iterable[ReferenceClip], held_out: float | Sequence[str] = HELD_OUT_SHARE
) -> Split:
    """Divide clips such that no animal is on both sides.

    Parameters
    ----------
    held_out
        Names of the animals that are held out; or their share in each source, rounded: those
        with the lowest SHA-256 of source and name.

    Raises
    ------
    EmbodyError
        If a name is that of no animal, or nothing is left for training.
    """
    clips = tuple(clips)
    animals = sorted({(clip.source, clip.individual) for clip in clips})
    if isinstance(held_out, float | int):
        kept = _lowest_hashes(animals, held_out)
    else:
        names = {name for _, name in animals}
        for name in held_out:
            if name not in names:
                raise EmbodyError(f"there is no animal {name!r}; there are {', '.join(names)}")
        kept = {animal for animal in animals if animal[1] in held_out}
    training = tuple(c for c in clips if (c.source, c.individual) not in kept)
    if not training:
        raise EmbodyError("no clip is left for training: hold out fewer animals")
    return Split(training, tuple(c for c in clips if (c.source, c.individual) in kept))


def _lowest_hashes(animals: list[tuple[str, str]], share: float) -> set[tuple[str, str]]:
    if not 0.0 <= share < 1.0:
        raise EmbodyError(f"the share held out is {share:g}, it has to be 0 or more and below 1")
    chosen: set[tuple[str, str]] = set()
    for source in {source for source, _ in animals}:
        own = [animal for animal in animals if animal[0] == source]
        own.sort(key=lambda animal: hashlib.sha256("/".join(animal).encode()).digest())
        chosen.update(own[: round(share * len(own))])
    return chosen


def _whole_parts(there: Any) -> list[tuple[int, int]]:
    """Return where runs of true values begin and end."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], there, [False]]).astype(int)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
