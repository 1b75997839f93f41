"""Time the walking loop of our fly beside that of flygym, on this machine, one after the other.

    python tools/bench_beside_flygym.py --flygym-python /path/to/venv/bin/python

flygym pins MuJoCo and NumPy to versions of its own, so that it needs an environment of its own:
`python3.11 -m venv flygym-venv && flygym-venv/bin/pip install "flygym[examples]==1.2.1"`. Its fly
walks with the oscillators of its own examples, at its own step of 0.1 ms; ours with `cpg`, control
at 500 Hz, physics at 0.2 ms. Rounds alternate; printed are medians of processor time.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import gymnasium
from tqdm import tqdm

import embody
from embody.errors import EmbodyError

THEIRS = """
import json, sys, time
import numpy as np
from flygym import Fly, SingleFlySimulation
from flygym.examples.locomotion import PreprogrammedSteps, CPGNetwork

seconds, step = float(sys.argv[1]), 1e-4
fly = Fly(enable_adhesion=True, draw_adhesion=False, control="position", init_pose="stretch")
simulation = SingleFlySimulation(fly=fly, cameras=[], timestep=step)
steps = PreprogrammedSteps()
biases = np.pi * np.array([[a != b for b in (0, 1, 0, 1, 0, 1)] for a in (0, 1, 0, 1, 0, 1)])
network = CPGNetwork(
    timestep=step, intrinsic_freqs=np.full(6, 12.0), intrinsic_amps=np.ones(6),
    coupling_weights=10.0 * (biases > 0), phase_biases=biases, convergence_coefs=np.full(6, 20.0),
)
def advance():
    network.step()
    angles, adhesion = [], []
    for i, leg in enumerate(steps.legs):
        phase, size = network.curr_phases[i], network.curr_magnitudes[i]
        angles.append(steps.get_joint_angles(leg, phase, size))
        adhesion.append(steps.get_adhesion_onoff(leg, phase))
    return simulation.step({"joints": np.concatenate(angles), "adhesion": np.array(adhesion)})[0]
simulation.reset(seed=0)
for _ in range(500):
    observation = advance()
start, began = observation["fly"][0].copy(), time.process_time()
for _ in range(round(seconds / step)):
    observation = advance()
elapsed = time.process_time() - began
way = float(np.linalg.norm((observation["fly"][0] - start)[:2]))
print("RESULT" + json.dumps({"real_time": seconds / elapsed, "speed_mm_s": way / seconds}))
"""


def main() -> int:
    """Measure, and print one line for each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--flygym-python", type=Path, required=True, help="its interpreter")
    parser.add_argument("--seconds", type=float, default=1.0, help="simulated, a round (1)")
    parser.add_argument("--rounds", type=int, default=3, help="of each (3)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = parser.parse_args()
    rounds: dict[str, list[dict[str, float]]] = {"embody": [], "flygym": []}
    try:
        for _ in tqdm(range(chosen.rounds), unit="round"):
            rounds["embody"].append(ours(chosen.seconds))
            rounds["flygym"].append(theirs(chosen.flygym_python, chosen.seconds))
    except EmbodyError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    table = {
        name: {key: statistics.median(one[key] for one in found) for key in found[0]}
        for name, found in rounds.items()
    }
    ratio = table["embody"]["real_time"] / table["flygym"]["real_time"]
    if chosen.json:
        print(json.dumps({**table, "ratio": ratio}))
        return 0
    for name, row in table.items():
        print(f"{name}  {row['real_time']:7.3f} x real time, walks {row['speed_mm_s']:5.1f} mm/s")
    print(f"ratio {ratio:7.1f}")
    return 0


def ours(seconds: float) -> dict[str, float]:
    """Return real-time factor and walking speed [mm/s] of our fly."""
    env = gymnasium.make("Fly-Walk-v0")
    controller = embody.make_controller("cpg", env)
    observation, _ = env.reset(seed=0)
    controller.reset(0)
    period_s = controller.period_s
    for _ in range(round(0.05 / period_s)):
        observation, *_ = env.step(controller.act(observation))
    start = env.unwrapped.snapshot()["position"]  # pyright: ignore[reportAttributeAccessIssue]
    began = time.process_time()
    for _ in range(round(seconds / period_s)):
        observation, *_ = env.step(controller.act(observation))
    elapsed = time.process_time() - began
    end = env.unwrapped.snapshot()["position"]  # pyright: ignore[reportAttributeAccessIssue]
    env.close()
    way = float(((end - start)[:2] ** 2).sum() ** 0.5)
    return {"real_time": seconds / elapsed, "speed_mm_s": way / seconds}


def theirs(python: Path, seconds: float) -> dict[str, float]:
    """Return the same of flygym's fly.

    Raises
    ------
    EmbodyError
        If that interpreter cannot run flygym.
    """
    try:
        command = [str(python), "-c", THEIRS, str(seconds)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise EmbodyError(f"{python} cannot be run: {error}") from None
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT")]
    if done.returncode or not lines:
        last = (done.stderr.strip().splitlines() or ["no output"])[-1]
        raise EmbodyError(f"flygym 1.2.1 does not run in the environment of {python}: {last}")
    return json.loads(lines[-1].removeprefix("RESULT"))


if __name__ == "__main__":
    sys.exit(main())
