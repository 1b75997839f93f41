"""Measure the hand-written controllers of the fly's tasks against their controls.

python tools/evaluate_fly_tasks.py --tasks feeding homing --seeds 20 --json tasks.json
"""

import argparse
import json
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from scipy.stats import mannwhitneyu
from tqdm import tqdm

import embody
from embody.atomic_file import write_text
from embody.errors import require_known
from embody.sampling import control_period_s
from embody.worker_start import end_with_parent

TWIN = "no-sense"
FREQUENCIES_HZ = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)


@dataclass(frozen=True)
class Actor:
    """Who acts: a controller by name, with options.

    Attributes
    ----------
    controller
        Its name.
    options
        What it is made with.
    label
        What it is called in tables; its name by default.
    """

    controller: str
    options: dict[str, Any] = field(default_factory=dict)
    label: str = ""

    @property
    def name(self) -> str:
        """What tables call it."""
        return self.label or self.controller


@dataclass(frozen=True)
class Assay:
    """How a task is measured.

    Attributes
    ----------
    env_id
        The env.
    controller
        The hand-written controller.
    measure
        Entry of the last info of an episode that counts; more is better.
    duration_s
        Longest episode [s].
    controls
        Who it is compared with; the first is the twin without the sense.
    """

    env_id: str
    controller: str
    measure: str
    duration_s: float
    controls: tuple[Actor, ...] = (Actor(TWIN),)


ASSAYS = {
    "odour-taxis": Assay("Fly-OdorTaxis-v0", "odour-taxis", "taxis_index", 10.0),
    "plume": Assay("Fly-Plume-v0", "plume", "arrived", 15.0),
    "optomotor": Assay("Fly-Optomotor-v0", "optomotor", "following_gain", 1.5),
    "looming": Assay("Fly-Looming-v0", "escape", "escaped", 4.0),
    "follow": Assay("Fly-Follow-v0", "follow", "following", 4.0),
    "feeding": Assay(
        "Fly-Feeding-v0",
        "feeding",
        "eaten_nl",
        12.0,
        (
            Actor(TWIN),
            Actor("feeding", {"search_s": 0.0}, "without local search"),
            Actor("random"),
        ),
    ),
    "homing": Assay("Fly-Homing-v0", "path-integration", "homing_index", 8.0),
}


@dataclass(frozen=True)
class Trial:
    """One episode: who acts where, for how long, from which seed."""

    env_id: str
    actor: Actor
    seed: int
    duration_s: float
    options: dict[str, Any]

    def run(self) -> dict[str, float]:
        """Return the info of the last step."""
        env = gymnasium.make(self.env_id, max_episode_steps=-1, **self.options).unwrapped
        controller = embody.make_controller(self.actor.controller, env, **self.actor.options)
        observation, info = env.reset(seed=self.seed)
        controller.reset(self.seed)
        for _ in range(round(self.duration_s / control_period_s(env))):
            observation, _, terminated, _, info = env.step(controller.act(observation))
            if terminated:
                break
        env.close()
        return {name: float(value) for name, value in info.items()}


def run_trials(trials: Sequence[Trial], name: str, workers: int) -> list[dict[str, float]]:
    """Return the last info of every trial, with a progress bar on standard error."""
    bar = {"total": len(trials), "desc": name, "unit": "episodes"}
    if workers == 1:
        return [trial.run() for trial in tqdm(trials, **bar)]
    with ProcessPoolExecutor(workers, get_context("spawn"), end_with_parent) as pool:
        return list(tqdm(pool.map(Trial.run, trials), **bar))


def evaluate(name: str, seeds: Sequence[int], workers: int) -> dict[str, Any]:
    """Return the measure of a task for the controller and its controls, and tests between them.

    Parameters
    ----------
    name
        One of `ASSAYS`.
    seeds
        Seeds of the episodes; all controllers meet the same ones.
    workers
        Number of processes.
    """
    assay = ASSAYS[name]
    infos = {
        actor.name: run_trials(
            [Trial(assay.env_id, actor, seed, assay.duration_s, {}) for seed in seeds],
            f"{name}, {actor.name}",
            workers,
        )
        for actor in (Actor(assay.controller), *assay.controls)
    }
    measured = {who: [info[assay.measure] for info in found] for who, found in infos.items()}
    shown = measured[assay.controller]
    rows = [{"name": who, **_compared(shown, measured[who])} for who in list(measured)[1:]]
    twin = rows[0]
    return {
        "task": assay.env_id,
        "measure": assay.measure,
        "controller": assay.controller,
        "median": float(np.median(shown)),
        "mean": float(np.mean(shown)),
        "twin_median": twin["median"],
        "twin_mean": twin["mean"],
        "p": twin["p"],
        "controls": rows,
        "seeds": len(seeds),
        "fallen": [int(sum(info["fallen"] for info in found)) for found in infos.values()],
        "infos": infos,
    }


