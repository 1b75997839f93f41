"""A million control steps of random actions over a hundred resets: nothing may become NaN.

python tools/fly_soak.py --steps 1000000 --resets 100

Episodes take turns at three kinds of action: drawn anew from the whole action space at every step,
the worst there is; held for 0.1 s; and far outside the space, which has to be clipped. They also
take turns at worlds.
"""

import argparse
import json
import sys
import time

import gymnasium
import numpy as np
from tqdm import tqdm

import embody

WORLDS: tuple[tuple[str, dict[str, object]], ...] = (
    ("Fly-Walk-v0", {}),
    ("Fly-Terrain-v0", {"terrain": "mixed"}),
    ("Fly-Walk-v0", {"tether": "ball"}),
    ("Fly-Terrain-v0", {"terrain": "hills"}),
)
KINDS = ("anew", "held", "outside")
HELD_STEPS = 50


def soak(steps: int, resets: int, seed: int = 0, progress: bool = True) -> dict[str, object]:
    """Step the fly with random actions and report what happened (JSON types).

    Parameters
    ----------
    steps
        Number of control steps, shared evenly by the episodes.
    resets
        Number of episodes.
    seed
        Seed of the actions and of the first episode.
    progress
        Whether to show a progress bar on standard error.
    """
    random = np.random.default_rng(seed)
    each, done, failures = max(1, steps // resets), 0, []
    fastest_mm_s = highest_mm = 0.0
    started, cpu = time.perf_counter(), time.process_time()
    for episode in tqdm(range(resets), disable=not progress, unit="episode"):
        name, options = WORLDS[episode % len(WORLDS)]
        kind = KINDS[episode % len(KINDS)]
        env = gymnasium.make(name, disable_env_checker=True, max_episode_steps=-1, **options)
        space = env.action_space
        assert isinstance(space, gymnasium.spaces.Box)
        env.reset(seed=seed + episode)
        action = space.low
        for step in range(each):
            if kind != "held" or step % HELD_STEPS == 0:
                wide = 50.0 if kind == "outside" else 1.0
                drawn = random.uniform(wide * space.low - (wide > 1), wide * space.high)
                action = drawn.astype(np.float32)
            try:
                observation, reward, _, _, info = env.step(action)
            except embody.EmbodyError as error:
                failures.append(f"{name} {options} {kind}, seed {seed + episode}: {error}")
                break
            done += 1
            fastest_mm_s = max(fastest_mm_s, abs(info["forward_velocity_mm_s"]))
            if not (np.isfinite(observation).all() and np.isfinite(float(reward))):
                failures.append(f"{name} {options} {kind}, seed {seed + episode}: not finite")
                break
        highest_mm = max(highest_mm, float(env.unwrapped.snapshot()["position"][2]))  # pyright: ignore
        env.close()
    return {
        "steps": done,
        "resets": resets,
        "failures": failures,
        "fastest_mm_s": round(fastest_mm_s, 1),
        "highest_at_an_end_mm": round(highest_mm, 2),
        "cpu_us_per_step": round(1e6 * (time.process_time() - cpu) / max(done, 1)),
        "wall_s": round(time.perf_counter() - started, 1),
    }


def main() -> int:
    """Read the command line, run, print one JSON object; 1 if anything was not finite."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--steps", type=int, default=1_000_000, help="control steps in all")
    parser.add_argument("--resets", type=int, default=100, help="episodes")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    options = parser.parse_args()
    report = soak(options.steps, options.resets, options.seed, progress=not options.quiet)
    print(json.dumps(report))
    return 1 if report["failures"] else 0


if __name__ == "__main__":
    sys.exit(main())
