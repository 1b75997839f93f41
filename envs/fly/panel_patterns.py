"""Patterns for the visual arena: gratings, bars, looming discs, checkers.

Every pattern gives each pixel the mean of what it shows over the angle of that pixel, so that
slow motion is smooth on coarse pixels (Reiser & Dickinson 2008, Journal of Neuroscience Methods
167, 127). Azimuth runs counter-clockwise from the x axis of the world, elevation up from the
horizon, both seen from the middle of the arena.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from embody.errors import EmbodyError

_DIVISION = 3  # parts of a pixel each way, where there is no formula for its mean


@dataclass(frozen=True)
class Pixels:
    """Where the pixels of an arena are.

    Attributes
    ----------
    azimuth_rad
        Middle of every column, shape (1, columns) [rad].
    elevation_rad
        Middle of every row, the lowest first, shape (rows, 1) [rad].
    width_rad
        Angle that a column takes up [rad].
    height_rad
        Angle that every row takes up, shape (rows, 1) [rad].
    """

    azimuth_rad: np.ndarray
    elevation_rad: np.ndarray
    width_rad: float
    height_rad: np.ndarray


class Pattern(Protocol):
    """Anything that has a brightness for every pixel at every time."""

    def brightness(self, pixels: Pixels, time_s: float) -> np.ndarray:
        """Return the brightness 0..1, of a shape that broadcasts to (rows, columns)."""
        ...


@dataclass(frozen=True)
class Uniform:
    """The same brightness everywhere.

    Attributes
    ----------
    level
        Brightness 0..1.
    """

    level: float = 0.5

    def brightness(self, pixels: Pixels, time_s: float) -> np.ndarray:
        """Return the brightness 0..1, shape (1, 1)."""
        return np.full((1, 1), self.level)


@dataclass(frozen=True)
class Grating:
    """Parallel stripes that move across themselves.

    Attributes
    ----------
    period_rad
        Angle of one bright and one dark stripe [rad].
    frequency_hz
        Cycles that pass a point in a second [Hz].
    contrast
        Michelson contrast 0..1.
    direction_rad
        Where the stripes move: 0 counter-clockwise, to the left of who looks out from the middle;
        pi / 2 up [rad].
    mean
        Mean brightness 0..1.
    square
        Whether stripes have edges instead of a sinusoidal profile.

    Raises
    ------
    EmbodyError
        If a whole number of stripes does not go around.
    """

    period_rad: float = np.deg2rad(30.0)
    frequency_hz: float = 1.0
    contrast: float = 1.0
    direction_rad: float = 0.0
    mean: float = 0.5
    square: bool = False

    def __post_init__(self) -> None:
        around = 2 * np.pi * np.cos(self.direction_rad) / self.period_rad
        if abs(around - round(around)) > 1e-6:
            raise EmbodyError(
                f"{abs(around):.3g} periods of the grating go around the arena; "
                "choose period_rad and direction_rad so that it is a whole number"
            )

    def brightness(self, pixels: Pixels, time_s: float) -> np.ndarray:
        """Return the brightness 0..1, shape (rows, columns), or one row if all are alike."""
        along = np.cos(self.direction_rad) / self.period_rad
        upward = np.sin(self.direction_rad) / self.period_rad
        cycle = along * pixels.azimuth_rad - self.frequency_hz * time_s
        extent = np.full((1, 1), abs(along) * pixels.width_rad)
        if abs(upward) > 1e-9 * abs(along):
            cycle = cycle + upward * pixels.elevation_rad
            extent = extent + abs(upward) * pixels.height_rad
        wave = _mean_square_wave(cycle, extent) if self.square else _mean_cosine(cycle, extent)
        return self.mean * (1 + self.contrast * wave)


@dataclass(frozen=True)
class Bar:
    """A vertical bar of full height that moves around.

    Attributes
    ----------
    width_rad
        Angle between its edges [rad].
    azimuth_rad
        Where its middle is at time 0 [rad].
    velocity_rad_s
        How fast it moves counter-clockwise [rad/s].
    level, background
        Brightness of bar and background 0..1.
    """

    width_rad: float = np.deg2rad(15.0)
    azimuth_rad: float = 0.0
    velocity_rad_s: float = 0.0
    level: float = 0.0
    background: float = 1.0

    def brightness(self, pixels: Pixels, time_s: float) -> np.ndarray:
        """Return the brightness 0..1, shape (1, columns)."""
        middle = self.azimuth_rad + self.velocity_rad_s * time_s
        off = np.abs(_wrapped(pixels.azimuth_rad - middle))
        covered = np.clip(
            (0.5 * (self.width_rad + pixels.width_rad) - off) / pixels.width_rad,
            0.0,
            min(1.0, self.width_rad / pixels.width_rad),
        )
        return self.background + (self.level - self.background) * covered


@dataclass(frozen=True)
class LoomingDisc:
    """A disc that grows as an approaching object of constant speed does.

    Its angle is 2 atan((l / v) / (time to collision)), with l half its size and v its speed
    (Gabbiani, Krapp & Laurent 1999, Journal of Neuroscience 19, 1122).

    Attributes
    ----------
    size_over_speed_s
        l / v [s].
    azimuth_rad, elevation_rad
        Where its middle is [rad].
    start_rad, final_rad
        Full angle at time 0, and where growth stops [rad].
    level, background
        Brightness of disc and background 0..1.

    Raises
    ------
    EmbodyError
        If the disc does not grow from a positive to a larger angle below pi.
    """

    size_over_speed_s: float = 0.04
    azimuth_rad: float = 0.0
    elevation_rad: float = 0.0
    start_rad: float = np.deg2rad(5.0)
    final_rad: float = np.deg2rad(90.0)
    level: float = 0.0
    background: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.start_rad < self.final_rad < np.pi or self.size_over_speed_s <= 0:
            raise EmbodyError(
                "a looming disc needs size_over_speed_s > 0 and 0 < start_rad < final_rad < pi"
            )

    @property
    def collision_s(self) -> float:
        """When the object would arrive [s]."""
        return float(self.size_over_speed_s / np.tan(self.start_rad / 2))

    def angle_rad(self, time_s: float) -> float:
        """Return the full angle of the disc [rad]."""
        left = self.collision_s - time_s
        angle = 2 * np.arctan2(self.size_over_speed_s, left)
        return float(min(angle, self.final_rad))

    def brightness(self, pixels: Pixels, time_s: float) -> np.ndarray:
        """Return the brightness 0..1, shape (rows, columns)."""
        azimuth, elevation = _divided(pixels)
        cosine = np.sin(elevation) * np.sin(self.elevation_rad) + (
            np.cos(elevation) * np.cos(self.elevation_rad) * np.cos(azimuth - self.azimuth_rad)
        )
        radius = 0.5 * self.angle_rad(time_s)
        width = pixels.width_rad / _DIVISION
        # Near its edge, the cosine of the angle from the middle falls by sin(radius) per radian.
        edge = width * max(np.sin(radius), 0.5 * width)
        inside = np.clip((cosine - np.cos(radius)) / edge + 0.5, 0.0, 1.0)
        rows, columns = len(pixels.elevation_rad), pixels.azimuth_rad.shape[1]
        covered = inside.reshape(rows, _DIVISION, columns, _DIVISION).mean(axis=(1, 3))
        return self.background + (self.level - self.background) * covered


@dataclass(frozen=True)
class RandomChecker:
    """Fields of random brightness.

    Attributes
    ----------
    pixels_per_field
        Side of a field [pixels].
    seed
        Which fields are bright.
    levels
        The brightnesses drawn from, each alike.
    """

    pixels_per_field: int = 4
    seed: int = 0
    levels: tuple[float, ...] = (0.0, 1.0)

    def brightness(self, pixels: Pixels, time_s: float) -> np.ndarray:
        """Return the brightness 0..1, shape (rows, columns)."""
        side = self.pixels_per_field
        rows, columns = pixels.elevation_rad.shape[0], pixels.azimuth_rad.shape[1]
        fields = -(-rows // side), -(-columns // side)
        drawn = np.random.default_rng(self.seed).choice(self.levels, fields)
        return np.repeat(np.repeat(drawn, side, axis=0), side, axis=1)[:rows, :columns]


def _divided(pixels: Pixels) -> tuple[np.ndarray, np.ndarray]:
    """Azimuth and elevation of the parts of all pixels, shapes (1, columns) and (rows, 1)."""
    offset = (np.arange(_DIVISION) + 0.5) / _DIVISION - 0.5
    azimuth = pixels.azimuth_rad[..., None] + pixels.width_rad * offset
    elevation = pixels.elevation_rad[..., None] + pixels.height_rad[..., None] * offset
    return azimuth.reshape(1, -1), elevation.reshape(-1, 1)


def _wrapped(angle: np.ndarray) -> np.ndarray:
    return (angle + np.pi) % (2 * np.pi) - np.pi


def _mean_cosine(cycle: np.ndarray, extent: np.ndarray) -> np.ndarray:
    return np.cos(2 * np.pi * cycle) * np.sinc(extent)


def _mean_square_wave(cycle: np.ndarray, extent: np.ndarray) -> np.ndarray:
    """Mean of the sign of a cosine over an extent, from its integral, a triangle wave."""

    def integral(place: np.ndarray) -> np.ndarray:
        return 0.25 - np.abs((place + 0.25) % 1.0 - 0.5)

    return (integral(cycle + 0.5 * extent) - integral(cycle - 0.5 * extent)) / extent