def _compared(shown: Sequence[float], control: Sequence[float]) -> dict[str, float]:
    """Return median and mean of a control, and how likely it is no worse than what is shown."""
    test = mannwhitneyu(shown, control, alternative="greater")
    return {
        "median": float(np.median(control)),
        "mean": float(np.mean(control)),
        "p": float(test.pvalue),
    }


def tune(seeds: Sequence[int], workers: int) -> list[dict[str, Any]]:
    """Return how fast the fly turns with gratings of several temporal frequencies, and blind."""
    rows = []
    assay = ASSAYS["optomotor"]
    for who in (assay.controller, TWIN):
        for frequency in FREQUENCIES_HZ:
            options = {"temporal_frequency_hz": frequency}
            trials = [
                Trial(assay.env_id, Actor(who), seed, assay.duration_s, options) for seed in seeds
            ]
            infos = run_trials(trials, f"{who}, {frequency:g} Hz", workers)
            gain = np.array([info["following_gain"] for info in infos])
            speed = np.abs([info["pattern_rad_s"] for info in infos])
            rows.append(
                {
                    "controller": who,
                    "frequency_hz": frequency,
                    "gain": float(gain.mean()),
                    "turn_rate_rad_s": float((gain * speed).mean()),
                    "turn_rate_sd_rad_s": float((gain * speed).std()),
                }
            )
    return rows


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Return what was found as a Markdown table."""
    lines = [
        "| task | measure | controller | median (mean) | control | median (mean) | p | seeds |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        for control in row["controls"]:
            lines.append(
                f"| {row['task']} | {row['measure']} | {row['controller']} | {row['median']:.3f} "
                f"({row['mean']:.3f}) | {control['name']} | {control['median']:.3f} "
                f"({control['mean']:.3f}) | {control['p']:.1e} | {row['seeds']} |"
            )
    return "\n".join(lines)


def tuning_table(rows: Sequence[dict[str, Any]]) -> str:
    """Return the frequency tuning as a Markdown table."""
    lines = ["| controller | frequency [Hz] | turn rate [rad/s] | gain |", "|---|---|---|---|"]
    for row in rows:
        lines.append(
            f"| {row['controller']} | {row['frequency_hz']:g} | {row['turn_rate_rad_s']:.2f} +- "
            f"{row['turn_rate_sd_rad_s']:.2f} | {row['gain']:.2f} |"
        )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the tasks that are asked for, print tables, write JSON."""
    said, _, example = (__doc__ or "").partition("\n")
    parser = argparse.ArgumentParser(description=said, epilog=f"example: {example.strip()}")
    parser.add_argument(
        "--tasks", nargs="+", metavar="TASK", default=[], help=f"of {', '.join(ASSAYS)}"
    )
    parser.add_argument("--seeds", type=int, default=20, help="episodes of each controller")
    parser.add_argument("--first-seed", type=int, default=0, help="seed of the first episode")
    parser.add_argument("--workers", type=int, default=1, help="processes")
    parser.add_argument("--tuning", action="store_true", help="also the optomotor frequency tuning")
    parser.add_argument("--json", type=Path, help="where to write all numbers")
    chosen = parser.parse_args(arguments)
    names = chosen.tasks or ([] if chosen.tuning else list(ASSAYS))
    require_known("task", names, ASSAYS)
    found: dict[str, Any] = {"tasks": [], "tuning": []}
    seeds = range(chosen.first_seed, chosen.first_seed + chosen.seeds)
    for name in names:
        found["tasks"].append(evaluate(name, seeds, chosen.workers))
        if chosen.json:
            write_text(chosen.json, json.dumps(found, indent=1))
    if found["tasks"]:
        print(table(found["tasks"]))
    if chosen.tuning:
        found["tuning"] = tune(seeds, chosen.workers)
        print(tuning_table(found["tuning"]))
        if chosen.json:
            write_text(chosen.json, json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
