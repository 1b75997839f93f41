"""Learn to crawl: PPO on the 95 muscles, against noise and a prescribed wave.

    pip install -e ".[rl]"
    python examples/04_learn_to_crawl.py

Nothing tells the policy about waves: it sees the posture and the touch of the worm, and sets each
muscle anew every 0.1 s. A minute on one core is enough to overtake the prescribed wave: by a
quicker wave (1.6 Hz) than any real worm makes on agar, for nothing here charges it for effort.
"""

import argparse

import gymnasium as gym
import numpy as np
import torch
from gymnasium.wrappers import RescaleAction
from stable_baselines3 import PPO
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.vec_env import DummyVecEnv, VecNormalize

import embody


class HoldAction(gym.Wrapper):
    """Hold every action for a number of control steps and add up the rewards."""

    def __init__(self, env, steps):
        super().__init__(env)
        self.steps = steps

    def step(self, action):
        total = 0.0
        for _ in range(self.steps):
            observation, reward, terminated, truncated, info = self.env.step(action)
            total += reward
            if terminated or truncated:
                break
        return observation, total, terminated, truncated, info


def make_env(seconds, hold_s=0.1):
    """Return the env as PPO likes it: slow decisions, actions from -1 to 1."""
    period_s = gym.make("Worm-Crawl-v0").unwrapped.control_period_s
    env = gym.make("Worm-Crawl-v0", max_episode_steps=round(seconds / period_s))
    return RescaleAction(HoldAction(env, round(hold_s / period_s)), np.float32(-1), np.float32(1))


def learned_speeds(model, envs, seconds, episodes):
    """Return the mean forward speed of each unseen episode [mm/s]."""
    test = VecNormalize(
        DummyVecEnv([lambda: Monitor(make_env(seconds))]), False, norm_reward=False, clip_obs=5.0
    )
    test.obs_rms = envs.obs_rms
    test.seed(1000)
    ways, _ = evaluate_policy(model, test, episodes, return_episode_rewards=True)
    return np.array(ways) / seconds


def controller_speeds(name, seconds, episodes):
    """Return the same of a controller that comes with embody."""
    runs = [embody.rollout("Worm-Crawl-v0", name, seconds, 1000 + i) for i in range(episodes)]
    return [run.arrays["reward"].sum() / seconds for run in runs]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=60_000, help="decisions to learn from")
    parser.add_argument("--episodes", type=int, default=5, help="episodes to test on")
    parser.add_argument("--seconds", type=float, default=20.0, help="length of a test episode")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    test = options.seconds, options.episodes

    torch.set_num_threads(1)
    envs = VecNormalize(DummyVecEnv([lambda: make_env(10.0)] * 8), clip_obs=5.0, gamma=0.95)
    model = PPO(
        "MlpPolicy",
        envs,
        learning_rate=1e-3,
        n_steps=min(256, max(8, options.steps // 8)),
        batch_size=64 if options.steps < 2048 else 256,
        gamma=0.95,
        policy_kwargs={"net_arch": [64], "log_std_init": -0.5},
        seed=options.seed,
        device="cpu",
    )
    model.learn(options.steps)

    results = {name: controller_speeds(name, *test) for name in ("random", "open-loop")}
    results["learned"] = learned_speeds(model, envs, *test)
    print(f"forward speed over {options.episodes} unseen episodes [mm/s]: median, lowest, highest")
    for name, speeds in results.items():
        print(f"{name:>10} {np.median(speeds):8.3f} {min(speeds):8.3f} {max(speeds):8.3f}")


if __name__ == "__main__":
    main()
