"""Measure whether looming detectors behind the optic lobe respond to what looms, against nulls.

python tools/evaluate_optic_lobe_looming.py --rewirings 5 --json optic_lobe_looming.json

A dark disc on the lattice of columns approaches (l / v of 133 ms, from 20 to 90 degrees), recedes
(the same, backwards), darkens without growing, or moves across in one of four directions. The
response is the largest of all detectors at any time, mean over five places of the disc. Nothing is
fitted: each wiring is read by the same arms, so that what differs between wirings are T4 and T5.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from embody import atomic_file
from embody.brains.fly.optic_lobe import dynamics
from embody.brains.fly.optic_lobe.lattice import plane_positions
from embody.brains.fly.optic_lobe.looming_detectors import LoomingDetectors
from embody.brains.fly.optic_lobe.network import OpticLobe
from embody.brains.fly.optic_lobe.parameters import shipped_parameters
from embody.envs.fly.optic_lobe_eyes import LONGEST_STEP_S, optic_lobe

DEGREES_PER_COLUMN = 5.0
BRIGHT, DARK = 0.75, 0.1
SMALLEST_DEG, LARGEST_DEG = 10.0, 45.0  # half of the disc
SIZE_OVER_SPEED_S = 4.0 / 30.0
DISC_DEG, SPEED_DEG_S, CROSSING_S = 15.0, 60.0, 0.5
PLACES = ((0.0, 0.0), (3.0, 0.0), (-3.0, 0.0), (0.0, 3.0), (0.0, -3.0))

Film = list[np.ndarray]


def disc(columns: np.ndarray, centre: np.ndarray | Sequence[float], half_deg: float) -> np.ndarray:
    """Return which part of each column a disc covers, soft over one column, (columns,).

    Parameters
    ----------
    centre
        On the plane of the eye [columns].
    half_deg
        Half of its angle [degrees].
    """
    away = np.linalg.norm(plane_positions(columns) - np.asarray(centre), axis=1)
    return np.clip(half_deg / DEGREES_PER_COLUMN - away + 0.5, 0.0, 1.0)


def approach(columns: np.ndarray, centre: Sequence[float]) -> Film:
    """Return what each column sees of a disc that approaches with constant speed."""
    start, end = (SIZE_OVER_SPEED_S / np.tan(np.radians(a)) for a in (SMALLEST_DEG, LARGEST_DEG))
    left_s = np.arange(start, end, -LONGEST_STEP_S)
    half = np.degrees(np.arctan(SIZE_OVER_SPEED_S / left_s))
    return [BRIGHT + (DARK - BRIGHT) * disc(columns, centre, each) for each in half]


def darken(columns: np.ndarray, centre: Sequence[float]) -> Film:
    """Return a disc of the largest size that darkens as much in all as the approach does."""
    film, shape = approach(columns, centre), disc(columns, centre, LARGEST_DEG)
    total = (DARK - BRIGHT) * shape.sum()
    return [BRIGHT + (DARK - BRIGHT) * shape * (image - BRIGHT).sum() / total for image in film]


def cross(columns: np.ndarray, centre: Sequence[float], angle: float) -> Film:
    """Return a disc that moves across a place in a direction [degrees]."""
    way = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    times = np.arange(-0.5 * CROSSING_S, 0.5 * CROSSING_S, LONGEST_STEP_S)
    places = [np.asarray(centre) + way * SPEED_DEG_S / DEGREES_PER_COLUMN * t for t in times]
    return [BRIGHT + (DARK - BRIGHT) * disc(columns, place, DISC_DEG) for place in places]


STIMULI: dict[str, list[Callable[[np.ndarray, Sequence[float]], Film]]] = {
    "approaches": [approach],
    "recedes": [lambda columns, centre: approach(columns, centre)[::-1]],
    "darkens": [darken],
    "moves": [
        lambda columns, centre, angle=angle: cross(columns, centre, angle)
        for angle in (0.0, 90.0, 180.0, 270.0)
    ],
}


def peak(lobe: OpticLobe, detectors: LoomingDetectors, film: Film) -> float:
    """Return the largest response to a film, the lobe adapted to its first image."""
    state = dynamics.settle(lambda now: lobe.step(now, film[0], LONGEST_STEP_S), lobe.init())
    start = detectors.detect(state.voltage)
    found = 0.0
    for image in film:
        state = lobe.step(state, image, LONGEST_STEP_S)
        found = max(found, float((detectors.detect(state.voltage) - start).max()))
    return found


def measure(wiring: str, seed: int) -> dict[str, float]:
    """Return the mean response to each stimulus."""
    lobe = optic_lobe(wiring, seed)
    even = np.full(len(lobe.columns), BRIGHT)
    detectors = LoomingDetectors.build(lobe, even, LONGEST_STEP_S)
    return {
        name: float(
            np.mean(
                [peak(lobe, detectors, draw(lobe.columns, at)) for draw in films for at in PLACES]
            )
        )
        for name, films in STIMULI.items()
    }


def selectivity(response: dict[str, float]) -> dict[str, float]:
    """Return (approaching - other) / (approaching + other) for every other stimulus."""
    own = response["approaches"]
    return {
        name: (own - value) / (own + value) if own + value else 0.0
        for name, value in response.items()
        if name != "approaches"
    }


def row(name: str, response: dict[str, float]) -> dict[str, Any]:
    """Return a row of the table."""
    return {"wiring": name, "response": response, "selectivity": selectivity(response)}


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Return the rows as Markdown."""
    names = list(STIMULI)
    lines = [
        "| response (selectivity) | " + " | ".join(names) + " |",
        "|---" * (len(names) + 1) + "|",
    ]
    for entry in rows:
        cells = [f"{entry['response'][names[0]]:.3f}"]
        cells += [
            f"{entry['response'][name]:.3f} ({entry['selectivity'][name]:+.2f})"
            for name in names[1:]
        ]
        lines.append(f"| {entry['wiring']} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure all wirings, print a table, write JSON."""
    description, _, epilog = (__doc__ or "").partition("\n")
    parser = argparse.ArgumentParser(
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rewirings", type=int, default=5, help="rewired networks")
    parser.add_argument("--json", type=Path, help="where to write all numbers")
    chosen = parser.parse_args(arguments)
    wirings = [("measured", 0), *(("rewired", seed) for seed in range(chosen.rewirings))]
    for null, kind in (("rewired-", "rewired-trained"), ("sign-shuffled-", "sign-shuffled")):
        names = (name for name in shipped_parameters() if name.startswith(null))
        wirings += [(kind, int(name.removeprefix(null))) for name in names]
    rows = [
        row(kind if kind == "measured" else f"{kind} {seed}", measure(kind, seed))
        for kind, seed in tqdm(wirings, unit="wirings")
    ]
    print(table(rows))
    if chosen.json:
        atomic_file.write_text(chosen.json, json.dumps(rows, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
