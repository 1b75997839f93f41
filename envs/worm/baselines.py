"""Controllers without a nervous system: a prescribed wave, and noise.

They are the floor and the null that every connectome is compared with.
"""

from typing import Any, NamedTuple

import gymnasium
import numpy as np

from embody.bodies.worm.geometry import MUSCLES, muscle_rows, muscle_sides
from embody.controller import AbstractController
from embody.errors import EmbodyError
from embody.sampling import control_period_s

_FIRST_ROW_TO_LAST = 23.0  # rows 1..24 span the body


class OpenLoop(AbstractController):
    """A travelling wave of muscle activation, blind to all that happens.

    Dorsal muscles of row r receive the positive part, ventral muscles the negative part of
    amplitude * sin(2 pi (frequency t - s / wavelength)), s from 0 (head) to 1 (tail): the two
    sides work in antiphase and the wave runs from head to tail, which drives the worm forward.

    Parameters
    ----------
    period_s
        Control period [s].
    frequency_hz
        Frequency of the wave [Hz].
    wavelength_body
        Wavelength in body lengths; a negative one makes the wave run tail to head.
    amplitude
        Largest activation, 0 to 1.

    Raises
    ------
    EmbodyError
        If an option is out of range.

    References
    ----------
    Fang-Yen et al. (2010), PNAS 107, 20323: on agar 0.3-0.5 Hz, 0.65 body lengths and a curvature
    of some 8 /mm, which the default amplitude makes.
    """

    name = "open-loop"

    def __init__(
        self,
        period_s: float,
        frequency_hz: float = 0.45,
        wavelength_body: float = 0.65,
        amplitude: float = 0.4,
    ) -> None:
        if not frequency_hz >= 0:
            raise EmbodyError(f"frequency_hz is {frequency_hz}, it cannot be negative")
        if not abs(wavelength_body) > 0:
            raise EmbodyError(f"wavelength_body is {wavelength_body}, it cannot be 0")
        if not 0 <= amplitude <= 1:
            raise EmbodyError(f"amplitude is {amplitude}, it has to lie in 0..1")
        self.period_s = period_s
        self.frequency_hz = frequency_hz
        self.wavelength_body = wavelength_body
        self.amplitude = amplitude
        along = (np.asarray(muscle_rows) - 1) / _FIRST_ROW_TO_LAST
        self._lag = 2.0 * np.pi * along / wavelength_body
        self._amplitude = amplitude * np.asarray(muscle_sides, dtype=np.float64)

    def init(self, seed: int) -> int:
        """Return the number of the first control step; the wave needs no seed."""
        return 0

    def step(self, state: int, observation: np.ndarray) -> tuple[int, np.ndarray]:
        """Return the next step number and the activation, shape (95,), in 0..1."""
        phase = 2.0 * np.pi * self.frequency_hz * self.period_s * state
        wave = self._amplitude * np.sin(phase - self._lag)
        return state + 1, np.maximum(wave, 0.0).astype(np.float32)

    def describe(self) -> dict[str, Any]:
        """Return name and options."""
        return {
            "name": self.name,
            "frequency_hz": self.frequency_hz,
            "wavelength_body": self.wavelength_body,
            "amplitude": self.amplitude,
        }


class RandomState(NamedTuple):
    """Where a `Random` controller stands: its seed, the step, and the two knots around it."""

    seed: int
    step: int
    before: np.ndarray
    after: np.ndarray


class Random(AbstractController):
    """Muscle activations drawn at random, each muscle on its own, uniform at the knots.

    Knots lie one correlation time apart, and activations run straight from one to the next.
    Each knot has a counter-based generator (Philox) of its own, so that a state can be stepped
    again, or copied, and gives the same action.

    Parameters
    ----------
    period_s
        Control period [s].
    correlation_time_s
        Time between knots [s], rounded to control periods; 0 gives white noise.
    low, high
        Bounds of the activations, within 0..1.

    Raises
    ------
    EmbodyError
        If an option is out of range.
    """

    name = "random"

    def __init__(
        self,
        period_s: float,
        correlation_time_s: float = 0.2,
        low: float = 0.0,
        high: float = 1.0,
    ) -> None:
        if not correlation_time_s >= 0:
            raise EmbodyError(f"correlation_time_s is {correlation_time_s}, it cannot be negative")
        if not 0 <= low <= high <= 1:
            raise EmbodyError(f"low {low} and high {high} have to be ordered and lie in 0..1")
        self.period_s = period_s
        self.correlation_time_s = correlation_time_s
        self.low = low
        self.high = high
        self._knot_steps = max(1, round(correlation_time_s / period_s))

    def init(self, seed: int) -> RandomState:
        """Return the state before the first step."""
        if seed < 0:
            raise EmbodyError(f"seed is {seed}, it cannot be negative")
        return RandomState(seed, 0, self._knot(seed, 0), self._knot(seed, 1))

    def step(self, state: RandomState, observation: np.ndarray) -> tuple[RandomState, np.ndarray]:
        """Return the next state and the activation, shape (95,)."""
        knot, since = divmod(state.step, self._knot_steps)
        action = state.before + (state.after - state.before) * (since / self._knot_steps)
        before, after = state.before, state.after
        if since + 1 == self._knot_steps:
            before, after = after, self._knot(state.seed, knot + 2)
        return RandomState(state.seed, state.step + 1, before, after), action

    def describe(self) -> dict[str, Any]:
        """Return name and options."""
        return {
            "name": self.name,
            "correlation_time_s": self.correlation_time_s,
            "low": self.low,
            "high": self.high,
        }

    def _knot(self, seed: int, number: int) -> np.ndarray:
        generator = np.random.Generator(np.random.Philox(key=seed, counter=number << 64))
        uniform = generator.random(len(MUSCLES), dtype=np.float32)
        return np.float32(self.low) + np.float32(self.high - self.low) * uniform


def make_open_loop(
    env: gymnasium.Env,
    frequency_hz: float = 0.45,
    wavelength_body: float = 0.65,
    amplitude: float = 0.4,
) -> OpenLoop:
    """Return the `OpenLoop` controller for a worm env, wrapped or not; options as there."""
    return OpenLoop(control_period_s(env), frequency_hz, wavelength_body, amplitude)


def make_random(
    env: gymnasium.Env, correlation_time_s: float = 0.2, low: float = 0.0, high: float = 1.0
) -> Random:
    """Return the `Random` controller for a worm env, wrapped or not; options as there."""
    return Random(control_period_s(env), correlation_time_s, low, high)
