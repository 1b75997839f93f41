"""Run an env for very many control steps on random actions; watch for NaN and memory growth.

python tools/soak.py Worm-Chemotaxis-v0 --steps 1000000
"""

import argparse
import json
import sys
import time
from pathlib import Path

import gymnasium
import numpy as np
from tqdm import tqdm

import embody  # noqa: F401  registers the envs

WARM_UP = 0.1
"""Share of the steps after which memory is first measured: caches have filled by then."""


def memory_mib() -> float:
    """Resident memory of this process [MiB]; the peak so far where the system has no /proc."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def soak(env_id: str, steps: int, seed: int = 0, progress: bool = True) -> dict[str, object]:
    """Step an env with random actions and report what happened (JSON types).

    Parameters
    ----------
    env_id
        Name of a registered env.
    steps
        Number of control steps, over as many episodes as they take.
    seed
        Seed of the first episode and of the actions.
    progress
        Whether to show a progress bar on standard error.
    """
    env = gymnasium.make(env_id)
    actions = np.random.default_rng(seed)
    env.reset(seed=seed)
    episodes, finite, warm_mib, warm_up = 1, True, None, int(WARM_UP * steps)
    started = time.perf_counter()
    for step in tqdm(range(steps), disable=not progress, mininterval=1.0, unit="steps"):
        action = actions.random(env.action_space.shape, dtype=np.float32)  # pyright: ignore
        observation, reward, terminated, truncated, _ = env.step(action)
        if not (np.isfinite(observation).all() and np.isfinite(float(reward))):
            finite = False
            break
        if terminated or truncated:
            env.reset()
            episodes += 1
        if step >= warm_up and warm_mib is None:
            warm_mib = memory_mib()
    wall_s = time.perf_counter() - started
    end_mib = memory_mib()
    env.close()
    return {
        "env": env_id,
        "seed": seed,
        "steps": step + 1 if steps else 0,
        "episodes": episodes,
        "finite": finite,
        "memory_mib": round(end_mib, 2),
        "memory_growth_mib": round(end_mib - (warm_mib or end_mib), 2),
        "steps_per_s": round((step + 1) / wall_s) if steps else 0,
        "wall_s": round(wall_s, 2),
    }


def main() -> int:
    """Read the command line, run, print one JSON object; 1 if a value was not finite."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # pyright: ignore
    parser.add_argument("env", nargs="?", default="Worm-Chemotaxis-v0")
    parser.add_argument("--steps", type=int, default=1_000_000, help="control steps to run")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    options = parser.parse_args()
    report = soak(options.env, options.steps, options.seed, progress=not options.quiet)
    print(json.dumps(report))
    return 0 if report["finite"] else 1


if __name__ == "__main__":
    sys.exit(main())
