"""Time our optic lobe beside that of flyvis, on this machine, one after the other.

    python tools/bench_beside_flyvis.py --flyvis-python /path/to/venv/bin/python

flyvis needs PyTorch and an environment of its own:
`python3.11 -m venv flyvis-venv && flyvis-venv/bin/pip install flyvis==1.2.0`. Both step the same
lattice of 721 columns by 5 ms on one core; its network is its own `Network`, without gradients.
Rounds alternate; printed are medians of processor time. Both then see the same moving edge with the
same parameters, flyvis's own at the start or published ones (`--parameters FILE.npz`), from the
same state of rest; printed is how far the responses of all neurons agree.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from embody.brains.fly.optic_lobe.connectome import load_optic_lobe
from embody.brains.fly.optic_lobe.lattice import hexagon
from embody.brains.fly.optic_lobe.network import OpticLobe
from embody.brains.fly.optic_lobe.parameters import load_parameters
from embody.brains.fly.optic_lobe.stimuli import moving_edge
from embody.errors import EmbodyError

DT_S = 0.005
RADIUS = 15

THEIRS = """
import json, sys, time
import numpy as np
import torch
torch.set_num_threads(1)
from flyvis.network.network import Network

given, folder, dt = json.loads(sys.argv[1]), sys.argv[2], float(sys.argv[3])
network = Network()
names = list(network.node_params["bias"].keys)
pairs = [list(pair) for pair in network.edge_params["syn_strength"].keys]
own = {"bias": network.nodes_bias, "time_const": network.nodes_time_const}
strength = network.edges_syn_strength
with torch.no_grad():
    if given["parameters"]:
        with np.load(given["parameters"], allow_pickle=False) as file:
            place = {name: k for k, name in enumerate(file["node_types"].astype(str))}
            for name, tensor in own.items():
                values = [file["nodes_" + name][place[kind]] for kind in names]
                tensor.copy_(torch.tensor(np.array(values)))
            ends = file["edge_type_source_target"].astype(str).tolist()
            found = dict(zip(map(tuple, ends), file["edges_syn_strength"]))
            strength.copy_(torch.tensor(np.array([found[tuple(pair)] for pair in pairs])))
    np.savez(
        folder + "/parameters.npz", node_types=np.array(names),
        edge_type_source_target=np.array(pairs), nodes_bias=own["bias"].numpy(),
        nodes_time_const=own["time_const"].numpy(), edges_syn_strength=strength.numpy(),
    )
    nodes, stimulus = network.connectome.nodes, network.stimulus
    u, v, light = nodes.u[:], nodes.v[:], np.load(folder + "/light.npy")
    seen = {tuple(column): k for k, column in enumerate(np.load(folder + "/columns.npy").tolist())}
    column = np.array([seen[place] for place in zip(u.tolist(), v.tolist())])
    drive = np.zeros((1, len(light), network.n_nodes), np.float32)
    for cells in stimulus.input_index:
        drive[0][:, cells] = light[:, column[cells]]
    grey = np.zeros((1, 1, network.n_nodes), np.float32)
    grey[0, 0, stimulus.input_index.ravel()] = 0.5
    still = torch.tensor(grey).expand(1, 200, -1)
    state = None
    for _ in range(given["grey_seconds"]):
        state = network(still, dt, state=state, as_states=True)[-1]
    moving = torch.tensor(drive)
    began = time.process_time()
    answer = network(moving, dt, state=state)
    elapsed = time.process_time() - began
if given["compare"]:
    kinds = nodes.type[:].astype(str)
    rest = state.nodes.activity.numpy()
    np.savez(folder + "/answer.npz", answer=answer[0].numpy(), rest=rest[0], type=kinds, u=u, v=v)
