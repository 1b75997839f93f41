"""Rebuild assets/fly/optic_lobe from the PyPI wheel of flyvis: `python tools/build_optic_lobe.py`.

The wheel (0.4 MB) is downloaded and read as a zip archive; nothing in it is installed or run.
Needs pip, SciPy and matplotlib.
"""

import argparse
import csv
import datetime
import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import scipy.spatial
from matplotlib.path import Path as Polygon

VERSION = "1.2.0"
DIGEST = "af365b16e870111fcb06782a063f6551b05cce9a105c6eaab9c0bda3b017031f"
MEMBER = "flyvis/connectome/fib25-fib19_v2.2.json"
TARGET = Path(__file__).resolve().parent.parent / "assets" / "fly" / "optic_lobe"
FILLED_SYNAPSES = 1
COMMON = {
    "source": (
        "Lappalainen et al. 2024, Connectome-constrained networks predict neural activity across "
        "the fly visual system, Nature 634:1132: average filters of the FIB-25 and FIB-19 "
        "reconstructions of the optic lobe"
    ),
    "doi": ["10.1038/s41586-024-07939-3"],
    "packages": [f"PyPI flyvis {VERSION} (MIT), {MEMBER}"],
    "licence": "MIT, Copyright (c) 2023 Lappalainen, Tschopp, McGill, Macke, Turaga",
}
FACTS = {
    "cell_types.csv": {
        "title": "The 65 cell types of the optic lobe and the columns they occupy",
        **COMMON,
        "columns": {
            "cell_type": "name",
            "role": "input (photoreceptors), output (read out by the task) or intermediate",
            "u_stride": "a cell in every column whose u is a multiple of this",
            "v_stride": "and whose v is a multiple of this",
        },
    },
    "filters.csv": {
        "title": "Synapses between cell types by the offset of their columns: 604 pairs of types",
        **COMMON,
        "columns": {
            "source": "presynaptic cell type",
            "target": "postsynaptic cell type",
            "du": "u of the postsynaptic column minus that of the presynaptic one",
            "dv": "the same for v",
            "synapses": "mean number of synapses",
            "sign": "1 excites, -1 inhibits; one for each pair of types",
            "origin": (
                "measured, or filled: within the convex hull of the pair's measured offsets, where "
                "one synapse is assumed as in the paper"
            ),
        },
        "left out": (
            "offsets between cells of which at least one is in every sixth column only (Lawf1, "
            "Lawf2) that no two columns have: 23 entries and one pair of types"
        ),
    },
}


def main() -> None:
    """Write both tables and their sidecars."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--wheels", type=Path, default=Path("build/optic_lobe_sources"))
    content = json.loads(fetch_wheel(parser.parse_args().wheels).read(MEMBER))
    stride = {node["name"]: tuple(node["pattern"][1]) for node in content["nodes"]}
    write_table("cell_types.csv", cell_type_rows(content))
    write_table("filters.csv", filter_rows(content["edges"], stride))


def fetch_wheel(folder: Path) -> zipfile.ZipFile:
    """Return the wheel, opened, downloading it if it is not yet in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"flyvis-{VERSION}-py3-none-any.whl"
    if not path.exists():
        fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        subprocess.run([*fetch, "--dest", str(folder), f"flyvis=={VERSION}"], check=True)
    if hashlib.sha256(path.read_bytes()).hexdigest() != DIGEST:
        sys.exit(f"{path} is not the file this script was written for: delete it and rerun")
    return zipfile.ZipFile(path)


def cell_type_rows(content: dict) -> Iterator[tuple]:
    """Return a row for each cell type, in the order of the source."""
    inputs, outputs = set(content["input_units"]), set(content["output_units"])
    for node in content["nodes"]:
        name, (pattern, stride) = node["name"], node["pattern"]
        if pattern != "stride":
            raise SystemExit(f"{name} has the pattern {pattern}, which this script does not know")
        role = "input" if name in inputs else "output" if name in outputs else "intermediate"
        yield name, role, *stride


def filter_rows(edges: Sequence[dict], stride: dict[str, tuple[int, int]]) -> Iterator[tuple]:
    """Return a row for each offset that occurs, hull filled, in the order of the source."""
    for edge in edges:
        source, target = edge["src"], edge["tar"]
        measured = [(tuple(offset), count, "measured") for offset, count in edge["offsets"]]
        filled = [(point, FILLED_SYNAPSES, "filled") for point in missing_points(measured)]
        for (du, dv), count, origin in [*measured, *filled]:
            if occurs(du, stride[source][0], stride[target][0]) and occurs(
                dv, stride[source][1], stride[target][1]
            ):
                yield source, target, du, dv, f"{count:.17g}", edge["alpha"], origin


def missing_points(measured: Sequence[tuple]) -> list[tuple[int, int]]:
    """Return the lattice points inside the convex hull of the measured offsets that are not given.

    The published rule, which decides points on the very edge of the hull as matplotlib does.
    """
    if len(measured) < 3:
        return []
    points = np.array([offset for offset, *_ in measured])
    hull = scipy.spatial.ConvexHull((1 + 1e-6) * points, qhull_options="QJ")
    (lowest_u, lowest_v), (highest_u, highest_v) = points.min(axis=0), points.max(axis=0)
    grid = np.mgrid[lowest_u : highest_u + 1, lowest_v : highest_v + 1].reshape(2, -1).T
    inside = grid[Polygon(points[hull.vertices]).contains_points(grid)]
    given = {tuple(point) for point in points.tolist()}
    return [tuple(point) for point in inside.tolist() if tuple(point) not in given]


def occurs(offset: int, source_stride: int, target_stride: int) -> bool:
    """Whether any two places, one on each stride, lie this far apart along an axis."""
    return offset % np.gcd(source_stride, target_stride) == 0


def write_table(name: str, rows: Iterable[tuple]) -> None:
    """Write one CSV and its provenance beside it; an unchanged table keeps its date."""
    TARGET.mkdir(parents=True, exist_ok=True)
    table = TARGET / name
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(FACTS[name]["columns"])
        writer.writerows(rows)
    digest = hashlib.sha256(table.read_bytes()).hexdigest()
    sidecar = table.with_suffix(".json")
    old = json.loads(sidecar.read_text(encoding="utf-8")) if sidecar.exists() else {}
    same = old.get("sha256") == digest
    facts = {
        "table": name,
        **FACTS[name],
        "sha256": digest,
        "script": "tools/build_optic_lobe.py",
        "date": old["date"] if same else datetime.date.today().isoformat(),
    }
    sidecar.write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
