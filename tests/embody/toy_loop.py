"""A small env and controllers with which the loop is tested."""

from typing import NamedTuple

import gymnasium
import numpy as np

from embody.benchmark import Row, microseconds
from embody.controller import AbstractController
from embody.layout import Channel, Layout

PERIOD_S = 0.005
MUSCLES = ("left", "right")


class ToyEnv(gymnasium.Env):
    """A point on a line, pulled by two muscles; noise from the seed."""

    metadata = {"render_modes": [], "render_fps": 200}  # noqa: RUF012
    control_period_s = PERIOD_S
    observation_layout = Layout(
        (
            Channel("place", ("place",), "mm", -100.0, 100.0, "where it is, right positive"),
            Channel("speed", ("speed",), "mm/s", -100.0, 100.0, "how fast it moves"),
        )
    )
    action_layout = Layout((Channel("muscle_activation", MUSCLES, "1", 0.0, 1.0, "command"),))

    def __init__(self, noise: float = 0.1, end_at: float = 50.0, nan_after: int | None = None):
        self.observation_space = gymnasium.spaces.Box(*self.observation_layout.bounds())
        self.action_space = gymnasium.spaces.Box(*self.action_layout.bounds())
        self.noise = noise
        self.end_at = end_at
        self.nan_after = nan_after

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.place = float(self.np_random.normal())
        self.speed = float(self.np_random.normal())
        self.steps = 0
        return self._observe(), {"time_s": 0.0}

    def step(self, action):
        self.steps += 1
        self.speed += float(action[1] - action[0]) + self.noise * float(self.np_random.normal())
        self.speed = min(max(0.9 * self.speed, -50.0), 50.0)
        self.place = min(max(self.place + PERIOD_S * self.speed, -100.0), 100.0)
        if self.nan_after is not None and self.steps > self.nan_after:
            self.speed = np.nan
        info = {"time_s": self.steps * PERIOD_S}
        return self._observe(), self.speed, abs(self.place) > self.end_at, False, info

    def snapshot(self):
        return {"place": np.array([self.place])}

    def scene(self):
        return {"kind": "toy"}

    def _observe(self):
        return np.array([self.place, self.speed], dtype=np.float32)


class ToyState(NamedTuple):
    seed: int
    step: int
    voltage: np.ndarray


class ToyController(AbstractController):
    """Two neurons that take turns; the seed sets their phase."""

    name = "toy"
    period_s = PERIOD_S
    signals = (Channel("voltage", ("AVAL", "AVAR"), "mV", -100.0, 100.0, "membrane potential"),)

    def __init__(self, gain=1.0, nan_after=None, perturbations=()):
        self.gain = gain
        self.nan_after = nan_after
        self.perturbations = perturbations

    def init(self, seed):
        return ToyState(seed, 0, np.zeros(2))

    def step(self, state, observation):
        phase = 0.05 * state.step + state.seed
        voltage = self.gain * np.array([np.sin(phase), np.cos(phase)])
        for perturbation in self.perturbations:
            if perturbation.active(state.step * PERIOD_S):
                voltage = voltage * [cell not in perturbation.targets for cell in ("AVAL", "AVAR")]
        if self.nan_after is not None and state.step >= self.nan_after:
            voltage[1] = np.nan
        return ToyState(state.seed, state.step + 1, voltage), np.clip(voltage, 0, 1).astype("f4")

    def read(self, state):
        return {"voltage": state.voltage}

    def describe(self):
        return {"name": self.name, "gain": self.gain}

    def with_perturbations(self, perturbations):
        return ToyController(self.gain, self.nan_after, tuple(perturbations))


class Still(AbstractController):
    """No neurons, no movement."""

    name = "still"
    period_s = PERIOD_S

    def init(self, seed):
        return None

    def step(self, state, observation):
        return None, np.zeros(2, dtype=np.float32)


def make_toy(env, gain: float = 1.0, nan_after: int | None = None):
    return ToyController(gain, nan_after)


def make_still(env):
    return Still()


if "Toy-v0" not in gymnasium.registry:
    gymnasium.register("Toy-v0", "toy_loop:ToyEnv", max_episode_steps=200)


def measure(seconds):
    return [Row("toy-call", microseconds(lambda: None, seconds), "us")]