print("RESULT" + json.dumps({"real_time": len(light) * dt / elapsed}))
"""


def main() -> int:
    """Measure, and print one line for each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--flyvis-python", type=Path, required=True, help="its interpreter")
    parser.add_argument("--parameters", type=Path, help="published parameters for both (.npz)")
    parser.add_argument("--rounds", type=int, default=3, help="of each (3)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = parser.parse_args()
    columns = hexagon(RADIUS)
    light = moving_edge(columns, 180.0, 1.0, 10.0, DT_S, reach=8.0)
    speeds: dict[str, list[float]] = {"embody": [], "flyvis": []}
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            np.save(folder / "columns.npy", columns)
            np.save(folder / "light.npy", light)
            for k in tqdm(range(chosen.rounds), unit="round"):
                found = theirs(chosen.flyvis_python, folder, chosen.parameters, compare=k == 0)
                speeds["flyvis"].append(found["real_time"])
                speeds["embody"].append(ours(folder, light))
            table: dict[str, Any] = {key: statistics.median(s) for key, s in speeds.items()}
            table |= {"ratio": table["embody"] / table["flyvis"], **agreement(folder, light)}
    except EmbodyError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if chosen.json:
        print(json.dumps(table))
        return 0
    for name in speeds:
        print(f"{name}  {table[name]:6.2f} x real time, one eye at {1000 * DT_S:g} ms")
    print(f"ratio   {table['ratio']:6.2f}")
    print(
        f"same parameters, same edge: correlation of all responses {table['correlation']:.4f}, of "
        f"the motion detectors {table['correlation_motion_detectors']:.4f}; "
        f"root mean square difference {table['difference']:.4f} of the response"
    )
    return 0


def ours(folder: Path, light: np.ndarray) -> float:
    """Return the real-time factor of our lobe with the parameters of flyvis's network."""
    lobe = OpticLobe.build(load_optic_lobe(), load_parameters(folder / "parameters.npz"), RADIUS)
    state = lobe.init()
    began = time.process_time()
    for seen in light:
        state = lobe.step(state, seen, DT_S)
    return len(light) * DT_S / (time.process_time() - began)


def agreement(folder: Path, light: np.ndarray) -> dict[str, float]:
    """Return how far the responses of both networks to the same light agree.

    Ours starts where flyvis's network came to rest. The two differ in how they integrate: ours by
    exponential Euler, flyvis's by Euler.
    """
    lobe = OpticLobe.build(load_optic_lobe(), load_parameters(folder / "parameters.npz"), RADIUS)
    with np.load(folder / "answer.npz", allow_pickle=False) as file:
        their = {name: file[name] for name in file.files}
    place = {name: k for k, name in enumerate(lobe.neurons)}
    cells = zip(their["type"], their["u"], their["v"], strict=True)
    order = np.array([place[f"{kind}[{u},{v}]"] for kind, u, v in cells])
    state = lobe.init()
    state.voltage[order] = their["rest"]
    answer = np.empty_like(their["answer"])
    for k, seen in enumerate(light):
        state = lobe.step(state, seen, DT_S)
        answer[k] = state.voltage[order]
    one, other = answer - their["rest"], their["answer"] - their["rest"]
    detectors = np.char.startswith(their["type"], "T4") | np.char.startswith(their["type"], "T5")
    return {
        "correlation": _correlation(one, other),
        "correlation_motion_detectors": _correlation(one[:, detectors], other[:, detectors]),
        "difference": float(np.sqrt(((one - other) ** 2).mean() / (other**2).mean())),
    }


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def theirs(python: Path, folder: Path, parameters: Path | None, compare: bool) -> dict[str, float]:
    """Return the real-time factor of flyvis's network, and leave its parameters in the folder.

    Raises
    ------
    EmbodyError
        If that interpreter cannot run flyvis, or the parameters are not published ones.
    """
    if parameters is not None:
        load_parameters(parameters)
    given = {
        "parameters": parameters and str(parameters.absolute()),
        "grey_seconds": 5 if compare else 0,
        "compare": compare,
    }
    own = {"FLYVIS_ROOT_DIR": str(folder / "flyvis"), "OMP_NUM_THREADS": "1"}
    command = [str(python), "-c", THEIRS, json.dumps(given), str(folder), str(DT_S)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env={**os.environ, **own}
        )
    except OSError as error:
        raise EmbodyError(f"{python} cannot be run: {error}") from None
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT")]
    if done.returncode or not lines:
        last = (done.stderr.strip().splitlines() or ["no output"])[-1]
        raise EmbodyError(f"flyvis 1.2.0 does not run in the environment of {python}: {last}")
    return json.loads(lines[-1].removeprefix("RESULT"))


if __name__ == "__main__":
    sys.exit(main())
