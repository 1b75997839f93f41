"""A fly learns to walk: PPO on the two numbers that a brain sends down to the legs.

    pip install -e ".[rl]"
    python examples/07_fly_learns_to_walk.py

The policy sees what the legs and the halteres feel, and sets the drive of the left and the right
side every 20 ms. At the start it knows nothing and hardly leaves the spot; after two minutes on one
core it walks forward.
"""

import argparse

import gymnasium as gym
import numpy as np
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.vec_env import DummyVecEnv, VecNormalize

import embody  # noqa: F401  registers the envs
from embody.envs.fly.descending import DescendingDrive


def make_env(seconds):
    period_s = gym.make("Fly-Walk-v0").unwrapped.control_period_s
    env = gym.make(
        "Fly-Walk-v0", disable_env_checker=True, max_episode_steps=round(seconds / period_s)
    )
    return DescendingDrive(env)


def speeds(model, envs, seconds, episodes):
    """Return the mean forward speed of each unseen episode [mm/s]."""
    test = VecNormalize(
        DummyVecEnv([lambda: Monitor(make_env(seconds))]), False, norm_reward=False, clip_obs=5.0
    )
    test.obs_rms = envs.obs_rms
    test.seed(1000)
    ways, _ = evaluate_policy(model, test, episodes, return_episode_rewards=True)
    return np.array(ways) / seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=8_000, help="decisions to learn from")
    parser.add_argument("--episodes", type=int, default=3, help="episodes to test on")
    parser.add_argument("--seconds", type=float, default=2.0, help="length of a test episode")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    test = options.seconds, options.episodes

    torch.set_num_threads(1)
    envs = VecNormalize(DummyVecEnv([lambda: make_env(2.0)] * 4), clip_obs=5.0, gamma=0.9)
    steps = min(128, max(8, options.steps // 8))
    model = PPO(
        "MlpPolicy",
        envs,
        learning_rate=1e-3,
        n_steps=steps,
        batch_size=min(64, 4 * steps),
        gamma=0.9,
        policy_kwargs={"net_arch": [32]},
        seed=options.seed,
        device="cpu",
    )
    results = {"at the start": speeds(model, envs, *test)}
    model.learn(options.steps)
    results["learned"] = speeds(model, envs, *test)
    print(f"forward speed over {options.episodes} unseen episodes [mm/s]: median, lowest, highest")
    for name, found in results.items():
        print(f"{name:>13} {np.median(found):8.2f} {min(found):8.2f} {max(found):8.2f}")


if __name__ == "__main__":
    main()
