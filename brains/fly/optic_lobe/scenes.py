"""Moving scenes with known optic flow, on which the optic lobe is trained."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from embody.brains.fly.optic_lobe.lattice import plane_positions
from embody.brains.fly.optic_lobe.textures import Texture, fallen_leaves, noise


class Scene(NamedTuple):
    """What the columns see, and how it moves.

    Attributes
    ----------
    light
        Brightness, 0 to 1, (frames, columns).
    flow
        Velocity of what each column sees, front and up, [columns/s], (frames, 2, columns).
    """

    light: np.ndarray
    flow: np.ndarray


@dataclass(frozen=True)
class SceneStatistics:
    """How scenes are drawn.

    Attributes
    ----------
    speeds
        Slowest and fastest motion [columns/s]; the logarithm is uniform.
    still
        Share of layers that do not move.
    contrast
        Smallest and largest standard deviation of the brightness.
    mean
        Smallest and largest mean brightness.
    object_share
        Share of scenes in which an object moves before its background.
    turning_share
        Share of layers whose motion changes to another one at a random moment.
    photon_noise
        Standard deviation of the noise of every ommatidium in every frame.
    expansion
        Largest rate of expansion, and of roll, of the flow [1/s]; 0 for pure translation, the
        only motion that a periodic lattice can show.
    """

    speeds: tuple[float, float] = (2.0, 25.0)
    still: float = 0.05
    contrast: tuple[float, float] = (0.12, 0.35)
    mean: tuple[float, float] = (0.35, 0.65)
    object_share: float = 1.0
    turning_share: float = 1.0
    photon_noise: float = 0.03
    expansion: float = 0.0


class _Motion(NamedTuple):
    """A flow field on the plane as complex numbers: velocity = drift + growth * (x + i y).

    The imaginary part of `growth` is the roll.
    """

    drift: complex
    growth: complex

    def velocity(self, places: np.ndarray) -> np.ndarray:
        """Return the velocity at places x + i y."""
        return self.drift + self.growth * places

    def origins(self, places: np.ndarray, times: np.ndarray) -> np.ndarray:
        """Return where what is at `places` after `times` was before; both broadcast."""
        change = np.expm1(-self.growth * times)
        moved = change / self.growth if self.growth else -times
        return places + change * places + moved * self.drift


class _Course(NamedTuple):
    """A motion that gives way to another one.

    Attributes
    ----------
    first, second
        The two motions.
    until
        When the second takes over [s].
    """

    first: _Motion
    second: _Motion
    until: float

    def flow(self, places: np.ndarray, times: np.ndarray) -> np.ndarray:
        """Return the velocity at each of `places` (columns,), (times, 2, columns)."""
        early = times[:, None] < self.until
        velocity = np.where(early, self.first.velocity(places), self.second.velocity(places))
        return np.stack([np.real(velocity), np.imag(velocity)], axis=1)

    def origins(self, places: np.ndarray, times: np.ndarray) -> np.ndarray:
        """Return where what is at each place at each time was at time 0, (times, columns, 2)."""
        early = np.minimum(times, self.until)[:, None]
        between = self.second.origins(places, times[:, None] - early)
        then = self.first.origins(between, early)
        return np.stack([np.real(then), np.imag(then)], axis=-1)


def texture_pool(size: tuple[int, int], count: int, rng: np.random.Generator) -> list[Texture]:
    """Return textures of both kinds, with the period of a lattice of this size [columns]."""
    return [noise(size, rng) if k % 3 == 0 else fallen_leaves(size, rng) for k in range(count)]


def moving_scene(
    columns: np.ndarray,
    frames: int,
    dt: float,
    pool: Sequence[Texture],
    statistics: SceneStatistics,
    rng: np.random.Generator,
) -> Scene:
    """Return a moving background, in some scenes with an object that moves before it.

    Parameters
    ----------
    columns
        (u, v) of each column, (columns, 2).
    frames, dt
        Number of frames and the time between them [s].
    pool
        Textures to draw from; if they have the period of a periodic lattice, so has the scene.
    """
    places, times = plane_positions(columns) @ np.array([1.0, 1.0j]), dt * np.arange(frames)

    def surface() -> tuple[np.ndarray, _Course]:
        course, texture = _draw_course(statistics, times, rng), pool[int(rng.integers(len(pool)))]
        shown = texture.at(course.origins(places, times) + 100.0 * rng.random(2))
        return rng.uniform(*statistics.mean) + rng.uniform(*statistics.contrast) * shown, course

    light, course = surface()
    flow = course.flow(places, times)
    if rng.random() < statistics.object_share:
        near, course = surface()
        outline = pool[int(rng.integers(len(pool)))]
        depth = outline.at(course.origins(places, times) + 100.0 * rng.random(2))
        before = depth > rng.uniform(-0.5, 0.8)
        light = np.where(before, near, light)
        flow = np.where(before[:, None], course.flow(places, times), flow)
    light = light + rng.normal(0.0, statistics.photon_noise, light.shape)
    return Scene(np.clip(light, 0.0, 1.0).astype(np.float32), flow.astype(np.float32))


def _draw_course(
    statistics: SceneStatistics, times: np.ndarray, rng: np.random.Generator
) -> _Course:
    until = np.inf
    if rng.random() < statistics.turning_share:
        until = rng.uniform(0.0, times[-1])
    return _Course(_draw_motion(statistics, rng), _draw_motion(statistics, rng), until)


def _draw_motion(statistics: SceneStatistics, rng: np.random.Generator) -> _Motion:
    drift = 0j
    if rng.random() >= statistics.still:
        speed = np.exp(rng.uniform(*np.log(statistics.speeds)))
        drift = speed * np.exp(1j * rng.uniform(0.0, 2.0 * np.pi))
    expansion, roll = rng.uniform(-statistics.expansion, statistics.expansion, 2)
    return _Motion(complex(drift), complex(expansion, roll))
