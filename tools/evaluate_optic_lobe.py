"""What the optic lobe's motion detectors prefer, beside its controls, and how fast it runs.

`python tools/evaluate_optic_lobe.py --json` shows moving edges in twelve directions to the full
lattice with the shipped parameters, to those of the other training seeds, to the untrained network,
and to networks whose signs were shuffled or whose wiring was rewired: the trained parameters on the
changed wiring, and parameters trained on it from the start. Published parameters join in with
`--parameters trained --parameters FILE.npz`.
"""

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from embody import atomic_file
from embody.brains.fly.optic_lobe.connectome import OpticLobeConnectome, load_optic_lobe
from embody.brains.fly.optic_lobe.direction_selectivity import measure, verdict
from embody.brains.fly.optic_lobe.dynamics import TiedParameters
from embody.brains.fly.optic_lobe.network import OpticLobe
from embody.brains.fly.optic_lobe.parameters import load_parameters, load_set, shipped_parameters
from embody.brains.fly.optic_lobe.training import Trainer, TrainingOptions
from embody.errors import EmbodyError

DT_S = 0.005


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table, and write it where asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--parameters", action="append", help="shipped set, .json or .npz file")
    parser.add_argument("--controls", type=int, default=3, help="wirings of each kind of control")
    parser.add_argument("--radius", type=int, default=15, help="of the lattice [columns]")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--out", type=Path, help="also write the JSON to this file")
    given = parser.parse_args(arguments)
    rows = []
    for name, connectome, tied in networks(given.parameters or ["trained"], given.controls):
        error = {"validation_error": validation_error(name)}
        rows.append({"network": name, **error, **evaluated(connectome, tied, given.radius)})
        if not given.json:
            print(line(rows[-1]), flush=True)
    content = {"radius": given.radius, "networks": rows, "speed": speed(given.radius)}
    text = json.dumps(content, indent=2)
    if given.out:
        atomic_file.write_text(given.out, text + "\n")
    print(text if given.json else content["speed"])


def networks(
    names: Sequence[str], controls: int
) -> Iterator[tuple[str, OpticLobeConnectome, TiedParameters]]:
    """Return each network under test: its name, wiring and parameters."""
    connectome = load_optic_lobe()
    start = Trainer(connectome, TrainingOptions(textures=1)).start().trainable.tied()
    yield "untrained", connectome, TiedParameters(*(np.asarray(array) for array in start))
    for name in names:
        tied = load_parameters(name)
        yield name, connectome, tied
        for seed in range(controls):
            yield f"{name}, signs shuffled {seed}", connectome.shuffle_signs(seed), tied
        for seed in range(controls):
            yield f"{name}, rewired {seed}", connectome.rewire(seed), tied
    for name in shipped_parameters():
        kind, _, seed = name.rpartition("-")
        if kind == "trained-seed":
            yield name, connectome, load_parameters(name)
        elif kind == "sign-shuffled":
            yield f"trained {name}", connectome.shuffle_signs(int(seed)), load_parameters(name)
        elif kind == "rewired":
            yield f"trained {name}", connectome.rewire(int(seed)), load_parameters(name)


def validation_error(network: str) -> float | None:
    """Return the error in held-out scenes that the record of a network's training keeps."""
    name = network.removeprefix("trained ")
    fit = load_set(name).fit if name in shipped_parameters() else None
    return None if fit is None else fit.cost_terms.get("validation")


def evaluated(connectome: OpticLobeConnectome, tied: TiedParameters, radius: int) -> dict[str, Any]:
    """Return the verdict on each motion detector, and how many pass."""
    try:
        found = [verdict(t) for t in measure(OpticLobe.build(connectome, tied, radius))]
    except EmbodyError as error:
        return {"passes": 0, "failure": str(error), "types": []}
    return {"passes": sum(bool(row["passes"]) for row in found), "types": found}


def line(row: dict[str, Any]) -> str:
    """Return a network's verdict as text."""
    shown = [
        f"{t['cell_type']} {t['preferred_deg']:.0f}/{t['strength']:.2f} {t['preferred_contrast']}"
        f"{'' if t['passes'] else ' x'}"
        for t in row["types"]
    ]
    error = row["validation_error"]
    held_out = "" if error is None else f", held-out error {error:.3f}"
    verdicts = row.get("failure", ", ".join(shown))
    return f"{row['network']}: {row['passes']} of 8{held_out} | {verdicts}"


def speed(radius: int, seconds: float = 1.0) -> dict[str, float]:
    """Return how many times real time one eye runs on one core, float32 at 5 ms."""
    lobe = OpticLobe.build(load_optic_lobe(), load_parameters("trained"), radius)
    state, light = lobe.adapted(DT_S), np.random.default_rng(0).random(len(lobe.columns))
    steps = round(seconds / DT_S)
    began, used = time.perf_counter(), time.process_time()
    for _ in range(steps):
        state = lobe.step(state, light, DT_S)
    wall, used = time.perf_counter() - began, time.process_time() - used
    return {
        "neurons": len(lobe.neurons),
        "dt_s": DT_S,
        "real_time_factor": seconds / wall,
        "real_time_factor_cpu": seconds / used,
    }


if __name__ == "__main__":
    main()
