"""A controller of one's own: a worm that turns when it smells less.

    python examples/06_own_controller.py

It crawls with the prescribed wave, and bends a little towards ventral while the odour at its nose
falls: a weathervane without a nervous system. Compared with the wave alone.
"""

import argparse
from typing import NamedTuple

import gymnasium as gym
import numpy as np

import embody
from embody.bodies.worm.geometry import muscle_rows, muscle_sides


class Memory(NamedTuple):
    """State of the wave, and the odour as it was a few seconds ago and is now."""

    wave: int
    past: float | None
    present: float | None


class Weathervane(embody.AbstractController):
    """The open-loop wave, with a bend of the head while the odour falls."""

    name = "weathervane"

    def __init__(self, env, bend=0.3, memory_s=3.0):
        self.period_s = env.unwrapped.control_period_s
        self.bend, self.memory_s = bend, memory_s
        self.wave = embody.make_controller("open-loop", env)
        self._odour = env.unwrapped.observation_layout.slice("odour")
        self._turn = np.where((muscle_rows <= 8) & (muscle_sides < 0), bend, 0.0)

    def init(self, seed):
        return Memory(self.wave.init(seed), None, None)

    def step(self, state, observation):
        odour = float(observation[self._odour][0])
        past = odour if state.past is None else state.past
        present = odour if state.present is None else state.present
        share = self.period_s / self.memory_s
        past += share * (odour - past)
        present += 5 * share * (odour - present)
        wave, action = self.wave.step(state.wave, observation)
        if present < past:
            action = np.clip(action + self._turn, 0.0, 1.0).astype(np.float32)
        return Memory(wave, past, present), action

    def describe(self):
        return {"name": self.name, "bend": self.bend, "memory_s": self.memory_s}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--episodes", type=int, default=6)
    options = parser.parse_args()

    env = gym.make("Worm-Chemotaxis-v0", distance_mm=5.0)
    for controller in (embody.make_controller("open-loop", env), Weathervane(env)):
        index = []
        for seed in range(options.episodes):
            recording = embody.rollout(env, controller, options.seconds, seed)
            index.append(recording.meta["final_info"]["chemotaxis_index"])
        print(
            f"{controller.name:>12}: chemotaxis index",
            *(f"{value:+.2f}" for value in index),
            f"median {np.median(index):+.2f}",
        )


if __name__ == "__main__":
    main()
