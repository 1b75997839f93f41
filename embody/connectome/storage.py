"""Connectomes from tables and in folders."""

import json
import os
from collections.abc import Mapping, Sequence
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from embody import atomic_file
from embody.connectome import tables
from embody.connectome.edges import Edges, SignedEdges
from embody.errors import EmbodyError, require_known

if TYPE_CHECKING:
    from embody.connectome.connectome import Connectome

FORMAT = "embody-connectome-1"
SEAL = "connectome.json"
ENDS = ("pre", "post", "sections")


def parts_from_tables(
    chemical: tables.Table,
    electrical: tables.Table,
    neuromuscular: tables.Table,
    neurons: tables.Table | None,
    muscles: tables.Table | None,
) -> dict[str, Any]:
    """Return the fields of a `Connectome`, as `Connectome.from_tables` says."""
    rows = {
        "chemical": tables.read_rows(chemical, "chemical", ENDS),
        "electrical": tables.read_rows(electrical, "electrical", ENDS),
        "neuromuscular": tables.read_rows(
            neuromuscular, "neuromuscular", ("pre", "muscle", "sections")
        ),
    }
    if neurons is None:
        among_neurons = [*rows["chemical"], *rows["electrical"]]
        named = {
            *tables.text_column(among_neurons, "pre"),
            *tables.text_column(among_neurons, "post"),
            *tables.text_column(rows["neuromuscular"], "pre"),
        }
        neurons = [{"neuron": name} for name in sorted(named)]
    if muscles is None:
        named = set(tables.text_column(rows["neuromuscular"], "muscle"))
        muscles = [{"muscle": name} for name in sorted(named)]
    about_neurons = _neuron_fields(tables.read_rows(neurons, "neuron", ("neuron",)))
    muscle_rows = tables.read_rows(muscles, "muscle", ("muscle",))
    muscle_names = tuple(tables.text_column(muscle_rows, "muscle"))
    names = about_neurons["neurons"]
    return {
        **about_neurons,
        "muscles": muscle_names,
        "chemical": _signed_edges("chemical", rows["chemical"], names, "post", names),
        "electrical": _undirected_edges(rows["electrical"], names),
        "neuromuscular": _signed_edges(
            "neuromuscular", rows["neuromuscular"], names, "muscle", muscle_names
        ),
    }


def _neuron_fields(rows: tables.Rows) -> dict[str, Any]:
    names = tables.text_column(rows, "neuron")
    classes = tables.text_column(rows, "cell_class")
    positions = [tables.number_column(rows, f"{axis}_um", "neuron") for axis in "xyz"]
    return {
        "neurons": tuple(names),
        "cell_classes": tuple(c or name for c, name in zip(classes, names, strict=True)),
        "categories": tuple(tables.text_column(rows, "category", "unclassified")),
        "transmitters": tuple(
            tuple(filter(None, known.split(";")))
            for known in tables.text_column(rows, "transmitters")
        ),
        "positions_um": np.stack(positions, axis=1),
    }


def _ends(
    kind: str, rows: tables.Rows, sources: Sequence[str], column: str, targets: Sequence[str]
) -> dict[str, np.ndarray]:
    found = {}
    for end, header, names in (("pre", "pre", sources), ("post", column, targets)):
        given = tables.text_column(rows, header)
        what = "muscle" if header == "muscle" else "neuron"
        require_known(f"{what} in column {header} of the {kind} table:", given, names)
        place = {name: k for k, name in enumerate(names)}
        found[end] = np.array([place[name] for name in given], dtype=np.intp)
    return {**found, "sections": tables.number_column(rows, "sections", kind)}


def _signed_edges(
    kind: str, rows: tables.Rows, sources: Sequence[str], column: str, targets: Sequence[str]
) -> SignedEdges:
    sign = tables.number_column(rows, "sign", kind, default=0)
    given = tables.text_column(rows, "sign_source")
    return SignedEdges(
        **_ends(kind, rows, sources, column, targets),
        sign=sign,
        sign_source=np.array(
            [source or ("user" if s else "none") for source, s in zip(given, sign, strict=True)],
            dtype=np.str_,
        ),
        transmitter=np.array(tables.text_column(rows, "transmitter"), dtype=np.str_),
        citation=np.array(tables.text_column(rows, "citation"), dtype=np.str_),
    )


def _undirected_edges(rows: tables.Rows, names: Sequence[str]) -> Edges:
    ends = _ends("electrical", rows, names, "post", names)
    both = np.stack([ends["pre"], ends["post"]])
    return Edges(pre=both.min(axis=0), post=both.max(axis=0), sections=ends["sections"])


def save(connectome: "Connectome", folder: str | os.PathLike[str]) -> None:
    """Write each table whole or not at all, and the seal last."""
    folder = Path(folder)
    for file, columns in _tables_of(connectome).items():
        atomic_file.write_text(folder / file, tables.as_text(columns))
    seal = {
        "format": FORMAT,
        "name": connectome.name,
        "history": list(connectome.history),
        "fingerprint": connectome.fingerprint(),
    }
    atomic_file.write_text(folder / SEAL, json.dumps(seal, indent=2, ensure_ascii=False) + "\n")


def _tables_of(connectome: "Connectome") -> Mapping[str, Mapping[str, Any]]:
    names = np.array(connectome.neurons, dtype=object)
    muscles = np.array(connectome.muscles, dtype=object)
    x, y, z = connectome.positions_um.T

    def named(edges: Edges, column: str, targets: np.ndarray) -> dict[str, Any]:
        facts = edges.columns()
        return {"pre": names[facts.pop("pre")], column: targets[facts.pop("post")], **facts}

    return {
        "neurons.csv": {
            "neuron": connectome.neurons,
            "cell_class": connectome.cell_classes,
            "category": connectome.categories,
            "transmitters": [";".join(known) for known in connectome.transmitters],
            "x_um": x,
            "y_um": y,
            "z_um": z,
        },
        "muscles.csv": {"muscle": connectome.muscles},
        "chemical.csv": named(connectome.chemical, "post", names),
        "gap_junctions.csv": named(connectome.electrical, "post", names),
        "neuromuscular.csv": named(connectome.neuromuscular, "muscle", muscles),
    }


def load_parts(folder: str | os.PathLike[str] | Traversable) -> tuple[dict[str, Any], dict]:
    """Return the fields of a `Connectome` and the seal of its folder."""
    folder = folder if isinstance(folder, Traversable) else Path(folder)
    try:
        seal = json.loads((folder / SEAL).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EmbodyError(f"{folder} holds no connectome: {SEAL} is unreadable ({error})") from None
    if not isinstance(seal, dict) or seal.get("format") != FORMAT:
        raise EmbodyError(f"{folder / SEAL} is not of the format {FORMAT}")
    parts = parts_from_tables(
        folder / "chemical.csv",
        folder / "gap_junctions.csv",
        folder / "neuromuscular.csv",
        folder / "neurons.csv",
        folder / "muscles.csv",
    )
    return {**parts, "name": seal["name"], "history": tuple(seal["history"])}, seal


def check_seal(
    connectome: "Connectome", seal: Mapping[str, Any], folder: str | os.PathLike[str]
) -> None:
    """Raise `EmbodyError` if the tables are not those that were sealed."""
    if connectome.fingerprint() != seal.get("fingerprint"):
        raise EmbodyError(
            f"the tables in {folder} were changed after they were saved, or saving was "
            "interrupted; read edited tables with Connectome.from_tables"
        )
