"""Measure how a fly that sees with its optic lobes follows gratings, against null wirings.

python tools/evaluate_optic_lobe_loop.py --seeds 5 --json optic_lobe_loop.json
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from tqdm import tqdm

import embody
from embody.atomic_file import write_text
from embody.errors import require_known
from embody.sampling import control_period_s

ENV_ID = "Fly-Optomotor-v0"
FREQUENCIES_HZ = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
SPATIAL_PERIOD_DEG = 30.0


@dataclass(frozen=True)
class Condition:
    """Who turns the fly: a controller and its options.

    Attributes
    ----------
    controller
        Registered name.
    options
        What its factory takes.
    is_seeded
        Whether every episode has a wiring of its own, drawn with the seed of the episode.
    draws
        Of how many wirings there are trained parameters; episodes take them in turn.
    """

    controller: str = "optic-lobe"
    options: dict[str, Any] = field(default_factory=dict)
    is_seeded: bool = False
    draws: int | None = None


CONDITIONS = {
    "measured": Condition(),
    "rewired": Condition(options={"wiring": "rewired"}, is_seeded=True),
    "rewired-trained": Condition(options={"wiring": "rewired-trained"}, is_seeded=True, draws=2),
    "sign-shuffled": Condition(options={"wiring": "sign-shuffled"}, is_seeded=True, draws=2),
    "blind": Condition(options={"silence": ("eyes",)}),
    "correlators": Condition("optomotor"),
}


def follow(
    condition: Condition, frequency_hz: float, seed: int, duration_s: float
) -> dict[str, float]:
    """Run an episode and return its "following_gain" and "turn_rate_rad_s" with the grating."""
    env = gymnasium.make(
        ENV_ID,
        max_episode_steps=-1,
        temporal_frequency_hz=frequency_hz,
        spatial_period_deg=SPATIAL_PERIOD_DEG,
    ).unwrapped
    wiring = seed if condition.draws is None else seed % condition.draws
    seeded = {"wiring_seed": wiring} if condition.is_seeded else {}
    controller = embody.make_controller(condition.controller, env, **condition.options, **seeded)
    observation, info = env.reset(seed=seed)
    controller.reset(seed)
    for _ in range(round(duration_s / control_period_s(env))):
        observation, _, terminated, _, info = env.step(controller.act(observation))
        if terminated:
            break
    env.close()
    gain = float(info["following_gain"])
    return {"following_gain": gain, "turn_rate_rad_s": gain * abs(float(info["pattern_rad_s"]))}


def summary(condition: str, frequency_hz: float, episodes: Sequence[dict[str, float]]) -> dict:
    """Return mean and standard deviation over episodes of the same condition and grating."""
    row: dict[str, Any] = {"condition": condition, "frequency_hz": frequency_hz}
    for name in episodes[0]:
        values = [episode[name] for episode in episodes]
        row |= {name: float(np.mean(values)), f"{name}_sd": float(np.std(values))}
    return row | {"episodes": list(episodes)}


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Return following gain (turn rate [rad/s]) by condition and frequency, as Markdown."""
    frequencies = sorted({row["frequency_hz"] for row in rows})
    lines = [
        "| following gain (turn rate [rad/s]) | "
        + " | ".join(f"{frequency:g} Hz" for frequency in frequencies)
        + " |",
        "|---" * (len(frequencies) + 1) + "|",
    ]
    for condition in dict.fromkeys(row["condition"] for row in rows):
        found = {row["frequency_hz"]: row for row in rows if row["condition"] == condition}
        cells = [
            f"{row['following_gain']:.2f} +- {row['following_gain_sd']:.2f} "
            f"({row['turn_rate_rad_s']:.2f})"
            for row in (found[frequency] for frequency in frequencies if frequency in found)
        ]
        lines.append(f"| {condition} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure all conditions at all frequencies, print a table, write JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seeds", type=int, default=5, help="episodes of each cell of the table")
    parser.add_argument("--seconds", type=float, default=1.5, help="length of an episode")
    parser.add_argument("--frequencies", type=float, nargs="+", default=FREQUENCIES_HZ)
    parser.add_argument("--conditions", nargs="+", default=list(CONDITIONS))
    parser.add_argument("--json", type=Path, help="where to write all numbers")
    chosen = parser.parse_args(arguments)
    require_known("condition", chosen.conditions, CONDITIONS)
    cells = [(name, hz) for name in chosen.conditions for hz in chosen.frequencies]
    episodes: dict[tuple[str, float], list[dict[str, float]]] = {cell: [] for cell in cells}
    order = [  # all frequencies of a wiring in a row: it is built once
        (name, hz, seed)
        for name in chosen.conditions
        for seed in range(chosen.seeds)
        for hz in chosen.frequencies
    ]
    for name, hz, seed in tqdm(order, unit="episodes"):
        episodes[name, hz].append(follow(CONDITIONS[name], hz, seed, chosen.seconds))
    rows = [summary(name, hz, episodes[name, hz]) for name, hz in cells]
    print(table(rows))
    if chosen.json:
        settings = {"seeds": chosen.seeds, "seconds": chosen.seconds, "env_id": ENV_ID}
        conditions = {name: asdict(CONDITIONS[name]) for name in chosen.conditions}
        found = {**settings, "conditions": conditions, "rows": rows}
        write_text(chosen.json, json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
