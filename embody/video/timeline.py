"""Which moments of a recording a film shows, and how fast it plays."""

import numpy as np

from embody.analysis.posture import sampling_period
from embody.analysis.source import RecordingLike
from embody.errors import EmbodyError

FILM_SECONDS = 35.0
"""Longest film that is made when no playback speed is asked for [s]."""

ROUND_SPEEDS = (1, 1.5, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100)


SLOW_SPEEDS = (0.1, 0.2, 0.25, 0.5)
"""Slow motion, for animals whose steps are too quick for the eye."""


def playback_speed(seconds: float, wanted: float | None = None, slowest: float = 1.0) -> float:
    """Return how many times faster than life the film plays.

    Parameters
    ----------
    seconds
        Length of the recording [s].
    wanted
        What was asked for; None chooses the slowest round speed that keeps the film below 35 s.
    slowest
        The slowest speed to choose.

    Raises
    ------
    EmbodyError
        If the wanted speed is not positive.
    """
    if wanted is not None:
        if not wanted > 0:
            raise EmbodyError(f"playback speed is {wanted}, it has to be positive (1 is real time)")
        return float(wanted)
    for speed in (*SLOW_SPEEDS, *ROUND_SPEEDS):
        if speed >= slowest and seconds <= FILM_SECONDS * speed:
            return float(speed)
    return float(np.ceil(seconds / FILM_SECONDS / 100) * 100)


class Timeline:
    """The moments of a film's frames, and the recording interpolated to them.

    Parameters
    ----------
    recording
        One episode.
    fps
        Frames per second of film [1/s].
    speed
        Playback speed; None chooses one.
    slowest
        The slowest speed to choose.

    Attributes
    ----------
    speed
        Playback speed.
    moments
        Time of each frame [s], shape (frames,); at least one.
    period_s
        Time between two samples of the recording [s].

    Raises
    ------
    EmbodyError
        If the recording is empty, or fps or speed is not positive.
    """

    def __init__(
        self, recording: RecordingLike, fps: float, speed: float | None, slowest: float = 1.0
    ) -> None:
        if not fps > 0:
            raise EmbodyError(f"fps is {fps}, it has to be positive")
        if len(recording.arrays["time"]) == 0:
            raise EmbodyError("this recording has no samples: run it for longer")
        self.time = np.asarray(recording.arrays["time"], float)
        self.arrays = recording.arrays
        seconds = float(self.time[-1] - self.time[0])
        self.speed = playback_speed(seconds, speed, slowest)
        step = self.speed / fps
        self.moments = self.time[0] + step * np.arange(int(seconds / step + 1e-6) + 1)
        self.period_s = sampling_period(self.time)

    def __len__(self) -> int:
        return len(self.moments)

    def at(self, values: np.ndarray, moment_s: float) -> np.ndarray:
        """Return a recorded array interpolated to one moment, shape values.shape[1:]."""
        after = min(int(np.searchsorted(self.time, moment_s, side="right")), len(self.time) - 1)
        before = max(after - 1, 0)
        span = self.time[after] - self.time[before]
        weight = np.clip((moment_s - self.time[before]) / span, 0.0, 1.0) if span > 0 else 0.0
        return (1.0 - weight) * values[before] + weight * values[after]
