"""Measure how a fly that sees with its optic lobes follows another one, against nulls.

python tools/evaluate_optic_lobe_following.py --seeds 20 --json optic_lobe_following.json

Nulls: the other fly is there but cannot be seen ("unseen"); the eyes see an even grey ("blind");
the wiring is another one, to which detectors were fitted with the same walks ("rewired", one of
five wirings for each seed, and "sign-shuffled"); or another one is read by the detectors of the
measured wiring ("rewired, not refitted"). p is that of a Mann-Whitney test that the condition
follows better than "unseen".
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import mannwhitneyu
from tqdm import tqdm

import embody
from embody.atomic_file import write_text
from embody.brains.fly.optic_lobe.parameters import shipped_parameters
from embody.envs.fly.follow import FlyFollow
from embody.errors import require_known
from embody.worker_start import end_with_parent

REWIRINGS = 5
NEAR_MM, FACING_RAD = 10.0, np.deg2rad(45.0)
NULL = "unseen"


@dataclass(frozen=True)
class Condition:
    """Who follows: a controller and its options.

    Attributes
    ----------
    controller
        Registered name.
    options
        What its factory takes.
    is_seeded
        Whether the wiring differs from seed to seed.
    visible
        Whether the other fly can be seen.
    """

    controller: str = "optic-lobe"
    options: dict[str, Any] = field(default_factory=dict)
    is_seeded: bool = False
    visible: bool = True


_OBJECTS = {"cells": "objects"}
_REWIRED = {"wiring": "rewired"}
_SHUFFLED = {"wiring": "sign-shuffled"}
CONDITIONS = {
    "measured": Condition(),
    "measured, T2, T2a and T3": Condition(options=_OBJECTS),
    "unseen": Condition(visible=False),
    "unseen, T2, T2a and T3": Condition(options=_OBJECTS, visible=False),
    "blind": Condition(options={"silence": ("eyes",)}),
    "rewired": Condition(options=_REWIRED, is_seeded=True),
    "rewired, T2, T2a and T3": Condition(options=_REWIRED | _OBJECTS, is_seeded=True),
    "rewired, not refitted": Condition(
        options=_REWIRED | {"detectors": "measured-motion"}, is_seeded=True
    ),
    **{
        name.replace("rewired-", "rewired and trained "): Condition(
            options={"wiring": "rewired-trained", "wiring_seed": int(name.split("-")[1])}
        )
        for name in shipped_parameters()
        if name.startswith("rewired-")
    },
    "sign-shuffled": Condition(options=_SHUFFLED),
    "sign-shuffled, T2, T2a and T3": Condition(options=_SHUFFLED | _OBJECTS),
    "by hand, raw eyes": Condition("follow"),
    "random": Condition("random"),
}


def episode(condition: Condition, duration_s: float, seed: int) -> dict[str, float]:
    """Run an episode.

    Returns
    -------
    dict
        "following", mean reward rate; "distance_mm", its mean; "near", share of the time within
        10 mm and 45 degrees of the front; and "real_time", simulated over real seconds.
    """
    env = FlyFollow(visible=condition.visible)
    seeded = {"wiring_seed": seed % REWIRINGS} if condition.is_seeded else {}
    controller = embody.make_controller(condition.controller, env, **condition.options, **seeded)
    observation, info = env.reset(seed=seed)
    controller.reset(seed)
    distance, near = [], []
    action = controller.act(observation)  # lobes are built at the first
    start = time.perf_counter()
    for _ in range(round(duration_s / env.control_period_s)):
        observation, _, _, _, info = env.step(action)
        distance.append(info["distance_mm"])
        near.append(distance[-1] < NEAR_MM and abs(info["bearing_rad"]) < FACING_RAD)
        action = controller.act(observation)
    real_s = time.perf_counter() - start
    env.close()
    return {
        "following": float(info["following"]),
        "distance_mm": float(np.mean(distance)),
        "near": float(np.mean(near)),
        "real_time": duration_s / real_s,
    }


def run(
    condition: Condition, seeds: Sequence[int], duration_s: float, workers: int, bar: str
) -> list[dict]:
    """Return an episode of every seed."""
    task = partial(episode, condition, duration_s)
    shown = {"total": len(seeds), "desc": bar, "unit": "episodes"}
    # Those of the same wiring in a row: it is built once.
    order = sorted(seeds, key=lambda seed: (seed % REWIRINGS, seed))
    if workers == 1:
        found = list(tqdm(map(task, order), **shown))
    else:
        with ProcessPoolExecutor(workers, get_context("spawn"), end_with_parent) as pool:
            found = list(tqdm(pool.map(task, order, chunksize=4), **shown))
    return [found[order.index(seed)] for seed in seeds]


def summary(name: str, episodes: Sequence[dict[str, float]], null: Sequence[dict]) -> dict:
    """Return means and standard deviations, and the test against the null."""
    row: dict[str, Any] = {"condition": name}
    for key in episodes[0]:
        values = [one[key] for one in episodes]
        row |= {key: float(np.mean(values)), f"{key}_sd": float(np.std(values))}
    if null and name != NULL:
        own, other = ([one["following"] for one in group] for group in (episodes, null))
        row["p"] = float(mannwhitneyu(own, other, alternative="greater").pvalue)
    return row | {"episodes": list(episodes)}


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Return the rows as Markdown."""
    lines = [
        "| condition | following | distance [mm] | near and in front | p | times real time |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        p = f"{row['p']:.1g}" if "p" in row else ""
        lines.append(
            f"| {row['condition']} | {row['following']:.2f} +- {row['following_sd']:.2f} "
            f"| {row['distance_mm']:.1f} | {row['near']:.2f} | {p} | {row['real_time']:.2f} |"
        )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure all conditions, print a table, write JSON."""
    description, _, epilog = (__doc__ or "").partition("\n")
    parser = argparse.ArgumentParser(
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seeds", type=int, default=20, help="episodes of each condition")
    parser.add_argument("--first-seed", type=int, default=0, help="seed of the first episode")
    parser.add_argument("--seconds", type=float, default=4.0, help="length of an episode")
    parser.add_argument("--conditions", nargs="+", default=list(CONDITIONS))
    parser.add_argument("--workers", type=int, default=1, help="processes")
    parser.add_argument("--json", type=Path, help="where to write all numbers")
    chosen = parser.parse_args(arguments)
    require_known("condition", chosen.conditions, CONDITIONS)
    seeds = range(chosen.first_seed, chosen.first_seed + chosen.seeds)
    found = {
        name: run(CONDITIONS[name], seeds, chosen.seconds, chosen.workers, name)
        for name in chosen.conditions
    }
    rows = [summary(name, episodes, found.get(NULL, [])) for name, episodes in found.items()]
    print(table(rows))
    if chosen.json:
        settings = {"seeds": list(seeds), "seconds": chosen.seconds, "env_id": "Fly-Follow-v0"}
        conditions = {name: asdict(CONDITIONS[name]) for name in chosen.conditions}
        content = {**settings, "conditions": conditions, "rows": rows}
        write_text(chosen.json, json.dumps(content, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
