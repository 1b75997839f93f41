"""What a run of the benchmarks leaves: a table, a file, and the machine it ran on."""

import datetime
import os
import platform
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from embody.benchmark import Remark, Row
from embody.command_line.output import number, print_table
from embody.provenance import versions

PACKAGES = (
    "embody-sim", "mujoco", "numpy", "scipy", "gymnasium", "jax", "jaxlib",
    "mujoco-warp", "warp-lang", "torch", "dm_control",
)  # fmt: skip
HEADER = ("name", "value", "quartiles", "unit", "ratio", "to peer", "first call")


def as_json(rows: Sequence[Row], remarks: Sequence[Remark]) -> dict[str, Any]:
    """Return rows, remarks and machine as JSON types."""
    return {
        "rows": [asdict(row) for row in rows],
        "remarks": [remark.text for remark in remarks],
        "machine": machine(),
    }


def machine() -> dict[str, Any]:
    """Return processor, cores, GPUs that JAX sees, load, versions and date, as JSON types."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "processor": _processor(),
        "cores": usable,
        "gpus": _gpus(),
        "system": platform.platform(),
        "load_average": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "versions": versions(PACKAGES),
        "date": datetime.datetime.now(tz=datetime.UTC).isoformat(timespec="seconds"),
    }


def print_rows(rows: Sequence[Row], remarks: Sequence[Remark]) -> None:
    """Print the table, and below it the remarks and the machine."""
    print_table([_cells(row) for row in rows], HEADER)
    told = machine()
    print(f"\n{told['processor']}, {told['cores']} cores", *told["gpus"], sep=", ")
    for remark in remarks:
        print(f"note: {remark.text}")


def _cells(row: Row) -> tuple[str, ...]:
    spread = "" if row.low is None else f"{number(row.low)} to {number(row.high)}"
    unit = f"{row.unit}, {row.device}" if row.device else row.unit
    first = f"{row.warm_up_s:.2f} s" if row.warm_up_s >= 0.01 else ""
    return (row.name, number(row.value), spread, unit, number(row.ratio), row.peer, first)


def _processor() -> str:
    listing = Path("/proc/cpuinfo")
    if listing.exists():
        model = re.search(r"^model name\s*: (.+)$", listing.read_text(), re.M)
        if model:
            return model[1]
    return platform.processor() or platform.machine()


def _gpus() -> list[str]:
    try:
        import jax
    except ModuleNotFoundError:
        return []
    if jax.default_backend() != "gpu":
        return []
    return [device.device_kind for device in jax.devices()]
