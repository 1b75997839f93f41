"""The worm for those who come from dm_env: time steps, specs, named observations.

python examples/05_dm_env.py
"""

import argparse

import gymnasium as gym
import numpy as np

import embody
from embody.envs.dm_env_view import DmEnvView


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    steps = round(options.seconds / 0.005)
    env = gym.make("Worm-Chemotaxis-v0", max_episode_steps=steps, distance_mm=5.0)
    wave = embody.make_controller("open-loop", env)
    view = DmEnvView(env, seed=options.seed)
    for name, spec in view.observation_spec().items():
        low, high = np.min(spec.minimum), np.max(spec.maximum)
        print(f"{name:>12} {spec.shape!s:>6} {low:8.2f} to {high:.2f}")

    wave.reset()
    step, gained = view.reset(), 0.0
    while not step.last():
        flat = np.concatenate(list(step.observation.values()))
        step = view.step(wave.act(flat))
        gained += step.reward
    odour = step.observation["odour"][0]
    print(f"got {gained:+.3f} mm nearer to the peak; odour at the nose {odour:.3f}")


if __name__ == "__main__":
    main()
