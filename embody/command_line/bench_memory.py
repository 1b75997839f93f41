"""Memory of a batch of worms, each size in a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from embody.benchmark import Point, Remark, Row
from embody.errors import EmbodyError

SIZES = (1, 256, 2048)
SMALLER_SIZES = (1, 64)
"""Of gymnasium's batch of single envs, which takes long to make."""

KINDS = {
    "mujoco": "make_vec on MuJoCo, brains on NumPy",
    "jax": "make_vec on JAX, brains on NumPy",
    "compiled": "one compiled loop",
}
SYNC = "gymnasium's SyncVectorEnv of single envs, same controller"


def measure(seconds: float) -> Iterator[Row | Remark]:
    """Yield kilobytes per worm: how much the peak memory of a process grows with their number.

    What a worm takes is the MuJoCo data of its body (positions, velocities, 170 actuators and
    MuJoCo's workspace), the voltages and releases of 302 neurons, and the arrays of one step;
    model, wiring and libraries are shared and cancel in the difference. What has to be kept from
    one step to the next is less, and a row of its own.

    Parameters
    ----------
    seconds
        Not used: each process runs two steps.
    """
    del seconds
    sync = _growth({size: peak_bytes("sync", size)["peak"] for size in SMALLER_SIZES})
    for kind, line in KINDS.items():
        try:
            found = {size: peak_bytes(kind, size) for size in SIZES}
        except EmbodyError as error:
            yield Remark(f"worm-memory-{kind} is not measured: {error}")
            continue
        peaks = {size: told["peak"] for size, told in found.items()}
        device = found[1]["device"]
        for size in SIZES[1:]:
            grown, point = (peaks[size] - peaks[1]) / 1e6, Point("memory", line, size)
            name = f"worm-memory-{kind}-{size}"
            yield Row(name, grown, "MB more than one worm", point=point, device=device)
        each = Row(f"worm-memory-{kind}", _growth(peaks), "kB for one more worm", device=device)
        yield each if device else each.beside(SYNC, sync)
        kept = found[SIZES[-1]]["kept"] / SIZES[-1]
        yield Row(f"worm-memory-{kind}-state", kept / 1e3, "kB per worm")


def peak_bytes(kind: str, size: int) -> dict[str, Any]:
    """Return "peak" memory of a process with a batch and what it has "kept" between steps [B].

    And on which "device"; empty for the processor.

    Raises
    ------
    EmbodyError
        If the process fails; the message is its last line.
    """
    command = [sys.executable, "-m", "embody.command_line.bench_memory_probe", kind, str(size)]
    shared_gpu = {**os.environ, "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=shared_gpu)
    if done.returncode:
        raise EmbodyError((done.stderr.strip().splitlines() or ["no output"])[-1])
    return json.loads(done.stdout.splitlines()[-1])


def _growth(peaks: dict[int, float]) -> float:
    """Return kilobytes for one more worm, between the two largest batches."""
    few, many = sorted(peaks)[-2:]
    return (peaks[many] - peaks[few]) / (many - few) / 1e3
